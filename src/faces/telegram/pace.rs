//! When the next call may go: so many a second over all chats, and none to a chat that is held back.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Spaces calls evenly over all chats, and holds back single ones.
pub struct Pace {
    gap: Duration,
    next: Mutex<Instant>,
    held: Mutex<HashMap<i64, Instant>>,
}

impl Pace {
    /// A pace of so many calls a second.
    pub fn new(per_second: u32) -> Self {
        Self {
            gap: Duration::from_secs(1) / per_second.max(1),
            next: Mutex::new(Instant::now()),
            held: Mutex::default(),
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

    /// Lets a chat wait.
    pub fn hold(&self, chat: i64, wait: Duration) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        held.retain(|_, until| *until > now);
        held.insert(chat, now + wait);
    }
}
