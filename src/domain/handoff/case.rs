//! One conversation in the hands of people: who has it, and what each event does to it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::event::{Clock, Event, Offered, Refusal, StaffId};
use super::outgoing::{CloseReason, Notice, Outgoing, Speaker};
use super::request::{HandoffReason, HandoffRequest};
use crate::domain::identifier::ConversationId;
use crate::domain::intent::IntentKind;
use crate::domain::outbox::{MessageId, TopicId};
use crate::domain::session::Attendant;

/// So many numbers of updates are remembered, to tell one that comes twice.
const SEEN: usize = 256;
/// Words of fewer bytes ask nothing: 在吗, hello.
const TELLING: usize = 9;
/// So many messages can still be changed.
const LINKS: usize = 400;

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
        /// Whether the shopper knows that the desk is closed.
        #[serde(default)]
        told_closed: bool,
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
    /// During which call for a person, from 1, once someone had it; 0 before.
    #[serde(default)]
    pub round: u32,
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
    /// How often a person was called.
    #[serde(default)]
    pub round: u32,
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
            round: 0,
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

    /// What the shopper wanted help with, for the list of questions to learn from: what was said first to the people of this call, else
    /// what made the call, else what was said to the bot before it.
    pub fn question(&self) -> Option<&str> {
        let to_people = self.lines.iter().filter(|line| line.by == Speaker::Shopper && line.round == self.round);
        let to_people = to_people.map(|line| line.text.as_str()).filter(|text| !text.starts_with('/'));
        let made_it = Some(self.request.message.as_str()).filter(|_| self.request.reason != HandoffReason::Asked);
        let before = self.request.history.iter().rev();
        let before =
            before.filter(|turn| !matches!(turn.intent, IntentKind::Human | IntentKind::Greet | IntentKind::Thanks));
        let all = to_people.chain(made_it).chain(before.map(|turn| turn.shopper.as_str()));
        let telling =
            |text: &&str| text.chars().filter(|c| c.is_alphanumeric()).map(char::len_utf8).sum::<usize>() >= TELLING;
        all.into_iter().find(telling).or(Some(self.request.message.as_str()).filter(|text| !text.trim().is_empty()))
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

    /// A rating counts once, after the help has ended.
    fn rate(&mut self, stars: u8) -> Applied {
        if self.is_open() || self.rating.is_some() || !(1..=5).contains(&stars) {
            return Applied::Ignored;
        }
        self.rating = Some(stars);
        self.tell_staff(Notice::Rated { stars });
        Applied::Changed
    }

    pub(super) fn link(&mut self, link: Link) {
        push_bounded(&mut self.links, link, LINKS);
    }
}

pub(super) fn push_bounded<T>(queue: &mut VecDeque<T>, value: T, limit: usize) {
    queue.push_back(value);
    while queue.len() > limit {
        queue.pop_front();
    }
}
