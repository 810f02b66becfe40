//! The next step of a conversation: a pure function of the session and of what the message means.
//!
//! Decides; never searches, never speaks. Called by `assistant` once a message is understood.

use serde::{Deserialize, Serialize};

use super::identifier::{OrderId, Sku};
use super::intent::{Intent, IntentKind, ItemRef, Understood};
use super::refinement::{fresh_query, refined_query};
use super::search::SearchQuery;
use super::session::Session;

/// A product that a step is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// On the screen, or last spoken of.
    Shown(Sku),
    /// To be looked up by its name.
    Named(String),
    /// The n-th of a list that has no such place; from 1.
    Missing(i32),
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Looks for products afresh.
    Search(SearchQuery),
    /// Looks again under changed limits.
    Refine(SearchQuery),
    /// Shows the next results of the last search.
    More,
    /// Sets products side by side.
    Compare(Vec<Target>),
    /// Answers a question about products.
    Detail(Vec<Target>),
    /// Looks for products like one.
    Similar(Target),
    /// Says what buyers say.
    Reviews(Vec<Target>),
    /// Suggests, within whatever limits were named.
    Recommend(SearchQuery),
    /// Puts products into the cart, so many pieces of each.
    CartAdd(Vec<Target>, u32),
    /// Takes products out of the cart; none found: the message's own words name it.
    CartRemove(Vec<Target>),
    /// Empties the cart.
    CartClear,
    /// Shows the cart.
    CartShow,
    /// Puts products on the saved list.
    Save(Vec<Target>),
    /// Shows the saved list.
    SavedShow,
    /// Answers from the shop's policies.
    Policy(Option<String>),
    /// Says where an order is.
    OrderStatus(Option<OrderId>),
    /// Prepares a change of an order: a topic of `order_change`.
    OrderChange(Option<OrderId>, Option<String>),
    /// Answers anger, and offers a person.
    Complaint,
    /// Calls a person.
    Human,
    /// Shows, or asks before erasing, what is kept.
    Privacy,
    /// Says hello.
    Greet,
    /// Says goodbye.
    Thanks,
    /// Small talk.
    Smalltalk,
    /// Says what it is there for.
    OffTopic,
    /// Asks one question, offering these readings of the message.
    Clarify(Vec<IntentKind>),
    /// Asks which product is meant.
    AskWhich(IntentKind),
}

/// Chooses the next step. Below `clarify_below` (a probability) one question is asked instead of a guess, unless the last
/// turn already asked one.
pub fn next_step(session: &Session, understood: &Understood, clarify_below: f32) -> Step {
    let intent = &understood.intent;
    let asked_before = matches!(session.pending, Some(super::session::Pending::Clarify { .. }));
    if understood.confidence < clarify_below && !asked_before && !is_actionable(intent) {
        let mut readings = vec![intent.intent];
        readings.extend(understood.alternatives.iter().copied().filter(|kind| *kind != intent.intent));
        readings.retain(|kind| *kind != IntentKind::Unclear);
        return Step::Clarify(readings);
    }
    match intent.intent {
        IntentKind::Search => Step::Search(fresh_query(intent)),
        IntentKind::Refine => refine(session, intent),
        IntentKind::More if session.search.is_some() => Step::More,
        IntentKind::More => Step::Clarify(vec![IntentKind::Search, IntentKind::Recommend]),
        IntentKind::Compare => compare(session, intent),
        IntentKind::Detail => match targets(session, intent) {
            none if none.is_empty() && intent.items.is_empty() && !session.shown.is_empty() => {
                Step::Detail(session.shown.iter().cloned().map(Target::Shown).collect())
            }
            none if none.is_empty() => Step::AskWhich(IntentKind::Detail),
            found => Step::Detail(found),
        },
        IntentKind::Similar => with_targets(session, intent, |mut targets| Step::Similar(targets.remove(0))),
        IntentKind::Reviews => with_targets(session, intent, Step::Reviews),
        IntentKind::Recommend => Step::Recommend(fresh_query(intent)),
        IntentKind::CartAdd => {
            let quantity = intent.quantity.unwrap_or(1);
            with_targets(session, intent, |targets| Step::CartAdd(targets, quantity))
        }
        IntentKind::CartRemove if intent.topic.as_deref() == Some("all") => Step::CartClear,
        IntentKind::CartRemove => Step::CartRemove(targets(session, intent)),
        IntentKind::CartShow => Step::CartShow,
        IntentKind::Save if intent.topic.as_deref() == Some("show") => Step::SavedShow,
        IntentKind::Save => with_targets(session, intent, Step::Save),
        IntentKind::Policy => Step::Policy(intent.topic.clone()),
        IntentKind::OrderStatus => Step::OrderStatus(intent.order_id.as_deref().map(OrderId::from)),
        IntentKind::OrderChange => {
            Step::OrderChange(intent.order_id.as_deref().map(OrderId::from), intent.topic.clone())
        }
        IntentKind::Complaint => Step::Complaint,
        IntentKind::Human => Step::Human,
        IntentKind::Privacy => Step::Privacy,
        IntentKind::Greet => Step::Greet,
        IntentKind::Thanks => Step::Thanks,
        IntentKind::Smalltalk => Step::Smalltalk,
        IntentKind::OffTopic => Step::OffTopic,
        IntentKind::Unclear => Step::Clarify(understood.alternatives.clone()),
    }
}

