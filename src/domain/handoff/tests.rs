//! Single properties of a case: silence, hours, ratings. The whole machine is tried in `model`.

use super::model::{PATIENCE, request};
use super::*;
use crate::domain::outbox::{Content, MessageId};
use crate::domain::session::Attendant;

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
    case.apply(&Clock { now: 50_000, ..closed }, None, Event::Tick).expect("tick");
    assert_eq!(case.attendant(), Attendant::Waiting);
    let morning = Clock { now: 50_100, open_since: Some(50_050), patience: PATIENCE };
    case.apply(&morning, None, Event::Tick).expect("tick");
    assert_eq!(
        case.state,
        HandoffState::Waiting { since: 0, reminded: false, told_closed: false },
        "the wait begins with the day"
    );
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

#[test]
fn who_waits_when_the_desk_closes_is_told_once_a_day() {
    let open = Clock { now: 0, open_since: Some(0), patience: PATIENCE };
    let mut case = Case::open(request(), &open);
    let mut told = |now, open_since| {
        case.apply(&Clock { now, open_since, ..open }, None, Event::Tick).expect("tick");
        let outbox = std::mem::take(&mut case.outbox);
        outbox.iter().filter(|outgoing| outgoing.to == Recipient::Shopper).count()
    };
    assert_eq!(told(10, Some(0)), 0);
    assert_eq!((told(20, None), told(30, None)), (1, 0), "said once");
    assert_eq!((told(40, Some(40)), told(50, None)), (0, 1), "and again the next evening");
}

#[test]
fn what_a_low_rating_is_about_is_what_was_asked_not_the_call_for_a_person() {
    let (mut case, clock) = claimed();
    assert_eq!(case.question(), Some("转人工"), "there is nothing better");
    for (message, text) in [(5, "在吗"), (6, "盒子丢了还能退货吗"), (7, "好的谢谢你了")] {
        let said = Said { message: MessageId(message), content: Content::text(text) };
        case.apply(&clock, None, Event::ShopperSaid(said)).expect("said");
    }
    assert_eq!(case.question(), Some("盒子丢了还能退货吗"));
    case.apply(&clock, None, Event::Close(StaffId(1), CloseReason::Solved)).expect("closed");
    let complaint = HandoffRequest { reason: HandoffReason::Complaint, message: "两天就坏了".into(), ..request() };
    case.apply(&clock, None, Event::Request(complaint)).expect("asked");
    assert_eq!(case.question(), Some("两天就坏了"), "the last call's, not the one before");
}
