//! Updates as Telegram documents and sends them, of every kind: those for the bot are answered once, the others are passed over.

use std::sync::Arc;
use std::time::Duration;

use daogou::assistant::Input;
use daogou::domain::identifier::Sku;
use daogou::domain::reply::Action;
use serde_json::{Value, json};

use super::bot_api::{BOT, BotApi};
use super::scripted::{Running, Scripted, quick};

const PERSON: i64 = 1_147_483_649;

async fn open() -> (BotApi, Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), quick());
    (api, running, folder)
}

fn person() -> Value {
    json!({ "id": PERSON, "is_bot": false, "first_name": "Ána <b>", "last_name": "李", "username": "ana_li", "language_code": "en-GB", "is_premium": true })
}

fn private() -> Value {
    json!({ "id": PERSON, "first_name": "Ána <b>", "last_name": "李", "username": "ana_li", "type": "private" })
}

fn bot() -> Value {
    json!({ "id": BOT, "is_bot": true, "first_name": "Shop", "username": "ShopBot" })
}

fn message(number: i64, content: Value) -> Value {
    let mut message = json!({ "message_id": number, "from": person(), "chat": private(), "date": 1_764_097_200 });
    for (name, value) in content.as_object().expect("object") {
        message[name] = value.clone();
    }
    message
}

fn file(id: &str) -> Value {
    json!({ "file_id": id, "file_unique_id": "AQADyQ", "file_size": 48_231 })
}

fn with(mut value: Value, more: Value) -> Value {
    for (name, field) in more.as_object().expect("object") {
        value[name] = field.clone();
    }
    value
}

