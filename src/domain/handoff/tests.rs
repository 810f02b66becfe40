//! A model of the whole desk: a shopper, the bot, two of the staff, timers, a bad network and restarts, in random order. After every
//! step: at most one owner, changed only by those who may; no word of the bot after a claim. At the end: no message lost or doubled.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::language::Language;
use crate::domain::outbox::{Content, MessageId};
use crate::domain::session::Attendant;

const SEQUENCES: u32 = 12_000;
const PATIENCE: Patience = Patience { warn: 300, requeue: 300, remind: 600, give_up: 1200 };

#[derive(Debug, Clone)]
enum Network {
    Arrives,
    Later,
    Never,
    Unknown { arrived: bool },
    CrashBefore,
    CrashAfter,
}

#[derive(Debug, Clone)]
enum Step {
    Request,
    ShopperSays,
    ShopperEdits(usize),
    StaffSays(u64),
    StaffNotes(u64),
    StaffEdits(u64, usize),
    Claim(u64),
    Transfer(u64, u64),
    PutBack(u64),
    Release(u64),
    Close(u64),
    Offer(u64),
    SendDraft(u64, usize),
    Rate(u8),
    Wait(i64),
    Deliver(Recipient, Network),
    BotBegins,
    BotSpeaks,
    Restart,
    /// The last update comes again, as after a crash before its acknowledgement.
    Again,
}

