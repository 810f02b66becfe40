//! A reply that grows while it is written.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::bot_api::{BotApi, Fault};
use super::scripted::{Running, Scripted, WRITTEN, quick};

/// What Telegram accepts: about a change of a chat's messages a second.
const LEAST_GAP: Duration = Duration::from_secs(1);

fn writing(api: &BotApi, folder: &Path, word_ms: u64) -> Running {
    let shop = Scripted { writes_every: Duration::from_millis(word_ms), ..Scripted::default() };
    Running::start(api, folder, Arc::new(shop), quick())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_grows_in_one_message_and_ends_as_the_whole_text_with_its_buttons() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let running = writing(&api, folder.path(), 250);
    api.say(41, "stream");
    api.wait("the whole text", 20, |api| api.texts(41) == [WRITTEN]).await;
    running.stop().await.expect("stopped");
    assert_eq!(api.shown(41)[0].buttons.len(), 1);
    let sends = api.times("sendMessage", 41);
    let edits = api.times("editMessageText", 41);
    assert_eq!(sends.len(), 1, "one message");
    assert!(edits.len() >= 2, "{} edits", edits.len());
    let shown: Vec<&(Instant, Value)> = sends.iter().chain(&edits).collect();
    for pair in shown.windows(2) {
        let gap = pair[1].0 - pair[0].0;
        assert!(gap >= LEAST_GAP, "{gap:?} between two changes");
        let (before, after) = (pair[0].1["text"].as_str().expect("text"), pair[1].1["text"].as_str().expect("text"));
        assert!(after.starts_with(before.trim_end_matches(" …")), "{before} is not the beginning of {after}");
        assert!(pair[0].1["reply_markup"].is_null(), "buttons only when all is said");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quick_reply_is_sent_whole() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let running = writing(&api, folder.path(), 0);
    api.say(41, "stream");
    api.wait("the whole text", 20, |api| api.texts(41) == [WRITTEN]).await;
    running.stop().await.expect("stopped");
    assert_eq!(api.times("editMessageText", 41).len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_cost_drafts_and_never_the_reply() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let mut edits = 0;
    api.plan(move |method, _| {
        edits += usize::from(method == "editMessageText");
        let gone = Fault::Refused { code: 400, description: "Bad Request: message to edit not found" };
        match (method, edits) {
            ("editMessageText", 1) => Some(Fault::Flood { seconds: 2 }),
            ("editMessageText", 2) => Some(Fault::Status { code: 502 }),
            ("editMessageText", _) => Some(gone),
            _ => None,
        }
    });
    let running = writing(&api, folder.path(), 300);
    api.say(41, "stream");
    api.wait("the whole text", 30, |api| api.texts(41).last().is_some_and(|text| text == WRITTEN)).await;
    api.wait("the last draft is taken away", 5, |api| api.texts(41) == [WRITTEN]).await;
    running.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_from_before_a_restart_becomes_the_reply() {
    let folder = tempfile::tempdir().expect("folder");
    let api = BotApi::start().await;
    let running = writing(&api, folder.path(), 400);
    api.say(41, "stream");
    api.wait("a draft", 10, |api| !api.shown(41).is_empty()).await;
    // The edit that would end it fails until the stop, as if Telegram had gone.
    api.plan(|method, _| (method == "editMessageText").then_some(Fault::Status { code: 502 }));
    running.stop().await.expect("stopped");
    api.plan(|_, _| None);
    let running = writing(&api, folder.path(), 1);
    api.wait("the whole text", 20, |api| api.texts(41) == [WRITTEN]).await;
    running.stop().await.expect("stopped");
    assert_eq!(api.times("sendMessage", 41).len(), 1, "no second message");
}
