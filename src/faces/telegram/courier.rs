//! Brings messages to Telegram: paced, retried until it is reachable, flood control obeyed, each message once as far as that
//! can be known.
//!
//! How far a reply was delivered is noted after each of its messages, so that a restart goes on with the next one. When the
//! connection breaks, or the process is killed, after Telegram took a message and before it said so, that one message may appear
//! twice: the Bot API has no way to ask.

use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::{EditMessageReplyMarkup, EditMessageReplyMarkupSetters, SendMessage, SendMessageSetters};
use teloxide::types::{ChatId, LinkPreviewOptions, MessageId, ParseMode, Recipient, ReplyParameters, ThreadId};
use tokio_util::sync::CancellationToken;

use super::TelegramError;
use super::air::Air;
use super::api::{Api, CALL_LIMIT, CallError, Sent};
use super::journal::Step;
use super::keyboard::Keyboard;
use super::pace::Pace;
use super::pictures::Pictures;
use super::progress::Progress;
use super::render::Part;
use super::state::State;

pub(super) const NO_PREVIEW: LinkPreviewOptions = LinkPreviewOptions {
    is_disabled: true,
    url: None,
    prefer_small_media: false,
    prefer_large_media: false,
    show_above_text: false,
};
/// Pauses between tries while Telegram cannot be reached.
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Why a message was not brought.
#[derive(Debug)]
pub enum Undelivered {
    /// The chat cannot be written to any more.
    Gone,
    /// Telegram will not take it.
    Refused(CallError),
    /// The face is stopping; it will be brought after the next start.
    Stopping,
    /// What was brought cannot be noted.
    State(TelegramError),
}

impl From<TelegramError> for Undelivered {
    fn from(error: TelegramError) -> Self {
        Self::State(error)
    }
}

/// Where a reply goes.
#[derive(Debug, Clone)]
pub struct Address {
    /// The conversation, whose progress is kept.
    pub conversation: String,
    /// The chat.
    pub chat: i64,
    /// The message to answer, where several people talk.
    pub answers: Option<i64>,
    /// The topic of the group.
    pub thread: Option<i64>,
}

/// The courier.
pub struct Courier {
    pub(super) api: Api,
    pub(super) state: Arc<State>,
    pub(super) pictures: Pictures,
    pub(super) pace: Pace,
    pub(super) air: Air,
    stop: CancellationToken,
}

impl Courier {
    /// A courier that sends at most so many messages a second.
    pub fn new(api: Api, state: Arc<State>, pictures: Pictures, per_second: u32, stop: CancellationToken) -> Self {
        Self { api, state, pictures, pace: Pace::new(per_second), air: Air::default(), stop }
    }

    /// Where pictures are found.
    pub fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    /// Brings the messages of a reply, going on after those that are out already; then takes away the choices of earlier replies.
    ///
    /// # Errors
    /// [`Undelivered`]; what is out by then is noted.
    pub async fn deliver(&self, to: &Address, seq: i64, parts: Vec<Part>) -> Result<(), Undelivered> {
        self.deliver_while(to, seq, parts, &|| true).await
    }

    /// As [`Self::deliver`], as long as it is wanted: asked before each message.
    ///
    /// # Errors
    /// As [`Self::deliver`].
    pub async fn deliver_while(
        &self,
        to: &Address,
        seq: i64,
        parts: Vec<Part>,
        is_wanted: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), Undelivered> {
        let Some(mut progress) = self.progress(to, seq).await? else { return Ok(()) };
        for (place, part) in parts.into_iter().enumerate() {
            let token = self.state.signer().token(&to.conversation, seq, place);
            let message = match progress.messages.get(place) {
                // Out before a restart. What its buttons do is kept once more: it may not have been by then.
                Some(message) => *message,
                None if !is_wanted() => break,
                None => {
                    let message = self.bring(to, &part, &token, &mut progress).await?;
                    self.state.note_sent(&to.conversation, seq, Step::Message(place), message);
                    progress.messages.push(message);
                    message
                }
            };
            let is_known = progress.live.iter().any(|(live, _)| *live == message);
            if message != 0 && !part.keyboard.choices.is_empty() && !is_known {
                progress.live.push((message, token.clone()));
            }
            let kept = (message != 0 && !part.keyboard.is_empty()).then_some((message, token, part.keyboard));
            self.advance(to, &progress, kept).await?;
        }
        if let Some(draft) = progress.draft.take() {
            self.delete(to.chat, draft).await;
        }
        for (message, token) in std::mem::take(&mut progress.spent) {
            self.spend(to.chat, message, token).await?;
        }
        self.advance(to, &progress, None).await
    }

    /// How far the reply to an update is; nothing when a later one was brought already.
    pub(super) async fn progress(&self, to: &Address, seq: i64) -> Result<Option<Progress>, Undelivered> {
        let key = to.conversation.clone();
        Ok(self.state.run(move |state| state.progress(&key)).await?.turn_to(seq))
    }

    /// Brings one message, in the place of the draft where there is one; its number, or 0 when Telegram refuses it.
    async fn bring(&self, to: &Address, part: &Part, token: &str, progress: &mut Progress) -> Result<i64, Undelivered> {
        if part.picture.is_none()
            && let Some(draft) = progress.draft
            && self.settle_draft(to.chat, draft, part, token).await?
        {
            progress.draft = None;
            return Ok(draft);
        }
        match self.send(to, part, token, progress.messages.is_empty()).await {
            Err(Undelivered::Refused(error)) => {
                tracing::error!(%error, "message refused");
                Ok(0)
            }
            other => other,
        }
    }

