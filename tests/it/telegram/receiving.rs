//! Stopping, starting again, and the webhook.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use daogou::config::{TelegramConfig, WebhookConfig};
use serde_json::json;

use super::bot_api::{BotApi, Fault, person_json};
use super::scripted::{Running, Scripted, quick};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_finishes_what_runs_and_the_rest_is_answered_after_the_next_start() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let shop = Arc::new(Scripted { pause: Duration::from_millis(400), ..Scripted::default() });
    let config = TelegramConfig { burst_ms: 0, ..quick() };
    let running = Running::start(&api, folder.path(), Arc::clone(&shop), config.clone());
    for number in 0..6 {
        api.say(41, &format!("message {number}"));
    }
    api.wait_for_messages(41, 1).await;
    let start = Instant::now();
    running.stop().await.expect("stopped");
    assert!(start.elapsed() < Duration::from_secs(10));
    let before = api.shown(41).len();
    assert!((1..6).contains(&before), "{before} answered before the stop");
    let running = Running::start(&api, folder.path(), shop, config);
    api.wait_for_messages(41, 6).await;
    running.stop().await.expect("stopped");
    let wanted: Vec<String> = (0..6).map(|number| format!("echo: message {number}")).collect();
    assert_eq!(api.texts(41), wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_could_not_be_brought_is_brought_after_the_next_start() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    api.plan(|method, _| (method == "sendMessage").then_some(Fault::Status { code: 502 }));
    let shop = Arc::new(Scripted::default());
    let running = Running::start(&api, folder.path(), Arc::clone(&shop), quick());
    api.say(41, "hello");
    api.wait("the turn ran", 5, |_| shop.turns.lock().expect("turns").len() == 1).await;
    let start = Instant::now();
    running.stop().await.expect("stopped");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    api.plan(|_, _| None);
    let running = Running::start(&api, folder.path(), Arc::clone(&shop), quick());
    api.wait_for_messages(41, 1).await;
    running.stop().await.expect("stopped");
    assert_eq!(api.texts(41), ["echo: hello"]);
    assert_eq!(shop.turns.lock().expect("turns").len(), 1, "the turn ran once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_takes_what_has_the_secret_and_only_that() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("port").local_addr().expect("address");
    let listen = SocketAddr::from(([127, 0, 0, 1], free.port()));
    let url = format!("http://{listen}/hook/telegram");
    let webhook = Some(WebhookConfig { url: url.clone(), listen });
    let config = TelegramConfig { webhook, ..quick() };
    let running = Running::start(&api, folder.path(), Arc::new(Scripted::default()), config);
    api.wait("the webhook is announced", 5, |api| !api.calls("setWebhook").is_empty()).await;
    let call = api.calls("setWebhook").remove(0);
    assert_eq!(call["url"], json!(url));
    let secret = call["secret_token"].as_str().expect("a secret").to_owned();
    assert!(secret.len() >= 32);
    let update = json!({ "update_id": 5, "message": { "message_id": 9, "date": 1_441_645_532, "text": "hello",
        "from": person_json(41), "chat": { "id": 41, "type": "private", "first_name": "Test" } } });
    let post = |secret: &str, body: String| {
        let request = reqwest::Client::new().post(&url).header("x-telegram-bot-api-secret-token", secret).body(body);
        async move { request.send().await.expect("answer").status().as_u16() }
    };
    assert_eq!(post("wrong", update.to_string()).await, 403);
    assert_eq!(post(&secret, "{}".into()).await, 400);
    assert_eq!(post(&secret, update.to_string()).await, 200);
    assert_eq!(post(&secret, update.to_string()).await, 200, "Telegram may bring an update twice");
    api.wait_for_messages(41, 1).await;
    running.stop().await.expect("stopped");
    assert_eq!(api.texts(41), ["echo: hello"]);
}
