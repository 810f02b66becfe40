//! What the face needs of the shop; `daogou serve` gives it the assistant and the catalog, tests a scripted one.

use std::sync::Arc;

use crate::assistant::{AssistantError, Observer, Outcome, Turn};
use crate::backoffice::Learning;
use crate::domain::identifier::ConversationId;
use crate::domain::language::Language;
use crate::domain::reply::Card;
use crate::domain::session::Session;
use crate::domain::wording::chat;
use crate::domain::wording::telegram::{Reloaded, Status};

/// The shop behind the face. All of it blocks and is called from blocking threads.
pub trait Shop: Send + Sync + 'static {
    /// Answers a turn; see [`crate::assistant::Assistant::handle`].
    ///
    /// # Errors
    /// Those of the assistant.
    fn handle(&self, turn: &Turn, observer: &mut dyn Observer) -> Result<Outcome, AssistantError>;

    /// Notes that the reply to an update has reached the shopper.
    ///
    /// # Errors
    /// The state cannot be kept.
    fn delivered(&self, conversation: &ConversationId, update: i64) -> Result<(), AssistantError>;

    /// The session, if the conversation has begun.
    ///
    /// # Errors
    /// The state cannot be read.
    fn session(&self, conversation: &ConversationId) -> Result<Option<Session>, AssistantError>;

    /// Begins a conversation in a language that later messages may change.
    ///
    /// # Errors
    /// The state cannot be kept.
    fn begin(&self, conversation: &ConversationId, language: Language) -> Result<(), AssistantError>;

    /// Products for a request, for inline mode; nothing of it is kept.
    ///
    /// # Errors
    /// Those of the assistant.
    fn glance(&self, text: &str, language: Language) -> Result<Vec<Card>, AssistantError>;

    /// Loads the feed again and returns what changed, with a line for each rejected one.
    ///
    /// # Errors
    /// Why the feed was not taken, in one line.
    fn reload(&self) -> Result<(Reloaded, Vec<String>), String>;

    /// How it runs; `waiting` is the face's own count.
    fn status(&self, waiting: usize) -> Status;

    /// What learns from unanswered questions, if the shop does.
    fn learning(&self) -> Option<Arc<Learning>> {
        None
    }

    /// Reads the shop's policies anew.
    ///
    /// # Errors
    /// Why the old ones stay, in one line.
    fn reread_policies(&self) -> Result<(), String> {
        Ok(())
    }

    /// Requests that show what can be asked of it.
    fn examples(&self, language: Language) -> Vec<String> {
        chat::examples(language).map(str::to_owned).to_vec()
    }

    /// Its name.
    fn name(&self, language: Language) -> String;
}