/// Whether a doubtful reading can be acted on harmlessly: a search for something that was plainly named.
fn is_actionable(intent: &Intent) -> bool {
    matches!(intent.intent, IntentKind::Search | IntentKind::Refine)
        && (intent.query.is_some() || intent.has_constraint())
}

fn refine(session: &Session, intent: &Intent) -> Step {
    match &session.search {
        None => Step::Search(fresh_query(intent)),
        Some(_) if !intent.has_constraint() && intent.query.is_none() => Step::Clarify(vec![IntentKind::Refine]),
        Some(last) => Step::Refine(refined_query(last, intent)),
    }
}

fn compare(session: &Session, intent: &Intent) -> Step {
    let mut found = targets(session, intent);
    if found.len() == 1 && found[0] != Target::Shown(session.focus.clone().unwrap_or_else(|| Sku::new(""))) {
        found.extend(session.focus.clone().map(Target::Shown));
    }
    if found.len() < 2 {
        let count = session.shown.len().min(3);
        found = session.shown[..count].iter().cloned().map(Target::Shown).collect();
    }
    if found.len() < 2 { Step::AskWhich(IntentKind::Compare) } else { Step::Compare(found) }
}

fn with_targets(session: &Session, intent: &Intent, step: impl FnOnce(Vec<Target>) -> Step) -> Step {
    let found = targets(session, intent);
    if found.is_empty() { Step::AskWhich(intent.intent) } else { step(found) }
}

/// The products that the message points at; without words for it, the one in focus, or the only one shown.
fn targets(session: &Session, intent: &Intent) -> Vec<Target> {
    let mut found: Vec<Target> = Vec::new();
    for item in &intent.items {
        let target = match item {
            ItemRef::Ordinal(number) => at_ordinal(session, *number),
            ItemRef::Name(name) if is_all(name) => {
                found.extend(session.shown.iter().cloned().map(Target::Shown));
                None
            }
            ItemRef::Name(name) if is_pointing(name) => in_focus(session).map(Target::Shown),
            ItemRef::Name(name) => Some(Target::Named(name.clone())),
        };
        if let Some(target) = target
            && !found.contains(&target)
        {
            found.push(target);
        }
    }
    if found.is_empty() && intent.items.is_empty() {
        let named = intent.query.clone().filter(|_| intent.intent != IntentKind::CartRemove).map(Target::Named);
        let by_brand = intent.brand.first().cloned().map(Target::Named);
        let focus = in_focus(session).filter(|_| intent.intent != IntentKind::CartRemove).map(Target::Shown);
        found.extend(focus.or(named).or(by_brand));
    }
    found
}

fn at_ordinal(session: &Session, number: i32) -> Option<Target> {
    let count = session.shown.len() as i32;
    let index = if number < 0 { count + number } else { number - 1 };
    match usize::try_from(index).ok().and_then(|index| session.shown.get(index)) {
        Some(sku) => Some(Target::Shown(sku.clone())),
        None => Some(Target::Missing(number)),
    }
}

fn in_focus(session: &Session) -> Option<Sku> {
    session.focus.clone().or_else(|| match session.shown.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    })
}

