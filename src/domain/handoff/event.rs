//! What can happen to a case, and why it may be refused.

use serde::{Deserialize, Serialize};

use super::outgoing::CloseReason;
use super::request::HandoffRequest;
use crate::domain::outbox::{Content, MessageId};
use crate::domain::reply::Card;

/// A person of the staff, by the face's id of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StaffId(pub u64);

/// How long silence is borne, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// A claimed conversation whose shopper waits so long is brought to its owner's mind.
    pub warn: i64,
    /// So long after that it goes back to the queue.
    pub requeue: i64,
    /// A conversation that nobody claims is brought to everyone's mind after so long.
    pub remind: i64,
    /// So long after that it goes back to the bot.
    pub give_up: i64,
}

/// When something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// Seconds since 1970, UTC.
    pub now: i64,
    /// Since when the desk has been open, in the same seconds; none outside working hours.
    pub open_since: Option<i64>,
    /// How long silence is borne.
    pub patience: Patience,
}

/// A message of a person, as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Its number in the chat that it came from.
    pub message: MessageId,
    /// What it is.
    pub content: Content,
}

/// Words or products that a person may send.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Offered {
    /// The words, or the file; none for products alone.
    pub content: Option<Content>,
    /// The products.
    pub cards: Vec<Card>,
    /// What it rests on: where the shop's policies say so. For the staff only.
    pub basis: Vec<String>,
}

/// Something that happens to a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A person is asked for.
    Request(HandoffRequest),
    /// The shopper sent a message.
    ShopperSaid(Said),
    /// The shopper changed one.
    ShopperEdited(Said),
    /// Someone of the staff wrote in the topic.
    StaffSaid(StaffId, Said),
    /// Someone of the staff changed a message there.
    StaffEdited(StaffId, Said),
    /// Someone of the staff takes the conversation.
    Claim(StaffId),
    /// Its owner hands it to a colleague.
    Transfer(StaffId, StaffId),
    /// Its owner puts it back into the queue.
    PutBack(StaffId),
    /// Its owner gives it back to the bot.
    Release(StaffId),
    /// Its owner ends it.
    Close(StaffId, CloseReason),
    /// Its owner is offered something to send; it is not sent.
    Offer(StaffId, Offered),
    /// Its owner sends what was offered, by its number.
    SendDraft(StaffId, u64),
    /// Someone drops what was offered.
    DropDraft(u64),
    /// Its owner turns translation on or off.
    Translate(StaffId, bool),
    /// The shopper rates the help, 1–5.
    Rate(u8),
    /// Time has passed.
    Tick,
}

/// Why an event did nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum Refusal {
    /// Someone else has it.
    ClaimedBy {
        /// Who.
        staff: StaffId,
    },
    /// They have it already.
    AlreadyYours,
    /// It must be claimed first.
    NotClaimed,
    /// No person is asked for.
    NotOpen,
    /// What was offered is gone: sent or dropped.
    NoDraft,
    /// The message that was changed was never passed on, or too long ago.
    NotPassedOn,
    /// What was passed on cannot be made a note of the staff.
    CannotUnsend,
}

/// What a button in the staff's topic does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
#[allow(missing_docs)]
pub enum DeskAction {
    Claim,
    /// Writes a draft of a reply from the shop's policies.
    Draft,
    /// Offers products that fit the last message.
    Suggest,
    /// Asks to whom.
    Transfer,
    TransferTo {
        staff: StaffId,
    },
    PutBack,
    Release,
    /// Asks why.
    Close,
    CloseAs {
        reason: CloseReason,
    },
    /// Lists the canned replies.
    Canned,
    /// Drafts the n-th canned reply, from 0.
    UseCanned {
        index: usize,
    },
    SendDraft {
        id: u64,
    },
    DropDraft {
        id: u64,
    },
    Translate {
        on: bool,
    },
    History,
}
