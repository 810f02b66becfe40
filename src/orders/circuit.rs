//! A circuit breaker: after failures in a row, calls are refused for a while, then one is let through to try.
//!
//! Called by `http`.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
}

/// Counts failures of one peer.
#[derive(Debug)]
pub(super) struct Circuit {
    limit: u32,
    rest: Duration,
    state: Mutex<State>,
}

impl Circuit {
    /// Opens after `limit` failures in a row, for `rest`.
    pub fn new(limit: u32, rest: Duration) -> Self {
        Self { limit, rest, state: Mutex::default() }
    }

    /// Whether a call may be made now. Once the rest is over one call is let through, and the next only after it succeeded.
    pub fn lets_through(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = Some(now + self.rest);
                true
            }
            None => true,
        }
    }

    /// Notes how a call went.
    pub fn note(&self, went_well: bool, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if went_well {
            *state = State::default();
            return;
        }
        state.failures += 1;
        if state.failures >= self.limit {
            state.open_until = Some(now + self.rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_open_it_and_one_success_closes_it() {
        let circuit = Circuit::new(3, Duration::from_secs(30));
        let start = Instant::now();
        for _ in 0..3 {
            assert!(circuit.lets_through(start));
            circuit.note(false, start);
        }
        assert!(!circuit.lets_through(start + Duration::from_secs(29)));
        let later = start + Duration::from_secs(31);
        assert!(circuit.lets_through(later), "one call tries");
        assert!(!circuit.lets_through(later), "the others wait for it");
        circuit.note(true, later);
        assert!(circuit.lets_through(later) && circuit.lets_through(later));
    }
}
