//! What the screen makes of an intent: the same words mean a new search at the start and a change of the last one after it.
//!
//! Adjusts between intents that only the context or a named kind of product tells apart. Called last of all.

use super::message::Message;
use super::rules::sort::sort;
use super::sayings::{
    ANGER, ASKS_A_FACT, ASKS_BARE, ASKS_CART, ASKS_DISCOUNT, ASKS_HELP, ASKS_OF_IT, LEAVES, LIKES, MORE_OF_IT,
    ONE_MORE, ONLY_AN_END, UNSAVES, WANTS_ADVICE, WHICH_IS_BEST,
};
use crate::domain::attribute_names::is_name;
use crate::domain::intent::{Intent, IntentKind, ItemRef, Understood};
use crate::domain::search::AttributeFilter;
use crate::domain::session::Context;

/// Below this confidence a bare question ("有货吗") is no refinement, and never one that changes nothing.
const HALF_SURE: f32 = 0.5;
/// A refinement has more words than this before a need is heard in it.
const TELLING: usize = 4;
/// Messages with more words than this say what they want on their own; a Han character counts as half a word.
const SHORT: usize = 8;

/// Adjusts the intent of a read message; `is_sku` says whether the shop has a product of that id, `is_kind` whether words name a
/// kind of product. Whether the intent was changed.
pub fn adjust(
    understood: &mut Understood,
    message: &Message,
    context: &Context,
    is_sku: impl Fn(&str) -> bool,
    is_kind: impl Fn(&str) -> bool,
) -> bool {
    let before = understood.intent.intent;
    settle_by_words(understood, message, context, is_sku);
    settle_by_change(understood, message, context);
    let intent = &mut understood.intent;
    settle_by_kind(intent, message, context, is_kind);
    let asks_help = ASKS_HELP.hits(message) && intent.query.is_none() && intent.category.is_none();
    if asks_help && intent.intent == IntentKind::Refine {
        intent.intent = IntentKind::Search;
    }
    let is_fresh = match intent.intent {
        IntentKind::Search => !understood.kinds.is_empty() || understood.change.likes || asks_help,
        IntentKind::Recommend => WANTS_ADVICE.hits(message),
        _ => false,
    };
    if !is_fresh {
        settle_by_limits(intent, message, context);
    }
    let is_plain = understood.intent.intent == IntentKind::CartAdd && ONE_MORE.hits(message);
    is_plain || before != understood.intent.intent
}

/// Words that leave no doubt: a product's id, a question of fact about what is shown, one more of the same, anger.
fn settle_by_words(understood: &mut Understood, message: &Message, context: &Context, is_sku: impl Fn(&str) -> bool) {
    use IntentKind::{
        CartAdd, CartRemove, Compare, Complaint, Detail, OffTopic, OrderStatus, Policy, Recommend, Refine, Reviews,
        Save, Search, Smalltalk, Unclear,
    };
    let intent = &mut understood.intent;
    let kind = intent.intent;
    let open = matches!(kind, OffTopic | Policy | Recommend | Refine | Search | Smalltalk | Unclear);
    let names_a_kind = intent.query.is_some() || intent.category.is_some();
    let words = message.original();
    let ids = words.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).map(str::to_uppercase);
    let bare = words.trim().parse::<i32>().ok().filter(|place| (1..=20).contains(place) && context.shown > 0);
    if let Some(place) = bare.filter(|_| open) {
        *intent = Intent { items: vec![ItemRef::Ordinal(place)], ..Intent::of(Detail, intent.lang) };
    } else if let Some(id) = ids.into_iter().find(|id| id.len() > 3 && is_sku(id)).filter(|_| open) {
        *intent = Intent { items: vec![ItemRef::Name(id)], ..Intent::of(Detail, intent.lang) };
    } else if UNSAVES.hits(message) && (open || matches!(kind, CartRemove | Save)) {
        let items = std::mem::take(&mut intent.items);
        *intent = Intent { items, topic: Some("remove".into()), ..Intent::of(Save, intent.lang) };
    } else if ASKS_BARE.hits(message)
        && open
        && (kind != Refine || understood.confidence < HALF_SURE || *intent == Intent::of(Refine, intent.lang))
    {
        *intent = Intent { items: std::mem::take(&mut intent.items), ..Intent::of(Detail, intent.lang) };
    } else if WHICH_IS_BEST.hits(message)
        && context.shown > 1
        && (open || matches!(kind, Compare | Detail | Reviews))
        && !names_a_kind
        && intent.sort.is_none()
    {
        let items = std::mem::take(&mut intent.items);
        *intent = Intent { items, ..Intent::of(Compare, intent.lang) };
        understood.change.chooses = true;
    } else if MORE_OF_IT.hits(message) && (open || kind == IntentKind::Similar) && context.query.is_some() {
        *intent = Intent::of(IntentKind::More, intent.lang);
    } else if ASKS_DISCOUNT.hits(message)
        && matches!(kind, OffTopic | Smalltalk | Unclear | Refine)
        && !names_a_kind
        && !intent.has_limit()
    {
        *intent = Intent { topic: Some("coupons".into()), ..Intent::of(Policy, intent.lang) };
    } else if ASKS_A_FACT.hits(message) && matches!(kind, Refine | OffTopic | Unclear) && context.shown > 0 {
        *intent = Intent::of(Detail, intent.lang);
    } else if ASKS_OF_IT.hits(message) && matches!(kind, OffTopic | Policy | Smalltalk | Unclear) && context.shown > 0 {
        *intent = Intent { items: vec![ItemRef::Name("it".into())], ..Intent::of(Detail, intent.lang) };
    } else if ONLY_AN_END.hits(message) && (open || kind == Detail) && context.shown > 0 {
        *intent = Intent { sort: sort(message), ..Intent::of(Refine, intent.lang) };
    } else if ASKS_CART.hits(message) && (open || kind == CartRemove) {
        *intent = Intent::of(IntentKind::CartShow, intent.lang);
    } else if ONE_MORE.hits(message) && open && !names_a_kind {
        *intent = Intent::of(CartAdd, intent.lang);
    } else if WANTS_ADVICE.hits(message)
        && matches!(kind, Refine | Search)
        && intent.category.is_none()
        && intent.query.is_none()
    {
        intent.intent = Recommend;
    } else if ANGER.hits(message) && matches!(kind, OrderStatus | Policy | OffTopic | Recommend | Smalltalk | Unclear) {
        *intent = Intent { order_id: intent.order_id.take(), ..Intent::of(Complaint, intent.lang) };
    }
}

