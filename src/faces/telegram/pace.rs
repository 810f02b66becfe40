//! When the next call may go: so many a second over all chats, and none to a chat that is held back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Spaces calls evenly over all chats, and holds back single ones.
pub struct Pace {
    gap: Duration,
    next: Mutex<Instant>,
    held: Mutex<HashMap<i64, Instant>>,
    /// When the text of a message in a chat may be changed again.
    edits: Mutex<HashMap<i64, Instant>>,
}

/// Telegram takes about one change of a text a second in a chat, and twenty messages and changes a minute in a group.
const EDIT_GAP: Duration = Duration::from_millis(1100);
const EDIT_GAP_IN_GROUP: Duration = Duration::from_secs(4);

impl Pace {
    /// A pace of so many calls a second.
    pub fn new(per_second: u32) -> Self {
        Self {
            gap: Duration::from_secs(1) / per_second.max(1),
            next: Mutex::new(Instant::now()),
            held: Mutex::default(),
            edits: Mutex::default(),
        }
    }

    /// Waits for a chat's turn.
    pub async fn turn(&self, chat: i64) {
        let until = self.held.lock().unwrap_or_else(PoisonError::into_inner).get(&chat).copied();
        if let Some(until) = until {
            tokio::time::sleep_until(until.into()).await;
        }
        let slot = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            // Up to a second's worth may go at once after a quiet while.
            let slot = (*next).max(Instant::now().checked_sub(Duration::from_secs(1)).unwrap_or(*next));
            *next = slot + self.gap;
            slot
        };
        tokio::time::sleep_until(slot.into()).await;
    }

    /// When a text that was sent or changed just now may be changed.
    pub fn edited(&self, chat: i64) {
        let mut edits = self.edits.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        edits.retain(|_, until| *until > now);
        edits.insert(chat, now + if chat < 0 { EDIT_GAP_IN_GROUP } else { EDIT_GAP });
    }

    /// Waits until a text in a chat may be changed.
    pub async fn edit_turn(&self, chat: i64) {
        let until = self.edits.lock().unwrap_or_else(PoisonError::into_inner).get(&chat).copied();
        if let Some(until) = until {
            tokio::time::sleep_until(until.into()).await;
        }
    }

    /// Whether a chat waits for flood control or an unreachable Telegram.
    pub fn is_held(&self, chat: i64) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(&chat).is_some_and(|until| *until > Instant::now())
    }

    /// Lets a chat wait.
    pub fn hold(&self, chat: i64, wait: Duration) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        held.retain(|_, until| *until > now);
        held.insert(chat, now + wait);
    }
}
