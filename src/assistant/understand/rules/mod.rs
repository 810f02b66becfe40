//! What rules settle best: amounts, order numbers, ordinals, sizes, sort words, negation, topics, commands.
//!
//! Never guesses an intent from loose words; that is the prior's and the model's part.

pub mod amount;
pub mod change;
pub mod command;
pub mod exclusion;
pub mod measure;
pub mod number;
pub mod order;
pub mod pointing;
pub mod sort;
pub mod topic;

use std::ops::Range;

use self::exclusion::Scope;
use super::message::Message;
use super::span::{Span, merge};
use crate::domain::change::Change;
use crate::domain::intent::IntentKind;
use crate::domain::search::Sort;
use crate::domain::session::Context;

/// What the rules found in a message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ruling {
    /// The intent, where a rule settles it.
    pub intent: Option<IntentKind>,
    /// Limits of price.
    pub prices: Vec<Span>,
    /// The currency that was named (ISO 4217).
    pub currency: Option<&'static str>,
    /// Order numbers.
    pub order_ids: Vec<Span>,
    /// Words that point at products.
    pub items: Vec<Span>,
    /// Numbers of pieces.
    pub quantities: Vec<Span>,
    /// Sizes and ages.
    pub measures: Vec<Span>,
    /// What is negated.
    pub exclusions: Vec<Scope>,
    /// The order wanted.
    pub sort: Option<Sort>,
    /// What changes of what came before.
    pub change: Change,
    /// Where words stand that give up a limit or ask for an order, and so fill no slot.
    pub spoken_for: Vec<Range<usize>>,
}

impl Ruling {
    /// Everything found, the surest first where two overlap.
    pub fn spans(&self) -> Vec<Span> {
        let mut spans = self.order_ids.clone();
        merge(&mut spans, self.prices.iter().cloned());
        merge(&mut spans, self.items.iter().cloned());
        merge(&mut spans, self.measures.iter().cloned());
        merge(&mut spans, self.quantities.iter().cloned());
        spans
    }
}

/// Reads a message by rule.
pub fn read(message: &Message, context: &Context) -> Ruling {
    let (prices, currency) = amount::amounts(message);
    let (change, mut spoken_for) = change::changes(message);
    spoken_for.extend(sort::ranges(message));
    Ruling {
        intent: command::settled(message),
        prices,
        currency,
        order_ids: order::order_ids(message),
        items: pointing::items(message, context.shown > 0),
        quantities: order::quantities(message),
        measures: measure::measures(message),
        exclusions: exclusion::scopes(message),
        sort: sort::sort(message),
        change,
        spoken_for,
    }
}
