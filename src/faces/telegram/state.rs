//! What the face keeps: updates until they are answered, how far a reply was delivered, keyboards, and which message shows
//! which product.
//!
//! An update is durable here before Telegram is told to forget it, and stays until its reply is out. What is out is in the journal
//! at once and in the tables soon after, so that nobody waits for the disk after a message. Blocking; called through [`State::run`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

use tokio::sync::Notify;

use super::TelegramError;
use super::journal::{Journal, Line, Step};
use super::keyboard::Keyboard;
use super::progress::Progress;
use super::signer::Signer;
use crate::store::{Store, StoreError, Table};

/// An update.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptUpdate {
    /// Our own number, rising in order of arrival: Telegram's may begin anew after a week of silence.
    seq: i64,
    /// When it came, in seconds.
    pub(super) at: i64,
    /// Its JSON; none once it is answered.
    pub(super) raw: Option<String>,
}

/// An update that waits for its answer.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Telegram's number.
    pub id: i64,
    /// Our own.
    pub seq: i64,
    /// Its JSON.
    pub raw: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptKeyboard {
    pub(super) at: i64,
    pub(super) message: i64,
    pub(super) keyboard: Keyboard,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptToken {
    pub(super) at: i64,
    pub(super) token: String,
}

/// What a shopper's message said, as a keyed digest: enough to know it again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptWords {
    pub(super) at: i64,
    digest: String,
}

/// A shopper's message: its chat, its number and its words.
pub type SaidWords = (i64, i64, String);

/// The tables.
pub struct State {
    pub(super) store: Arc<Store>,
    pub(super) updates: Table<KeptUpdate>,
    progress: Table<Progress>,
    pub(super) keyboards: Table<KeptKeyboard>,
    pub(super) messages: Table<KeptToken>,
    pub(super) files: Table<String>,
    pub(super) words: Table<KeptWords>,
    journal: Journal,
    signer: Signer,
    /// Woken when something waits to be committed.
    dirty: Notify,
    last_seq: AtomicI64,
}

impl State {
    /// Opens the tables.
    ///
    /// # Errors
    /// The store fails.
    pub fn open(store: Arc<Store>) -> Result<Self, StoreError> {
        let updates: Table<KeptUpdate> = store.table("telegram_updates")?;
        let last = updates.with_prefix("")?.into_iter().map(|(_, kept)| kept.seq).max().unwrap_or_default();
        let progress: Table<Progress> = store.table("telegram_progress")?;
        let path = store.beside("telegram-sent");
        let file = |cause| StoreError::File { path: path.clone(), cause };
        let (journal, lines) = Journal::open(&path).map_err(file)?;
        for line in &lines {
            progress.update(&line.conversation, |kept| (Some(kept.unwrap_or_default().take_in(line)), ()))?;
        }
        let signer = Signer::open(&store)?;
        store.commit()?;
        journal.clear().map_err(file)?;
        Ok(Self {
            progress,
            words: store.table("telegram_words")?,
            journal,
            signer,
            dirty: Notify::new(),
            keyboards: store.table("telegram_keyboards")?,
            messages: store.table("telegram_messages")?,
            files: store.table("telegram_files")?,
            last_seq: AtomicI64::new(last),
            updates,
            store,
        })
    }

    /// Runs blocking work on the tables from the runtime.
    ///
    /// # Errors
    /// Those of the work, or it panicked.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, TelegramError> {
        let state = Arc::clone(self);
        match tokio::task::spawn_blocking(move || work(&state)).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(TelegramError::Panicked),
        }
    }

    /// Takes in updates and returns those that are new, durable.
    ///
    /// # Errors
    /// They could not be kept: Telegram must not be told that they were.
    pub fn take_in(&self, updates: Vec<(i64, String)>) -> Result<Vec<Waiting>, StoreError> {
        let mut new = Vec::new();
        for (id, raw) in updates {
            let seq = self.next_seq();
            if self.updates.put_new(&update_key(id), &KeptUpdate { seq, at: now_s(), raw: Some(raw.clone()) })? {
                new.push(Waiting { id, seq, raw });
            }
        }
        if !new.is_empty() {
            self.store.commit()?;
        }
        Ok(new)
    }

    /// The updates that were taken in and not answered, in order of arrival.
    ///
    /// # Errors
    /// The store fails.
    pub fn unanswered(&self) -> Result<Vec<Waiting>, StoreError> {
        let mut waiting: Vec<Waiting> = self
            .updates
            .with_prefix("")?
            .into_iter()
            .filter_map(|(key, kept)| Some(Waiting { id: key.parse().ok()?, seq: kept.seq, raw: kept.raw? }))
            .collect();
        waiting.sort_by_key(|update| update.seq);
        Ok(waiting)
    }

    /// Notes that updates were answered, forgets their content, and keeps the digests of what was said; durable soon.
    ///
    /// # Errors
    /// The store fails.
    pub fn answered(&self, ids: &[i64], said: &[SaidWords]) -> Result<(), StoreError> {
        for id in ids {
            self.updates.update(&update_key(*id), |kept| (kept.map(|kept| KeptUpdate { raw: None, ..kept }), ()))?;
        }
        for (chat, message, words) in said {
            let kept = KeptWords { at: now_s(), digest: self.signer.digest(*chat, words) };
            self.words.put(&message_key(*chat, *message), &kept)?;
        }
        self.dirty.notify_one();
        Ok(())
    }

    /// Whether a message said the same when it was answered: Telegram tells of changes that nobody sees, too.
    ///
    /// # Errors
    /// The store fails.
    pub fn is_unchanged(&self, (chat, message, words): &SaidWords) -> Result<bool, StoreError> {
        let kept = self.words.get(&message_key(*chat, *message))?;
        Ok(kept.is_some_and(|kept| kept.digest == self.signer.digest(*chat, words)))
    }

    /// How far the last reply of a conversation was delivered.
    ///
    /// # Errors
    /// The store fails.
    pub fn progress(&self, conversation: &str) -> Result<Progress, StoreError> {
        Ok(self.progress.get(conversation)?.unwrap_or_default())
    }

    /// Notes in the journal that a message is out; quick enough for a runtime thread. A journal that cannot be written costs no more
    /// than a message shown twice after a kill.
    pub fn note_sent(&self, conversation: &str, seq: i64, step: Step, message: i64) {
        let line = Line { seq, step, message, conversation: conversation.to_owned() };
        if let Err(error) = self.journal.note(&line) {
            tracing::error!(%error, "a sent message is not in the journal");
        }
    }

    /// Keeps progress and, for a message that is out, its keyboard; durable soon.
    ///
    /// # Errors
    /// The store fails.
    pub fn advance(
        &self,
        chat: i64,
        conversation: &str,
        progress: &Progress,
        sent: Option<(i64, String, Keyboard)>,
    ) -> Result<(), StoreError> {
        if let Some((message, token, keyboard)) = sent {
            self.keyboards.put(&format!("{chat}/{token}"), &KeptKeyboard { at: now_s(), message, keyboard })?;
            self.messages.put(&message_key(chat, message), &KeptToken { at: now_s(), token })?;
        }
        self.progress.put(conversation, progress)?;
        self.dirty.notify_one();
        Ok(())
    }

    /// Waits until something waits to be committed.
    pub async fn changed(&self) {
        self.dirty.notified().await;
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// The disk refused.
    pub fn commit(&self) -> Result<(), StoreError> {
        self.store.commit()
    }

    /// Signs what must be known again and cannot be guessed.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Microseconds since 1970, made to rise: still rising after the answered updates that held the last number are purged.
    pub fn next_seq(&self) -> i64 {
        let now = time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1000;
        let now = i64::try_from(now).unwrap_or_default();
        let next = |last: i64| Some(now.max(last + 1));
        self.last_seq.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next).map_or(now, |last| now.max(last + 1))
    }
}

