//! The linear prior over intents: a guess from the words alone, calibrated, in some tens of microseconds.
//!
//! Pure: one of the sources that understanding fuses, and the fallback without a language model. Never reads slots.
//! Trained by `models/train/pipeline/prior.py`; the file is `models/intent-prior.bin`.

use crate::domain::intent::IntentKind;
use crate::domain::linear_text::{CROSSED, LinearText, LinearTextError};

/// What the prior is told of the conversation: the last search and how many products it showed, if there was one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PriorContext<'a> {
    /// What was searched for last.
    pub query: Option<&'a str>,
    /// How many products are on the screen.
    pub shown: usize,
}

/// A trained prior.
#[derive(Debug, Clone)]
pub struct IntentPrior {
    model: LinearText,
}

impl IntentPrior {
    /// Reads a prior from the bytes of its file; refused unless its labels are the intents in `IntentKind::ALL` order.
    pub fn load(bytes: &[u8]) -> Result<Self, LinearTextError> {
        let model = LinearText::load(bytes)?;
        if !model.labels().iter().map(String::as_str).eq(IntentKind::ALL.map(IntentKind::name)) {
            return Err(LinearTextError::Malformed("its labels are not the intents"));
        }
        Ok(Self { model })
    }

    /// The probability of each intent, in `IntentKind::ALL` order; they sum to 1.
    pub fn predict(&self, text: &str, context: PriorContext<'_>) -> [f32; IntentKind::ALL.len()] {
        let found = self.model.probabilities(text, &flags(text, context));
        std::array::from_fn(|place| found[place])
    }
}

/// The flags that the prior was trained with: `context_flags` in `pipeline/prior.py`.
fn flags(text: &str, context: PriorContext<'_>) -> Vec<&'static str> {
    let Some(query) = context.query.filter(|query| !query.is_empty()) else { return vec!["none"] };
    let mut flags = vec![CROSSED, if context.shown == 0 { "shown0" } else { "shown" }];
    if text.to_lowercase().contains(&query.to_lowercase()) {
        flags.push("repeat");
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).expect("bundled file")
    }

    #[derive(serde::Deserialize)]
    struct Line {
        text: String,
        query: Option<String>,
        shown: Option<usize>,
        probabilities: Vec<f32>,
    }

    #[test]
    fn probabilities_equal_those_of_the_trainer() {
        let prior = IntentPrior::load(&bundled("models/intent-prior.bin")).expect("prior");
        let lines = String::from_utf8(bundled("tests/data/intent_prior_parity.jsonl")).expect("UTF-8");
        let mut count = 0;
        for line in lines.lines() {
            let line: Line = serde_json::from_str(line).expect("line");
            let context = PriorContext { query: line.query.as_deref(), shown: line.shown.unwrap_or(0) };
            let found = prior.predict(&line.text, context);
            for (place, (found, wanted)) in found.iter().zip(&line.probabilities).enumerate() {
                assert!(
                    (found - wanted).abs() < 1e-4,
                    "{}: {} {found} {wanted}",
                    line.text,
                    IntentKind::ALL[place].name()
                );
            }
            count += 1;
        }
        assert!(count >= 200, "{count} lines");
    }

    #[test]
    fn context_changes_the_guess() {
        let prior = IntentPrior::load(&bundled("models/intent-prior.bin")).expect("prior");
        let at = |kind: IntentKind| IntentKind::ALL.iter().position(|other| *other == kind).expect("kind");
        let shown = PriorContext { query: Some("跑鞋"), shown: 5 };
        let refine = at(IntentKind::Refine);
        assert!(prior.predict("黑色的", shown)[refine] > prior.predict("黑色的", PriorContext::default())[refine]);
    }

    #[test]
    fn another_models_file_is_refused() {
        let mut bytes = bundled("models/intent-prior.bin");
        bytes[24] = b'X';
        assert!(IntentPrior::load(&bytes).is_err());
    }
}
