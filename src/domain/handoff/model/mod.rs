//! A model of the whole desk: a shopper, the bot, two of the staff, timers, working hours, a bad network and restarts, in random order.
//!
//! After every step the case is compared with what [`world`] knows by itself of who has it; at the end every message that was said
//! must stand on the other side once, or its sender must know that it does not.

mod chat;
mod network;
mod world;

use proptest::prelude::*;

use self::world::World;
use super::{HandoffReason, HandoffRequest, Patience, Recipient};
use crate::domain::language::Language;

const SEQUENCES: u32 = 12_000;
pub const PATIENCE: Patience = Patience { warn: 300, requeue: 300, remind: 600, give_up: 1200 };

#[derive(Debug, Clone)]
pub enum Network {
    Arrives,
    Later,
    Never,
    Unknown { arrived: bool },
    CrashBefore,
    CrashAfter,
}

#[derive(Debug, Clone)]
pub enum Step {
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
    /// Something is begun, and what becomes of it shows later.
    Begin(Recipient),
    Land(Network),
    BotBegins,
    BotSpeaks,
    Restart,
    /// An update of a while ago comes again, as after a crash before its acknowledgement.
    Again(usize),
    /// The desk closes, or opens again.
    Hours(bool),
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

pub fn step() -> impl Strategy<Value = Step> {
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
        3 => prop_oneof![Just(Recipient::Shopper), Just(Recipient::Staff)].prop_map(Step::Begin),
        3 => network().prop_map(Step::Land),
        2 => Just(Step::BotBegins),
        2 => Just(Step::BotSpeaks),
        1 => Just(Step::Restart),
        2 => (0..6usize).prop_map(Step::Again),
        1 => any::<bool>().prop_map(Step::Hours),
    ]
}

pub fn request() -> HandoffRequest {
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
