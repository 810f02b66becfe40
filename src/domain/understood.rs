//! What understanding returns: an intent, how sure it is, and what it changes of what came before.

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::intent::{Intent, IntentKind};

/// Which of the sources decided the intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentSource {
    /// A rule settled it.
    Rules,
    /// The linear prior.
    Prior,
    /// The language model.
    Model,
    /// Several agreed or were mixed.
    Fused,
}

/// What understanding returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Understood {
    /// The meaning.
    pub intent: Intent,
    /// Calibrated probability that the intent is right, 0–1.
    pub confidence: f32,
    /// Who decided.
    pub source: IntentSource,
    /// The next best guesses, best first, for a clarifying question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<IntentKind>,
    /// What it changes of what came before, beyond its slots.
    #[serde(skip)]
    pub change: Change,
    /// The catalog's kinds that meet the need told, where the message names no kind.
    #[serde(skip)]
    pub kinds: Vec<String>,
    /// The probability of every intent, in the order of [`IntentKind::ALL`]; empty where nobody gave one.
    #[serde(skip)]
    pub shares: Vec<f32>,
}

impl Understood {
    /// An intent that is certain.
    pub fn surely(intent: Intent) -> Self {
        Self {
            intent,
            confidence: 1.0,
            source: IntentSource::Rules,
            alternatives: Vec::new(),
            change: Change::default(),
            kinds: Vec::new(),
            shares: Vec::new(),
        }
    }
}
