//! A held conversation at its edges: places and contacts, buttons and typing signs while a person speaks, a stop while the desk sends.

use std::time::Duration;

use serde_json::json;

use super::bot_api::{BotApi, Fault};
use super::support::{GROUP, Held, LIN, SHOPPER, shows};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_and_a_contact_reach_the_staff_in_words_and_what_cannot_is_told_to_the_shopper() {
    let held = Held::claimed().await;
    held.api.send(SHOPPER, json!({ "location": { "latitude": 30.25, "longitude": 120.17 } }));
    held.group_shows("📍 30.25, 120.17").await;
    held.api.send(SHOPPER, json!({ "contact": { "phone_number": "+86 199", "first_name": "张三" } }));
    held.group_shows("张三 +86 199").await;
    let story = json!({ "story": { "id": 1, "chat": { "id": SHOPPER, "type": "private", "first_name": "T" } } });
    held.api.send(SHOPPER, story);
    held.shopper_sees("转不到客服那里").await;
    held.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_that_is_replaced_is_replaced_on_the_other_side() {
    let held = Held::claimed().await;
    let photo = |file: &str| json!({ "photo": [{ "file_id": file, "file_unique_id": file, "width": 9, "height": 9, "file_size": 9 }] });
    let number = held.api.send(SHOPPER, photo("BEFORE"));
    held.api
        .wait("the picture is passed on", 20, |api| {
            api.shown(GROUP).iter().any(|message| message.file.as_deref() == Some("BEFORE"))
        })
        .await;
    held.api.edit_content(SHOPPER, number, photo("AFTER"));
    let is_replaced = |api: &BotApi| api.shown(GROUP).iter().any(|message| message.file.as_deref() == Some("AFTER"));
    held.api.wait("the picture is replaced", 20, is_replaced).await;
    assert!(!held.api.shown(GROUP).iter().any(|message| message.file.as_deref() == Some("BEFORE")));
    held.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_person_speaks_buttons_say_so_and_the_bot_does_not_seem_to_write() {
    let held = Held::open().await;
    held.api.say(SHOPPER, "list");
    held.shopper_sees("2 found").await;
    held.ask().await;
    held.api.press_in(GROUP, LIN, "认领");
    held.shopper_sees("小林 已接入").await;
    let before = held.api.texts(SHOPPER).len();
    let typing = held.api.lock().typing.get(&SHOPPER).copied().unwrap_or_default();
    held.api.press_label(SHOPPER, "1");
    let is_open =
        |api: &BotApi| api.shown(SHOPPER).iter().any(|shown| shown.buttons.iter().any(|(label, _)| label == "Details"));
    held.api.wait("the buttons of product 1", 20, is_open).await;
    let query = held.api.press_label(SHOPPER, "Details");
    held.query_says(&query, "正由人工为您服务").await;
    held.api.say(SHOPPER, "在吗");
    held.group_shows("在吗").await;
    held.settle().await;
    assert_eq!(held.api.texts(SHOPPER).len(), before);
    assert_eq!(held.api.lock().typing.get(&SHOPPER).copied().unwrap_or_default(), typing);
    held.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_does_not_wait_for_a_message_of_the_desk_that_telegram_does_not_take() {
    let mut held = Held::claimed().await;
    let topic = held.topic();
    // The first try fails, so that the desk's own clock sends again; that time Telegram keeps silent.
    let mut tries = 0;
    held.api.plan(move |method, call| {
        let is_it = method == "sendMessage" && call["text"].as_str().is_some_and(|words| words.contains("慢慢来"));
        tries += i32::from(is_it);
        match (is_it, tries) {
            (true, 1) => Some(Fault::Status { code: 500 }),
            (true, _) => Some(Fault::Slow { ms: 40_000 }),
            _ => None,
        }
    });
    held.api.say_in(GROUP, LIN, Some(topic), None, "慢慢来");
    held.api.wait("the desk sends again", 30, |api| api.lock().faults >= 2).await;
    let stopped = tokio::time::timeout(Duration::from_secs(20), held.stop()).await;
    assert!(stopped.is_ok(), "the stop has a deadline");
    held.api.lock().fault = None;
    held.restart().await;
    held.group_shows("不确定是否已送达").await;
    assert_eq!(shows(&held.api, SHOPPER, "慢慢来"), 0, "not sent again without a tap");
    held.close().await;
}
