//! Help for the staff: summaries, drafts, canned replies, translation, lists, ratings, hours.

use std::sync::Arc;

use super::super::recording::recording;
use super::{ADA, LIN, NOW, Shop, config, conversation};
use crate::domain::generator::Job;
use crate::domain::handoff::{CloseReason, DeskAction};
use crate::domain::outbox::ShopperPost;
use crate::inference::absent::Absent;
use crate::inference::scripted::Scripted;

#[test]
fn a_trusted_model_summarises() {
    let scripted = Scripted::trusted_with(&[Job::Summarise]).answering("耳机", "顾客想退耳机。");
    let mut shop = Shop::with(config(""), recording(), Arc::new(scripted));
    shop.ask();
    assert!(shop.face.staff()[0].contains("概要（模型）：\n顾客想退耳机。"), "{}", shop.face.staff()[0]);
}

#[test]
fn a_draft_names_its_source_and_is_sent_by_a_tap_of_the_owner_only_once() {
    let mut shop = Shop::claimed();
    shop.shopper_says("能退吗");
    let before = shop.face.shopper().len();
    assert!(shop.press(ADA, DeskAction::Draft).expect("told").contains("小林"));
    assert_eq!(shop.press(LIN, DeskAction::Draft), None);
    let draft = shop.face.staff().last().cloned().expect("draft");
    assert!(draft.contains("签收后 7 天内可以退货。") && draft.contains("returns.zh.md"), "{draft}");
    assert_eq!(shop.face.shopper().len(), before, "nothing leaves without a tap");
    let id = shop.last_draft();
    assert!(shop.press(ADA, DeskAction::SendDraft { id }).is_some());
    assert_eq!(shop.press(LIN, DeskAction::SendDraft { id }), None);
    assert!(shop.press(LIN, DeskAction::SendDraft { id }).is_some());
    assert_eq!(shop.face.shopper().len(), before + 1);
    shop.shopper_says("今天天气怎么样");
    shop.staff_says(LIN, "/suggest 耳机");
    let id = shop.last_draft();
    shop.press(LIN, DeskAction::SendDraft { id });
    let (_, last) = shop.face.to_shopper.lock().expect("posts").last().cloned().expect("cards");
    assert!(matches!(last, ShopperPost::Say(reply) if reply.cards().count() == 1));
}

#[test]
fn canned_replies_are_filled_in_the_shoppers_language() {
    let canned = "canned = [{ name = \"问候\", text = { zh = \"{shopper}您好，我是{shop}的{staff}，订单{order}\" } }]";
    let mut shop = Shop::with(config(canned), recording(), Arc::new(Absent::because("a test")));
    shop.ask();
    shop.press(LIN, DeskAction::Claim);
    shop.press(LIN, DeskAction::UseCanned { index: 0 });
    let id = shop.last_draft();
    shop.press(LIN, DeskAction::SendDraft { id });
    assert_eq!(shop.face.shopper().last().map(String::as_str), Some("小林：张三您好，我是样品店的小林，订单DG1"));
}

#[test]
fn a_low_rating_puts_the_question_on_the_list() {
    let mut shop = Shop::claimed();
    let desk = shop.desk();
    assert!(!desk.rate(&conversation(), 500, 1, NOW).expect("rate"), "not before the end");
    shop.staff_says(LIN, "您好");
    shop.press(LIN, DeskAction::CloseAs { reason: CloseReason::Solved });
    assert!(shop.face.shopper().last().expect("asked").contains("★★★★★"));
    assert!(shop.desk().rate(&conversation(), 501, 1, NOW).expect("rate"));
    assert!(!shop.desk().rate(&conversation(), 502, 5, NOW).expect("rate"), "once");
    assert!(shop.face.staff().last().expect("told").contains("★☆☆☆☆"));
    let listed = shop.desk().parts.store.table::<crate::domain::unanswered::Unanswered>("unanswered").expect("table");
    assert_eq!(listed.with_prefix("zh:").expect("read")[0].1.question, "这副耳机能退吗");
}

