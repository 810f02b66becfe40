//! How well each passage answers a question, as the sentence encoder reads both; in either language, and across them.
//!
//! Immutable. An encoder that fails is logged, and the question is judged without it. Called by `index`.

use std::sync::Arc;

use super::passage::Passage;
use crate::domain::encoder::{Sense, SentenceEncoder, Side};

/// The encoder with what the passages of one language mean to it.
#[derive(Debug)]
pub(super) struct Senses {
    encoder: Arc<dyn SentenceEncoder>,
    texts: Vec<Sense>,
}

/// What the encoder says of a question.
#[derive(Debug, Clone)]
pub(super) struct Sensed {
    /// Log-probability of each passage, if one answers.
    pub log_probability: Vec<f32>,
    /// The log-odds that any passage answers.
    pub any: f32,
}

impl Senses {
    /// None where the encoder cannot read the passages.
    pub fn new(encoder: &Arc<dyn SentenceEncoder>, passages: &[&Passage]) -> Option<Self> {
        let texts: Vec<String> = passages.iter().map(|passage| passage.with_heading()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        match encoder.remember(Side::Text, &texts) {
            Ok(texts) => Some(Self { encoder: Arc::clone(encoder), texts }),
            Err(error) => {
                tracing::error!(%error, "the passages are not encoded; questions are answered without the encoder");
                None
            }
        }
    }

    pub fn compare(&self, question: &str) -> Option<Sensed> {
        let asked = match self.encoder.encode(Side::Question, &[question]) {
            Ok(asked) => asked.into_iter().next()?,
            Err(error) => {
                tracing::error!(%error, "a question is answered without the encoder");
                return None;
            }
        };
        let (scale, none) = self.encoder.scale();
        let scores: Vec<f32> = self.texts.iter().map(|text| scale * asked.likeness(text)).collect();
        let best = scores.iter().copied().fold(f32::MIN, f32::max);
        let all = scores.iter().map(|score| (score - best).exp()).sum::<f32>().ln() + best;
        Some(Sensed { log_probability: scores.iter().map(|score| score - all).collect(), any: all - none })
    }
}
