//! From words to an intent.

pub mod prior;

use crate::catalog::CatalogSnapshot;
use crate::domain::generator::TextGenerator;
use crate::domain::intent::{Intent, IntentKind, IntentSource, Understood};
use crate::domain::language::Language;
use crate::domain::session::Context;
use crate::prompts::Prompts;

/// Reads messages.
pub struct Understanding;

impl Understanding {
    /// With these prompts.
    ///
    /// # Errors
    /// None yet.
    pub fn new(_prompts: &Prompts) -> anyhow::Result<Self> {
        Ok(Self)
    }

    /// Takes every message for a search of its words.
    pub fn understand(
        &self,
        text: &str,
        _context: &Context,
        _snapshot: &CatalogSnapshot,
        _generator: &dyn TextGenerator,
    ) -> Understood {
        let mut intent = Intent::of(IntentKind::Search, Language::detect(text).unwrap_or_default());
        intent.query = Some(text.to_owned());
        Understood { intent, confidence: 0.5, source: IntentSource::Rules, alternatives: Vec::new() }
    }
}