fn network() -> impl Strategy<Value = Network> {
    prop_oneof![
        8 => Just(Network::Arrives),
        1 => Just(Network::Later),
        1 => Just(Network::Never),
        1 => any::<bool>().prop_map(|arrived| Network::Unknown { arrived }),
        1 => Just(Network::CrashBefore),
        1 => Just(Network::CrashAfter),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let staff = || 1..=2u64;
    prop_oneof![
        2 => Just(Step::Request),
        5 => Just(Step::ShopperSays),
        1 => (0..8usize).prop_map(Step::ShopperEdits),
        5 => staff().prop_map(Step::StaffSays),
        1 => staff().prop_map(Step::StaffNotes),
        1 => (staff(), 0..8usize).prop_map(|(by, which)| Step::StaffEdits(by, which)),
        4 => staff().prop_map(Step::Claim),
        1 => (staff(), staff()).prop_map(|(from, to)| Step::Transfer(from, to)),
        1 => staff().prop_map(Step::PutBack),
        1 => staff().prop_map(Step::Release),
        1 => staff().prop_map(Step::Close),
        1 => staff().prop_map(Step::Offer),
        1 => (staff(), 0..3usize).prop_map(|(by, which)| Step::SendDraft(by, which)),
        1 => (0..7u8).prop_map(Step::Rate),
        3 => (1..900i64).prop_map(Step::Wait),
        9 => (prop_oneof![Just(Recipient::Shopper), Just(Recipient::Staff)], network()).prop_map(|(to, net)| Step::Deliver(to, net)),
        2 => Just(Step::BotBegins),
        2 => Just(Step::BotSpeaks),
        1 => Just(Step::Restart),
        1 => Just(Step::Again),
    ]
}

fn request() -> HandoffRequest {
    HandoffRequest {
        conversation: "telegram:7".into(),
        language: Language::Zh,
        reason: HandoffReason::Asked,
        message: "转人工".into(),
        history: Vec::new(),
        products: Vec::new(),
        orders: Vec::new(),
    }
}

/// What a chat shows: by message, the words and whether they were marked as perhaps repeated.
#[derive(Debug, Default)]
struct Chat {
    shown: BTreeMap<i64, (String, bool)>,
    /// Words that the sender was told about: not arrived, or perhaps not.
    reported: BTreeSet<String>,
}

struct World {
    case: Option<Case>,
    now: i64,
    numbers: i64,
    shopper: Chat,
    staff: Chat,
    said_by_shopper: Vec<(i64, String)>,
    said_by_owner: Vec<(u64, i64, String)>,
    never_for_shopper: BTreeSet<String>,
    sent_again: BTreeSet<String>,
    bot: Option<(u64, bool)>,
    last: Option<(i64, Event)>,
    wanted_for_staff: Vec<String>,
    wanted_for_shopper: Vec<String>,
}

/// Whether something tells of a message that did not arrive. Who cannot be reached even with that has left: the model counts it as told.
fn is_report(outgoing: &Outgoing) -> bool {
    let Parcel::Notice { notice, .. } = &outgoing.parcel else { return false };
    matches!(notice, Notice::NotDelivered { .. } | Notice::Uncertain { .. })
}

/// The message that words stand for, whatever was changed in them since.
fn root(words: &str) -> &str {
    words.split('+').next().unwrap_or(words)
}

impl World {
    fn new() -> Self {
        Self {
            case: None,
            now: 10_000,
            numbers: 0,
            shopper: Chat::default(),
            staff: Chat::default(),
            said_by_shopper: Vec::new(),
            said_by_owner: Vec::new(),
            never_for_shopper: BTreeSet::new(),
            sent_again: BTreeSet::new(),
            bot: None,
            last: None,
            wanted_for_staff: Vec::new(),
            wanted_for_shopper: Vec::new(),
        }
    }

    fn number(&mut self) -> i64 {
        self.numbers += 1;
        self.numbers
    }

    fn clock(&self) -> Clock {
        Clock { now: self.now, open_since: Some(0), patience: PATIENCE }
    }

    fn owner(&self) -> Option<StaffId> {
        self.case.as_ref().and_then(Case::owner)
    }

    fn is_open(&self) -> bool {
        self.case.as_ref().is_some_and(Case::is_open)
    }

    /// Applies an event under a new update and checks that only those who may have changed the owner.
    fn happen(&mut self, event: Event) -> Result<Applied, Refusal> {
        let clock = self.clock();
        let update = self.number();
        let before = self.owner();
        self.last = Some((update, event.clone()));
        let result = match (&mut self.case, &event) {
            (Some(case), _) => case.apply(&clock, Some(update), event.clone()),
            (None, Event::Request(request)) => {
                let mut case = Case::open(request.clone(), &clock);
                let applied = case.apply(&clock, Some(update), Event::Tick);
                self.case = Some(case);
                applied
            }
            (None, _) => return Err(Refusal::NotOpen),
        };
        let after = self.owner();
        let allowed = match (&event, before, after) {
            (_, before, after) if before == after => true,
            (Event::Claim(by), None, Some(after)) => *by == after,
            (Event::Transfer(from, to), Some(before), Some(after)) => *from == before && *to == after,
            (Event::PutBack(by) | Event::Release(by) | Event::Close(by, _), Some(before), None) => *by == before,
            (Event::Tick, Some(_), None) => true,
            _ => false,
        };
        assert!(allowed, "{event:?} changed the owner from {before:?} to {after:?}");
        assert!(result.is_ok() || before == after, "a refused {event:?} changed the owner");
        if after.is_some()
            && before != after
            && let Some((_, claimed_since)) = &mut self.bot
        {
            *claimed_since = true;
        }
        result
    }

    fn try_to(&mut self, event: Event) {
        let _ = self.happen(event);
    }

    fn restart(&mut self) {
        if let Some(case) = &self.case {
            let stored = serde_json::to_string(case).expect("written");
            let mut case: Case = serde_json::from_str(&stored).expect("read");
            case.recover();
            self.case = Some(case);
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Request => self.try_to(Event::Request(request())),
            Step::ShopperSays => {
                let message = self.number();
                let words = format!("s{message}");
                let said = Said { message: MessageId(message), content: Content::text(&words) };
                let was_open = self.is_open();
                let result = self.happen(Event::ShopperSaid(said));
                assert_eq!(result == Ok(Applied::Changed), was_open, "relayed while open, and only then");
                if was_open {
                    self.said_by_shopper.push((message, words.clone()));
                    self.wanted_for_staff.push(words);
                }
            }
            Step::ShopperEdits(which) => {
                let Some((message, words)) = self.said_by_shopper.get(which).cloned() else { return };
                let said =
                    Said { message: MessageId(message), content: Content::text(format!("{words}+{}", self.numbers)) };
                self.try_to(Event::ShopperEdited(said));
            }
            Step::StaffSays(by) => {
                let message = self.number();
                let words = format!("p{message}");
                let said = Said { message: MessageId(message), content: Content::text(&words) };
                let is_owner = self.owner() == Some(StaffId(by));
                let result = self.happen(Event::StaffSaid(StaffId(by), said));
                assert_eq!(result.is_ok(), is_owner);
                if is_owner {
                    self.said_by_owner.push((by, message, words.clone()));
                    self.wanted_for_shopper.push(words);
                } else {
                    self.never_for_shopper.insert(words);
                }
            }
            Step::StaffNotes(by) => {
                let message = self.number();
                let words = format!("// n{message}");
                let said = Said { message: MessageId(message), content: Content::text(&words) };
                assert!(
                    self.case.is_none() || self.happen(Event::StaffSaid(StaffId(by), said)) == Ok(Applied::Ignored)
                );
                self.never_for_shopper.insert(words);
            }
            Step::StaffEdits(by, which) => {
                let Some((_, message, words)) = self.said_by_owner.get(which).cloned() else { return };
                let changed = if which == 0 { format!("// {words}") } else { format!("{words}+{}", self.numbers) };
                let is_owner = self.owner() == Some(StaffId(by));
                let said = Said { message: MessageId(message), content: Content::text(&changed) };
                let result = self.happen(Event::StaffEdited(StaffId(by), said));
                if !is_owner || which == 0 {
                    self.never_for_shopper.insert(changed);
                    assert!(result != Ok(Applied::Changed));
                }
            }
            Step::Claim(by) => {
                let waiting = self.case.as_ref().is_some_and(|case| case.attendant() == Attendant::Waiting);
                assert_eq!(self.happen(Event::Claim(StaffId(by))).is_ok(), waiting);
            }
            Step::Transfer(from, to) => self.try_to(Event::Transfer(StaffId(from), StaffId(to))),
            Step::PutBack(by) => self.try_to(Event::PutBack(StaffId(by))),
            Step::Release(by) => self.try_to(Event::Release(StaffId(by))),
            Step::Close(by) => self.try_to(Event::Close(StaffId(by), CloseReason::Solved)),
            Step::Offer(by) => {
                let words = format!("d{}", self.number());
                self.try_to(Event::Offer(
                    StaffId(by),
                    Offered { content: Some(Content::text(words)), ..Offered::default() },
                ));
            }
            Step::SendDraft(by, which) => {
                let Some(draft) = self.case.as_ref().and_then(|case| case.drafts.get(which).cloned()) else { return };
                if self.happen(Event::SendDraft(StaffId(by), draft.id)).is_ok() {
                    let words = draft.offered.content.map(|content| content.words().to_owned()).unwrap_or_default();
                    self.sent_again.insert(root(&words).to_owned());
                    self.wanted_for_shopper.push(words);
                    assert_eq!(
                        self.happen(Event::SendDraft(StaffId(by), draft.id)),
                        Err(Refusal::NoDraft),
                        "two taps send once"
                    );
                }
            }
            Step::Rate(stars) => self.try_to(Event::Rate(stars)),
            Step::Wait(seconds) => {
                self.now += seconds;
                self.try_to(Event::Tick);
            }
            Step::Deliver(to, network) => {
                self.deliver(to, &network);
            }
            Step::BotBegins => self.bot = Some((self.case.as_ref().map_or(0, |case| case.epoch), false)),
            Step::BotSpeaks => {
                let Some((epoch, claimed_since)) = self.bot.take() else { return };
                if self.case.as_ref().is_none_or(|case| case.permits_bot(epoch)) {
                    assert!(!claimed_since && self.owner().is_none(), "the bot speaks after a claim");
                }
            }
            Step::Restart => self.restart(),
            Step::Again => {
                let Some((update, event)) = self.last.clone() else { return };
                self.restart();
                let clock = self.clock();
                if let Some(case) = &mut self.case {
                    let before = case.clone();
                    assert_eq!(case.apply(&clock, Some(update), event), Ok(Applied::Before));
                    assert_eq!(*case, before);
                }
            }
        }
    }

    /// Sends the oldest thing for a recipient; whether there was one.
    fn deliver(&mut self, to: Recipient, network: &Network) -> bool {
        let now = self.now;
        let Some(case) = &mut self.case else { return false };
        let Some(outgoing) = case.begin(to, now) else { return false };
        assert!(case.begin(to, now).is_none(), "one at a time, in order");
        let arrives = is_report(&outgoing) && matches!(network, Network::Never)
            || matches!(network, Network::Arrives | Network::CrashAfter | Network::Unknown { arrived: true });
        let copy = if arrives { self.arrive(&outgoing) } else { None };
        let Some(case) = &mut self.case else { return false };
        match network {
            Network::Arrives => case.finish(outgoing.seq, copy),
            Network::Later => case.put_off(outgoing.seq, now + 1),
            Network::Never => case.fail(outgoing.seq),
            Network::Unknown { .. } => case.doubt(outgoing.seq),
            Network::CrashBefore | Network::CrashAfter => self.restart(),
        }
        true
    }

    fn arrive(&mut self, outgoing: &Outgoing) -> Option<MessageId> {
        let copy = self.number();
        let case = self.case.as_ref()?;
        let chat = match outgoing.to {
            Recipient::Shopper => &mut self.shopper,
            Recipient::Staff => &mut self.staff,
        };
        match &outgoing.parcel {
            Parcel::Relay { content, .. } => {
                chat.shown.insert(copy, (content.words().to_owned(), outgoing.maybe_again));
            }
            Parcel::Edit { by, origin, content } => {
                let shown = case.copy_of(*by, *origin).and_then(|copy| chat.shown.get_mut(&copy.0));
                if let Some((words, _)) = shown {
                    content.words().clone_into(words);
                }
            }
            Parcel::Notice { notice: Notice::NotDelivered { excerpt } | Notice::Uncertain { excerpt, .. }, .. } => {
                chat.reported.insert(root(excerpt).to_owned());
            }
            Parcel::Notice { .. } | Parcel::Cards { .. } => {}
        }
        Some(MessageId(copy))
    }

    fn settle(&mut self) {
        self.restart();
        self.now += 10;
        while self.deliver(Recipient::Staff, &Network::Arrives) || self.deliver(Recipient::Shopper, &Network::Arrives) {
        }
        let case_is_empty = self.case.as_ref().is_none_or(|case| case.outbox.is_empty());
        assert!(case_is_empty, "everything leaves in the end");
        let roots = |chat: &Chat, marked: bool| -> Vec<String> {
            let shown = chat.shown.values().filter(|(_, again)| marked || !again);
            shown.map(|(words, _)| root(words).to_owned()).collect()
        };
        for (chat, all, reports) in [
            (&self.staff, &self.wanted_for_staff, &self.shopper.reported),
            (&self.shopper, &self.wanted_for_shopper, &self.staff.reported),
        ] {
            let shown = roots(chat, true);
            for words in all {
                let count = shown.iter().filter(|one| *one == root(words)).count();
                assert!(count > 0 || reports.contains(root(words)), "{words} is lost and nobody was told");
            }
            for words in &shown {
                assert!(all.iter().any(|one| root(one) == words), "{words} was said by nobody who may");
            }
            let mut fresh: Vec<String> = roots(chat, false);
            fresh.retain(|words| !self.sent_again.contains(words));
            let sorted: Vec<i64> = fresh.iter().map(|words| words[1..].parse().expect("number")).collect();
            assert!(sorted.is_sorted_by(|a, b| a < b), "doubled or out of order: {fresh:?}");
        }
        for (words, again) in self.shopper.shown.values() {
            assert!(!self.never_for_shopper.contains(words) && !again, "the shopper sees {words}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: SEQUENCES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_there_is_one_owner_and_no_message_is_lost_or_doubled(steps in prop::collection::vec(step(), 1..48)) {
        let mut world = World::new();
        world.take(Step::Request);
        for step in steps {
            world.take(step);
        }
        world.settle();
    }
}

fn claimed() -> (Case, Clock) {
    let clock = Clock { now: 0, open_since: Some(0), patience: PATIENCE };
    let mut case = Case::open(request(), &clock);
    case.apply(&clock, None, Event::Claim(StaffId(1))).expect("claimed");
    case.outbox.clear();
    (case, clock)
}

fn notices(case: &mut Case) -> Vec<Notice> {
    let notice = |outgoing: Outgoing| match outgoing.parcel {
        Parcel::Notice { notice, .. } if outgoing.to == Recipient::Staff => Some(notice),
        _ => None,
    };
    case.outbox.drain(..).filter_map(notice).collect()
}

#[test]
fn a_quiet_claim_warns_then_goes_to_the_queue_then_to_the_bot() {
    let (mut case, clock) = claimed();
    let at = |now| Clock { now, ..clock };
    let mut tick = |now| {
        case.apply(&at(now), None, Event::Tick).expect("tick");
        (notices(&mut case), case.attendant())
    };
    assert_eq!(tick(299), (vec![], Attendant::Person));
    assert_eq!(tick(300), (vec![Notice::Quiet { by: StaffId(1), minutes: 5 }], Attendant::Person));
    assert_eq!(tick(600), (vec![Notice::Requeued { by: StaffId(1) }], Attendant::Waiting));
    assert_eq!(tick(1200), (vec![Notice::Unclaimed { minutes: 10 }], Attendant::Waiting));
    assert_eq!(tick(2400), (vec![Notice::GivenUp], Attendant::Bot));
}

#[test]
fn an_answered_shopper_is_not_a_quiet_claim() {
    let (mut case, clock) = claimed();
    let said = Said { message: MessageId(1), content: Content::text("您好") };
    case.apply(&clock, None, Event::StaffSaid(StaffId(1), said)).expect("said");
    let later = Clock { now: 90_000, ..clock };
    assert_eq!(case.apply(&later, None, Event::Tick), Ok(Applied::Ignored));
    assert_eq!(case.owner(), Some(StaffId(1)));
}

#[test]
fn the_queue_does_not_run_out_while_the_desk_is_closed() {
    let closed = Clock { now: 0, open_since: None, patience: PATIENCE };
    let mut case = Case::open(request(), &closed);
    let told = case.outbox.iter().any(|outgoing| {
        outgoing.to == Recipient::Shopper
            && matches!(outgoing.parcel, Parcel::Notice { notice: Notice::OutOfHours, .. })
    });
    assert!(told, "the shopper is told that nobody is there");
    case.apply(&Clock { now: 50_000, ..closed }, None, Event::Tick).expect("tick");
    assert_eq!(case.attendant(), Attendant::Waiting);
    let morning = Clock { now: 50_100, open_since: Some(50_050), patience: PATIENCE };
    case.apply(&morning, None, Event::Tick).expect("tick");
    assert_eq!(case.state, HandoffState::Waiting { since: 0, reminded: false }, "the wait begins with the day");
}

#[test]
fn a_rating_counts_once_and_only_after_the_end() {
    let (mut case, clock) = claimed();
    assert_eq!(case.apply(&clock, None, Event::Rate(1)), Ok(Applied::Ignored));
    case.apply(&clock, None, Event::Close(StaffId(1), CloseReason::Solved)).expect("closed");
    assert_eq!(case.apply(&clock, None, Event::Rate(9)), Ok(Applied::Ignored));
    assert_eq!(case.apply(&clock, None, Event::Rate(5)), Ok(Applied::Changed));
    assert_eq!(case.apply(&clock, None, Event::Rate(1)), Ok(Applied::Ignored));
    assert_eq!(case.rating, Some(5));
}
