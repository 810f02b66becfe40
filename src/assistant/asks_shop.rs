//! Whether a message that was read as being about goods asks the shop about its rules: what understanding holds likely and how surely a
//! passage answers, weighed together.
//!
//! Pure. "What size duvet cover for a bed of 1.80 m" looks like a search, and only the passage on sizes tells that it is none. Called
//! by `lean`; `daogou fit --asks-shop` fits the weights.

use super::understand::fuse::place_of;
use crate::domain::intent::{IntentKind, IntentSource, Understood};

/// Weights of [`Heard`], then the bias. Fitted by `daogou fit --asks-shop tests/eval/service_weights.jsonl` on questions that a passage
/// answers and on the held-out messages of the corpus, never on the sets that measure.
const WEIGHTS: [f32; 4] = [1.77, 0.89, 0.95, -0.43];
/// From this probability a message goes to the policies: on halves that the weights were not fitted on, 88 of 100 questions that were taken for
/// something else, and five in a thousand of the messages about goods.
pub(super) const ASKS: f32 = 0.8;

/// What tells whether the shop is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard([f32; 3]);

impl Heard {
    /// Of a message as it was understood, and how sure it is at a glance that a passage answers, 0–1. None where nothing is to be weighed:
    /// the rules settled what is meant, or it is not about goods or nothing.
    pub fn new(understood: &Understood, text: &str, answered: f32) -> Option<Self> {
        let policy = place_of(IntentKind::Policy);
        let shares = &understood.shares;
        let is_open = understood.source != IntentSource::Rules && is_about_goods(understood.intent.intent);
        let asks = *shares.get(policy).filter(|_| is_open)?;
        let others = shares.iter().enumerate().filter(|(place, _)| *place != policy).map(|(_, share)| *share);
        let likeliest = others.fold(0.0, f32::max);
        let answered = answered.clamp(1e-4, 1.0 - 1e-4);
        Some(Self([
            (answered / (1.0 - answered)).ln(),
            ((asks + 1e-3) / (likeliest + 1e-3)).ln(),
            f32::from(u8::from(is_question(text))),
        ]))
    }

    /// The probability that the shop is asked and the passage answers.
    pub fn probability(&self) -> f32 {
        let sum: f32 = self.0.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
        1.0 / (1.0 + (-sum - WEIGHTS[self.0.len()]).exp())
    }

    /// The values that are weighed: the log-odds that a passage answers, those of a question of policy against the likeliest other intent,
    /// and 1 for the form of a question.
    pub fn values(&self) -> [f32; 3] {
        self.0
    }
}

/// What a message is read as while it may be a question to the shop: not an order's matter, a complaint, a wish for a person or for
/// one's data, which have their own answers.
pub fn is_about_goods(kind: IntentKind) -> bool {
    use IntentKind::{Complaint, Human, OrderChange, OrderStatus, Policy, Privacy};
    !matches!(kind, Complaint | Human | OrderChange | OrderStatus | Policy | Privacy)
}

/// Whether a message asks something, by its form.
pub(super) fn is_question(text: &str) -> bool {
    const STARTS: &[&str] = &[
        "is ", "are ", "does ", "do ", "can ", "could ", "will ", "would ", "has ", "have ", "how ", "what ",
        "what's ", "which ", "where ", "who ", "when ", "any ",
    ];
    const WITHIN: &[&str] = &[
        "能不能",
        "会不会",
        "有没有",
        "是不是",
        "可不可以",
        "要不要",
        "什么",
        "怎么",
        "多少",
        "多大",
        "多久",
        "多高",
        "多长",
        "多重",
        "多厚",
        "几",
    ];
    let lower = text.trim().to_lowercase();
    let bare = lower.trim_end_matches(['.', '。', '!', '！', '~']);
    let mut clauses = lower.split([',', '.', '!', ';']).map(str::trim_start);
    bare.ends_with(['?', '？', '吗', '嘛', '么', '不', '没', '呢'])
        || clauses.any(|clause| STARTS.iter().any(|start| clause.starts_with(start)))
        || WITHIN.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::understand::fuse::INTENTS;
    use crate::domain::intent::Intent;
    use crate::domain::language::Language;

    fn understood(kind: IntentKind, confidence: f32, policy: f32) -> Understood {
        let mut shares = vec![0.001; INTENTS];
        shares[place_of(kind)] = confidence;
        shares[place_of(IntentKind::Policy)] = policy;
        let intent = Intent::of(kind, Language::En);
        Understood { confidence, source: IntentSource::Fused, shares, ..Understood::surely(intent) }
    }

    #[test]
    fn a_sure_passage_and_a_question_outweigh_a_search_and_a_sure_search_outweighs_a_doubtful_passage() {
        let asks = |understood: &Understood, text: &str, answered: f32| {
            Heard::new(understood, text, answered).map_or(0.0, |heard| heard.probability())
        };
        let sure = understood(IntentKind::Search, 0.97, 0.02);
        assert!(asks(&sure, "our bed is 180 wide. which cover set do i need?", 0.98) >= ASKS);
        assert!(asks(&sure, "a cover set for a wide bed", 0.6) < 0.1);
        assert!(asks(&understood(IntentKind::OffTopic, 0.4, 0.35), "how do i get a fapiao", 0.8) >= ASKS);
        assert!(asks(&understood(IntentKind::Complaint, 0.4, 0.35), "how do i get a fapiao", 0.99) == 0.0);
        let settled = Understood { source: IntentSource::Rules, ..sure };
        assert!(asks(&settled, "which cover set do i need?", 0.99) == 0.0);
    }

    #[test]
    fn questions_are_known_by_their_form() {
        for text in [
            "淋雨会坏不",
            "能同时连两台吗",
            "screen size?",
            "does it smell",
            "一次充满能听多久",
            "my husband smokes, will this get rid of it",
        ] {
            assert!(is_question(text), "{text}");
        }
        for text in ["黑色的", "show me backpacks", "便宜点的"] {
            assert!(!is_question(text), "{text}");
        }
    }
}
