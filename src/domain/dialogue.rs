//! The next step of a conversation: a pure function of the session and of what the message means.
//!
//! Decides; never searches, never speaks. Called by `assistant` once a message is understood.

use super::change::Pieces;
use super::identifier::{OrderId, Sku};
use super::intent::{Intent, IntentKind, Understood};
use super::refinement::{earlier_query, fresh_query, refined_query};
use super::search::SearchQuery;
use super::session::Session;
use super::target::{Target, targets};

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
    /// Says which of several stand out, and in what.
    Choose(Vec<Target>),
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
    /// Changes how many pieces of products are in the cart, to so many or by so many.
    CartPieces(Vec<Target>, Pieces, u32),
    /// Takes products out of the cart; none found: the message's own words name it.
    CartRemove(Vec<Target>),
    /// Empties the cart.
    CartClear,
    /// Shows the cart.
    CartShow,
    /// Puts products on the saved list.
    Save(Vec<Target>),
    /// Takes products off the saved list; none named: all.
    Unsave(Vec<Target>),
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
    /// Lets the shopper go without pressing.
    Leave,
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
        IntentKind::Search if understood.change.corrects => refine(session, understood),
        IntentKind::Search => Step::Search(fresh_query(understood)),
        IntentKind::Refine => refine(session, understood),
        IntentKind::More if session.search.is_some() => Step::More,
        IntentKind::More => Step::Clarify(vec![IntentKind::Search, IntentKind::Recommend]),
        IntentKind::Compare if understood.change.chooses && session.shown.len() > 1 => {
            let named = targets(session, intent);
            let all = session.shown.iter().cloned().map(Target::Shown).collect();
            Step::Choose(if intent.items.len() > 1 { named } else { all })
        }
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
        IntentKind::Recommend => Step::Recommend(fresh_query(understood)),
        IntentKind::CartAdd => {
            let quantity = intent.quantity.unwrap_or(1);
            with_targets(session, intent, |targets| match understood.change.pieces {
                Some(pieces) => Step::CartPieces(targets, pieces, quantity),
                None => Step::CartAdd(targets, quantity),
            })
        }
        IntentKind::CartRemove if intent.topic.as_deref() == Some("all") => Step::CartClear,
        IntentKind::CartRemove if understood.change.pieces.is_some() && intent.quantity.is_some() => {
            let (pieces, quantity) = (understood.change.pieces.unwrap_or(Pieces::Fewer), intent.quantity.unwrap_or(1));
            with_targets(session, intent, |targets| Step::CartPieces(targets, pieces, quantity))
        }
        IntentKind::CartRemove => Step::CartRemove(targets(session, intent)),
        IntentKind::CartShow => Step::CartShow,
        IntentKind::Save if intent.topic.as_deref() == Some("show") => Step::SavedShow,
        IntentKind::Save if intent.topic.as_deref() == Some("remove") => Step::Unsave(targets(session, intent)),
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
        IntentKind::Thanks if understood.change.leaves => Step::Leave,
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

fn refine(session: &Session, understood: &Understood) -> Step {
    let Understood { intent, change, .. } = understood;
    if change.back
        && let Some(earlier) = earlier_query(session, intent)
    {
        return Step::Refine(earlier);
    }
    match &session.search {
        None => Step::Search(fresh_query(understood)),
        Some(_) if !intent.has_constraint() && intent.query.is_none() && !change.touches_limits() => {
            Step::Clarify(vec![IntentKind::Refine])
        }
        Some(last) => Step::Refine(refined_query(last, understood)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identifier::ConversationId;
    use crate::domain::intent::ItemRef;
    use crate::domain::language::Language;
    use crate::domain::search::SearchQuery;

    fn session() -> Session {
        let mut session = Session::new(ConversationId::from("test"));
        session.shown = ["A", "B", "C"].map(Sku::from).to_vec();
        session.search = Some(SearchQuery { text: "羽绒服".into(), ..SearchQuery::default() });
        session
    }

    fn understood(kind: IntentKind, change: impl FnOnce(&mut Intent)) -> Understood {
        let mut intent = Intent::of(kind, Language::Zh);
        change(&mut intent);
        Understood { confidence: 0.9, ..Understood::surely(intent) }
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
