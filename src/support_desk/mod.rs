//! Floor 2: the support desk. Conversations that need a person reach the staff, and what the two sides say reaches the other.
//!
//! Every event of a conversation is applied to its [`crate::domain::handoff::Case`] as one step and is durable before anything of it
//! is sent; what is to be sent lies in the case until it has arrived. The bot is held silent through [`Desk::permits_bot`]. Never
//! talks to a chat service itself: it is given an [`crate::domain::outbox::Outbox`]. Called by the faces, from blocking threads.

mod beside;
mod command;
mod compose;
mod courier;
mod desk;
mod follow;
mod help;
mod language;
mod lists;
mod press;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod tests;

pub use self::beside::{Advice, Adviser, Conversations};
pub use self::desk::{Desk, DeskParts, Place};

use crate::store::StoreError;

/// Why the desk could not do something.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The state cannot be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The conversation's session cannot be read or changed.
    #[error("the session of `{conversation}` cannot be changed: {cause}")]
    Session {
        /// Whose.
        conversation: String,
        /// Why.
        cause: String,
    },
}
