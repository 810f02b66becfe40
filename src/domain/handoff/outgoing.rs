//! What a case has to send, until it is known to have arrived.

use serde::{Deserialize, Serialize};

use super::event::{Refusal, StaffId};
use crate::domain::outbox::{Content, MessageId};
use crate::domain::reply::Card;

/// Who is to get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// The shopper.
    Shopper,
    /// The staff's topic.
    Staff,
}

/// Whose words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The shopper's.
    Shopper,
    /// A person's of the staff.
    Staff(StaffId),
}

/// Why a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The shopper got what was needed.
    Solved,
    /// The shopper does not answer any more.
    NoAnswer,
    /// It goes on elsewhere, such as by telephone.
    Elsewhere,
    /// Advertising or abuse.
    Spam,
}

impl CloseReason {
    /// Every reason, in the order of the buttons.
    pub const ALL: [Self; 4] = [Self::Solved, Self::NoAnswer, Self::Elsewhere, Self::Spam];
}

/// What the desk itself says; the words are in `wording::desk`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "notice")]
#[allow(missing_docs)]
pub enum Notice {
    /// To the staff: who asks, why, and what was said. Opens the topic.
    Opened,
    /// To the staff: the shopper asks again.
    AskedAgain,
    /// To the shopper, who waits: the desk has closed.
    OutOfHours,
    /// To both: a person has taken it.
    Claimed { by: StaffId },
    /// To both: another person has taken it over.
    Transferred { from: StaffId, to: StaffId },
    /// To the staff: the shopper has waited so many minutes for an answer.
    Quiet { by: StaffId, minutes: i64 },
    /// To both: its owner put it back into the queue.
    PutBack { by: StaffId },
    /// To both: back in the queue, because its owner was silent.
    Requeued { by: StaffId },
    /// To the staff: nobody has taken it for so many minutes.
    Unclaimed { minutes: i64 },
    /// To both: nobody could take it; the bot goes on.
    GivenUp,
    /// To both: its owner gave it back to the bot.
    Released { by: StaffId },
    /// To both: its owner ended it.
    Closed { by: StaffId, reason: CloseReason },
    /// To the staff: how the shopper rates the help.
    Rated { stars: u8 },
    /// To the sender: a message did not arrive and will not.
    NotDelivered { excerpt: String },
    /// To the staff: a message may or may not have arrived; it can be sent again as this draft.
    Uncertain { excerpt: String, draft: u64 },
    /// To the staff: why nothing was passed on.
    Refused { refusal: Refusal },
    /// To the staff: words that can be sent with a tap.
    Draft { id: u64 },
    /// To the staff: what was offered as a draft was sent.
    DraftSent,
    /// To the staff: whether messages are translated from now on.
    Translating { on: bool },
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "parcel")]
pub enum Parcel {
    /// A person's message.
    Relay {
        /// Whose.
        by: Speaker,
        /// Its number in the chat that it came from; none for a draft.
        origin: Option<MessageId>,
        /// What it is.
        content: Content,
    },
    /// A change of a person's message.
    Edit {
        /// Whose.
        by: Speaker,
        /// Its number in the chat that it came from.
        origin: MessageId,
        /// What it is now.
        content: Content,
    },
    /// Products that a person chose.
    Cards {
        /// Who.
        by: StaffId,
        /// The products.
        cards: Vec<Card>,
    },
    /// The desk's own words.
    Notice {
        /// Which.
        notice: Notice,
        /// The message of the recipient's own chat that it answers.
        about: Option<MessageId>,
    },
}

/// How far sending has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    /// Not being sent.
    Waiting,
    /// Being sent; found so after a restart, it may or may not have arrived.
    Underway,
}

/// One thing to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Its number in the case, rising.
    pub seq: u64,
    /// Who is to get it.
    pub to: Recipient,
    /// What it is.
    pub parcel: Parcel,
    /// How far sending has got.
    pub attempt: Attempt,
    /// How often it was tried in vain.
    pub failures: u32,
    /// Not tried before, in seconds since 1970.
    pub not_before: i64,
    /// Whether it may have arrived once before.
    pub maybe_again: bool,
}