/// Limits given up, a way back, a need told without a noun, pieces of what is in the cart.
fn settle_by_change(understood: &mut Understood, message: &Message, context: &Context) {
    use IntentKind::{
        CartAdd, CartRemove, Compare, Complaint, Detail, More, OffTopic, Policy, Recommend, Refine, Search, Smalltalk,
        Unclear,
    };
    let Understood { intent, change, kinds, .. } = understood;
    let kind = intent.intent;
    let has_search = context.query.is_some();
    let open = matches!(kind, OffTopic | Policy | Recommend | Refine | Search | Smalltalk | Unclear);
    let names_a_kind = intent.query.is_some() || intent.category.is_some();
    let of_cart = matches!(kind, CartAdd | CartRemove) || open && !names_a_kind && !intent.has_constraint();
    let is_told = kind != Refine || length(message) > TELLING;
    if LEAVES.hits(message)
        && (has_search || context.shown > 0)
        && (open
            || matches!(kind, CartRemove | IntentKind::CartShow | IntentKind::OrderChange | IntentKind::Thanks)
            || kind == IntentKind::Save && intent.items.is_empty())
    {
        *intent = Intent::of(IntentKind::Thanks, intent.lang);
        change.leaves = true;
    } else if change.pieces.is_some() && of_cart {
        let quantity = intent.quantity.or_else(|| quantity_in(message));
        let items = std::mem::take(&mut intent.items);
        *intent = Intent { items, quantity, ..Intent::of(CartAdd, intent.lang) };
    } else if matches!(kind, CartAdd | CartRemove) {
        // What is said of the cart stands.
    } else if change.touches_limits()
        && has_search
        && !names_a_kind
        && (open || matches!(kind, Detail | More | Compare))
    {
        intent.intent = Refine;
        intent.items.clear();
        intent.topic = None;
    } else if change.back && (open || matches!(kind, Detail | More)) {
        intent.intent = Refine;
        intent.items.clear();
    } else if let Some(liked) = liked(message).filter(|liked| open && is_all(intent, liked)) {
        let attributes = std::mem::take(&mut intent.attributes);
        *intent = match liked.ends_with("ing") && !attributes.is_empty() {
            true => Intent { attributes, ..Intent::of(Search, intent.lang) },
            false => Intent { query: Some(liked), ..Intent::of(Search, intent.lang) },
        };
        (change.likes, change.corrects) = (true, has_search && intent.query.is_some());
    } else if !kinds.is_empty() && (open || matches!(kind, Complaint | Detail)) && is_told {
        intent.intent = Search;
        intent.topic = None;
    }
}

/// Whether a message says nothing of a product beyond these words.
fn is_all(intent: &Intent, words: &str) -> bool {
    let rest = Intent { attributes: Vec::new(), ..intent.clone() };
    !rest.has_constraint()
        && intent.attributes.iter().all(|filter| filter.name == "audience" || words.contains(&filter.value))
}

