//! What the support desk asks a face to send: to the shopper, and into the staff's topic of the conversation.
//!
//! Never knows Telegram. Implemented by the faces, and by a recording one in tests; called by `support_desk` from blocking threads.

use serde::{Deserialize, Serialize};

use super::handoff::DeskAction;
use super::identifier::ConversationId;
use super::reply::Reply;

/// The number of a message within its chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub i64);

/// The number of a topic within the staff's group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopicId(pub i64);

/// What a file is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum MediaKind {
    Photo,
    Video,
    VideoNote,
    Animation,
    Audio,
    Voice,
    Document,
    Sticker,
}

/// What a person sent. Files stay with the face: only their id travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "content")]
pub enum Content {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// A file, with or without words.
    Media {
        /// What it is shown as.
        kind: MediaKind,
        /// The face's id of it.
        file: String,
        /// The words below it; may be empty.
        caption: String,
    },
}

impl Content {
    /// Words alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }

    /// The words, also those below a file.
    pub fn words(&self) -> &str {
        match self {
            Self::Text { text } => text,
            Self::Media { caption, .. } => caption,
        }
    }

    /// The same with other words.
    pub fn with_words(&self, words: String) -> Self {
        match self {
            Self::Text { .. } => Self::Text { text: words },
            Self::Media { kind, file, .. } => Self::Media { kind: *kind, file: file.clone(), caption: words },
        }
    }
}

/// A button below a message for the staff. A face keeps what it does on its side; a press carries no more than a random name of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskButton {
    /// What it says.
    pub label: String,
    /// What it does.
    pub action: DeskAction,
}

impl DeskButton {
    /// A button.
    pub fn new(label: impl Into<String>, action: DeskAction) -> Self {
        Self { label: label.into(), action }
    }
}

/// A message for the staff.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffPost {
    /// What it shows: plain text, nothing in it is markup.
    pub content: Content,
    /// The message of the group that it answers; in a group without topics the only sign of where it belongs.
    pub reply_to: Option<MessageId>,
    /// The buttons below it.
    pub buttons: Vec<DeskButton>,
}

/// A message for the shopper.
#[derive(Debug, Clone, PartialEq)]
pub enum ShopperPost {
    /// A person's words or file.
    Relay(Content),
    /// What the shop says about the conversation, or products that a person chose.
    Say(Reply),
}

/// Why something was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboxError {
    /// It certainly was not; it may be tried again.
    #[error("not sent for now: {0}")]
    Later(String),
    /// It certainly was not, and never will be: the chat is gone or refuses.
    #[error("cannot be sent: {0}")]
    Never(String),
    /// The topic does not exist any more.
    #[error("the topic is gone")]
    TopicGone,
    /// It may or may not have been.
    #[error("not known to be sent: {0}")]
    Unknown(String),
}

/// The sending half of a face.
pub trait Outbox: Send + Sync {
    /// Opens a topic for a conversation; none when the group has no topics.
    ///
    /// # Errors
    /// [`OutboxError`].
    fn open_topic(&self, title: &str) -> Result<Option<TopicId>, OutboxError>;

    /// Sends a message to the staff: into a topic, or into the group itself.
    ///
    /// # Errors
    /// [`OutboxError`].
    fn post(
        &self,
        conversation: &ConversationId,
        topic: Option<TopicId>,
        post: &StaffPost,
    ) -> Result<MessageId, OutboxError>;

    /// Changes a message to the staff.
    ///
    /// # Errors
    /// [`OutboxError`].
    fn edit_post(&self, message: MessageId, post: &StaffPost) -> Result<(), OutboxError>;

    /// Sends a message to the shopper.
    ///
    /// # Errors
    /// [`OutboxError`].
    fn send(&self, conversation: &ConversationId, post: &ShopperPost) -> Result<MessageId, OutboxError>;

    /// Changes a message to the shopper.
    ///
    /// # Errors
    /// [`OutboxError`].
    fn edit_sent(
        &self,
        conversation: &ConversationId,
        message: MessageId,
        content: &Content,
    ) -> Result<(), OutboxError>;
}