#[test]
fn a_model_that_cannot_translate_says_so_and_one_that_can_keeps_the_original() {
    let mut shop = Shop::claimed();
    assert!(shop.press(LIN, DeskAction::Translate { on: true }).expect("told").contains("不会翻译"));
    let scripted = Scripted::trusted_with(&[Job::Translate])
        .answering("where is it", "它在哪里")
        .answering("在路上", "It is on its way");
    let mut shop = Shop::with(config(""), recording(), Arc::new(scripted));
    shop.ask();
    shop.press(LIN, DeskAction::Claim);
    assert_eq!(shop.press(LIN, DeskAction::Translate { on: true }), None);
    shop.shopper_says("where is it");
    assert_eq!(shop.face.staff().last().map(String::as_str), Some("👤 张三: where is it\n🌐 它在哪里"));
    shop.shopper_says("unknown words");
    assert!(shop.face.staff().last().expect("told").contains("（未能翻译）"));
}

#[test]
fn the_queue_and_the_history_are_shown() {
    let mut shop = Shop::claimed();
    shop.staff_says(LIN, "您好");
    assert!(shop.desk().queue(NOW + 60).expect("queue").contains("小林 处理中，已回复"));
    assert_eq!(shop.staff_says(LIN, "/history"), None);
    assert!(shop.face.staff().last().expect("history").contains("🙋 小林: 您好"));
}

#[test]
fn who_waits_when_the_desk_closes_is_told_when_people_are_back() {
    let hours =
        "[hours]\nutc_offset_minutes = 480\nshifts = [{ days = [1, 2, 3, 4, 5], from = \"07:00\", to = \"09:00\" }]";
    let mut shop = Shop::with(config(hours), recording(), Arc::new(Absent::because("a test")));
    shop.ask();
    shop.desk().tick(NOW + 1200).expect("tick");
    assert!(shop.face.shopper().is_empty(), "it is open: 08:20");
    for after in [3700, 3800] {
        shop.desk().tick(NOW + after).expect("tick");
    }
    let told = shop.face.shopper();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("明天 07:00"), "{told:?}");
}

#[test]
fn a_draft_looks_further_back_than_a_word_of_assent_or_a_command() {
    let mut shop = Shop::claimed();
    shop.shopper_says("能退吗");
    shop.shopper_says("好的");
    shop.shopper_says("/cart");
    assert_eq!(shop.press(LIN, DeskAction::Draft), None);
    assert!(shop.face.staff().last().expect("draft").contains("签收后 7 天内可以退货。"));
}

#[test]
fn a_draft_shows_the_order_when_it_is_asked_about_or_nothing_else_answers() {
    for (question, shows_policy, shows_order) in
        [("盒子丢了能退吗", true, false), ("我的订单能退吗", true, true), ("到哪里了呀", false, true)]
    {
        let mut shop = Shop::claimed();
        shop.staff_says(LIN, &format!("/draft {question}"));
        let draft = shop.face.staff().last().cloned().expect("draft");
        assert_eq!(draft.contains("签收后 7 天内可以退货。"), shows_policy, "{draft}");
        assert_eq!(draft.contains("DG1：已发货"), shows_order, "{draft}");
    }
}

#[test]
fn who_was_told_nothing_is_not_asked_how_the_help_was() {
    let mut shop = Shop::claimed();
    shop.press(LIN, DeskAction::Release);
    let told = shop.face.shopper().last().cloned().expect("told");
    assert!(told.contains("结束") && !told.contains("★"), "{told}");
}

#[test]
fn only_the_owner_is_asked_what_to_do_next() {
    let mut shop = Shop::claimed();
    let before = shop.face.staff().len();
    for action in [DeskAction::Close, DeskAction::Transfer, DeskAction::Canned] {
        let told = shop.press(ADA, action).expect("told");
        assert!(told.contains("小林") && !told.contains("没有发给顾客"), "a press sends nothing anyway: {told}");
    }
    assert_eq!(shop.face.staff().len(), before);
}
