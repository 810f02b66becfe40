//! Customer service on the sample shop: who may see an order, how often one may guess, and that a change is done once.

use daogou::assistant::{Input, Outcome, Turn};
use daogou::domain::handoff::HandoffReason;
use daogou::domain::identifier::{ConversationId, OrderId};
use daogou::domain::order::OrderStatus;
use daogou::domain::reply::{Action, Block};
use daogou::domain::session::Attendant;

use crate::shop::sample_shop;

/// Paid, of Priya, in English, with a note for a card.
const PAID: &str = "DG20261123043";
const PAID_PHONE: &str = "19900079672";

fn take(conversation: &str, input: Input) -> Outcome {
    let turn = Turn { conversation: ConversationId::from(conversation), update: None, input };
    sample_shop().assistant.handle(&turn, &mut ()).expect("a turn")
}

fn say(conversation: &str, text: &str) -> Outcome {
    take(conversation, Input::Message { text: text.into(), about: None })
}

fn text(outcome: &Outcome) -> String {
    outcome.reply.as_ref().expect("a reply").plain_text()
}

fn buttons(outcome: &Outcome) -> Vec<Action> {
    let blocks = outcome.reply.iter().flat_map(|reply| &reply.blocks);
    let choices = blocks.filter_map(|block| match block {
        Block::Choices { choices } => Some(choices),
        _ => None,
    });
    choices.flatten().map(|choice| choice.action.clone()).collect()
}

#[test]
fn an_order_that_exists_is_answered_like_one_that_does_not() {
    let real = say("service-real", &format!("where is my order {PAID}"));
    let invented = say("service-invented", "where is my order DG20261123999");
    assert_eq!(text(&real), text(&invented).replace("DG20261123999", PAID));
    let real = say("service-real", "19900000000");
    let invented = say("service-invented", "19900000000");
    assert_eq!(text(&real), text(&invented));
    assert!(real.session.verified_orders.is_empty());
}

#[test]
fn five_wrong_details_lock_the_order_for_every_conversation_and_even_the_right_one_waits() {
    let order = "DG20261123998";
    say("service-guess", &format!("where is my order {order}"));
    for guess in 0..4 {
        assert!(text(&say("service-guess", &format!("1990000000{guess}"))).contains("don't match"));
    }
    assert!(text(&say("service-guess", "19900000009")).contains("an hour"));
    let own = say("service-guess", &format!("where is my order {PAID}, phone {PAID_PHONE}"));
    assert!(text(&own).contains("an hour"), "the conversation is locked: {}", text(&own));
    let other = say("service-other", &format!("where is my order {order}, phone 19900000001"));
    assert!(text(&other).contains("an hour"), "the number is locked: {}", text(&other));
}

#[test]
fn a_change_needs_the_button_of_its_listing_and_is_carried_out_once() {
    let conversation = "service-change";
    let shown = say(conversation, &format!("where is my order {PAID}? phone {PAID_PHONE}"));
    assert!(text(&shown).contains("paid"), "{}", text(&shown));
    assert!(!text(&shown).contains("Happy birthday"), "the note is not shown");
    let cancel =
        buttons(&shown).into_iter().find(|action| matches!(action, Action::ChangeOrder { .. })).expect("a button");
    let listed = take(conversation, Input::Press(cancel));
    let yes =
        buttons(&listed).into_iter().find(|action| matches!(action, Action::Confirm { yes: true, .. })).expect("yes");
    let orders = &sample_shop().assistant.parts().service.orders;
    let status = || orders.find(&OrderId::from(PAID)).expect("book").expect("order");
    assert_eq!(status().status, OrderStatus::Paid, "listing does nothing");
    say(conversation, "yes");
    assert_eq!(status().status, OrderStatus::Paid, "a yes in words does nothing");
    let forged = take("service-forger", Input::Press(yes.clone()));
    assert_eq!(status().status, OrderStatus::Paid, "another conversation's button does nothing: {}", text(&forged));
    for _ in 0..2 {
        take(conversation, Input::Press(yes.clone()));
        assert_eq!(status().status, OrderStatus::Cancelled);
    }
    assert_eq!(status().events.iter().filter(|event| event.status == OrderStatus::Cancelled).count(), 1);
}

#[test]
fn a_note_that_gives_orders_is_neither_shown_nor_followed() {
    let shown = say("service-note", "订单 DG20261118032 到哪了");
    assert!(!text(&shown).contains("9999"));
    let proof = sample_shop().assistant.parts().service.orders.find(&"DG20261118032".into());
    let phone = proof.expect("book").expect("order").contact.phone;
    let shown = say("service-note", &phone);
    assert!(text(&shown).contains("DG20261118032") && !text(&shown).contains("ignore previous"), "{}", text(&shown));
    assert_eq!(shown.session.verified_orders, [OrderId::from("DG20261118032")], "that order and no other");
}

#[test]
fn what_no_policy_covers_is_recorded_without_who_asked() {
    let said = say("service-uncovered", "do you have a student discount? mail me at a@b.com");
    assert!(buttons(&said).contains(&Action::Human), "{}", text(&said));
    let kept = sample_shop().assistant.parts().service.unanswered.with_prefix("").expect("table");
    assert!(kept.iter().any(|(_, question)| question.question.contains("student")), "{kept:?}");
    assert!(kept.iter().all(|(_, question)| !question.question.contains('@')), "{kept:?}");
}

#[test]
fn a_question_between_passages_offers_their_headings_and_a_press_shows_the_passage() {
    let both = say("service-both", "what is the freight on a swap or a repair");
    let quotes = both.reply.iter().flat_map(|reply| &reply.blocks).filter(|block| matches!(block, Block::Quote { .. }));
    assert_eq!(quotes.count(), 2, "two that are as likely meant are both quoted: {}", text(&both));
    let conversation = "service-between";
    let asked = say(conversation, "who pays the freight");
    let passages: Vec<Action> =
        buttons(&asked).into_iter().filter(|action| matches!(action, Action::Passage { .. })).collect();
    assert!(!passages.is_empty(), "{}", text(&asked));
    let shown = take(conversation, Input::Press(passages[0].clone()));
    let quoted = shown.reply.iter().flat_map(|reply| &reply.blocks).any(|block| matches!(block, Block::Quote { .. }));
    assert!(quoted, "{}", text(&shown));
    let gone = take(conversation, Input::Press(Action::Passage { id: "returns.en.md#No such heading".into() }));
    assert!(!text(&gone).is_empty(), "a button to a passage that is gone says so");
    assert!(!gone.reply.iter().flat_map(|reply| &reply.blocks).any(|block| matches!(block, Block::Quote { .. })));
}

#[test]
fn the_second_answer_in_a_row_that_does_not_help_calls_a_person_and_says_what_comes_next() {
    let sayings = [("service-failures-en", "add the 9th one to my cart"), ("service-failures-zh", "第九款加入购物车")];
    for (conversation, words) in sayings {
        let first = say(conversation, words);
        assert!(first.handoff.is_none(), "one failure is no reason yet: {}", text(&first));
        let second = say(conversation, words);
        let reason = second.handoff.as_ref().map(|handoff| handoff.reason);
        assert_eq!(reason, Some(HandoffReason::Failures), "{}", text(&second));
        assert_eq!(second.session.attendant, Attendant::Waiting);
        let said = text(&second);
        assert!(said.contains("3 min") || said.contains("3 分钟"), "how long it usually takes: {said}");
        assert!(said.contains("Keep browsing") || said.contains("继续逛"), "and that one may go on: {said}");
    }
}
