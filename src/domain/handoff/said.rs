//! What people say: passed on to the other side, changed there, or kept as a draft until its owner taps.

use super::case::{Applied, Case, Draft, HandoffState, Line, push_bounded};
use super::event::{Clock, Offered, Refusal, Said, StaffId};
use super::outgoing::{Notice, Parcel, Recipient, Speaker};
use crate::domain::outbox::{Content, MessageId};

/// So many lines of the conversation are kept for people.
const LINES: usize = 60;
/// A line is cut to so many characters.
const LINE_CHARS: usize = 500;
/// So many drafts lie ready.
const DRAFTS: usize = 8;

impl Case {
    pub(super) fn shopper_said(&mut self, clock: &Clock, said: Said) -> Applied {
        match &mut self.state {
            HandoffState::Released | HandoffState::Closed { .. } => return Applied::Ignored,
            HandoffState::Claimed { owed_since, .. } => {
                owed_since.get_or_insert(clock.now);
            }
            HandoffState::Waiting { .. } => {}
        }
        self.note_line(Speaker::Shopper, &said.content);
        let relay = Parcel::Relay { by: Speaker::Shopper, origin: Some(said.message), content: said.content };
        self.send(Recipient::Staff, relay);
        Applied::Changed
    }

    pub(super) fn staff_said(&mut self, staff: StaffId, said: Said) -> Result<Applied, Refusal> {
        if said.is_note() {
            return Ok(Applied::Ignored);
        }
        self.owned_by(staff)?;
        self.speak(staff, Some(said.message), said.content);
        Ok(Applied::Changed)
    }

    pub(super) fn staff_edited(&mut self, staff: StaffId, said: Said) -> Result<Applied, Refusal> {
        let was_passed_on = self.can_change(Speaker::Staff(staff), said.message);
        if said.is_note() {
            return if was_passed_on { Err(Refusal::CannotUnsend) } else { Ok(Applied::Ignored) };
        }
        self.owned_by(staff)?;
        self.edited(Speaker::Staff(staff), said)
    }

    /// Changes what waits to be sent, else sends the change after it.
    pub(super) fn edited(&mut self, by: Speaker, said: Said) -> Result<Applied, Refusal> {
        if by == Speaker::Shopper && !self.is_open() {
            return Ok(Applied::Ignored);
        }
        if !self.can_change(by, said.message) {
            return Err(Refusal::NotPassedOn);
        }
        if !self.change_waiting(by, said.message, &said.content) {
            self.send(other_side(by), Parcel::Edit { by, origin: said.message, content: said.content });
        }
        Ok(Applied::Changed)
    }

    pub(super) fn offer(&mut self, staff: StaffId, offered: Offered) -> Result<Applied, Refusal> {
        self.owned_by(staff)?;
        let id = self.keep_draft(offered);
        self.tell_staff(Notice::Draft { id });
        Ok(Applied::Changed)
    }

    pub(super) fn send_draft(&mut self, staff: StaffId, id: u64) -> Result<Applied, Refusal> {
        self.owned_by(staff)?;
        let place = self.drafts.iter().position(|draft| draft.id == id).ok_or(Refusal::NoDraft)?;
        let Offered { content, cards, .. } = self.drafts.remove(place).offered;
        if let Some(content) = content {
            self.speak(staff, None, content);
        }
        if !cards.is_empty() {
            self.answered();
            self.send(Recipient::Shopper, Parcel::Cards { by: staff, cards });
        }
        self.tell_staff(Notice::DraftSent);
        Ok(Applied::Changed)
    }

    pub(super) fn drop_draft(&mut self, id: u64) -> Result<Applied, Refusal> {
        let count = self.drafts.len();
        self.drafts.retain(|draft| draft.id != id);
        if self.drafts.len() == count { Err(Refusal::NoDraft) } else { Ok(Applied::Changed) }
    }

    /// It is the shopper's turn now.
    fn answered(&mut self) {
        if let HandoffState::Claimed { owed_since, warned, .. } = &mut self.state {
            *owed_since = None;
            *warned = false;
        }
    }

    /// The owner speaks to the shopper.
    fn speak(&mut self, staff: StaffId, origin: Option<MessageId>, content: Content) {
        self.answered();
        self.note_line(Speaker::Staff(staff), &content);
        self.send(Recipient::Shopper, Parcel::Relay { by: Speaker::Staff(staff), origin, content });
    }

    pub(super) fn keep_draft(&mut self, offered: Offered) -> u64 {
        let id = self.number();
        self.drafts.push(Draft { id, offered });
        let surplus = self.drafts.len().saturating_sub(DRAFTS);
        self.drafts.drain(..surplus);
        id
    }

    fn note_line(&mut self, by: Speaker, content: &Content) {
        let text = content.words().chars().take(LINE_CHARS).collect();
        // What is said while nobody has it yet is the bot's to answer.
        let round = if self.owner().is_some() { self.round } else { 0 };
        push_bounded(&mut self.lines, Line { by, text, round }, LINES);
    }

    pub(super) fn hint(&mut self, refusal: Refusal, message: MessageId) {
        let notice = Parcel::Notice { notice: Notice::Refused { refusal }, about: Some(message) };
        self.send(Recipient::Staff, notice);
    }

    pub(super) fn translate(&mut self, staff: StaffId, on: bool) -> Result<Applied, Refusal> {
        self.owned_by(staff)?;
        self.translates = on;
        self.tell_staff(Notice::Translating { on });
        Ok(Applied::Changed)
    }
}

/// The side that a person's words go to.
fn other_side(by: Speaker) -> Recipient {
    match by {
        Speaker::Shopper => Recipient::Staff,
        Speaker::Staff(_) => Recipient::Shopper,
    }
}

impl Said {
    /// Whether it is a note of the staff to each other: `//` or `!` comes first, also in full width.
    pub fn is_note(&self) -> bool {
        let words = self.content.words().trim_start();
        ["//", "／／", "!", "！"].iter().any(|prefix| words.starts_with(prefix))
    }
}