    pub(super) async fn advance(
        &self,
        to: &Address,
        progress: &Progress,
        sent: Option<(i64, String, Keyboard)>,
    ) -> Result<(), Undelivered> {
        let (chat, key, progress) = (to.chat, to.conversation.clone(), progress.clone());
        Ok(self.state.run(move |state| state.advance(chat, &key, &progress, sent)).await?)
    }

    /// Takes the choices off a message; what can be done with its products stays.
    async fn spend(&self, chat: i64, message: i64, token: String) -> Result<(), Undelivered> {
        let name = token.clone();
        let changed = self
            .state
            .run(move |state| state.change_keyboard(chat, &name, |keyboard| keyboard.choices.clear()))
            .await?;
        if let Some((_, keyboard)) = changed {
            self.show_keyboard(chat, message, &keyboard, &token).await;
        }
        Ok(())
    }

    /// Draws a message's keyboard anew; what cannot be drawn (the message was deleted) is left.
    pub async fn show_keyboard(&self, chat: i64, message: i64, keyboard: &Keyboard, token: &str) {
        let Ok(number) = i32::try_from(message) else { return };
        let edit = EditMessageReplyMarkup::new(ChatId(chat), MessageId(number)).reply_markup(keyboard.draw(token));
        let edited = self.persist(chat, || self.api.call::<_, serde_json::Value>(&edit)).await;
        if let Err(Undelivered::Refused(error)) = edited
            && !error.is_unchanged()
        {
            tracing::debug!(%error, "keyboard not changed");
        }
    }

    async fn send(&self, to: &Address, part: &Part, token: &str, is_first: bool) -> Result<i64, Undelivered> {
        if let Some(picture) = part.picture.as_deref().and_then(|source| self.pictures.find(source)) {
            match self.send_picture(to, part, &picture, token, is_first).await {
                Err(Undelivered::Refused(error)) => tracing::warn!(%error, "picture refused, its text is sent"),
                other => return other,
            }
        }
        let sent = self.send_text(to, &part.html, Some(ParseMode::Html), &part.keyboard, token, is_first).await;
        let Err(Undelivered::Refused(error)) = sent else { return sent };
        tracing::warn!(%error, "markup refused, plain text is sent");
        self.send_text(to, &plain(&part.html), None, &part.keyboard, token, is_first).await
    }

    pub(super) async fn send_text(
        &self,
        to: &Address,
        text: &str,
        mode: Option<ParseMode>,
        keyboard: &Keyboard,
        token: &str,
        is_first: bool,
    ) -> Result<i64, Undelivered> {
        let mut message = SendMessage::new(Recipient::Id(ChatId(to.chat)), text).link_preview_options(NO_PREVIEW);
        message.parse_mode = mode;
        message.message_thread_id = to.topic();
        if !keyboard.is_empty() {
            message = message.reply_markup(keyboard.draw(token));
        }
        if let Some(number) = to.answers.filter(|_| is_first).and_then(|number| i32::try_from(number).ok()) {
            message = message.reply_parameters(ReplyParameters::new(MessageId(number)).allow_sending_without_reply());
        }
        let sent: Sent = self.persist(to.chat, || self.air.fly(self.api.call(&message))).await?;
        Ok(sent.message_id)
    }

    /// Makes one call in the chat's turn; flood control is waited out, no other failure is tried again.
    ///
    /// # Errors
    /// [`Undelivered`]; [`Undelivered::Refused`] also when Telegram cannot be reached.
    pub async fn once<T: serde::de::DeserializeOwned>(
        &self,
        chat: i64,
        method: &'static str,
        parameters: &serde_json::Value,
    ) -> Result<T, Undelivered> {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return Err(Undelivered::Stopping),
                () = self.pace.turn(chat) => {}
            }
            match self.api.raw(method, parameters, CALL_LIMIT).await {
                Ok(answer) => return Ok(answer),
                Err(CallError::Flood { after, .. }) => self.pace.hold(chat, after),
                Err(error) if error.is_gone() => return Err(Undelivered::Gone),
                Err(error) => return Err(Undelivered::Refused(error)),
            }
        }
    }

    /// Makes a call until it is answered: waits out flood control, backs off while Telegram is unreachable.
    pub(super) async fn persist<T, F: Future<Output = Result<T, CallError>>>(
        &self,
        chat: i64,
        call: impl Fn() -> F,
    ) -> Result<T, Undelivered> {
        let mut pause = FIRST_PAUSE;
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return Err(Undelivered::Stopping),
                () = self.pace.turn(chat) => {}
            }
            // A call that is on its way is not dropped for a stop: whether it arrived would not be known.
            match call().await {
                Ok(answer) => return Ok(answer),
                Err(CallError::Flood { after, method }) => {
                    tracing::info!(method, wait.s = after.as_secs(), "flood control");
                    self.pace.hold(chat, after);
                }
                Err(error @ CallError::Unreachable { .. }) => {
                    tracing::warn!(%error, pause.ms = pause.as_millis() as u64, "call failed, trying again");
                    self.pace.hold(chat, pause);
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                // The token was revoked, or a server in between lost its mind: the message is not to blame, and waits.
                Err(error @ CallError::Unauthorized) => {
                    tracing::error!(%error, "call refused, trying again");
                    self.pace.hold(chat, LONGEST_PAUSE);
                }
                Err(error) if error.is_gone() => return Err(Undelivered::Gone),
                Err(error) => return Err(Undelivered::Refused(error)),
            }
        }
    }
}

impl Address {
    /// The topic as teloxide's payloads have it.
    pub(super) fn topic(&self) -> Option<ThreadId> {
        self.thread.and_then(|thread| i32::try_from(thread).ok()).map(|thread| ThreadId(MessageId(thread)))
    }
}

/// The words of markup that was refused.
pub(super) fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for character in html.chars() {
        match character {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            other if !in_tag => text.push(other),
            _ => {}
        }
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
