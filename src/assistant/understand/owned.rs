//! What the catalog decides: its own brands, kinds and attribute values are what they are, whatever the tagger took them for.
//!
//! Corrects spans where a word has exactly one meaning among the catalog's own; never adds what the message does not say.

use super::rules::Ruling;
use super::span::{Slot, Span, merge};
use super::vocabulary::{Known, Sense};
use crate::domain::intent::IntentKind;

/// Puts right the spans of a message that is about finding products.
pub fn correct(spans: &mut Vec<Span>, known: &[Known<'_>], ruling: &Ruling, intent: IntentKind) {
    if !matches!(intent, IntentKind::Search | IntentKind::Refine | IntentKind::Recommend) {
        return;
    }
    let is_negated = |span: &Span| ruling.exclusions.iter().any(|scope| span.meets(&scope.range));
    let has_query = spans.iter().any(|span| span.slot == Slot::Query);
    for span in spans.iter_mut() {
        let own = known.iter().find(|word| word.range == span.range).and_then(own_sense);
        let slot = match (span.slot, own) {
            (Slot::Exclude, _) if is_negated(span) => continue,
            (_, Some(Sense::Brand)) => Slot::Brand,
            (Slot::Exclude, Some(Sense::Category | Sense::Noun)) => Slot::Query,
            (Slot::Exclude, Some(Sense::Value(slot))) => slot,
            (Slot::Exclude, None) => Slot::Feature,
            (slot, Some(Sense::Value(own))) if slot.is_attribute() => own,
            (slot, Some(Sense::Category)) if slot.is_attribute() && !has_query => Slot::Query,
            _ => continue,
        };
        span.slot = slot;
    }
    for brand in known.iter().filter(|word| own_sense(word) == Some(Sense::Brand)) {
        for span in spans.iter_mut().filter(|span| span.slot == Slot::Query && span.range != brand.range) {
            if span.range.start == brand.range.start && brand.range.end < span.range.end {
                span.range.start = brand.range.end;
            } else if span.range.end == brand.range.end && span.range.start < brand.range.start {
                span.range.end = brand.range.start;
            }
        }
    }
    let brands = known.iter().filter(|word| own_sense(word) == Some(Sense::Brand));
    let brands = brands.map(|word| Span::new(Slot::Brand, word.range.clone())).map(|span| match is_negated(&span) {
        true => Span::new(Slot::Exclude, span.range),
        false => span,
    });
    merge(spans, brands);
    name_the_kind(spans, known, is_negated);
}

/// The catalog's own kind of product is the query where the tagger found none, or several; a single other noun stands, since a
/// shopper may want what the shop does not carry.
fn name_the_kind(spans: &mut Vec<Span>, known: &[Known<'_>], is_negated: impl Fn(&Span) -> bool) {
    let kinds = known.iter().filter(|word| word.meanings.iter().any(|it| it.is_own && it.sense == Sense::Category));
    let Some(kind) = kinds.map(|word| Span::new(Slot::Query, word.range.clone())).rfind(|span| !is_negated(span))
    else {
        return;
    };
    let queries = spans.iter().filter(|span| span.slot == Slot::Query);
    if queries.clone().count() == 1 || queries.into_iter().any(|span| span.meets(&kind.range) && *span != kind) {
        return;
    }
    spans.retain(|span| span.slot != Slot::Query);
    merge(spans, [kind]);
}

/// The meaning of a word that only the catalog's own names give it.
fn own_sense(word: &Known<'_>) -> Option<Sense> {
    let mut own = word.meanings.iter().filter(|meaning| meaning.is_own).map(|meaning| meaning.sense);
    own.next().filter(|first| own.all(|other| other == *first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::understand::message::Message;
    use crate::assistant::understand::rules;
    use crate::assistant::understand::vocabulary::Vocabulary;
    use crate::catalog::{Lexicon, Name};
    use crate::domain::session::Context;

    fn corrected(text: &str, tagged: &[(Slot, &str)]) -> Vec<(Slot, String)> {
        let name = |text: &str| Name { text: text.into(), canonical: text.into(), products: 3 };
        let vocabulary = Vocabulary::new(&Lexicon {
            categories: vec![name("耳机"), name("Sunscreens")],
            brands: vec![name("鸣谷")],
            attributes: [("material".to_owned(), vec![name("乳胶")])].into(),
            nouns: Vec::new(),
        });
        let message = Message::new(text);
        let place = |words: &str| {
            let start = text.find(words).map(|byte| text[..byte].chars().count()).expect("words");
            start..start + words.chars().count()
        };
        let mut spans: Vec<Span> = tagged.iter().map(|(slot, words)| Span::new(*slot, place(words))).collect();
        let ruling = rules::read(&message, &Context::default());
        correct(&mut spans, &vocabulary.find(&message), &ruling, IntentKind::Search);
        spans.into_iter().map(|span| (span.slot, message.words(&span.range))).collect()
    }

    #[test]
    fn a_brand_of_the_catalog_is_a_brand() {
        let wanted = [(Slot::Brand, "鸣谷".to_owned()), (Slot::Query, "耳机".to_owned())];
        assert_eq!(corrected("鸣谷的耳机", &[(Slot::Feature, "鸣谷"), (Slot::Query, "耳机")]), wanted);
        assert_eq!(corrected("鸣谷的耳机", &[(Slot::Query, "耳机")]), wanted);
        assert_eq!(corrected("耳机不要鸣谷", &[(Slot::Query, "耳机")])[1], (Slot::Exclude, "鸣谷".to_owned()));
    }

    #[test]
    fn a_brand_within_the_noun_is_taken_out_of_it() {
        let spans = corrected("鸣谷耳机", &[(Slot::Query, "鸣谷耳机")]);
        assert_eq!(spans, [(Slot::Brand, "鸣谷".to_owned()), (Slot::Query, "耳机".to_owned())]);
    }

    #[test]
    fn nothing_is_excluded_without_a_negation() {
        assert_eq!(corrected("要乳胶的", &[(Slot::Exclude, "乳胶")]), [(Slot::Material, "乳胶".to_owned())]);
    }

    #[test]
    fn the_kind_that_the_shop_carries_is_what_is_wanted() {
        let spans =
            corrected("fair enough, show me sunscreens", &[(Slot::Query, "fair"), (Slot::Exclude, "sunscreens")]);
        assert!(spans.contains(&(Slot::Query, "sunscreens".to_owned())), "{spans:?}");
    }
}
