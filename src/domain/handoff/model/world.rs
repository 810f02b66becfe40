//! The world around a case in the model: what people say and do, and who has the conversation by the model's own reckoning.

use std::collections::{BTreeSet, VecDeque};

use super::chat::{Chat, root};
use super::{PATIENCE, Step, request};
use crate::domain::handoff::{Applied, Case, Clock, CloseReason, Event, Offered, Outgoing, Refusal, Said, StaffId};
use crate::domain::outbox::{Content, MessageId};
use crate::domain::session::Attendant;

/// So many of the last updates may come again.
const REPEATED: usize = 6;

/// Who has it, by the model's own reckoning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hands {
    Bot,
    /// Since when.
    Queue(i64),
    /// Who, and since when the shopper waits for them.
    Person(u64, Option<i64>),
}

pub struct World {
    pub case: Option<Case>,
    pub now: i64,
    open_since: Option<i64>,
    numbers: i64,
    hands: Hands,
    pub shopper: Chat,
    pub staff: Chat,
    said_by_shopper: Vec<(i64, String)>,
    said_by_owner: Vec<(i64, String)>,
    pub never_for_shopper: BTreeSet<String>,
    /// The epoch that the bot began under, and whether a person had the conversation since.
    bot: Option<(u64, bool)>,
    updates: VecDeque<(i64, Event)>,
    /// What was begun and of which it is not known yet what became.
    flying: VecDeque<Outgoing>,
    ratings: usize,
}

impl World {
    pub fn new() -> Self {
        Self {
            case: None,
            now: 10_000,
            open_since: Some(0),
            numbers: 0,
            hands: Hands::Bot,
            shopper: Chat::default(),
            staff: Chat::default(),
            said_by_shopper: Vec::new(),
            said_by_owner: Vec::new(),
            never_for_shopper: BTreeSet::new(),
            bot: None,
            updates: VecDeque::new(),
            flying: VecDeque::new(),
            ratings: 0,
        }
    }

    pub fn number(&mut self) -> i64 {
        self.numbers += 1;
        self.numbers
    }

    fn clock(&self) -> Clock {
        Clock { now: self.now, open_since: self.open_since, patience: PATIENCE }
    }

    fn owner(&self) -> Option<u64> {
        match self.hands {
            Hands::Person(by, _) => Some(by),
            _ => None,
        }
    }

    /// Whether the case is in the hands that the model says.
    fn check(&self, after: &str) {
        let Some(case) = &self.case else { return };
        let attendant = match self.hands {
            Hands::Bot => Attendant::Bot,
            Hands::Queue(_) => Attendant::Waiting,
            Hands::Person(..) => Attendant::Person,
        };
        assert_eq!(case.attendant(), attendant, "after {after}");
        assert_eq!(case.owner(), self.owner().map(StaffId), "after {after}");
    }

    /// Applies an event under a new update.
    fn happen(&mut self, event: Event) -> Result<Applied, Refusal> {
        let (clock, update) = (self.clock(), self.number());
        self.updates.push_back((update, event.clone()));
        if self.updates.len() > REPEATED {
            self.updates.pop_front();
        }
        match (&mut self.case, &event) {
            (Some(case), _) => case.apply(&clock, Some(update), event),
            (None, Event::Request(request)) => {
                self.case = Some(Case::open(request.clone(), &clock));
                // An update that opens a case is told from a repeated one by the session.
                self.updates.pop_back();
                Ok(Applied::Changed)
            }
            (None, _) => Err(Refusal::NotOpen),
        }
    }

    /// An event that only some may bring: it must be applied exactly when they may, and then the conversation changes hands.
    fn pass(&mut self, event: Event, may: bool, to: Hands) {
        let what = format!("{event:?}");
        let result = self.happen(event);
        assert_eq!(result.is_ok(), may, "{what} came to {result:?} with {:?}", self.hands);
        if may {
            self.hands = to;
            if let (Hands::Person(..), Some((_, claimed_since))) = (to, &mut self.bot) {
                *claimed_since = true;
            }
            self.shopper.turns.0 += 1;
            self.staff.turns.0 += 1;
        }
    }

    /// A restart: what was written is read again as it was.
    pub fn restart(&mut self) {
        if let Some(case) = &self.case {
            let stored = serde_json::to_string(case).expect("written");
            let mut read: Case = serde_json::from_str(&stored).expect("read");
            assert_eq!(read, *case);
            self.note_doubts();
            self.flying.clear();
            read.recover();
            self.case = Some(read);
        }
    }

