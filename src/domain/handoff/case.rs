//! One conversation in the hands of people: who has it, and what each event does to it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::event::{Clock, Event, Offered, Refusal, Said, StaffId};
use super::outgoing::{CloseReason, Notice, Outgoing, Parcel, Recipient, Speaker};
use super::request::HandoffRequest;
use crate::domain::identifier::ConversationId;
use crate::domain::outbox::{Content, MessageId, TopicId};
use crate::domain::session::Attendant;

/// So many numbers of updates are remembered, to tell one that comes twice.
const SEEN: usize = 256;
/// So many messages can still be changed.
const LINKS: usize = 400;
/// So many lines of the conversation are kept for people.
const LINES: usize = 60;
/// A line is cut to so many characters.
const LINE_CHARS: usize = 500;
/// So many drafts lie ready.
const DRAFTS: usize = 8;

/// Who has a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum HandoffState {
    /// Nobody yet; the bot answers meanwhile.
    Waiting {
        /// Since when, in seconds since 1970.
        since: i64,
        /// Whether everyone was reminded.
        reminded: bool,
    },
    /// A person; the bot is silent.
    Claimed {
        /// Who.
        by: StaffId,
        /// Since when the shopper waits for an answer; none when it is the shopper's turn.
        owed_since: Option<i64>,
        /// Whether the owner was warned of that.
        warned: bool,
    },
    /// The bot again.
    Released,
    /// The bot again, and the matter is settled.
    Closed {
        /// Why.
        reason: CloseReason,
    },
}

/// What became of an event that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It changed the case.
    Changed,
    /// It is of no matter here.
    Ignored,
    /// It was applied before.
    Before,
}

/// Words or products that can be sent with one tap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Its number in the case.
    pub id: u64,
    /// What would be sent.
    pub offered: Offered,
}

/// A line of the conversation as people see it again in its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Who spoke.
    pub by: Speaker,
    /// The words, shortened.
    pub text: String,
}

/// A message on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    pub by_shopper: bool,
    pub origin: MessageId,
    pub copy: MessageId,
}

/// One conversation in the hands of people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Whose.
    pub conversation: ConversationId,
    /// The shopper's name, as the face knows it; may be empty.
    #[serde(default)]
    pub who: String,
    /// The last request for a person.
    pub request: HandoffRequest,
    /// Who has it.
    pub state: HandoffState,
    /// Rises whenever it changes hands; what the bot began under a lower one is never shown.
    pub epoch: u64,
    /// The staff's topic, once it is open.
    pub topic: Option<TopicId>,
    /// The first message of the topic, once it is sent.
    pub head: Option<MessageId>,
    /// What is still to be sent, in order.
    pub outbox: VecDeque<Outgoing>,
    /// What can be sent with one tap.
    pub drafts: Vec<Draft>,
    /// What people said, oldest first.
    pub lines: VecDeque<Line>,
    /// Whether messages are translated for the other side.
    pub translates: bool,
    /// How the shopper rated the help.
    pub rating: Option<u8>,
    pub(super) next: u64,
    pub(super) seen: VecDeque<i64>,
    pub(super) links: VecDeque<Link>,
}

impl Case {
    /// A conversation for which a person is asked for the first time.
    pub fn open(request: HandoffRequest, clock: &Clock) -> Self {
        let mut case = Self {
            conversation: request.conversation.clone(),
            who: String::new(),
            request: request.clone(),
            state: HandoffState::Released,
            epoch: 0,
            topic: None,
            head: None,
            outbox: VecDeque::new(),
            drafts: Vec::new(),
            lines: VecDeque::new(),
            translates: false,
            rating: None,
            next: 0,
            seen: VecDeque::new(),
            links: VecDeque::new(),
        };
        case.request(clock, request);
        case
    }

    /// Who speaks with the shopper.
    pub fn attendant(&self) -> Attendant {
        match self.state {
            HandoffState::Waiting { .. } => Attendant::Waiting,
            HandoffState::Claimed { .. } => Attendant::Person,
            HandoffState::Released | HandoffState::Closed { .. } => Attendant::Bot,
        }
    }

    /// Whether a person is asked for or has it.
    pub fn is_open(&self) -> bool {
        self.attendant() != Attendant::Bot
    }