/// Words that point without naming.
pub fn is_pointing(words: &str) -> bool {
    let plain = words.trim().to_lowercase();
    const WORDS: &[&str] = &[
        "这个",
        "那个",
        "这款",
        "那款",
        "它",
        "这件",
        "那件",
        "这双",
        "那双",
        "这台",
        "那台",
        "这只",
        "这条",
        "那条",
        "这本",
        "该款",
        "刚才那个",
        "刚刚那个",
        "刚才那款",
        "上面那个",
        "这",
        "那",
        "此款",
        "这把",
        "这套",
        "这瓶",
        "这包",
        "it",
        "this",
        "that",
        "this one",
        "one",
        "another",
        "another one",
        "one more",
        "一件",
        "一个",
        "一份",
        "一双",
        "一台",
        "一款",
        "一条",
        "一瓶",
        "一包",
        "that one",
        "them",
        "those",
        "these",
        "the one",
        "this product",
        "that product",
        "the product",
        "the item",
        "this item",
    ];
    WORDS.contains(&plain.as_str())
}

fn is_all(words: &str) -> bool {
    let plain = words.trim().to_lowercase();
    const WORDS: &[&str] = &[
        "都",
        "全部",
        "所有",
        "这几个",
        "这几款",
        "这些",
        "它们",
        "all",
        "all of them",
        "both",
        "两个",
        "两款",
        "这两个",
        "这两款",
        "everything",
    ];
    WORDS.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identifier::ConversationId;
    use crate::domain::intent::IntentSource;
    use crate::domain::language::Language;

    fn session() -> Session {
        let mut session = Session::new(ConversationId::from("test"));
        session.shown = ["A", "B", "C"].map(Sku::from).to_vec();
        session.search = Some(SearchQuery { text: "羽绒服".into(), ..SearchQuery::default() });
        session
    }

    fn understood(kind: IntentKind, change: impl FnOnce(&mut Intent)) -> Understood {
        let mut intent = Intent::of(kind, Language::Zh);
        change(&mut intent);
        Understood { intent, confidence: 0.9, source: IntentSource::Rules, alternatives: Vec::new() }
    }

    #[test]
    fn ordinals_count_from_one_and_from_the_end() {
        let second = understood(IntentKind::Detail, |intent| intent.items = vec![ItemRef::Ordinal(2)]);
        assert_eq!(next_step(&session(), &second, 0.3), Step::Detail(vec![Target::Shown("B".into())]));
        let last = understood(IntentKind::Detail, |intent| intent.items = vec![ItemRef::Ordinal(-1)]);
        assert_eq!(next_step(&session(), &last, 0.3), Step::Detail(vec![Target::Shown("C".into())]));
        let ninth = understood(IntentKind::CartAdd, |intent| intent.items = vec![ItemRef::Ordinal(9)]);
        assert_eq!(next_step(&session(), &ninth, 0.3), Step::CartAdd(vec![Target::Missing(9)], 1));
    }

    #[test]
    fn a_pointing_word_without_a_focus_is_asked_about() {
        let this = understood(IntentKind::CartAdd, |intent| intent.items = vec![ItemRef::Name("这个".into())]);
        assert_eq!(next_step(&session(), &this, 0.3), Step::AskWhich(IntentKind::CartAdd));
        let mut focused = session();
        focused.focus = Some("B".into());
        assert_eq!(next_step(&focused, &this, 0.3), Step::CartAdd(vec![Target::Shown("B".into())], 1));
    }

    #[test]
    fn doubt_asks_one_question_and_never_two_in_a_row() {
        let mut doubtful = understood(IntentKind::Smalltalk, |_| {});
        doubtful.confidence = 0.1;
        doubtful.alternatives = vec![IntentKind::Policy];
        let asked = next_step(&session(), &doubtful, 0.3);
        assert_eq!(asked, Step::Clarify(vec![IntentKind::Smalltalk, IntentKind::Policy]));
        let mut after = session();
        after.pending = Some(crate::domain::session::Pending::Clarify { message: String::new(), choices: Vec::new() });
        assert_eq!(next_step(&after, &doubtful, 0.3), Step::Smalltalk);
    }

    #[test]
    fn a_question_about_no_one_in_particular_is_about_all_that_is_shown() {
        let question = understood(IntentKind::Detail, |_| {});
        let Step::Detail(found) = next_step(&session(), &question, 0.3) else { panic!("a detail") };
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn comparing_without_naming_takes_what_is_shown() {
        let compare = understood(IntentKind::Compare, |_| {});
        let all = ["A", "B", "C"].map(|sku| Target::Shown(sku.into())).to_vec();
        assert_eq!(next_step(&session(), &compare, 0.3), Step::Compare(all));
    }
}
