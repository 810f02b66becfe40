//! What the desk needs of the parts that it may not import: the conversations of the assistant, and its knowledge.

use crate::domain::identifier::{ConversationId, OrderId, Sku};
use crate::domain::language::Language;
use crate::domain::reply::Card;
use crate::domain::session::{Attendant, Session};

/// The assistant's conversations.
pub trait Conversations: Send + Sync {
    /// Sets who speaks with the shopper. A person taking over raises the session's epoch and drops an undelivered reply of the bot, which
    /// is returned in words, so that the person knows what the shopper was not told.
    /// Waits for a running turn of the conversation to end; the face cancels it because [`super::Desk::permits_bot`] refuses.
    ///
    /// # Errors
    /// The state cannot be kept, in words.
    fn attend(&self, conversation: &ConversationId, attendant: Attendant) -> Result<Option<String>, String>;

    /// The session, if the conversation has begun.
    ///
    /// # Errors
    /// The state cannot be read, in words.
    fn session(&self, conversation: &ConversationId) -> Result<Option<Session>, String>;
}

/// An answer that rests on the shop's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Advice {
    /// The answer, in the language that was asked for.
    pub text: String,
    /// Where the shop says so: a quotation and its source, in one line each.
    pub basis: Vec<String>,
}

/// What the shop knows, to help the staff. Nothing of it is sent without a person's tap.
pub trait Adviser: Send + Sync {
    /// An answer from the shop's policies, for the shopper; none when no passage answers.
    fn answer(&self, question: &str, language: Language) -> Option<Advice>;

    /// Products for a wish, the best first.
    fn suggest(&self, wish: &str, language: Language, limit: usize) -> Vec<Card>;

    /// These products, those that are still sold.
    fn cards(&self, skus: &[Sku], language: Language) -> Vec<Card>;

    /// Where an order is and what is in it, in a few lines; none when it is not known.
    fn order(&self, order: &OrderId, language: Language) -> Option<String>;
}
