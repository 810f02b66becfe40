//! From hand to hand: asked for, claimed, passed on, put back, given back to the bot, closed. Each checks who may.
//!
//! Every change of hands raises the epoch, so that what the bot began before it is never shown.

use super::case::{Applied, Case, HandoffState};
use super::event::{Clock, Refusal, StaffId};
use super::outgoing::Notice;
use super::request::HandoffRequest;

impl Case {
    pub(super) fn request(&mut self, clock: &Clock, request: HandoffRequest) -> Applied {
        match self.state {
            HandoffState::Claimed { .. } => Applied::Ignored,
            HandoffState::Waiting { .. } => {
                self.request = request;
                self.tell_staff(Notice::AskedAgain);
                Applied::Changed
            }
            HandoffState::Released | HandoffState::Closed { .. } => {
                self.request = request;
                // Who called a person said whether anyone is there.
                let told_closed = clock.open_since.is_none();
                self.state = HandoffState::Waiting { since: clock.now, reminded: false, told_closed };
                self.rating = None;
                self.round += 1;
                self.drafts.clear();
                self.tell_staff(Notice::Opened);
                Applied::Changed
            }
        }
    }

    pub(super) fn claim(&mut self, clock: &Clock, staff: StaffId) -> Result<Applied, Refusal> {
        match self.state {
            HandoffState::Waiting { .. } => {}
            HandoffState::Claimed { by, .. } if by == staff => return Err(Refusal::AlreadyYours),
            HandoffState::Claimed { by, .. } => return Err(Refusal::ClaimedBy { staff: by }),
            HandoffState::Released | HandoffState::Closed { .. } => return Err(Refusal::NotOpen),
        }
        self.give_to(clock, staff);
        self.tell_both(Notice::Claimed { by: staff });
        Ok(Applied::Changed)
    }

    pub(super) fn transfer(&mut self, clock: &Clock, from: StaffId, to: StaffId) -> Result<Applied, Refusal> {
        self.owned_by(from)?;
        if from == to {
            return Err(Refusal::AlreadyYours);
        }
        self.give_to(clock, to);
        self.tell_both(Notice::Transferred { from, to });
        Ok(Applied::Changed)
    }

    fn give_to(&mut self, clock: &Clock, staff: StaffId) {
        self.state = HandoffState::Claimed { by: staff, owed_since: Some(clock.now), warned: false };
        self.epoch += 1;
    }

    pub(super) fn end(&mut self, staff: StaffId, state: HandoffState, notice: Notice) -> Result<Applied, Refusal> {
        self.owned_by(staff)?;
        self.state = state;
        self.epoch += 1;
        self.drafts.clear();
        self.tell_both(notice);
        Ok(Applied::Changed)
    }

    pub(super) fn put_back(&mut self, clock: &Clock, staff: StaffId) -> Result<Applied, Refusal> {
        let waiting = HandoffState::Waiting { since: clock.now, reminded: false, told_closed: false };
        self.end(staff, waiting, Notice::PutBack { by: staff })
    }

    /// Whether someone has it; why not otherwise.
    ///
    /// # Errors
    /// [`Refusal`], in the words of who asks.
    pub fn owned_by(&self, staff: StaffId) -> Result<(), Refusal> {
        match self.state {
            HandoffState::Claimed { by, .. } if by == staff => Ok(()),
            HandoffState::Claimed { by, .. } => Err(Refusal::ClaimedBy { staff: by }),
            HandoffState::Waiting { .. } => Err(Refusal::NotClaimed),
            HandoffState::Released | HandoffState::Closed { .. } => Err(Refusal::NotOpen),
        }
    }
}
