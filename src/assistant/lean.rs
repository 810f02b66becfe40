//! Hears questions about the shop's rules that were read as something else: what goes on with the question before, and what a
//! passage plainly answers.
//!
//! Changes a reading to a question of policy and nothing more; the answer is looked up afterwards. Called by `conversation`.

use super::work::Work;

use crate::domain::intent::{Intent, IntentKind, ItemRef, Understood};
use crate::domain::target::is_pointing;
use crate::knowledge::Question;

/// From this confidence a passage answers what otherwise had no answer, or what goes on with a question of policy.
const ANSWERED: f32 = 0.6;
/// From this confidence it answers what was read as a wish for products that names none.
const PLAINLY_ANSWERED: f32 = 0.8;

impl Work<'_> {
    /// Reads a message as a question of policy where it goes on with one ("台湾呢", "how long does that take"), or where it names no
    /// product and a passage answers it.
    pub fn lean_on_policies(&self, understood: &mut Understood, text: &str) {
        use IntentKind::{Complaint, Detail, More, OffTopic, Policy, Recommend, Refine, Search, Smalltalk, Unclear};
        let intent = &understood.intent;
        let names_nothing = intent.category.is_none()
            && intent.brand.is_empty()
            && intent.items.iter().all(|item| matches!(item, ItemRef::Name(name) if is_pointing(name)));
        if intent.intent == Policy || !names_nothing {
            return;
        }
        let after_policy = self.session.history.last().is_some_and(|exchange| exchange.intent == Policy);
        let is_unsure = understood.confidence < self.parts.config.clarify_below;
        let goes_on = after_policy && is_short(text);
        let is_policy = match intent.intent {
            Search | Refine | Detail | More | Recommend | OffTopic | Smalltalk | Unclear if goes_on => {
                opens_as_follow_up(text) || self.is_answered(text, ANSWERED)
            }
            Complaint if goes_on => supposes(text) && self.is_answered(text, ANSWERED),
            OffTopic | Unclear => self.is_answered(text, ANSWERED),
            Search | Recommend if is_unsure => self.is_answered(text, ANSWERED),
            Search | Recommend if intent.attributes.is_empty() => self.is_answered(text, PLAINLY_ANSWERED),
            _ => false,
        };
        if is_policy {
            let intent = &mut understood.intent;
            let topic = intent.topic.take().or_else(|| self.session.policy_topic.clone().filter(|_| after_policy));
            *intent = Intent { topic, ..Intent::of(Policy, intent.lang) };
            understood.confidence = understood.confidence.max(self.parts.config.clarify_below);
        }
    }

    /// Whether a passage answers a message with at least this confidence.
    fn is_answered(&self, text: &str, least: f32) -> bool {
        let last = self.session.history.last().filter(|last| last.intent == IntentKind::Policy);
        let question = Question {
            text,
            language: Some(self.language),
            previous: last.map(|last| last.shopper.as_str()),
            topic: self.session.policy_topic.as_deref().filter(|_| last.is_some()),
        };
        let knowledge = self.parts.service.knowledge.load();
        knowledge.candidates(&question, 1).first().is_some_and(|best| best.confidence >= least)
    }
}

fn is_short(text: &str) -> bool {
    text.chars().filter(|character| !character.is_ascii()).count() <= 12 && text.split(' ').count() <= 9
}

fn opens_as_follow_up(text: &str) -> bool {
    const STARTS: &[&str] = &["what about", "how about", "and ", "那", "how long", "is that", "does that", "who "];
    let lower = text.trim().to_lowercase();
    let ends = lower.trim_end_matches(['?', '？']).ends_with('呢');
    ends || STARTS.iter().any(|start| lower.starts_with(start))
}

/// Whether a message supposes something rather than tells it: no complaint yet.
fn supposes(text: &str) -> bool {
    const STARTS: &[&str] =
        &["如果", "要是", "万一", "那如果", "那要是", "if ", "what if", "and if", "and what if", "but if"];
    let lower = text.trim().to_lowercase();
    STARTS.iter().any(|start| lower.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_as_a_follow_up_and_what_only_supposes_are_told_apart() {
        for text in ["那台湾呢？", "what about the postage", "信用卡呢"] {
            assert!(opens_as_follow_up(text), "{text}");
        }
        assert!(!opens_as_follow_up("可以开发票吗"));
        assert!(supposes("如果是质量问题呢") && supposes("And if it's faulty?"));
        assert!(!supposes("it arrived faulty"));
    }
}
