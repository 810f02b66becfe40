//! Wrong tries at proving that an order is one's own, and the pause after too many.
//!
//! Pure; times are seconds since 1970. Kept by `assistant` for each conversation and for each order number, whether there is
//! such an order or not.

use serde::{Deserialize, Serialize};

/// Wrong tries that lock.
pub const MAX_WRONG: usize = 5;
/// How long they lock, and how long a wrong try counts, in seconds.
pub const LOCKED_SECONDS: i64 = 3600;

/// The wrong tries of one conversation, or at one order number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// When each was made, oldest first.
    pub wrong: Vec<i64>,
    /// Until when nothing is tried.
    pub locked_until: Option<i64>,
}

impl Attempts {
    /// Whether a try is refused now.
    pub fn is_locked(&self, now: i64) -> bool {
        self.locked_until.is_some_and(|until| now < until)
    }

    /// Notes a wrong try; the fifth within the hour locks.
    pub fn note_wrong(&mut self, now: i64) {
        self.wrong.retain(|at| now - at < LOCKED_SECONDS);
        self.wrong.push(now);
        if self.wrong.len() >= MAX_WRONG {
            self.wrong.clear();
            self.locked_until = Some(now + LOCKED_SECONDS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_wrong_tries_lock_for_an_hour_and_old_ones_are_forgotten() {
        let mut attempts = Attempts::default();
        for at in 0..4 {
            attempts.note_wrong(at);
        }
        assert!(!attempts.is_locked(4));
        attempts.note_wrong(4);
        assert!(attempts.is_locked(5) && attempts.is_locked(4 + LOCKED_SECONDS - 1));
        assert!(!attempts.is_locked(4 + LOCKED_SECONDS));
        let mut slow = Attempts::default();
        for try_number in 0..20 {
            slow.note_wrong(try_number * LOCKED_SECONDS / 4);
            assert!(!slow.is_locked(try_number * LOCKED_SECONDS / 4));
        }
    }
}
