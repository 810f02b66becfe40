//! What the screen makes of an intent: the same words mean a new search at the start and a change of the last one after it.
//!
//! Adjusts between intents that only the context or a named kind of product tells apart. Called last of all.

use super::message::Message;
use crate::domain::intent::{Intent, IntentKind};
use crate::domain::session::Context;

/// Messages with more words than this say what they want on their own; a Han character counts as half a word.
const SHORT: usize = 8;

/// Adjusts the intent of a read message.
pub fn adjust(intent: &mut Intent, message: &Message, context: &Context) {
    use IntentKind::{Compare, OffTopic, Recommend, Refine, Search, Smalltalk, Unclear};
    let names_a_kind = intent.query.is_some() || intent.category.is_some();
    let is_short = length(message) <= SHORT;
    let has_search = context.query.is_some();
    let only_limits = !names_a_kind && intent.has_constraint();
    intent.intent = match intent.intent {
        Search | Recommend if has_search && is_short && only_limits && !is_need(intent) => Refine,
        Recommend if intent.category.is_some() => Search,
        Compare | OffTopic | Smalltalk | Unclear if has_search && is_short && intent.sort.is_some() => {
            intent.items.clear();
            Refine
        }
        Refine if !has_search && names_a_kind => Search,
        kind => kind,
    };
    if !matches!(intent.intent, Search | Refine | Recommend | IntentKind::Similar) {
        intent.sort = None;
    }
}

/// An indirect need ("my feet are cold") is a search of its own: a use alone, without any other limit.
fn is_need(intent: &Intent) -> bool {
    intent.sort.is_none()
        && intent.price_min.is_none()
        && intent.price_max.is_none()
        && intent.price_near.is_none()
        && intent.brand.is_empty()
        && intent.exclude.is_empty()
        && intent.attributes.iter().all(|filter| filter.name == "use" && filter.value.chars().count() > 8)
}

fn length(message: &Message) -> usize {
    let han = message.chars().iter().filter(|character| crate::domain::language::is_han(**character)).count();
    let latin = message.folded().split(' ').filter(|word| word.chars().any(super::message::is_latin)).count();
    latin + han / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;
    use crate::domain::search::{AttributeFilter, Sort};

    fn adjusted(kind: IntentKind, text: &str, query: Option<&str>, change: impl FnOnce(&mut Intent)) -> IntentKind {
        let mut intent = Intent::of(kind, Language::En);
        change(&mut intent);
        let context = Context { query: query.map(str::to_owned), shown: 5 };
        adjust(&mut intent, &Message::new(text), &context);
        intent.intent
    }

    fn lined(intent: &mut Intent) {
        intent.attributes = vec![AttributeFilter { name: "feature".into(), value: "ceramic lining".into() }];
    }

    #[test]
    fn a_bare_limit_changes_the_last_search_and_begins_one_without() {
        let kind = IntentKind::Search;
        assert_eq!(adjusted(kind, "with a ceramic lining", Some("thermos"), lined), IntentKind::Refine);
        assert_eq!(adjusted(kind, "with a ceramic lining", None, lined), IntentKind::Search);
    }

    #[test]
    fn a_named_kind_is_a_search_and_an_order_a_change() {
        let tent = |intent: &mut Intent| intent.category = Some("帐篷".into());
        assert_eq!(adjusted(IntentKind::Recommend, "a tent", None, tent), IntentKind::Search);
        let cheapest = |intent: &mut Intent| intent.sort = Some(Sort::PriceAsc);
        assert_eq!(adjusted(IntentKind::Compare, "cheapest first", Some("yoga mat"), cheapest), IntentKind::Refine);
    }
}
