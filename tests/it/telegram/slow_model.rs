//! The real binary with a model that writes slowly.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::binary::{configure, serve, terminate};
use super::bot_api::BotApi;
use super::wire::{read_request, respond};

/// The real binary with a model that writes slowly: it says the passage, or the listing, that it was given.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_models_answer_is_seen_growing_above_the_quoted_rule() {
    let folder = tempfile::tempdir().expect("folder");
    let config = configure(folder.path());
    let text = std::fs::read_to_string(&config).expect("configuration");
    let text = text.replace(
        "[telegram]",
        &format!(
            "remote = {{ url = {:?}, model = \"echo\" }}\n[assistant]\nexplain_ms = 30000\n[telegram]",
            slow_model().await
        ),
    );
    std::fs::write(&config, text).expect("configuration");
    let api = BotApi::start().await;
    let child = serve(&config, &api);
    api.say(42, "退货要几天");
    api.wait("the answer", 60, |api| api.texts(42).first().is_some_and(|text| !text.contains('…'))).await;
    let (_, is_well) = terminate(child);
    assert!(is_well);
    let shown: Vec<String> = api
        .times("sendMessage", 42)
        .into_iter()
        .chain(api.times("editMessageText", 42))
        .map(|(_, call)| call["text"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert!(shown.len() >= 3, "{shown:#?}");
    assert!(shown.iter().all(|text| text.contains("<blockquote>")), "the rule is quoted all the while: {shown:#?}");
    let growing = shown.iter().filter(|text| text.contains(" …")).count();
    assert!(growing >= 2, "{shown:#?}");
    assert_eq!(api.shown(42).len(), 1);
}

/// A server of the OpenAI protocol as far as it is asked here; its address.
async fn slow_model() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listen");
    let url = format!("http://{}/v1", listener.local_addr().expect("address"));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(write(connection));
        }
    });
    url
}

async fn write(mut connection: TcpStream) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    let Some((head, body)) = read_request(&mut connection, &mut buffer).await else { return Ok(()) };
    if head.starts_with("GET") {
        return respond(&mut connection, 200, &json!({ "data": [{ "id": "echo", "max_model_len": 8192 }] })).await;
    }
    let body: Value = serde_json::from_slice(&body)?;
    let asked =
        body["messages"].as_array().and_then(|messages| messages.last()?["content"].as_str()).unwrap_or_default();
    let given = asked.split_once("passages:\n").and_then(|(_, lines)| lines.lines().next());
    let Some(line) = given.map(|line| line.trim_start_matches("- ")) else {
        return respond(&mut connection, 400, &json!({ "error": { "message": "not a job of this model" } })).await;
    };
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n").await?;
    let characters: Vec<char> = line.chars().collect();
    let pieces: Vec<String> = characters.chunks(2).map(|piece| piece.iter().collect()).collect();
    let step = Duration::from_millis(5_000 / pieces.len().max(1) as u64);
    let chunks = pieces.iter().map(|text| json!({ "choices": [{ "delta": { "content": text } }] }));
    for chunk in chunks.chain([json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] })]) {
        connection.write_all(format!("data: {chunk}\n\n").as_bytes()).await?;
        tokio::time::sleep(step).await;
    }
    connection.write_all(b"data: [DONE]\n\n").await
}
