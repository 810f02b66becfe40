//! What silence does: a claim that goes quiet warns its owner and goes back to the queue, a queue that nobody serves goes back to the bot.

use super::case::{Applied, Case, HandoffState};
use super::event::Clock;
use super::outgoing::Notice;

impl Case {
    /// Lets time pass.
    pub(super) fn tick(&mut self, clock: &Clock) -> Applied {
        let Clock { now, patience, .. } = *clock;
        match &mut self.state {
            HandoffState::Claimed { by, owed_since: Some(since), warned } => {
                let (by, waited) = (*by, now - *since);
                if *warned && waited >= patience.warn + patience.requeue {
                    self.state = HandoffState::Waiting { since: now, reminded: false, told_closed: false };
                    self.epoch += 1;
                    self.drafts.clear();
                    self.tell_both(Notice::Requeued { by });
                    return Applied::Changed;
                }
                if !*warned && waited >= patience.warn {
                    *warned = true;
                    // The owner gets the whole second span after the warning, however late the clock was.
                    *since = (*since).max(now - patience.warn);
                    self.tell_staff(Notice::Quiet { by, minutes: waited / 60 });
                    return Applied::Changed;
                }
                Applied::Ignored
            }
            HandoffState::Waiting { since, reminded, told_closed } => {
                // Only time in which people work counts.
                let Some(open_since) = clock.open_since else {
                    if std::mem::replace(told_closed, true) {
                        return Applied::Ignored;
                    }
                    self.tell_shopper(Notice::OutOfHours);
                    return Applied::Changed;
                };
                *told_closed = false;
                let waited = now - (*since).max(open_since);
                if *reminded && waited >= patience.remind + patience.give_up {
                    self.state = HandoffState::Released;
                    self.epoch += 1;
                    self.tell_both(Notice::GivenUp);
                    return Applied::Changed;
                }
                if !*reminded && waited >= patience.remind {
                    *reminded = true;
                    *since = (*since).max(open_since).max(now - patience.remind);
                    self.tell_staff(Notice::Unclaimed { minutes: waited / 60 });
                    return Applied::Changed;
                }
                Applied::Ignored
            }
            _ => Applied::Ignored,
        }
    }
}
