//! What the screen makes of an intent: the same words mean a new search at the start and a change of the last one after it.
//!
//! Adjusts between intents that only the context or a named kind of product tells apart. Called last of all.

use super::message::Message;
use super::pattern::Pattern;
use crate::domain::intent::{Intent, IntentKind, ItemRef};
use crate::domain::session::Context;

/// Messages with more words than this say what they want on their own; a Han character counts as half a word.
const SHORT: usize = 8;

static ASKS_A_FACT: Pattern = Pattern::new(
    r"是什么(?:做|材|面料|牌)|什么(?:材质|面料|做的|尺寸)|大不大|重不重|吵不吵|厚不厚|硬不硬|软不软|多少(?:克|斤|钱|度|瓦|毫升)|多(?:大|重|长|高|厚|宽)[^的]{0,2}$|^and (?:the|its) [a-z ]+\?|what(?:'s| is) (?:it|the \w+ one) made of|how (?:long|heavy|big|loud|much) (?:is|does|are)",
);
static ONE_MORE: Pattern = Pattern::new(
    r"^(?:那)?再(?:来|加|要|拿)(?:一|两|二|三|[1-9])(?:件|个|份|双|包|瓶|盒|袋|条|台|把|套)|^(?:and )?(?:one more|another one)(?: please)?$",
);
static ANGER: Pattern = Pattern::new(
    r"垃圾|骗子|骗人|坑人|太过分|气死|什么(?:破|烂)|无语|差劲|黑店|\b(?:garbage|scam|ripped off|ridiculous|unacceptable|disgusting|furious|outrageous)\b",
);

/// Adjusts the intent of a read message; `is_sku` says whether the shop has a product of that id. Whether the intent was changed.
pub fn adjust(intent: &mut Intent, message: &Message, context: &Context, is_sku: impl Fn(&str) -> bool) -> bool {
    let before = intent.intent;
    settle_by_words(intent, message, context, is_sku);
    settle_by_limits(intent, message, context);
    before != intent.intent
}

/// Words that leave no doubt: a product's id, a question of fact about what is shown, one more of the same, anger.
fn settle_by_words(intent: &mut Intent, message: &Message, context: &Context, is_sku: impl Fn(&str) -> bool) {
    use IntentKind::{
        CartAdd, Complaint, Detail, OffTopic, OrderStatus, Policy, Recommend, Refine, Search, Smalltalk, Unclear,
    };
    let kind = intent.intent;
    let open = matches!(kind, OffTopic | Policy | Recommend | Refine | Search | Smalltalk | Unclear);
    let words = message.original();
    let ids = words.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).map(str::to_uppercase);
    if let Some(id) = ids.into_iter().find(|id| id.len() > 3 && is_sku(id)).filter(|_| open) {
        *intent = Intent { items: vec![ItemRef::Name(id)], ..Intent::of(Detail, intent.lang) };
    } else if ASKS_A_FACT.hits(message) && matches!(kind, Refine | OffTopic | Unclear) && context.shown > 0 {
        *intent = Intent::of(Detail, intent.lang);
    } else if ONE_MORE.hits(message) && open {
        *intent = Intent::of(CartAdd, intent.lang);
    } else if ANGER.hits(message) && matches!(kind, OrderStatus | Policy | OffTopic | Recommend | Smalltalk | Unclear) {
        *intent = Intent { order_id: intent.order_id.take(), ..Intent::of(Complaint, intent.lang) };
    }
}

fn settle_by_limits(intent: &mut Intent, message: &Message, context: &Context) {
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
        adjust(&mut intent, &Message::new(text), &context, |id| id == "DJ-101");
        intent.intent
    }

    #[test]
    fn words_that_leave_no_doubt_settle_the_intent() {
        let settle = |kind, text| adjusted(kind, text, Some("羽绒服"), |_| {});
        assert_eq!(settle(IntentKind::OffTopic, "dj-101多少钱"), IntentKind::Detail);
        assert_eq!(settle(IntentKind::Refine, "内胆是什么做的"), IntentKind::Detail);
        assert_eq!(settle(IntentKind::Search, "再来一件"), IntentKind::CartAdd);
        assert_eq!(settle(IntentKind::OrderStatus, "十天了还没到，什么垃圾物流"), IntentKind::Complaint);
        assert_eq!(settle(IntentKind::Refine, "大一点的"), IntentKind::Refine);
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