    /// Who has it.
    pub fn owner(&self) -> Option<StaffId> {
        match self.state {
            HandoffState::Claimed { by, .. } => Some(by),
            _ => None,
        }
    }

    /// Whether what the bot began under an epoch may be shown.
    pub fn permits_bot(&self, epoch: u64) -> bool {
        self.epoch == epoch && self.owner().is_none()
    }

    /// Applies an event. `update` is the face's number of what brought it: the same one twice is applied once.
    ///
    /// # Errors
    /// [`Refusal`] when it may not be; the case has then at most noted the update and a hint for the staff.
    pub fn apply(&mut self, clock: &Clock, update: Option<i64>, event: Event) -> Result<Applied, Refusal> {
        if let Some(update) = update {
            if self.seen.contains(&update) {
                return Ok(Applied::Before);
            }
            push_bounded(&mut self.seen, update, SEEN);
        }
        match event {
            Event::Request(request) => Ok(self.request(clock, request)),
            Event::ShopperSaid(said) => Ok(self.shopper_said(clock, said)),
            Event::ShopperEdited(said) => self.edited(Speaker::Shopper, said),
            Event::StaffSaid(staff, said) => {
                let message = said.message;
                self.staff_said(staff, said).inspect_err(|refusal| self.hint(*refusal, message))
            }
            Event::StaffEdited(staff, said) => {
                let message = said.message;
                self.staff_edited(staff, said).inspect_err(|refusal| self.hint(*refusal, message))
            }
            Event::Claim(staff) => self.claim(clock, staff),
            Event::Transfer(from, to) => self.transfer(clock, from, to),
            Event::PutBack(staff) => self.put_back(clock, staff),
            Event::Release(staff) => self.end(staff, HandoffState::Released, Notice::Released { by: staff }),
            Event::Close(staff, reason) => {
                self.end(staff, HandoffState::Closed { reason }, Notice::Closed { by: staff, reason })
            }
            Event::Offer(staff, offered) => self.offer(staff, offered),
            Event::SendDraft(staff, id) => self.send_draft(staff, id),
            Event::DropDraft(id) => self.drop_draft(id),
            Event::Translate(staff, on) => self.translate(staff, on),
            Event::Rate(stars) => Ok(self.rate(stars)),
            Event::Tick => Ok(self.tick(clock)),
        }
    }

    /// Forgets what was said; who has the conversation and what is still to be sent stays, and the name while people have it.
    pub fn forget(&mut self) {
        if !self.is_open() {
            self.who.clear();
        }
        self.lines.clear();
        self.drafts.clear();
        self.request.message.clear();
        self.request.history.clear();
        self.request.products.clear();
        self.request.orders.clear();
    }

    fn request(&mut self, clock: &Clock, request: HandoffRequest) -> Applied {
        match self.state {
            HandoffState::Claimed { .. } => Applied::Ignored,
            HandoffState::Waiting { .. } => {
                self.request = request;
                self.tell_staff(Notice::AskedAgain);
                Applied::Changed
            }
            HandoffState::Released | HandoffState::Closed { .. } => {
                self.request = request;
                self.state = HandoffState::Waiting { since: clock.now, reminded: false };
                self.rating = None;
                self.drafts.clear();
                self.tell_staff(Notice::Opened);
                if clock.open_since.is_none() {
                    self.tell_shopper(Notice::OutOfHours);
                }
                Applied::Changed
            }
        }
    }

