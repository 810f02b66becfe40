//! What goes wrong between the bot and Telegram: no message may go unanswered or be answered twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use daogou::config::TelegramConfig;
use daogou::faces::telegram::TelegramError;

use super::bot_api::{BotApi, Fault};
use super::scripted::{Running, Scripted, quick};

const SHOPPERS: i64 = 50;
const MESSAGES: i64 = 12;

/// A plan that makes so many of a hundred calls fail, in every way that leaves it clear whether they were carried out.
pub fn one_in(percent: u64) -> impl FnMut(&str, &serde_json::Value) -> Option<Fault> + Send {
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    move |method, _| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        if method == "getMe" || random % 100 >= percent {
            return None;
        }
        Some(match random / 100 % 5 {
            0 => Fault::Flood { seconds: 1 },
            1 => Fault::Status { code: 502 },
            2 => Fault::Status { code: 500 },
            3 => Fault::Slow { ms: 300 },
            _ => Fault::DroppedBefore,
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_hundred_messages_through_faults_are_each_answered_once_and_in_order() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    api.plan(one_in(12));
    api.lock().repeat_every = Some(2);
    let config = TelegramConfig { burst_ms: 0, ..quick() };
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), config);
    for number in 0..MESSAGES {
        for shopper in 1..=SHOPPERS {
            api.say(shopper, &format!("message {number}"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    api.wait("every message answered", 120, |api| {
        (1..=SHOPPERS).all(|shopper| api.shown(shopper).len() >= MESSAGES as usize)
    })
    .await;
    running.stop().await.expect("stopped");
    let wanted: Vec<String> = (0..MESSAGES).map(|number| format!("echo: message {number}")).collect();
    for shopper in 1..=SHOPPERS {
        assert_eq!(api.texts(shopper), wanted, "shopper {shopper}");
    }
    let faults = api.lock().faults;
    assert!(faults > 60, "only {faults} faults were injected");
}

/// When the answer to a call is lost after it was carried out, the bot cannot know: the message is sent again, since losing it
/// would be worse. It may show twice then, never more than once for each lost answer, and nothing else does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_doubles_at_most_its_own_message() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let mut sends = 0;
    api.plan(move |method, _| {
        sends += u32::from(method == "sendMessage");
        (method == "sendMessage" && sends % 5 == 0).then_some(Fault::DroppedAfter)
    });
    let config = TelegramConfig { burst_ms: 0, ..quick() };
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), config);
    for shopper in 1..=20 {
        api.say(shopper, "hello");
    }
    api.wait("every message answered", 30, |api| (1..=20).all(|shopper| !api.shown(shopper).is_empty())).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    running.stop().await.expect("stopped");
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for shopper in 1..=20 {
        *counts.entry(api.shown(shopper).len()).or_default() += 1;
    }
    let lost = api.lock().faults;
    assert_eq!(counts.keys().max(), Some(&2), "{counts:?}");
    assert!(counts[&2] <= lost, "{counts:?}, {lost} answers lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flood_control_is_waited_out() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let mut once = true;
    api.plan(move |method, _| {
        (method == "sendMessage" && std::mem::take(&mut once)).then_some(Fault::Flood { seconds: 2 })
    });
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), quick());
    let start = Instant::now();
    api.say(41, "hello");
    api.wait_for_messages(41, 1).await;
    assert!(start.elapsed() >= Duration::from_secs(2));
    running.stop().await.expect("stopped");
}

/// Nothing at all is sent into a chat that flood control closed, whatever else comes meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_under_flood_control_is_left_alone_and_others_are_not() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let mut once = true;
    api.plan(move |method, body| {
        (method == "sendMessage" && body["chat_id"] == 41 && std::mem::take(&mut once))
            .then_some(Fault::Flood { seconds: 2 })
    });
    let config = TelegramConfig { burst_ms: 0, ..quick() };
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), config);
    api.say(41, "hello");
    api.wait("flood control", 5, |api| api.lock().faults == 1).await;
    let start = Instant::now();
    api.say(41, "again");
    api.say(43, "hello");
    api.wait_for_messages(43, 1).await;
    assert!(api.shown(41).is_empty(), "another chat waited as well");
    api.wait_for_messages(41, 2).await;
    running.stop().await.expect("stopped");
    assert_eq!(api.texts(41), ["echo: hello", "echo: again"]);
    let typing = api.times("sendChatAction", 41);
    let early = typing.iter().filter(|(at, _)| *at > start && *at < start + Duration::from_millis(1800)).count();
    assert_eq!(early, 0, "typing signs under flood control");
}