    fn say(&mut self, prefix: &str) -> (i64, String, Said) {
        let number = self.number();
        let words = format!("{prefix}{number}");
        let said = Said { message: MessageId(number), content: Content::text(&words) };
        (number, words, said)
    }

    pub fn take(&mut self, step: Step) {
        let name = format!("{step:?}");
        self.act(step);
        self.check(&name);
    }

    fn act(&mut self, step: Step) {
        match step {
            Step::Request => {
                let result = self.happen(Event::Request(request()));
                assert!(result.is_ok());
                if self.hands == Hands::Bot {
                    self.hands = Hands::Queue(self.now);
                    self.ratings = 0;
                }
            }
            Step::ShopperSays => self.shopper_says(),
            Step::ShopperEdits(which) => self.shopper_edits(which),
            Step::StaffSays(by) => self.staff_says(by),
            Step::StaffNotes(by) => {
                let (_, words, said) = self.say("// n");
                let result = self.happen(Event::StaffSaid(StaffId(by), said));
                assert!(self.case.is_none() || result == Ok(Applied::Ignored));
                self.never_for_shopper.insert(words);
            }
            Step::StaffEdits(by, which) => self.staff_edits(by, which),
            Step::Claim(by) => {
                let may = matches!(self.hands, Hands::Queue(_));
                self.pass(Event::Claim(StaffId(by)), may, Hands::Person(by, Some(self.now)));
            }
            Step::Transfer(from, to) => {
                let may = self.owner() == Some(from) && from != to;
                self.pass(Event::Transfer(StaffId(from), StaffId(to)), may, Hands::Person(to, Some(self.now)));
            }
            Step::PutBack(by) => {
                let may = self.owner() == Some(by);
                self.pass(Event::PutBack(StaffId(by)), may, Hands::Queue(self.now));
            }
            Step::Release(by) => {
                let may = self.owner() == Some(by);
                self.pass(Event::Release(StaffId(by)), may, Hands::Bot);
            }
            Step::Close(by) => {
                let may = self.owner() == Some(by);
                self.pass(Event::Close(StaffId(by), CloseReason::Solved), may, Hands::Bot);
            }
            Step::Offer(by) => {
                let (_, _, said) = self.say("d");
                let offered = Offered { content: Some(said.content), ..Offered::default() };
                let result = self.happen(Event::Offer(StaffId(by), offered));
                assert_eq!(result.is_ok(), self.owner() == Some(by));
            }
            Step::SendDraft(by, which) => self.send_draft(by, which),
            Step::Rate(stars) => {
                let counts =
                    self.case.is_some() && self.hands == Hands::Bot && (1..=5).contains(&stars) && self.ratings == 0;
                assert_eq!(self.happen(Event::Rate(stars)) == Ok(Applied::Changed), counts, "a rating counts once");
                self.ratings += usize::from(counts);
            }
            Step::Wait(seconds) => {
                self.now += seconds;
                self.tick();
                self.tick();
            }
            Step::Deliver(to, network) => {
                self.deliver(to, &network);
            }
            Step::Begin(to) => {
                let begun = self.begin(to);
                self.flying.extend(begun);
            }
            Step::Land(network) => {
                if let Some(outgoing) = self.flying.pop_front() {
                    self.land(&outgoing, &network);
                }
            }
            Step::BotBegins => {
                self.bot = Some((self.case.as_ref().map_or(0, |case| case.epoch), self.owner().is_some()));
            }
            Step::BotSpeaks => {
                let Some((epoch, claimed_since)) = self.bot.take() else { return };
                let may = self.case.as_ref().is_none_or(|case| case.permits_bot(epoch));
                assert!(!may || !(claimed_since || self.owner().is_some()), "the bot speaks after a claim");
            }
            Step::Restart => self.restart(),
            Step::Again(which) => self.again(which),
            Step::Hours(open) => self.open_since = open.then(|| self.open_since.unwrap_or(self.now)),
        }
    }

    fn again(&mut self, which: usize) {
        let Some((update, event)) = self.updates.get(which).cloned() else { return };
        self.restart();
        let clock = self.clock();
        if let Some(case) = &mut self.case {
            let before = case.clone();
            assert_eq!(case.apply(&clock, Some(update), event), Ok(Applied::Before));
            assert_eq!(*case, before);
        }
    }

