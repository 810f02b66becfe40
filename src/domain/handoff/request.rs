//! Asking for a person: why, and what the person needs to know.

use serde::{Deserialize, Serialize};

use super::hours::WorkingHours;
use crate::domain::identifier::{ConversationId, OrderId, Sku};
use crate::domain::language::Language;
use crate::domain::session::Exchange;

/// Why a conversation needs a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffReason {
    /// The shopper asked for one.
    Asked,
    /// A complaint, or anger.
    Complaint,
    /// Two answers in a row did not help.
    Failures,
    /// The shop reserves this topic for people.
    ReservedTopic,
    /// An order's change that the bot may not carry out.
    OrderChange,
    /// Money is disputed.
    MoneyDispute,
}

/// Whether people can take a conversation over where it is held, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum People {
    /// They take it over, during these hours.
    Here(WorkingHours),
    /// They are reached on Telegram; this is another face.
    OnTelegram,
    /// The shop has no support desk.
    Nowhere,
}

/// A request for a person, as the assistant makes it and the support desk takes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HandoffRequest {
    /// Whose conversation.
    pub conversation: ConversationId,
    /// The shopper's language.
    pub language: Language,
    /// Why.
    pub reason: HandoffReason,
    /// What the shopper wrote last.
    pub message: String,
    /// The last exchanges, oldest first.
    pub history: Vec<Exchange>,
    /// Products on the screen or spoken of.
    pub products: Vec<Sku>,
    /// Orders concerned, verified ones only.
    pub orders: Vec<OrderId>,
}
