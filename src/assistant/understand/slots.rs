//! From spans to the values of an intent: numbers read, particles trimmed, ordinals counted, the catalog's category found.
//!
//! Copies words of the message; never invents one. Called by `fuse`.

use std::ops::Range;

use super::message::Message;
use super::pattern::Pattern;
use super::rules::Ruling;
use super::rules::amount::range_values;
use super::rules::number::amount_of;
use super::rules::order::quantity_of;
use super::rules::pointing::items_of;
use super::rules::topic;
use super::span::{Slot, Span};
use super::vocabulary::{Sense, Vocabulary};
use crate::domain::intent::{Intent, IntentKind};
use crate::domain::search::AttributeFilter;

static SHOWS_LIST: Pattern = Pattern::new(
    r"收藏(?:夹|列表|清单|里|了(?:哪些|什么|啥))|(?:看|查|打开|翻).{0,6}收藏|(?:我的|所有)收藏|^收藏$|\b(?:show|see|view|open|check|what'?s|where|list|look at|display)\b.{0,24}\b(?:saved|wish ?list|favou?rites?|likes|bookmarks?|list|hearts?)|^(?:my )?(?:saved(?: items| list)?|wish ?list|favou?rites)\b|/saved|/favorites",
);
static CLEARS_ALL: Pattern = Pattern::new(
    r"清空|清掉|清了|全部?(?:删|不要|去掉|移除|拿掉)|都(?:删|不要|去掉|移除|拿掉|清)|所有|一个都不|\b(?:empty|clear|everything|all of|remove all|delete all|wipe|start over)\b",
);
static EDGE: Pattern = Pattern::new(r"^(?:[\s的\x22'`“”‘’「」『』《》()（）,，.。!！?？:：;；~、-])$");

/// Fills the slots of an intent from spans of its message.
pub fn fill(intent: &mut Intent, message: &Message, spans: &[Span], ruling: &Ruling) {
    let kind = intent.intent;
    for span in spans.iter().filter(|span| span.slot.suits(kind)) {
        let words = message.words(&trimmed(message, span));
        if !words.is_empty() {
            put(intent, span.slot, words);
        }
    }
    read_range(intent, message, spans);
    let has_price = intent.price_min.is_some() || intent.price_max.is_some() || intent.price_near.is_some();
    intent.currency = ruling.currency.filter(|_| has_price).map(str::to_owned);
    intent.sort = ruling.sort;
    intent.topic = match intent.intent {
        IntentKind::Policy => topic::policy(message).map(str::to_owned),
        IntentKind::OrderChange => topic::order_change(message).map(str::to_owned),
        IntentKind::CartRemove if CLEARS_ALL.hits(message) && intent.items.is_empty() => Some("all".to_owned()),
        IntentKind::Save if SHOWS_LIST.hits(message) && intent.items.is_empty() => Some("show".to_owned()),
        _ => None,
    };
}

fn put(intent: &mut Intent, slot: Slot, words: String) {
    let is_letter = words.chars().count() == 1 && words.chars().all(|character| character.is_ascii_alphanumeric());
    if is_letter && (slot == Slot::Brand || slot.is_attribute() && slot != Slot::Size) {
        return;
    }
    let amount = || amount_of(&words).map(|(value, _)| value).filter(|value| value.is_finite() && *value > 0.0);
    match slot {
        Slot::Query => {
            intent.query.get_or_insert(words);
        }
        Slot::Brand if !intent.brand.contains(&words) => intent.brand.push(words),
        Slot::PriceMin => intent.price_min = intent.price_min.or_else(amount),
        Slot::PriceMax => intent.price_max = intent.price_max.or_else(amount),
        Slot::PriceNear => intent.price_near = intent.price_near.or_else(amount),
        Slot::Exclude if !intent.exclude.contains(&words) => intent.exclude.push(words),
        Slot::Items => {
            for item in items_of(&words) {
                if !intent.items.contains(&item) {
                    intent.items.push(item);
                }
            }
        }
        Slot::OrderId => {
            intent.order_id.get_or_insert(words);
        }
        Slot::Quantity => intent.quantity = intent.quantity.or_else(|| quantity_of(&words)),
        slot if slot.is_attribute() => {
            let filter = AttributeFilter { name: slot.name().to_owned(), value: words };
            if !intent.attributes.contains(&filter) {
                intent.attributes.push(filter);
            }
        }
        _ => {}
    }
}

