//! What the face keeps: updates until they are answered, how far a reply was delivered, keyboards, and which message shows
//! which product.
//!
//! An update is durable here before Telegram is told to forget it, and stays until its reply is out. What is out is in the journal
//! at once and in the tables soon after, so that nobody waits for the disk after a message. Blocking; called through [`State::run`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

use hmac::{Hmac, Mac};
use sha2::Sha256;
use tokio::sync::Notify;

use super::TelegramError;
use super::journal::{Journal, Line, Step};
use super::keyboard::{Keyboard, new_token, token_of};
use super::progress::Progress;
use crate::store::{Store, StoreError, Table};

/// Answered updates are remembered for longer than Telegram keeps undelivered ones (24 h), keyboards as long as a shopper may
/// scroll back.
const ANSWERED_KEPT_S: i64 = 26 * 3600;
const KEYBOARDS_KEPT_S: i64 = 30 * 86_400;
/// Messages can be changed for 48 h.
const WORDS_KEPT_S: i64 = 50 * 3600;

/// An update.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptUpdate {
    /// Our own number, rising in order of arrival: Telegram's may begin anew after a week of silence.
    seq: i64,
    /// When it came, in seconds.
    at: i64,
    /// Its JSON; none once it is answered.
    raw: Option<String>,
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
struct KeptKeyboard {
    at: i64,
    message: i64,
    keyboard: Keyboard,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptToken {
    at: i64,
    token: String,
}

/// What a shopper's message said, as a keyed digest: enough to know it again.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptWords {
    at: i64,
    digest: String,
}

/// A shopper's message: its chat, its number and its words.
pub type SaidWords = (i64, i64, String);

/// The tables.
pub struct State {
    store: Arc<Store>,
    updates: Table<KeptUpdate>,
    progress: Table<Progress>,
    keyboards: Table<KeptKeyboard>,
    messages: Table<KeptToken>,
    files: Table<String>,
    words: Table<KeptWords>,
    journal: Journal,
    /// Signs what must be known again and cannot be guessed.
    secret: String,
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
        let secrets: Table<String> = store.table("telegram_secret")?;
        let new = || Ok([new_token()?, new_token()?].concat());
        let new = new().map_err(|cause: getrandom::Error| file(std::io::Error::other(cause.to_string())))?;
        secrets.put_new("keyboards", &new)?;
        let secret = secrets.get("keyboards")?.unwrap_or(new);
        store.commit()?;
        journal.clear().map_err(file)?;
        Ok(Self {
            progress,
            words: store.table("telegram_words")?,
            journal,
            secret,
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
            let kept = KeptWords { at: now_s(), digest: self.digest(*chat, words) };
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
        Ok(kept.is_some_and(|kept| kept.digest == self.digest(*chat, words)))
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

    /// The token of the n-th message of a reply: the same after a restart, so that the buttons of a message that shows twice work in
    /// both; not to be guessed without the secret.
    pub fn token(&self, conversation: &str, seq: i64, place: usize) -> String {
        self.sign(&format!("token {conversation} {seq} {place}"))
    }

    fn digest(&self, chat: i64, words: &str) -> String {
        self.sign(&format!("words {chat} {words}"))
    }

    fn sign(&self, text: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()) else { return String::new() };
        mac.update(text.as_bytes());
        token_of(&mac.finalize().into_bytes())
    }

    /// The keyboard of a token in a chat, with its message.
    ///
    /// # Errors
    /// The store fails.
    pub fn keyboard(&self, chat: i64, token: &str) -> Result<Option<(i64, Keyboard)>, StoreError> {
        let kept = self.keyboards.get(&format!("{chat}/{token}"))?;
        Ok(kept.filter(|kept| now_s() - kept.at < KEYBOARDS_KEPT_S).map(|kept| (kept.message, kept.keyboard)))
    }

    /// Changes a keyboard and returns it with its message; nothing when there is none.
    ///
    /// # Errors
    /// The store fails.
    pub fn change_keyboard(
        &self,
        chat: i64,
        token: &str,
        mut change: impl FnMut(&mut Keyboard),
    ) -> Result<Option<(i64, Keyboard)>, StoreError> {
        self.keyboards.update(&format!("{chat}/{token}"), |kept| {
            let kept = kept.map(|mut kept| {
                change(&mut kept.keyboard);
                kept
            });
            let result = kept.as_ref().map(|kept| (kept.message, kept.keyboard.clone()));
            (kept, result)
        })
    }

    /// The keyboard below a message.
    ///
    /// # Errors
    /// The store fails.
    pub fn keyboard_below(&self, chat: i64, message: i64) -> Result<Option<Keyboard>, StoreError> {
        let Some(kept) = self.messages.get(&message_key(chat, message))? else { return Ok(None) };
        Ok(self.keyboard(chat, &kept.token)?.map(|(_, keyboard)| keyboard))
    }

    /// The file id under which Telegram knows a picture.
    ///
    /// # Errors
    /// The store fails.
    pub fn file_id(&self, picture: &str) -> Result<Option<String>, StoreError> {
        self.files.get(picture)
    }

    /// Keeps, or forgets, the file id of a picture.
    ///
    /// # Errors
    /// The store fails.
    pub fn keep_file_id(&self, picture: &str, file_id: Option<&str>) -> Result<(), StoreError> {
        match file_id {
            Some(id) => self.files.put(picture, &id.to_owned()),
            None => self.files.remove(picture).map(|_| ()),
        }
    }

    /// Forgets everything about a chat except that its updates were answered.
    ///
    /// # Errors
    /// The store fails.
    pub fn forget_chat(&self, chat: i64) -> Result<(), StoreError> {
        let prefix = format!("{chat}/");
        for (key, _) in self.keyboards.with_prefix(&prefix)? {
            self.keyboards.remove(&key)?;
        }
        for (key, _) in self.messages.with_prefix(&prefix)? {
            self.messages.remove(&key)?;
        }
        for (key, _) in self.words.with_prefix(&prefix)? {
            self.words.remove(&key)?;
        }
        self.store.commit()
    }

    /// Forgets what is too old to be needed.
    ///
    /// # Errors
    /// The store fails.
    pub fn purge(&self) -> Result<(), StoreError> {
        let now = now_s();
        for (key, kept) in self.updates.with_prefix("")? {
            if kept.raw.is_none() && now - kept.at > ANSWERED_KEPT_S {
                self.updates.remove(&key)?;
            }
        }
        for (key, kept) in self.keyboards.with_prefix("")? {
            if now - kept.at > KEYBOARDS_KEPT_S {
                self.keyboards.remove(&key)?;
            }
        }
        for (key, kept) in self.messages.with_prefix("")? {
            if now - kept.at > KEYBOARDS_KEPT_S {
                self.messages.remove(&key)?;
            }
        }
        for (key, kept) in self.words.with_prefix("")? {
            if now - kept.at > WORDS_KEPT_S {
                self.words.remove(&key)?;
            }
        }
        self.store.commit()
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

fn message_key(chat: i64, message: i64) -> String {
    format!("{chat}/{message:012}")
}

fn now_s() -> i64 {
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
    fn a_token_is_the_same_after_a_restart_and_another_for_another_message() {
        let folder = tempfile::tempdir().expect("folder");
        let first = state(folder.path()).token("telegram:1", 5, 0);
        let state = state(folder.path());
        assert_eq!(state.token("telegram:1", 5, 0), first);
        assert_ne!(state.token("telegram:1", 5, 1), first);
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
