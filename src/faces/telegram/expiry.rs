//! How long the face keeps what it keeps, and forgets it after, or when a shopper asks.

use super::state::{State, now_s};
use crate::store::StoreError;

/// Answered updates are remembered for longer than Telegram keeps undelivered ones (24 h).
const ANSWERED_KEPT_S: i64 = 26 * 3600;
/// As long a shopper may scroll back.
pub(super) const KEYBOARDS_KEPT_S: i64 = 30 * 86_400;
/// Messages can be changed for 48 h.
const WORDS_KEPT_S: i64 = 50 * 3600;

impl State {
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
}
