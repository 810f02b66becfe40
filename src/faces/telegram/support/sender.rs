//! Sends for the desk: people's words and files as they are, without markup; one call, one try, so that the desk knows what became
//! of it. The shop's own words go the way of the bot's replies.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::super::api::{CallError, Sent};
use super::super::courier::{Address, Courier, Undelivered};
use super::super::markup::{CAPTION_LIMIT, MESSAGE_LIMIT, length};
use super::super::render::{Kept, render};
use super::super::state::State;
use super::buttons::Buttons;
use crate::domain::identifier::ConversationId;
use crate::domain::outbox::{Content, MediaKind, MessageId, Outbox, OutboxError, ShopperPost, StaffPost, TopicId};
use crate::domain::reply::Reply;

/// Telegram takes names of topics of up to so many characters.
const TITLE_CHARS: usize = 128;

/// How long a call may still run once the face stops.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The sender. Its methods block, and are called from blocking threads only.
pub struct Sender {
    pub(super) courier: Arc<Courier>,
    pub(super) state: Arc<State>,
    pub(super) buttons: Buttons,
    pub(super) group: i64,
    pub(super) runtime: Handle,
    pub(super) stop: CancellationToken,
}

impl Sender {
    /// Answers a message of the group; nobody waits for it.
    pub(super) async fn tell(&self, topic: Option<TopicId>, message: MessageId, words: &str) {
        for words in pieces(words, MESSAGE_LIMIT) {
            let parameters = text(self.group, topic, Some(message), &words, &Value::Null);
            if let Err(error) = self.once::<Sent>(self.group, "sendMessage", parameters).await {
                tracing::warn!(%error, "the staff were not told");
            }
        }
    }

    /// One call in the chat's turn.
    async fn once<T: serde::de::DeserializeOwned>(
        &self,
        chat: i64,
        method: &'static str,
        parameters: Value,
    ) -> Result<T, OutboxError> {
        if self.stop.is_cancelled() {
            return Err(OutboxError::Later("the face is stopping".into()));
        }
        let stopped = async {
            self.stop.cancelled().await;
            tokio::time::sleep(LAST_WORDS).await;
        };
        let answered = tokio::select! {
            answered = self.courier.once(chat, method, &parameters) => answered,
            () = stopped => return Err(OutboxError::Unknown("the face stopped before Telegram answered".into())),
        };
        match answered {
            Ok(answer) => Ok(answer),
            Err(Undelivered::Refused(error)) => Err(judge(&error)),
            Err(Undelivered::Gone) => Err(OutboxError::Never("the chat is gone or the bot is blocked".into())),
            Err(Undelivered::Stopping) => Err(OutboxError::Later("the face is stopping".into())),
            Err(Undelivered::State(error)) => Err(OutboxError::Later(error.to_string())),
        }
    }

    /// Sends a person's words or file, in as few messages as the limits allow; the number of the first.
    async fn bring(
        &self,
        (chat, topic, reply_to): (i64, Option<TopicId>, Option<MessageId>),
        content: &Content,
        markup: &Value,
    ) -> Result<MessageId, OutboxError> {
        let (file, words) = match content {
            Content::Text { text } => (None, text.as_str()),
            Content::Media { kind, file, caption } => (Some((*kind, file)), caption.as_str()),
        };
        let mut first = None;
        let mut rest = words;
        if let Some((kind, file)) = file {
            let fits = length(words) <= CAPTION_LIMIT && has_caption(kind);
            let (method, field) = method(kind);
            let mut parameters = text(chat, topic, reply_to, "", if fits { markup } else { &Value::Null });
            if let Some(parameters) = parameters.as_object_mut() {
                parameters.remove("text");
                parameters.insert(field.into(), json!(file));
                if fits && !words.is_empty() {
                    parameters.insert("caption".into(), json!(words));
                }
            }
            let sent: Sent = self.once(chat, method, parameters).await?;
            first = Some(sent.message_id);
            rest = if fits { "" } else { words };
        }
        let pieces = pieces(rest, MESSAGE_LIMIT);
        for (place, words) in pieces.iter().enumerate() {
            let markup = if place + 1 == pieces.len() { markup } else { &Value::Null };
            let parameters = text(chat, topic, reply_to, words, markup);
            let sent: Sent = self.once(chat, "sendMessage", parameters).await?;
            first = first.or(Some(sent.message_id));
        }
        first.map(MessageId).ok_or_else(|| OutboxError::Never("there is nothing in it".into()))
    }