/// What somebody is said to like: looked for within the limits that were named before ("她喜欢喝咖啡", "he is into camping").
fn liked(message: &Message) -> Option<String> {
    let found = LIKES.find(message).next()?;
    let range = [1, 2].into_iter().find_map(|group| found.group(group))?;
    let words = message.words(&range).trim().to_owned();
    (words.chars().count() > 1).then_some(words)
}

/// A noun that was taken for a property of what was looked for last is what is wanted now: "fridges" after monitors.
fn settle_by_kind(intent: &mut Intent, message: &Message, context: &Context, is_kind: impl Fn(&str) -> bool) {
    let is_name = intent.query.as_deref().is_some_and(is_name) && intent.category.is_none();
    let is_name = is_name && intent.attributes.is_empty();
    if is_name && context.shown > 0 && length(message) <= SHORT && intent.intent != IntentKind::Detail {
        *intent = Intent::of(IntentKind::Detail, intent.lang);
        return;
    }
    let is_asked = matches!(intent.intent, IntentKind::Refine | IntentKind::Search | IntentKind::Recommend);
    if !is_asked || context.query.is_none() || intent.query.is_some() || intent.category.is_some() {
        return;
    }
    let is_noun = |filter: &AttributeFilter| {
        matches!(filter.name.as_str(), "feature" | "use")
            && is_kind(&filter.value)
            && context.query.as_deref().is_none_or(|query| !query.to_lowercase().contains(&filter.value.to_lowercase()))
    };
    let ends_it = |value: &str| {
        message.original().trim_end_matches(['?', '？', '.', '。', '!', '！', '吗', '呢', '吧']).ends_with(value)
    };
    let leads = |value: &str| {
        let words = message.original();
        let before = words.rfind(value).map_or("", |start| words[..start].trim_end());
        let linked = [
            "with", "and", "has", "have", "having", "plus", "without", "in", "for", "带", "有", "配", "含", "和", "能",
            "可",
        ];
        !linked.iter().any(|word| before.to_lowercase().ends_with(word))
    };
    let is_wanted = |filter: &AttributeFilter| is_noun(filter) && ends_it(&filter.value) && leads(&filter.value);
    if let Some(place) = intent.attributes.iter().position(is_wanted).filter(|_| intent.attributes.len() == 1) {
        let noun = intent.attributes.remove(place).value;
        let narrows = context.query.as_deref().is_some_and(|query| noun.to_lowercase().contains(&query.to_lowercase()));
        intent.intent = if narrows { IntentKind::Refine } else { IntentKind::Search };
        intent.query = Some(noun);
    }
}

/// The pieces that a message names by a number alone or with a classifier.
fn quantity_in(message: &Message) -> Option<u32> {
    let words = message.original();
    let numbers = crate::domain::amount::numbers_in(&words);
    let spoken = ["one", "two", "three", "four", "five", "six"];
    let word = spoken.iter().position(|word| message.folded().split(' ').any(|part| part == *word));
    let han = ["一", "两", "三", "四", "五", "六"].iter().position(|number| words.contains(number));
    let number = numbers.first().and_then(|number| number.parse().ok());
    number.or_else(|| word.or(han).map(|place| place as u32 + 1))
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
    use crate::domain::search::Sort;

    fn adjusted(kind: IntentKind, text: &str, query: Option<&str>, change: impl FnOnce(&mut Intent)) -> IntentKind {
        let mut understood = Understood::surely(Intent::of(kind, Language::En));
        let message = Message::new(text);
        understood.change = super::super::rules::change::changes(&message).0;
        change(&mut understood.intent);
        let context = Context { query: query.map(str::to_owned), shown: 5 };
        adjust(&mut understood, &message, &context, |id| id == "DJ-101", |word| word == "fridges");
        understood.intent.intent
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

    #[test]
    fn what_changes_limits_or_goes_back_refines() {
        let settle = |kind, text| adjusted(kind, text, Some("jackets"), |_| {});
        assert_eq!(settle(IntentKind::Policy, "any brand is fine"), IntentKind::Refine);
        assert_eq!(settle(IntentKind::OffTopic, "back to the tents"), IntentKind::Refine);
        assert_eq!(settle(IntentKind::CartRemove, "remove it from my saved list"), IntentKind::Save);
        assert_eq!(settle(IntentKind::Policy, "do you have it in white?"), IntentKind::Detail);
        assert_eq!(settle(IntentKind::Search, "just one instead"), IntentKind::CartAdd);
        let noun = |intent: &mut Intent| {
            intent.attributes = vec![AttributeFilter { name: "feature".into(), value: "fridges".into() }];
        };
        assert_eq!(adjusted(IntentKind::Refine, "fridges?", Some("monitors"), noun), IntentKind::Search);
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