    fn shopper_said(&mut self, clock: &Clock, said: Said) -> Applied {
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

    fn staff_said(&mut self, staff: StaffId, said: Said) -> Result<Applied, Refusal> {
        if said.is_note() {
            return Ok(Applied::Ignored);
        }
        self.owned_by(staff)?;
        self.speak(staff, Some(said.message), said.content);
        Ok(Applied::Changed)
    }

    fn staff_edited(&mut self, staff: StaffId, said: Said) -> Result<Applied, Refusal> {
        let was_passed_on = self.can_change(Speaker::Staff(staff), said.message);
        if said.is_note() {
            return if was_passed_on { Err(Refusal::CannotUnsend) } else { Ok(Applied::Ignored) };
        }
        self.owned_by(staff)?;
        self.edited(Speaker::Staff(staff), said)
    }

    /// Changes what waits to be sent, else sends the change after it.
    fn edited(&mut self, by: Speaker, said: Said) -> Result<Applied, Refusal> {
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

    fn claim(&mut self, clock: &Clock, staff: StaffId) -> Result<Applied, Refusal> {
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

    fn transfer(&mut self, clock: &Clock, from: StaffId, to: StaffId) -> Result<Applied, Refusal> {
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

    fn end(&mut self, staff: StaffId, state: HandoffState, notice: Notice) -> Result<Applied, Refusal> {
        self.owned_by(staff)?;
        self.state = state;
        self.epoch += 1;
        self.drafts.clear();
        self.tell_both(notice);
        Ok(Applied::Changed)
    }

    fn put_back(&mut self, clock: &Clock, staff: StaffId) -> Result<Applied, Refusal> {
        let waiting = HandoffState::Waiting { since: clock.now, reminded: false };
        self.end(staff, waiting, Notice::PutBack { by: staff })
    }

    fn offer(&mut self, staff: StaffId, offered: Offered) -> Result<Applied, Refusal> {
        self.owned_by(staff)?;
        let id = self.keep_draft(offered);
        self.tell_staff(Notice::Draft { id });
        Ok(Applied::Changed)
    }

    fn send_draft(&mut self, staff: StaffId, id: u64) -> Result<Applied, Refusal> {
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

    fn drop_draft(&mut self, id: u64) -> Result<Applied, Refusal> {
        let count = self.drafts.len();
        self.drafts.retain(|draft| draft.id != id);
        if self.drafts.len() == count { Err(Refusal::NoDraft) } else { Ok(Applied::Changed) }
    }

    fn translate(&mut self, staff: StaffId, on: bool) -> Result<Applied, Refusal> {
        self.owned_by(staff)?;
        self.translates = on;
        self.tell_staff(Notice::Translating { on });
        Ok(Applied::Changed)
    }

    /// A rating counts once, after the help has ended.
    fn rate(&mut self, stars: u8) -> Applied {
        if self.is_open() || self.rating.is_some() || !(1..=5).contains(&stars) {
            return Applied::Ignored;
        }
        self.rating = Some(stars);
        self.tell_staff(Notice::Rated { stars });
        Applied::Changed
    }

    fn tick(&mut self, clock: &Clock) -> Applied {
        let Clock { now, patience, .. } = *clock;
        match &mut self.state {
            HandoffState::Claimed { by, owed_since: Some(since), warned } => {
                let (by, waited) = (*by, now - *since);
                if *warned && waited >= patience.warn + patience.requeue {
                    self.state = HandoffState::Waiting { since: now, reminded: false };
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
            HandoffState::Waiting { since, reminded } => {
                // Only time in which people work counts.
                let Some(open_since) = clock.open_since else { return Applied::Ignored };
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

    fn owned_by(&self, staff: StaffId) -> Result<(), Refusal> {
        match self.state {
            HandoffState::Claimed { by, .. } if by == staff => Ok(()),
            HandoffState::Claimed { by, .. } => Err(Refusal::ClaimedBy { staff: by }),
            HandoffState::Waiting { .. } => Err(Refusal::NotClaimed),
            HandoffState::Released | HandoffState::Closed { .. } => Err(Refusal::NotOpen),
        }
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
        push_bounded(&mut self.lines, Line { by, text }, LINES);
    }

    fn hint(&mut self, refusal: Refusal, message: MessageId) {
        let notice = Parcel::Notice { notice: Notice::Refused { refusal }, about: Some(message) };
        self.send(Recipient::Staff, notice);
    }

    pub(super) fn link(&mut self, link: Link) {
        push_bounded(&mut self.links, link, LINKS);
    }
}

/// The side that a person's words go to.
pub(super) fn other_side(by: Speaker) -> Recipient {
    match by {
        Speaker::Shopper => Recipient::Staff,
        Speaker::Staff(_) => Recipient::Shopper,
    }
}

fn push_bounded<T>(queue: &mut VecDeque<T>, value: T, limit: usize) {
    queue.push_back(value);
    while queue.len() > limit {
        queue.pop_front();
    }
}

impl Said {
    /// Whether it is a note of the staff to each other: `//` or `!` comes first, also in full width.
    pub fn is_note(&self) -> bool {
        let words = self.content.words().trim_start();
        ["//", "／／", "!", "！"].iter().any(|prefix| words.starts_with(prefix))
    }
}
