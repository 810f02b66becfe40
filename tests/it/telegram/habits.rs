//! What a shopper sees and presses.

use std::sync::Arc;
use std::time::Duration;

use daogou::assistant::Input;
use daogou::domain::identifier::Sku;
use daogou::domain::reply::Action;
use serde_json::json;

use super::bot_api::BotApi;
use super::scripted::{Running, Scripted, quick};

async fn open() -> (BotApi, Running, tempfile::TempDir) {
    open_with(Scripted::default()).await
}

async fn open_with(shop: Scripted) -> (BotApi, Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("folder");
    let images = folder.path().join("catalog/images");
    std::fs::create_dir_all(&images).expect("folder");
    std::fs::write(images.join("a.jpg"), "a picture").expect("picture");
    let api = BotApi::start().await;
    let running = Running::start(&api, folder.path(), Arc::new(shop), quick());
    (api, running, folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn start_greets_in_the_language_of_the_app_with_examples_to_press() {
    let (api, running, _folder) = open().await;
    api.say(42, "/start");
    let shown = api.wait_for_messages(42, 1).await;
    assert!(shown[0].text.contains("您好") && shown[0].text.contains("Test Shop"), "{shown:?}");
    assert_eq!(shown[0].buttons.len(), 4);
    api.press_label(42, "退货要几天");
    let shown = api.wait_for_messages(42, 2).await;
    assert_eq!(shown[1].text, "echo: 退货要几天");
    api.wait("spent examples are taken away", 5, |api| api.shown(42)[0].buttons.is_empty()).await;
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_opens_one_product_at_a_time_in_place() {
    let (api, running, _folder) = open().await;
    api.say(41, "list");
    let shown = api.wait_for_messages(41, 1).await;
    assert!(shown[0].text.contains("1. Shoe <1> & co · Norridge\n¥299 · ★4.5 (12)"), "{}", shown[0].text);
    let labels = |api: &BotApi| api.shown(41)[0].buttons.iter().map(|(label, _)| label.clone()).collect::<Vec<_>>();
    assert_eq!(labels(&api), ["1", "2", "More"]);
    api.press_label(41, "2");
    let opened = ["1", "▾ 2", "Details", "Save", "Add to cart", "Open page", "More"];
    api.wait("the second product is open", 5, |api| labels(api) == opened).await;
    let query = api.press_label(41, "Save");
    api.wait("saved", 5, |api| labels(api).contains(&"Saved ✓".to_owned())).await;
    assert_eq!(api.lock().answered_queries[&query].as_deref(), Some("saved S2"));
    assert_eq!(api.shown(41).len(), 1, "a toggle sends no message");
    api.press_label(41, "More");
    api.wait_for_messages(41, 2).await;
    api.wait("More is spent", 5, |api| !labels(api).contains(&"More".to_owned())).await;
    assert!(labels(&api).contains(&"Details".to_owned()), "what can be done with products stays");
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_with_a_picture_is_a_photo_uploaded_once_and_one_without_is_text() {
    let (api, running, _folder) = open().await;
    api.say(41, "photos");
    let shown = api.wait_for_messages(41, 3).await;
    let photos: Vec<bool> = shown.iter().map(|message| message.is_photo).collect();
    assert_eq!(photos, [false, true, false]);
    assert!(shown[1].text.contains("Shoe <1>") && shown[2].text.contains("Shoe <2>"));
    assert!(shown[2].buttons.iter().any(|(label, _)| label == "More"));
    api.say(41, "photos");
    api.wait_for_messages(41, 6).await;
    let sent: Vec<String> =
        api.calls("sendPhoto").iter().map(|call| call["photo"].as_str().unwrap_or_default().to_owned()).collect();
    assert!(sent[0].starts_with("file:a.jpg:a picture") && sent[1].starts_with("AgAC"), "{sent:?}");
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_foreign_or_malformed_press_does_nothing_and_is_told_so() {
    let (api, running, _folder) = open().await;
    api.say(41, "list");
    api.say(43, "list");
    let mine = api.wait_for_messages(41, 1).await.remove(0);
    api.wait_for_messages(43, 1).await;
    let more = mine.buttons.iter().find(|(label, _)| label == "More").expect("More").1.clone();
    let turns = running.shop.turns.lock().expect("turns").len();
    let foreign = api.press(43, mine.id, &more);
    let forged = api.press(41, mine.id, "AAAAAAAAAAAAAAAA.c0");
    let malformed = api.press(41, mine.id, "{\"do\":\"cart_clear\"}");
    for query in [foreign, forged, malformed] {
        api.wait("answered", 5, |api| api.lock().answered_queries.contains_key(&query)).await;
        let said = api.lock().answered_queries[&query].clone().unwrap_or_default();
        assert!(said.contains("out of date"), "{said}");
    }
    assert_eq!(running.shop.turns.lock().expect("turns").len(), turns);
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_choice_pressed_twice_is_taken_once() {
    let (api, running, _folder) = open().await;
    api.say(41, "list");
    let shown = api.wait_for_messages(41, 1).await;
    let more = shown[0].buttons.iter().find(|(label, _)| label == "More").expect("More").1.clone();
    let first = api.press(41, shown[0].id, &more);
    let second = api.press(41, shown[0].id, &more);
    api.wait("both answered", 5, |api| {
        let inner = api.lock();
        inner.answered_queries.contains_key(&first) && inner.answered_queries.contains_key(&second)
    })
    .await;
    api.say(41, "done");
    api.wait("the last message is answered", 5, |api| api.texts(41).contains(&"echo: done".to_owned())).await;
    assert_eq!(api.texts(41).iter().filter(|text| *text == "More").count(), 1);
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_to_a_card_means_its_product() {
    let (api, running, _folder) = open().await;
    api.say(41, "photos");
    let shown = api.wait_for_messages(41, 3).await;
    let bot = json!({ "id": super::bot_api::BOT, "is_bot": true, "first_name": "Shop", "username": "ShopBot" });
    let replied = json!({ "message_id": shown[1].id, "date": 1_441_645_532, "from": bot,
        "chat": { "id": 41, "type": "private", "first_name": "Test" }, "caption": "…", "photo": [] });
    api.send(41, json!({ "text": "is it washable", "reply_to_message": replied }));
    api.wait("answered about the product", 5, |api| api.texts(41).contains(&"about S1: is it washable".to_owned()))
        .await;
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deep_links_open_a_product_or_a_search() {
    let (api, running, _folder) = open().await;
    api.say(41, "/start p_DJ-101");
    api.wait_for_messages(41, 1).await;
    api.say(41, "/start q_down_jacket");
    api.wait("both answered", 5, |api| api.texts(41).len() == 2).await;
    let turns = running.shop.turns.lock().expect("turns");
    let inputs: Vec<&Input> = turns.iter().map(|turn| &turn.input).collect();
    assert_eq!(*inputs[0], Input::Press(Action::Detail { sku: Sku::new("DJ-101") }));
    assert_eq!(*inputs[1], Input::Message { text: "down jacket".into(), about: None });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn voice_stickers_and_pictures_get_a_kind_answer_once_and_captions_are_read() {
    let (api, running, _folder) = open().await;
    let photo = json!([{ "file_id": "A", "file_unique_id": "B", "width": 90, "height": 90, "file_size": 1101 }]);
    for _ in 0..3 {
        api.send(41, json!({ "photo": photo, "media_group_id": "7" }));
    }
    api.wait_for_messages(41, 1).await;
    api.send(41, json!({ "photo": photo, "caption": "anything like this" }));
    api.wait("the caption is answered", 5, |api| api.texts(41).contains(&"echo: anything like this".to_owned())).await;
    let texts = api.texts(41);
    assert_eq!(texts.len(), 2, "an album is answered once: {texts:?}");
    assert!(texts[0].contains("only words"));
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_is_one_turn_and_an_edited_message_is_answered_anew() {
    let (api, running, _folder) = open().await;
    let first = api.say(41, "down jacket");
    api.say(41, "black");
    api.say(41, "under 500");
    api.wait_for_messages(41, 1).await;
    assert_eq!(api.texts(41), ["echo: down jacket\nblack\nunder 500"]);
    api.edit(41, first, "rain jacket");
    api.wait_for_messages(41, 2).await;
    assert_eq!(api.texts(41)[1], "echo: rain jacket");
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_reply_is_split_and_its_markup_is_whole() {
    let (api, running, _folder) = open().await;
    api.say(41, "long");
    let whole = "羽绒服 & <b>".repeat(3000);
    api.wait("all parts", 10, |api| api.texts(41).concat().replace(' ', "").len() >= whole.replace(' ', "").len())
        .await;
    assert_eq!(api.texts(41).concat().replace(' ', ""), whole.replace(' ', ""));
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_the_shop_costs_one_answer() {
    let (api, running, _folder) = open().await;
    api.say(41, "panic");
    let shown = api.wait_for_messages(41, 1).await;
    assert!(shown[0].text.contains("Something went wrong"));
    api.say(41, "again");
    api.wait_for_messages(41, 2).await;
    assert_eq!(api.texts(41)[1], "echo: again");
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inline_mode_gives_cards_that_open_the_bot() {
    let (api, running, _folder) = open().await;
    api.push(json!({ "inline_query": { "id": "77", "from": super::bot_api::person_json(41), "query": "shoes", "offset": "" } }));
    api.wait("answered", 5, |api| !api.calls("answerInlineQuery").is_empty()).await;
    let answer = api.calls("answerInlineQuery").remove(0);
    assert_eq!(answer["results"].as_array().map(Vec::len), Some(2));
    let link = &answer["results"][0]["reply_markup"]["inline_keyboard"][0][0]["url"];
    assert_eq!(link, "https://t.me/ShopBot?start=p_S1");
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn admins_reload_while_shoppers_are_served_and_others_are_refused() {
    let shop = Scripted { reload_takes: Duration::from_millis(2500), ..Scripted::default() };
    let (api, running, _folder) = open_with(shop).await;
    api.say(41, "/reload");
    let refused = api.wait_for_messages(41, 1).await.remove(0);
    assert!(refused.text.contains("no such command"), "{refused:?}");
    api.say(900, "/reload");
    api.wait_for_messages(900, 1).await;
    api.say(41, "hello");
    api.wait_for_messages(41, 2).await;
    assert!(api.shown(900)[0].text.contains("正在重新加载"), "the shopper was served during the reload");
    api.wait("the outcome", 10, |api| api.shown(900)[0].text.contains("新增 3，变更 2，下架 1，拒收 1 行")).await;
    api.wait("the rejected lines", 5, |api| !api.calls("sendDocument").is_empty()).await;
    let document = api.calls("sendDocument").remove(0);
    assert!(document["document"].as_str().unwrap_or_default().contains("line 7: price"), "{document}");
    api.say(900, "/status");
    api.wait("status", 5, |api| api.texts(900).iter().any(|text| text.contains("今日轮次"))).await;
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn menus_are_set_for_everyone_in_both_languages_and_longer_for_admins() {
    let (api, running, _folder) = open().await;
    api.wait("menus", 5, |api| api.calls("setMyCommands").len() == 4).await;
    let calls = api.calls("setMyCommands");
    let has_reload = |call: &serde_json::Value| call["commands"].to_string().contains("reload");
    for call in &calls {
        assert_eq!(has_reload(call), call["scope"]["chat_id"] == json!(900), "{call}");
    }
    assert_eq!(calls.iter().filter(|call| call["language_code"] == json!("zh")).count(), 2);
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_is_answered_in_reply_and_only_when_the_bot_is_meant() {
    let (api, running, _folder) = open().await;
    let group = json!({ "id": -100_200, "type": "supergroup", "title": "Friends" });
    let message = |number: i64, text: &str| json!({ "message": { "message_id": number, "date": 1_441_645_532, "from": super::bot_api::person_json(41), "chat": group, "text": text } });
    api.push(message(11, "hello all"));
    api.push(message(12, "@ShopBot running shoes"));
    let shown = api.wait_for_messages(-100_200, 1).await;
    assert_eq!(shown[0].text, "echo: running shoes");
    assert_eq!(shown[0].replies_to, Some(12));
    assert_eq!(running.shop.turns.lock().expect("turns").len(), 1);
    running.stop().await.expect("stopped");
}
