//! What goes on in the shop, from what is kept: conversations, what they are about, what is saved and bought, how handoffs end.
//!
//! Counts only; never a name or a word of anyone. Called by `daogou statistics`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::BackofficeError;
use crate::domain::handoff::{Case, HandoffState};
use crate::domain::identifier::Sku;
use crate::domain::session::Session;
use crate::domain::unanswered::{TABLE, Unanswered};
use crate::store::{Store, Table};

/// Products of a list.
const MOST: usize = 10;

/// Handoffs by where they stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct HandoffCounts {
    /// Nobody has them yet.
    pub waiting: usize,
    /// A person has them.
    pub claimed: usize,
    /// Given back to the bot.
    pub released: usize,
    /// Closed, by reason.
    pub closed: BTreeMap<String, usize>,
    /// How many were rated, and the mean of 1–5.
    pub rated: usize,
    /// The mean rating; none without one.
    pub mean_rating: Option<f64>,
}

/// Counts over everything that is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Statistics {
    /// Shoppers' conversations.
    pub conversations: usize,
    /// Their turns.
    pub turns: u64,
    /// Conversations by language.
    pub languages: BTreeMap<String, usize>,
    /// Messages by intent, over the exchanges that are kept: the last dozen of each conversation.
    pub intents: BTreeMap<String, usize>,
    /// The products saved most, with how often.
    pub saved: Vec<(Sku, usize)>,
    /// The products most in carts, with how many pieces.
    pub carts: Vec<(Sku, usize)>,
    /// Handoffs.
    pub handoffs: HandoffCounts,
    /// Different questions that got no good answer.
    pub unanswered: usize,
    /// How often they were asked.
    pub unanswered_times: u64,
}

/// Counts.
///
/// # Errors
/// The state cannot be read.
pub fn statistics(store: &Store) -> Result<Statistics, BackofficeError> {
    let mut counted = Statistics::default();
    let (mut saved, mut carts): (BTreeMap<Sku, usize>, BTreeMap<Sku, usize>) = Default::default();
    let sessions: Table<Session> = store.table("sessions")?;
    for (_, session) in sessions.with_prefix("")? {
        counted.conversations += 1;
        counted.turns += session.turns;
        *counted.languages.entry(session.language.code().to_owned()).or_default() += 1;
        for exchange in &session.history {
            *counted.intents.entry(exchange.intent.name().to_owned()).or_default() += 1;
        }
        session.saved.iter().for_each(|sku| *saved.entry(sku.clone()).or_default() += 1);
        session
            .cart
            .lines()
            .iter()
            .for_each(|line| *carts.entry(line.sku.clone()).or_default() += line.quantity as usize);
    }
    (counted.saved, counted.carts) = (most(saved), most(carts));
    let cases: Table<Case> = store.table("handoffs")?;
    let mut stars = 0usize;
    for (_, case) in cases.with_prefix("")? {
        let handoffs = &mut counted.handoffs;
        match case.state {
            HandoffState::Waiting { .. } => handoffs.waiting += 1,
            HandoffState::Claimed { .. } => handoffs.claimed += 1,
            HandoffState::Released => handoffs.released += 1,
            HandoffState::Closed { reason } => {
                let name = serde_json::to_value(reason).ok().and_then(|name| name.as_str().map(str::to_owned));
                *handoffs.closed.entry(name.unwrap_or_default()).or_default() += 1;
            }
        }
        if let Some(rating) = case.rating {
            handoffs.rated += 1;
            stars += usize::from(rating);
        }
    }
    let rated = counted.handoffs.rated;
    counted.handoffs.mean_rating = (rated > 0).then(|| stars as f64 / rated as f64);
    let questions: Table<Unanswered> = store.table(TABLE)?;
    for (_, question) in questions.with_prefix("")? {
        counted.unanswered += 1;
        counted.unanswered_times += u64::from(question.times);
    }
    Ok(counted)
}

fn most(counts: BTreeMap<Sku, usize>) -> Vec<(Sku, usize)> {
    let mut counts: Vec<(Sku, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.truncate(MOST);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identifier::ConversationId;
    use crate::domain::intent::IntentKind;
    use crate::domain::language::Language;
    use crate::domain::session::Exchange;
    use crate::domain::unanswered::UnansweredCause;

    #[test]
    fn everything_that_is_kept_is_counted_and_no_word_of_it_told() {
        let folder = tempfile::tempdir().expect("folder");
        let (store, _) = Store::open(&folder.path().join("state")).expect("store");
        for (name, language) in [("a", Language::Zh), ("b", Language::En)] {
            let mut session =
                Session { language, turns: 2, saved: vec!["P1".into()], ..Session::new(ConversationId::from(name)) };
            session.cart.add(&"P2".into(), 3);
            session.remember(Exchange { shopper: "secret".into(), reply: "".into(), intent: IntentKind::Search });
            store.table("sessions").expect("table").put(name, &session).expect("put");
        }
        let asked = Unanswered::again(None, "secret?", Language::En, UnansweredCause::NoPassage, 1);
        store.table(TABLE).expect("table").put("k", &Unanswered { times: 4, ..asked }).expect("put");
        let counted = statistics(&store).expect("counted");
        assert_eq!((counted.conversations, counted.turns, counted.intents["search"]), (2, 4, 2));
        assert_eq!((counted.saved[0].clone(), counted.carts[0].clone()), (("P1".into(), 2), ("P2".into(), 6)));
        assert_eq!((counted.unanswered, counted.unanswered_times), (1, 4));
        assert!(!serde_json::to_string(&counted).expect("JSON").contains("secret"));
    }
}