/// Everything that a real server may send and that is not for the shop.
fn not_for_the_shop() -> Vec<Value> {
    let channel = json!({ "id": -1_001_234_567_890_i64, "title": "News", "username": "news", "type": "channel" });
    let group = json!({ "id": -1_009_876_543_210_i64, "title": "Friends", "type": "supergroup", "is_forum": true });
    let post =
        json!({ "message_id": 5, "sender_chat": channel, "chat": channel, "date": 1_764_097_200, "text": "hello all" });
    let joined = json!({ "user": bot(), "status": "member" });
    let left = json!({ "user": bot(), "status": "kicked", "until_date": 0 });
    let member = json!({ "chat": private(), "from": person(), "date": 1_764_097_200, "old_chat_member": joined, "new_chat_member": left });
    let in_group = |content: Value| {
        with(json!({ "message_id": 6, "from": person(), "chat": group, "date": 1_764_097_200 }), content)
    };
    vec![
        json!({ "channel_post": post }),
        json!({ "edited_channel_post": with(post.clone(), json!({ "edit_date": 1_764_097_300 })) }),
        json!({ "my_chat_member": member }),
        json!({ "chat_member": with(member.clone(), json!({ "chat": group })) }),
        json!({ "chosen_inline_result": { "result_id": "p_S1", "from": person(), "query": "shoes" } }),
        json!({ "poll": { "id": "5", "question": "?", "options": [], "total_voter_count": 0, "is_closed": true, "is_anonymous": true,
            "type": "regular", "allows_multiple_answers": false } }),
        json!({ "message_reaction": { "chat": private(), "message_id": 3, "user": person(), "date": 1_764_097_200, "old_reaction": [],
            "new_reaction": [{ "type": "emoji", "emoji": "👍" }] } }),
        json!({ "business_message": message(7, json!({ "text": "not here" })) }),
        json!({ "a_kind_of_next_year": { "id": 1, "text": "?" } }),
        json!({}),
        json!({ "message": in_group(json!({ "text": "who is in?" })) }),
        json!({ "message": in_group(json!({ "text": "@OtherBot shoes", "entities": [{ "offset": 0, "length": 9, "type": "mention" }] })) }),
        json!({ "message": in_group(json!({ "text": "/help@OtherBot", "entities": [{ "offset": 0, "length": 14, "type": "bot_command" }] })) }),
        json!({ "message": in_group(json!({ "new_chat_members": [bot()] })) }),
        json!({ "message": in_group(json!({ "pinned_message": in_group(json!({ "text": "pinned" })) })) }),
        json!({ "message": in_group(json!({ "forum_topic_created": { "name": "Shoes", "icon_color": 7_322_096 }, "message_thread_id": 6, "is_topic_message": true })) }),
        json!({ "message": { "message_id": 8, "date": 1_764_097_200, "chat": group, "sender_chat": group, "text": "@ShopBot from an anonymous admin",
            "from": { "id": 1_087_968_824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot" } } }),
        json!({ "edited_message": message(9, json!({ "edit_date": 1_764_097_300, "location": { "latitude": 31.2, "longitude": 121.5, "live_period": 900 } })) }),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_for_the_shop_is_passed_over_and_holds_nothing_up() {
    let (api, running, _folder) = open().await;
    for update in not_for_the_shop() {
        api.push(update);
    }
    api.push(json!({ "message": message(100, json!({ "text": "shoes" })) }));
    api.wait_for_messages(PERSON, 1).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    running.stop().await.expect("stopped");
    assert_eq!(api.texts(PERSON), ["echo: shoes"]);
    assert_eq!(api.lock().chats.len(), 1, "nobody else was written to");
    assert!(api.calls("answerInlineQuery").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_message_in_a_private_chat_is_answered_once() {
    let (api, running, _folder) = open().await;
    let photo = json!([
        with(file("small"), json!({ "width": 90, "height": 67 })),
        with(file("large"), json!({ "width": 1280, "height": 960 }))
    ]);
    let forwarded = json!({ "type": "hidden_user", "sender_user_name": "someone", "date": 1_764_000_000 });
    let kinds = [
        json!({ "text": "shoes 👟", "entities": [{ "offset": 0, "length": 5, "type": "bold" }, { "offset": 6, "length": 2, "type": "custom_emoji", "custom_emoji_id": "5368324170671202286" }] }),
        json!({ "text": "https://shop.example", "entities": [{ "offset": 0, "length": 20, "type": "url" }], "link_preview_options": { "url": "https://shop.example" } }),
        json!({ "photo": photo, "caption": "like this", "caption_entities": [{ "offset": 0, "length": 4, "type": "italic" }], "show_caption_above_media": true, "has_media_spoiler": true }),
        json!({ "photo": photo }),
        json!({ "text": "forwarded", "forward_origin": forwarded }),
        json!({ "voice": with(file("voice"), json!({ "duration": 2, "mime_type": "audio/ogg" })) }),
        json!({ "text": "quoted", "reply_to_message": message(3, json!({ "sticker": with(file("s"), json!({ "type": "regular", "width": 512, "height": 512,
            "is_animated": true, "is_video": false, "emoji": "👍", "set_name": "x" })) })), "quote": { "text": "q", "position": 0, "is_manual": true } }),
        json!({ "sticker": with(file("sticker"), json!({ "type": "custom_emoji", "width": 100, "height": 100, "is_animated": false, "is_video": true, "custom_emoji_id": "1" })) }),
        json!({ "text": "effect", "effect_id": "5104841245755180586", "reply_to_story": { "chat": private(), "id": 4 } }),
        json!({ "location": { "latitude": 31.2, "longitude": 121.5, "horizontal_accuracy": 12.0 } }),
        json!({ "text": "about something of next year", "reply_to_message": { "message_id": 4, "chat": private(), "date": 0, "something": { "new": true } } }),
        json!({ "video_note": with(file("note"), json!({ "length": 384, "duration": 3 })) }),
    ];
    for (place, content) in kinds.iter().enumerate() {
        api.push(json!({ "message": message(200 + place as i64, content.clone()) }));
        api.wait(&format!("an answer to {content}"), 10, |api| api.shown(PERSON).len() > place).await;
    }
    running.stop().await.expect("stopped");
    let texts = api.texts(PERSON);
    assert_eq!(texts.len(), kinds.len(), "{texts:#?}");
    for (content, text) in kinds.iter().zip(&texts) {
        match content["text"].as_str().or(content["caption"].as_str()) {
            Some(words) => assert_eq!(*text, format!("echo: {words}")),
            None => assert!(text.contains("only words"), "{text}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_words_did_not_change_is_not_answered_again() {
    let (api, running, _folder) = open().await;
    api.push(json!({ "message": message(300, json!({ "text": "https://shop.example/shoes" })) }));
    api.wait_for_messages(PERSON, 1).await;
    // Telegram tells of a link's preview as of an edit.
    let previewed = json!({ "text": "https://shop.example/shoes", "edit_date": 1_764_097_300, "link_preview_options": { "url": "https://shop.example" } });
    api.push(json!({ "edited_message": message(300, previewed) }));
    api.push(json!({ "edited_message": message(300, json!({ "text": "boots", "edit_date": 1_764_097_400 })) }));
    api.wait_for_messages(PERSON, 2).await;
    running.stop().await.expect("stopped");
    assert_eq!(api.texts(PERSON), ["echo: https://shop.example/shoes", "echo: boots"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inline_card_sent_to_the_shop_itself_opens_its_product() {
    let (api, running, _folder) = open().await;
    let card = json!({ "text": "Shoe", "via_bot": bot(), "reply_markup": { "inline_keyboard": [[{ "text": "Ask", "url": "https://t.me/ShopBot?start=p_S1" }]] } });
    api.push(json!({ "message": message(310, card) }));
    api.wait_for_messages(PERSON, 1).await;
    running.shop.turns.lock().expect("turns").iter().for_each(|turn| {
        assert_eq!(turn.input, Input::Press(Action::Detail { sku: Sku::new("S1") }));
    });
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_in_a_forum_stays_in_its_topic() {
    let (api, running, _folder) = open().await;
    let group = json!({ "id": -1_009_876_543_210_i64, "title": "Friends", "type": "supergroup", "is_forum": true });
    api.lock().topics.push((17, "Shoes".into()));
    let asked = json!({ "message_id": 40, "from": person(), "chat": group, "date": 1_764_097_200, "message_thread_id": 17, "is_topic_message": true,
        "text": "@ShopBot long", "entities": [{ "offset": 0, "length": 8, "type": "mention" }],
        "reply_to_message": { "message_id": 17, "from": person(), "chat": group, "date": 1_764_097_000, "message_thread_id": 17, "is_topic_message": true,
            "forum_topic_created": { "name": "Shoes", "icon_color": 7_322_096 } } });
    api.push(json!({ "message": asked }));
    let shown = api.wait_for_messages(-1_009_876_543_210, 3).await;
    running.stop().await.expect("stopped");
    assert!(shown.iter().all(|message| message.topic == Some(17)), "{shown:?}");
    assert_eq!(shown.iter().filter(|message| message.replies_to == Some(40)).count(), 1);
    let typing = api.calls("sendChatAction");
    assert_eq!(typing[0]["message_thread_id"], 17);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_press_is_answered_whatever_it_carries() {
    let (api, running, _folder) = open().await;
    let old = json!({ "message_id": 4, "chat": private(), "date": 0 });
    let presses = [
        json!({ "id": "q1", "inline_message_id": "BAAAAGsBAAC4", "data": "AAAAAAAAAAAAAAAA.c0" }),
        json!({ "id": "q2", "message": old, "data": "" }),
        json!({ "id": "q3", "message": old, "game_short_name": "chess" }),
        json!({ "id": "q4", "message": message(4, json!({ "text": "…", "from": bot() })), "data": "x".repeat(64) }),
        json!({ "id": "q5", "message": message(4, json!({ "text": "…", "from": bot() })), "data": "../../etc/passwd" }),
    ];
    for press in &presses {
        api.push(json!({ "callback_query": with(press.clone(), json!({ "from": person(), "chat_instance": "-3012345678901234567" })) }));
    }
    api.wait("all answered", 10, |api| api.lock().answered_queries.len() == presses.len()).await;
    running.stop().await.expect("stopped");
    assert!(
        api.lock()
            .answered_queries
            .values()
            .all(|said| said.as_deref().is_some_and(|said| said.contains("out of date")))
    );
    assert!(api.shown(PERSON).is_empty());
}