    fn shopper_says(&mut self) {
        let (message, words, said) = self.say("s");
        let is_open = self.hands != Hands::Bot;
        let result = self.happen(Event::ShopperSaid(said));
        assert_eq!(result == Ok(Applied::Changed), is_open, "relayed while open, and only then");
        if is_open {
            self.said_by_shopper.push((message, words.clone()));
            self.staff.wanted.insert(words.clone(), 1);
            self.staff.latest.insert(words.clone(), words);
        }
        if let Hands::Person(_, owed) = &mut self.hands {
            owed.get_or_insert(self.now);
        }
    }

    fn shopper_edits(&mut self, which: usize) {
        let Some((message, words)) = self.said_by_shopper.get(which).cloned() else { return };
        let changed = format!("{words}+{}", self.number());
        let said = Said { message: MessageId(message), content: Content::text(&changed) };
        if self.happen(Event::ShopperEdited(said)) == Ok(Applied::Changed) {
            self.staff.latest.insert(words, changed);
        }
    }

    fn staff_says(&mut self, by: u64) {
        let (message, words, said) = self.say("p");
        let is_owner = self.owner() == Some(by);
        let result = self.happen(Event::StaffSaid(StaffId(by), said));
        assert_eq!(result.is_ok(), is_owner, "only the owner speaks to the shopper");
        if is_owner {
            self.said_by_owner.push((message, words.clone()));
            self.shopper.wanted.insert(words.clone(), 1);
            self.shopper.latest.insert(words.clone(), words);
            self.hands = Hands::Person(by, None);
        } else {
            self.never_for_shopper.insert(words);
        }
    }

    fn staff_edits(&mut self, by: u64, which: usize) {
        let Some((message, words)) = self.said_by_owner.get(which).cloned() else { return };
        let becomes_note = which == 0;
        let changed = if becomes_note { format!("// {words}") } else { format!("{words}+{}", self.number()) };
        let said = Said { message: MessageId(message), content: Content::text(&changed) };
        let result = self.happen(Event::StaffEdited(StaffId(by), said));
        if self.owner() != Some(by) || becomes_note {
            self.never_for_shopper.insert(changed);
            assert!(result != Ok(Applied::Changed), "{result:?}");
        } else if result == Ok(Applied::Changed) {
            self.shopper.latest.insert(words, changed);
        }
    }

    fn send_draft(&mut self, by: u64, which: usize) {
        let Some(draft) = self.case.as_ref().and_then(|case| case.drafts.get(which).cloned()) else { return };
        let sent = self.happen(Event::SendDraft(StaffId(by), draft.id)).is_ok();
        assert_eq!(sent, self.owner() == Some(by), "only its owner sends a draft");
        if !sent {
            return;
        }
        let words = draft.offered.content.map(|content| content.words().to_owned()).unwrap_or_default();
        *self.shopper.wanted.entry(root(&words)).or_default() += 1;
        self.hands = Hands::Person(by, None);
        let again = self.happen(Event::SendDraft(StaffId(by), draft.id));
        assert_eq!(again, Err(Refusal::NoDraft), "two taps send once");
    }

    /// Time passes: the conversation may only change hands when the model's own watch says so, and must when it is long over.
    fn tick(&mut self) {
        let Some(case) = &self.case else { return };
        let attended_before = case.attendant();
        let _ = self.happen(Event::Tick);
        let attendant = self.case.as_ref().map(Case::attendant).unwrap_or_default();
        let turned = attendant != attended_before;
        match self.hands {
            Hands::Person(_, owed) => {
                let silent = owed.map_or(0, |since| self.now - since);
                assert!(!turned || (attendant == Attendant::Waiting && silent >= PATIENCE.warn + PATIENCE.requeue));
                // The owner is warned first, and has the second span whole: a silence of twice both is never borne.
                assert!(turned || silent < 2 * (PATIENCE.warn + PATIENCE.requeue) + 2 * 900, "quiet for {silent} s");
                if turned {
                    self.hands = Hands::Queue(self.now);
                }
            }
            Hands::Queue(since) => {
                let waited = self.open_since.map_or(0, |open| self.now - since.max(open));
                assert!(!turned || (attendant == Attendant::Bot && waited >= PATIENCE.remind + PATIENCE.give_up));
                let most = 2 * (PATIENCE.remind + PATIENCE.give_up) + 2 * 900;
                assert!(turned || waited < most, "in the queue for {waited} s");
                if turned {
                    self.hands = Hands::Bot;
                }
            }
            Hands::Bot => assert!(!turned),
        }
        if turned {
            self.shopper.turns.0 += 1;
            self.staff.turns.0 += 1;
        }
    }
}