fn update_key(id: i64) -> String {
    format!("{id:020}")
}

pub(super) fn message_key(chat: i64, message: i64) -> String {
    format!("{chat}/{message:012}")
}

pub(super) fn now_s() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(folder: &std::path::Path) -> State {
        let (store, _) = Store::open(&folder.join("state")).expect("store");
        State::open(Arc::new(store)).expect("state")
    }

    #[test]
    fn an_update_is_new_once_and_waits_until_answered() {
        let folder = tempfile::tempdir().expect("folder");
        {
            let state = state(folder.path());
            assert_eq!(
                state.take_in(vec![(7, "{}".into()), (8, "{}".into()), (7, "{}".into())]).expect("take").len(),
                2
            );
            state.answered(&[7], &[]).expect("answered");
        }
        let state = state(folder.path());
        let waiting: Vec<i64> = state.unanswered().expect("waiting").iter().map(|update| update.id).collect();
        assert_eq!(waiting, [8]);
        assert!(state.take_in(vec![(7, "{}".into()), (8, "{}".into())]).expect("take").is_empty());
    }

    #[test]
    fn numbers_rise_even_when_telegrams_begin_anew() {
        let folder = tempfile::tempdir().expect("folder");
        let state = state(folder.path());
        let high = state.take_in(vec![(900_000, "{}".into())]).expect("take")[0].seq;
        let low = state.take_in(vec![(12, "{}".into())]).expect("take")[0].seq;
        assert!(low > high);
    }

    #[test]
    fn a_message_that_says_the_same_is_known_again_in_its_own_chat() {
        let folder = tempfile::tempdir().expect("folder");
        let state = state(folder.path());
        let said = (1, 7, "羽绒服".to_owned());
        assert!(!state.is_unchanged(&said).expect("get"));
        state.answered(&[], std::slice::from_ref(&said)).expect("answered");
        assert!(state.is_unchanged(&said).expect("get"));
        assert!(!state.is_unchanged(&(1, 7, "羽绒服 黑色".into())).expect("get"));
        assert!(!state.is_unchanged(&(2, 7, "羽绒服".into())).expect("get"));
    }

    #[test]
    fn what_the_journal_tells_is_in_the_tables_after_a_restart() {
        let folder = tempfile::tempdir().expect("folder");
        {
            let state = state(folder.path());
            state.note_sent("telegram:1", 5, Step::Message(0), 70);
            assert_eq!(state.progress("telegram:1").expect("get"), Progress::default());
        }
        let state = state(folder.path());
        assert_eq!(state.progress("telegram:1").expect("get").messages, [70]);
    }

    #[test]
    fn a_keyboard_is_found_in_its_own_chat_only() {
        let folder = tempfile::tempdir().expect("folder");
        let state = state(folder.path());
        let sent = (5, "tokentokentoken1".to_owned(), Keyboard::default());
        state.advance(1, "telegram:1", &Progress::default(), Some(sent)).expect("advance");
        assert!(state.keyboard(1, "tokentokentoken1").expect("get").is_some());
        assert!(state.keyboard(2, "tokentokentoken1").expect("get").is_none());
        assert!(state.keyboard_below(1, 5).expect("get").is_some());
        state.forget_chat(1).expect("forget");
        assert!(state.keyboard(1, "tokentokentoken1").expect("get").is_none());
    }
}
