//! A reply while it is written: one message that grows by edits, at a rate that Telegram accepts, and becomes the first message of
//! the reply when that is whole.
//!
//! Nothing waits for a draft: whatever fails, the reply is brought all the same. Only grounded text comes here (see
//! [`Observer::draft`]).

use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::{DeleteMessage, EditMessageText, EditMessageTextSetters, SendMessage, SendMessageSetters};
use teloxide::types::{ChatId, MessageId, ParseMode, Recipient, ReplyParameters};
use tokio::sync::watch;

use super::api::{CallError, Sent};
use super::bot::Bot;
use super::courier::{Address, Courier, NO_PREVIEW, Undelivered, plain};
use super::journal::Step;
use super::render::{Kept, Part};
use super::support::Watch;
use crate::assistant::Observer;
use crate::domain::reply::Reply;

/// A turn that ends within so long of its first draft shows none: a message that changes at once only flickers.
const SHOWN_AFTER: Duration = Duration::from_millis(700);

/// Watches a turn: whether it is still wanted, and what is written so far.
pub struct Streaming {
    watch: Watch,
    drafts: watch::Sender<Option<Reply>>,
}

impl Streaming {
    /// Begins to watch; the receiver sees drafts, the newest only, and ends with the turn.
    pub fn begin(watch: Watch) -> (Self, watch::Receiver<Option<Reply>>) {
        let (drafts, seen) = watch::channel(None);
        (Self { watch, drafts }, seen)
    }
}

impl Observer for Streaming {
    fn draft(&mut self, so_far: &Reply) {
        self.drafts.send_replace(Some(so_far.clone()));
    }

    fn is_wanted(&self) -> bool {
        self.watch.permits()
    }
}

impl Bot {
    /// Shows drafts until the turn ends.
    pub(super) async fn show_drafts(
        self: Arc<Self>,
        (to, seq, watch): (Address, i64, Watch),
        mut drafts: watch::Receiver<Option<Reply>>,
    ) {
        if drafts.changed().await.is_err() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(SHOWN_AFTER) => {}
            () = ended(drafts.clone()) => return,
        }
        let (mut message, mut shown) = (None, String::new());
        loop {
            let draft = drafts.borrow_and_update().clone();
            if let Some(draft) = draft {
                let Ok(parts) = self.draw(draft, Kept::default()).await else { return };
                let text = parts.into_iter().next().filter(|part| part.picture.is_none()).map(|part| part.html);
                if let Some(text) = text.filter(|text| *text != shown && watch.permits()) {
                    message = self.courier.show_draft(&to, seq, message, &text).await;
                    shown = text;
                    if message.is_none() {
                        return;
                    }
                }
            }
            let end = ended(drafts.clone());
            tokio::select! {
                () = async {
                    self.courier.pace.edit_turn(to.chat).await;
                    let _ended = drafts.changed().await;
                } => {}
                () = end => return,
            }
        }
    }
}

/// Waits until nothing more can come.
async fn ended(mut drafts: watch::Receiver<Option<Reply>>) {
    while drafts.changed().await.is_ok() {}
}

impl Courier {
    /// Sends or changes a draft, tried once; its number, or nothing when there is none to go on with.
    async fn show_draft(&self, to: &Address, seq: i64, message: Option<i64>, html: &str) -> Option<i64> {
        if self.pace.is_held(to.chat) {
            return message;
        }
        self.pace.turn(to.chat).await;
        let Some(known) = message else {
            let mut send = SendMessage::new(Recipient::Id(ChatId(to.chat)), html)
                .parse_mode(ParseMode::Html)
                .link_preview_options(NO_PREVIEW);
            send.message_thread_id = to.topic();
            if let Some(number) = to.answers.and_then(|number| i32::try_from(number).ok()) {
                send = send.reply_parameters(ReplyParameters::new(MessageId(number)).allow_sending_without_reply());
            }
            let sent: Sent = self
                .heed(to.chat, self.air.fly(self.api.call(&send)).await)
                .filter(|sent: &Sent| sent.message_id != 0)?;
            self.state.note_sent(&to.conversation, seq, Step::Draft, sent.message_id);
            let mut progress = self.progress(to, seq).await.ok()??;
            progress.draft = Some(sent.message_id);
            self.advance(to, &progress, None).await.ok()?;
            self.pace.edited(to.chat);
            return Some(sent.message_id);
        };
        let number = MessageId(i32::try_from(known).ok()?);
        let edit = EditMessageText::new(ChatId(to.chat), number, html)
            .parse_mode(ParseMode::Html)
            .link_preview_options(NO_PREVIEW);
        let _shown: Option<serde_json::Value> = self.heed(to.chat, self.api.call(&edit).await);
        self.pace.edited(to.chat);
        Some(known)
    }

    /// The result of a call that is not tried again; flood control is heeded.
    fn heed<T>(&self, chat: i64, result: Result<T, CallError>) -> Option<T> {
        match result {
            Ok(result) => return Some(result),
            Err(CallError::Flood { after, .. }) => self.pace.hold(chat, after),
            Err(error) => tracing::debug!(%error, "draft not shown"),
        }
        None
    }

    /// Makes a draft the first message of its reply; whether that is done. Not when the draft was deleted: then it is sent.
    pub(super) async fn settle_draft(
        &self,
        chat: i64,
        draft: i64,
        part: &Part,
        token: &str,
    ) -> Result<bool, Undelivered> {
        let Ok(number) = i32::try_from(draft) else { return Ok(false) };
        let plainly = plain(&part.html);
        for (text, mode) in [(&part.html, Some(ParseMode::Html)), (&plainly, None)] {
            let mut edit = EditMessageText::new(ChatId(chat), MessageId(number), text).link_preview_options(NO_PREVIEW);
            edit.parse_mode = mode;
            if !part.keyboard.is_empty() {
                edit = edit.reply_markup(part.keyboard.draw(token));
            }
            self.pace.edit_turn(chat).await;
            let changed = self.persist(chat, || self.api.call::<_, serde_json::Value>(&edit)).await;
            self.pace.edited(chat);
            match changed {
                Ok(_) => return Ok(true),
                Err(Undelivered::Refused(error)) if error.is_unchanged() => return Ok(true),
                Err(Undelivered::Refused(error)) => tracing::info!(%error, "draft not changed"),
                Err(other) => return Err(other),
            }
        }
        Ok(false)
    }

    /// Takes a draft away whose turn came to nothing.
    pub(super) async fn drop_draft(&self, to: &Address, seq: i64) -> Result<(), Undelivered> {
        let Some(mut progress) = self.progress(to, seq).await? else { return Ok(()) };
        let Some(draft) = progress.draft.take() else { return Ok(()) };
        self.delete(to.chat, draft).await;
        self.advance(to, &progress, None).await
    }

    /// Deletes one of our own messages; one that cannot be deleted stays.
    pub(super) async fn delete(&self, chat: i64, message: i64) {
        let Ok(number) = i32::try_from(message) else { return };
        let delete = DeleteMessage::new(ChatId(chat), MessageId(number));
        if let Err(error) = self.persist(chat, || self.api.call::<_, serde_json::Value>(&delete)).await {
            tracing::debug!(?error, "draft not deleted");
        }
    }
}