/// A proxy that refuses without the Bot API's words must not be asked for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_too_large_for_a_proxy_is_told_in_words() {
    let folder = tempfile::tempdir().expect("folder");
    let images = folder.path().join("catalog/images");
    std::fs::create_dir_all(&images).expect("folder");
    std::fs::write(images.join("a.jpg"), "a picture").expect("picture");
    let api = BotApi::start().await;
    api.plan(|method, _| (method == "sendPhoto").then_some(Fault::Status { code: 413 }));
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), quick());
    api.say(41, "photos");
    let shown = api.wait_for_messages(41, 3).await;
    running.stop().await.expect("stopped");
    assert!(shown[1].text.contains("Shoe <1>") && !shown[1].is_photo);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_is_answered_through_faults() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let mut failures = 0;
    api.plan(move |method, _| {
        let fails = method == "answerCallbackQuery" && failures < 4;
        failures += usize::from(fails);
        fails.then_some(if failures % 2 == 0 { Fault::DroppedBefore } else { Fault::Status { code: 502 } })
    });
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), quick());
    api.say(41, "list");
    api.wait_for_messages(41, 1).await;
    let query = api.press_label(41, "More");
    api.wait_for_messages(41, 2).await;
    api.wait("the press is answered", 15, |api| api.lock().answered_queries.contains_key(&query)).await;
    running.stop().await.expect("stopped");
}

/// A server that repeats old updates must not lead the bot back: what was confirmed stays confirmed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_offset_never_goes_back() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let offsets = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&offsets);
    api.plan(move |method, body| {
        if method == "getUpdates" {
            seen.lock().expect("offsets").push(body["offset"].as_i64().unwrap_or_default());
        }
        None
    });
    api.lock().repeat_every = Some(2);
    let running =
        Running::start(&api, folder.path(), Arc::new(Scripted::default()), TelegramConfig { burst_ms: 0, ..quick() });
    for number in 0..8 {
        api.say(41, &format!("message {number}"));
        api.wait_for_messages(41, number + 1).await;
    }
    running.stop().await.expect("stopped");
    let offsets = offsets.lock().expect("offsets");
    assert!(offsets.is_sorted(), "{offsets:?}");
    assert_eq!(api.texts(41).len(), 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shopper_who_blocked_the_bot_holds_nobody_up() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    api.plan(|method, body| {
        let blocked = method == "sendMessage" && body["chat_id"] == 41;
        blocked.then_some(Fault::Refused { code: 403, description: "Forbidden: bot was blocked by the user" })
    });
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), quick());
    api.say(41, "hello");
    api.say(43, "hello");
    api.wait_for_messages(43, 1).await;
    running.stop().await.expect("stopped");
    assert!(api.shown(41).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_markup_is_sent_as_plain_words() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    api.plan(|method, body| {
        let marked = method == "sendMessage" && body["parse_mode"] == "HTML";
        marked.then_some(Fault::Refused { code: 400, description: "Bad Request: can't parse entities" })
    });
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), quick());
    api.say(41, "list");
    let shown = api.wait_for_messages(41, 1).await;
    assert!(shown[0].text.contains("Shoe <1> & co"), "{}", shown[0].text);
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_message_does_not_stop_the_next_reply() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), quick());
    api.say(41, "list");
    api.wait_for_messages(41, 1).await;
    api.lock().chats.remove(&41);
    api.say(41, "hello");
    let shown = api.wait_for_messages(41, 1).await;
    assert_eq!(shown[0].text, "echo: hello");
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_ends_with_one_clear_error() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    api.plan(|_, _| Some(Fault::Refused { code: 401, description: "Unauthorized" }));
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), quick());
    let error = running.ended().await.expect_err("refused");
    assert!(matches!(error, TelegramError::Call(_)));
    assert!(error.to_string().contains("TELOXIDE_TOKEN"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telegram_unreachable_at_the_start_is_waited_for() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let mut failures = 2;
    api.plan(move |method, _| {
        (method == "getMe" && failures > 0).then(|| {
            failures -= 1;
            Fault::DroppedBefore
        })
    });
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), quick());
    api.say(41, "hello");
    api.wait_for_messages(41, 1).await;
    running.stop().await.expect("stopped");
}