/// The lower end of "2-3k" is 2000.
fn read_range(intent: &mut Intent, message: &Message, spans: &[Span]) {
    let words = |slot| spans.iter().find(|span| span.slot == slot).map(|span| message.words(&span.range));
    if let (Some(low), Some(high)) = (words(Slot::PriceMin), words(Slot::PriceMax))
        && let Some((low, high)) = range_values(&low, &high)
        && intent.price_min.is_some()
        && intent.price_max.is_some()
    {
        (intent.price_min, intent.price_max) = (Some(low.min(high)), Some(high.max(low)));
    }
}

/// A span without particles, articles, quotes and blanks at its ends.
pub fn trimmed(message: &Message, span: &Span) -> Range<usize> {
    let Range { mut start, mut end } = span.range;
    end = end.min(message.len());
    let is_edge = |at: usize| EDGE.is_in(&message.chars()[at].to_string());
    while start < end && is_edge(start) && !(span.slot.is_price() || matches!(span.slot, Slot::OrderId)) {
        start += 1;
    }
    while start < end && is_edge(end - 1) && !is_inch_sign(message, end - 1) {
        end -= 1;
    }
    if span.slot != Slot::Items {
        for article in ["a ", "an ", "the ", "some ", "any "] {
            let length = article.len();
            if end - start > length && message.folded_words(&(start..start + length)) == article {
                start += length;
                break;
            }
        }
    }
    start..end
}

/// Whether a quote stands for inches.
fn is_inch_sign(message: &Message, at: usize) -> bool {
    matches!(message.chars()[at], '"' | '\'') && message.at(at.checked_sub(1)).is_ascii_digit()
}

/// The catalog's category that a request's noun names, by itself, by its last words, or by words that mean the same where those name
/// one category only: a word for many kinds ("包", "clothes") names none.
pub fn category_of(query: &str, vocabulary: &Vocabulary, synonyms: impl Fn(&str) -> Vec<String>) -> Option<String> {
    let named = |word: &str| {
        let meanings = vocabulary.meanings(word).iter();
        meanings.filter(|meaning| meaning.sense == Sense::Category).map(|meaning| meaning.canonical.clone()).next()
    };
    let message = Message::new(query);
    if let Some(own) = named(query) {
        return Some(own);
    }
    let mut alike: Vec<String> = synonyms(message.folded()).iter().filter_map(|word| named(word)).collect();
    alike.sort();
    alike.dedup();
    if !alike.is_empty() {
        return alike.pop().filter(|_| alike.is_empty());
    }
    let tails = (1..message.len()).filter(|start| message.is_boundary(*start) && message.len() - start > 1);
    let mut tails = tails.map(|start| message.folded_words(&(start..message.len())));
    tails.by_ref().filter(|tail| !tail.starts_with(' ')).find_map(|tail| named(&tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::intent::ItemRef;
    use crate::domain::language::Language;

    fn filled(kind: IntentKind, text: &str, spans: &[(Slot, &str)]) -> Intent {
        let message = Message::new(text);
        let place = |words: &str| {
            let start =
                message.original().find(words).map(|byte| message.original()[..byte].chars().count()).expect("words");
            start..start + words.chars().count()
        };
        let spans: Vec<Span> = spans.iter().map(|(slot, words)| Span::new(*slot, place(words))).collect();
        let mut intent = Intent::of(kind, Language::Zh);
        fill(&mut intent, &message, &spans, &Ruling::default());
        intent
    }

    #[test]
    fn values_are_read_and_trimmed() {
        let spans =
            [(Slot::Query, "the boots"), (Slot::PriceMin, "2"), (Slot::PriceMax, "3k"), (Slot::Colour, "\"red\"")];
        let intent = filled(IntentKind::Search, "the boots \"red\" 2-3k", &spans);
        assert_eq!(intent.query.as_deref(), Some("boots"));
        assert_eq!((intent.price_min, intent.price_max), (Some(2000.0), Some(3000.0)));
        assert_eq!(intent.attribute("colour").collect::<Vec<_>>(), ["red"]);
    }

    #[test]
    fn ordinals_and_names_become_items() {
        let intent = filled(IntentKind::Compare, "第一款和这个", &[(Slot::Items, "第一款"), (Slot::Items, "这个")]);
        assert_eq!(intent.items, [ItemRef::Ordinal(1), ItemRef::Name("这个".into())]);
    }

    #[test]
    fn asking_for_the_saved_list_is_told_from_saving() {
        assert_eq!(filled(IntentKind::Save, "看看我的收藏", &[]).topic.as_deref(), Some("show"));
        assert_eq!(filled(IntentKind::Save, "show my wishlist", &[]).topic.as_deref(), Some("show"));
        assert_eq!(filled(IntentKind::Save, "收藏第二款", &[(Slot::Items, "第二款")]).topic, None);
    }
}
