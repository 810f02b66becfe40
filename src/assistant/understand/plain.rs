//! What the known words alone say: the catalog's and the shared lexicon, with what is negated, and nothing that was fitted.
//!
//! Measured by `eval` as a source of its own.

use super::fuse::INTENTS;
use super::message::Message;
use super::rules::Ruling;
use super::span::{Slot, Span, merge};
use super::vocabulary::{Known, Sense};
use crate::domain::intent::IntentKind;
use crate::domain::session::Context;

/// Spans of the rules, then of known words; a known word in a negated stretch is excluded, as is the stretch where none is known.
pub fn spans(message: &Message, known: &[Known<'_>], ruling: &Ruling, intent: IntentKind) -> Vec<Span> {
    let mut spans: Vec<Span> = ruling.spans().into_iter().filter(|span| span.slot.suits(intent)).collect();
    let mut words: Vec<Span> = Vec::new();
    for word in known {
        let sense = word.meanings.first().map(|meaning| meaning.sense);
        let slot = match sense {
            Some(Sense::Category | Sense::Noun) => Slot::Query,
            Some(Sense::Brand) => Slot::Brand,
            Some(Sense::Value(slot)) => slot,
            None => continue,
        };
        words.push(Span::new(slot, word.range.clone()));
    }
    for scope in &ruling.exclusions {
        let mut is_known = false;
        for word in words.iter_mut().filter(|word| word.meets(&scope.range)) {
            word.slot = Slot::Exclude;
            is_known = true;
        }
        if !is_known && scope.range.end <= message.len() {
            words.push(Span::new(Slot::Exclude, scope.range.clone()));
        }
    }
    words.retain(|word| word.slot.suits(intent));
    merge(&mut spans, words);
    spans
}

/// A guess without any model: a search, or a refinement of the last one.
pub fn intents(context: &Context) -> [f32; INTENTS] {
    let likely = if context.query.is_some() { IntentKind::Refine } else { IntentKind::Search };
    IntentKind::ALL.map(|kind| if kind == likely { 0.5 } else { 0.5 / (INTENTS - 1) as f32 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::understand::rules;
    use crate::assistant::understand::vocabulary::Vocabulary;

    #[test]
    fn known_words_fill_slots_and_negated_ones_are_excluded() {
        let message = Message::new("黑色羽绒服，不要聚酯纤维");
        let vocabulary = Vocabulary::shared();
        let ruling = rules::read(&message, &Context::default());
        let found = spans(&message, &vocabulary.find(&message), &ruling, IntentKind::Search);
        let read: Vec<(Slot, String)> = found.iter().map(|span| (span.slot, message.words(&span.range))).collect();
        let wanted = [(Slot::Colour, "黑色"), (Slot::Query, "羽绒服"), (Slot::Exclude, "聚酯纤维")];
        assert_eq!(read, wanted.map(|(slot, words)| (slot, words.to_owned())));
    }
}