    async fn change(&self, chat: i64, message: MessageId, content: &Content) -> Result<(), OutboxError> {
        let cut = |words: &str, limit| pieces(words, limit).into_iter().next().unwrap_or_default();
        let (method, field, value) = match content {
            Content::Text { text } => ("editMessageText", "text", json!(cut(text, MESSAGE_LIMIT))),
            // The file itself may have been replaced.
            Content::Media { kind, file, caption } => match input_media(*kind) {
                Some(of) => {
                    let media = json!({ "type": of, "media": file, "caption": cut(caption, CAPTION_LIMIT) });
                    ("editMessageMedia", "media", media)
                }
                None => ("editMessageCaption", "caption", json!(cut(caption, CAPTION_LIMIT))),
            },
        };
        let parameters = json!({ "chat_id": chat, "message_id": message.0, field: value });
        match self.once::<Value>(chat, method, parameters).await {
            Err(OutboxError::Never(cause)) if cause.contains("is not modified") => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Brings the shop's own words, or products, as the bot's replies are brought.
    async fn say(&self, conversation: &ConversationId, chat: i64, reply: &Reply) -> Result<MessageId, OutboxError> {
        let parts = render(reply, &Kept::default(), &|source| self.courier.pictures().find(source).is_some());
        let to = Address { conversation: format!("desk/{conversation}"), chat, answers: None, thread: None };
        match self.courier.deliver(&to, self.state.next_seq(), parts).await {
            Ok(()) => Ok(MessageId(0)),
            Err(Undelivered::Refused(error)) => Err(judge(&error)),
            Err(Undelivered::Gone) => Err(OutboxError::Never("the chat is gone or the bot is blocked".into())),
            Err(Undelivered::Stopping) => Err(OutboxError::Later("the face is stopping".into())),
            Err(Undelivered::State(error)) => Err(OutboxError::Later(error.to_string())),
        }
    }
}

impl Outbox for Sender {
    fn open_topic(&self, title: &str) -> Result<Option<TopicId>, OutboxError> {
        #[derive(Deserialize)]
        struct Topic {
            message_thread_id: i64,
        }
        let title: String = title.chars().take(TITLE_CHARS).collect();
        let parameters = json!({ "chat_id": self.group, "name": title });
        let opened = self.runtime.block_on(self.once::<Topic>(self.group, "createForumTopic", parameters));
        match opened {
            Ok(topic) => Ok(Some(TopicId(topic.message_thread_id))),
            Err(OutboxError::Never(cause)) => {
                // The group has no topics, or the bot may not open one: the staff answer by replies.
                tracing::info!(cause, "no topic for a conversation");
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    fn post(
        &self,
        conversation: &ConversationId,
        topic: Option<TopicId>,
        post: &StaffPost,
    ) -> Result<MessageId, OutboxError> {
        let markup =
            self.buttons.keep(conversation, &post.buttons).map_err(|error| OutboxError::Later(error.to_string()))?;
        self.runtime.block_on(self.bring((self.group, topic, post.reply_to), &post.content, &markup))
    }

    fn edit_post(&self, message: MessageId, post: &StaffPost) -> Result<(), OutboxError> {
        self.runtime.block_on(self.change(self.group, message, &post.content))
    }

    fn send(&self, conversation: &ConversationId, post: &ShopperPost) -> Result<MessageId, OutboxError> {
        let chat = chat_of(conversation)?;
        self.runtime.block_on(async {
            match post {
                ShopperPost::Relay(content) => self.bring((chat, None, None), content, &Value::Null).await,
                ShopperPost::Say(reply) => self.say(conversation, chat, reply).await,
            }
        })
    }

    fn edit_sent(
        &self,
        conversation: &ConversationId,
        message: MessageId,
        content: &Content,
    ) -> Result<(), OutboxError> {
        let chat = chat_of(conversation)?;
        self.runtime.block_on(self.change(chat, message, content))
    }
}

/// The chat of `telegram:CHAT` or `telegram:CHAT:PERSON`.
fn chat_of(conversation: &ConversationId) -> Result<i64, OutboxError> {
    let chat = conversation.as_str().strip_prefix("telegram:").and_then(|rest| rest.split(':').next()?.parse().ok());
    chat.ok_or_else(|| OutboxError::Never("the conversation is not on Telegram".into()))
}

fn text(chat: i64, topic: Option<TopicId>, reply_to: Option<MessageId>, words: &str, markup: &Value) -> Value {
    let mut parameters = json!({ "chat_id": chat, "text": words, "link_preview_options": { "is_disabled": true } });
    if let Some(topic) = topic {
        parameters["message_thread_id"] = json!(topic.0);
    }
    if let Some(message) = reply_to {
        parameters["reply_parameters"] = json!({ "message_id": message.0, "allow_sending_without_reply": true });
    }
    if !markup.is_null() {
        parameters["reply_markup"] = markup.clone();
    }
    parameters
}

/// What a failed call means for what was to be sent.
fn judge(error: &CallError) -> OutboxError {
    match error {
        CallError::Flood { .. } | CallError::Unauthorized | CallError::Address(..) => {
            OutboxError::Later(error.to_string())
        }
        CallError::Refused { description, .. } => {
            let words = description.to_lowercase();
            let is_topic = ["thread not found", "topic_deleted", "topic deleted", "topic_closed"];
            if is_topic.iter().any(|gone| words.contains(gone)) {
                OutboxError::TopicGone
            } else {
                OutboxError::Never(description.clone())
            }
        }
        // Telegram answered that it failed, or was never reached: nothing was sent. Anything else is not known.
        CallError::Unreachable { cause, .. } if cause.starts_with('5') || cause.contains("Connect") => {
            OutboxError::Later(error.to_string())
        }
        CallError::Unreachable { .. } => OutboxError::Unknown(error.to_string()),
    }
}

fn method(kind: MediaKind) -> (&'static str, &'static str) {
    match kind {
        MediaKind::Photo => ("sendPhoto", "photo"),
        MediaKind::Video => ("sendVideo", "video"),
        MediaKind::VideoNote => ("sendVideoNote", "video_note"),
        MediaKind::Animation => ("sendAnimation", "animation"),
        MediaKind::Audio => ("sendAudio", "audio"),
        MediaKind::Voice => ("sendVoice", "voice"),
        MediaKind::Document => ("sendDocument", "document"),
        MediaKind::Sticker => ("sendSticker", "sticker"),
    }
}

/// What Telegram calls a file that can take another's place in a message.
fn input_media(kind: MediaKind) -> Option<&'static str> {
    match kind {
        MediaKind::Photo => Some("photo"),
        MediaKind::Video => Some("video"),
        MediaKind::Animation => Some("animation"),
        MediaKind::Audio => Some("audio"),
        MediaKind::Document => Some("document"),
        MediaKind::Voice | MediaKind::VideoNote | MediaKind::Sticker => None,
    }
}

fn has_caption(kind: MediaKind) -> bool {
    !matches!(kind, MediaKind::Sticker | MediaKind::VideoNote)
}

/// Cuts words into messages, each within the limit in UTF-16 units; none for none.
fn pieces(words: &str, limit: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut size = 0;
    for character in words.chars() {
        if size + character.len_utf16() > limit {
            pieces.push(std::mem::take(&mut piece));
            size = 0;
        }
        size += character.len_utf16();
        piece.push(character);
    }
    if !piece.trim().is_empty() {
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_cut_and_none_are_lost() {
        let words = "羽😀".repeat(3000);
        let cut = pieces(&words, MESSAGE_LIMIT);
        assert!(cut.iter().all(|piece| piece.encode_utf16().count() <= MESSAGE_LIMIT));
        assert_eq!(cut.concat(), words);
        assert!(pieces("", MESSAGE_LIMIT).is_empty());
    }

    #[test]
    fn a_broken_connection_is_not_known_and_a_refused_one_is() {
        let unreachable = |cause: &str| CallError::Unreachable { method: "sendMessage", cause: cause.into() };
        assert!(matches!(judge(&unreachable("error sending request: client error (Connect)")), OutboxError::Later(_)));
        assert!(matches!(judge(&unreachable("500 Internal")), OutboxError::Later(_)));
        assert!(matches!(judge(&unreachable("connection closed before message completed")), OutboxError::Unknown(_)));
        let refused = |words: &str| CallError::Refused { method: "sendMessage", code: 400, description: words.into() };
        assert_eq!(judge(&refused("Bad Request: message thread not found")), OutboxError::TopicGone);
    }

    #[test]
    fn a_conversation_names_its_chat() {
        assert_eq!(chat_of(&"telegram:42".into()), Ok(42));
        assert_eq!(chat_of(&"telegram:-100:42".into()), Ok(-100));
        assert!(chat_of(&"terminal".into()).is_err());
    }
}
