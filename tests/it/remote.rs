//! The remote model against a loopback server that speaks the OpenAI protocol.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use daogou::domain::generator::{
    ChatMessage, FinishReason, GenerationEvent, GenerationRequest, GeneratorError, Grammar, Priority, Role,
    ScoreRequest, TextGenerator,
};
use daogou::inference::remote::{Remote, RemoteSettings};
use serde_json::{Value, json};

/// Keys and bodies of the requests.
type Asked = Arc<Mutex<Vec<(Option<String>, Value)>>>;

/// A server that notes what it is asked and answers by the last message.
struct Server {
    url: String,
    asked: Asked,
    _runtime: tokio::runtime::Runtime,
}

fn server() -> Server {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let asked = Asked::default();
    let notes = Arc::clone(&asked);
    let models = r#"{"data": [{"id": "qwen", "max_model_len": 4096}]}"#;
    let app = Router::new().route("/v1/models", get(async move || models)).route(
        "/v1/chat/completions",
        post(async move |headers: HeaderMap, body: Bytes| {
            let key = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
            let body: Value = serde_json::from_slice(&body).unwrap();
            notes.lock().unwrap().push((key, body.clone()));
            answer(&body).await
        }),
    );
    runtime.spawn(async move { axum::serve(listener, app).await.unwrap() });
    Server { url, asked, _runtime: runtime }
}

async fn answer(body: &Value) -> Response {
    let message = body["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap();
    match message {
        "busy" => (StatusCode::TOO_MANY_REQUESTS, "slow down").into_response(),
        "wrong" => (StatusCode::BAD_REQUEST, r#"{"error": {"message": "grammar does not parse"}}"#).into_response(),
        "broken" => (StatusCode::INTERNAL_SERVER_ERROR, "oh").into_response(),
        "cut" => "data: {\"choices\":[{\"delta\":{\"content\":\"half\"}}]}\n\n".into_response(),
        "garbage" => "data: <html>\n\n".into_response(),
        "slow" => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            "late".into_response()
        }
        _ if body["stream"] == true => stream(),
        candidate => {
            let yes = -0.1 * candidate.len() as f64;
            axum::Json(json!({"choices": [{"logprobs": {"content": [{"top_logprobs": [
                {"token": "yes", "logprob": yes}, {"token": "no", "logprob": -3.0}
            ]}]}}]}))
            .into_response()
        }
    }
}

fn stream() -> Response {
    let chunk = |text: &str, logprob: f64| {
        let choice = json!({"delta": {"content": text}, "logprobs": {"content": [{"logprob": logprob}]}});
        format!("data: {}\n\n", json!({"choices": [choice]}))
    };
    let end = json!({"choices": [{"delta": {}, "finish_reason": "stop"}]});
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 11}});
    let text = [
        ": comment\n\n".to_owned(),
        chunk("{\"intent\": ", -0.25),
        chunk("\"search\"}", -0.5),
        format!("data: {end}\n\ndata: {usage}\n\ndata: [DONE]\n\n"),
    ];
    ([("content-type", "text/event-stream")], Body::from(text.concat())).into_response()
}

fn remote(server: &Server) -> Remote {
    Remote::connect(RemoteSettings {
        url: server.url.clone(),
        model: "qwen".into(),
        key: Some("s3cret".into()),
        concurrent: 4,
    })
    .unwrap()
}

fn request(message: &str) -> GenerationRequest {
    GenerationRequest {
        messages: vec![ChatMessage::new(Role::System, "parse"), ChatMessage::new(Role::User, message)],
        shared_messages: 1,
        grammar: Some(Grammar { gbnf: "root ::= \"x\"".into(), fallback: None }),
        max_tokens: 32,
        temperature: 0.0,
        seed: 5,
        priority: Priority::Understand,
        deadline: Instant::now() + Duration::from_secs(20),
    }
}

#[test]
fn an_answer_is_streamed_with_its_probabilities() {
    let server = server();
    let remote = remote(&server);
    assert_eq!((remote.describe().name.as_str(), remote.describe().context), ("qwen", 4096));
    let mut generation = remote.generate(request("羽绒服")).unwrap();
    let first = GenerationEvent::Piece { text: "{\"intent\": ".into(), logprob: -0.25, others: Vec::new() };
    assert_eq!(generation.next_event().unwrap(), first);
    let done = generation.complete().unwrap();
    assert_eq!((done.text.as_str(), done.reason), ("\"search\"}", FinishReason::Stop));
    assert_eq!((done.usage.prompt_tokens, done.usage.completion_tokens), (11, 2));
    let asked = server.asked.lock().unwrap();
    let (key, body) = &asked[0];
    assert_eq!(key.as_deref(), Some("Bearer s3cret"));
    assert_eq!(body["grammar"], "root ::= \"x\"");
    assert_eq!(body["messages"][1], json!({"role": "user", "content": "羽绒服"}));
    assert_eq!((&body["max_tokens"], &body["seed"], &body["logprobs"]), (&json!(32), &json!(5), &json!(true)));
}

#[test]
fn scores_come_from_the_answers_probabilities() {
    let server = server();
    let request = ScoreRequest {
        prefix: vec![ChatMessage::new(Role::User, "")],
        candidates: (1..=9).map(|length| "x".repeat(length)).collect(),
        positive: "yes".into(),
        negative: "no".into(),
        priority: Priority::Explain,
        deadline: Instant::now() + Duration::from_secs(20),
    };
    let scores = remote(&server).score(request).unwrap();
    for (index, score) in scores.iter().enumerate() {
        assert!((score - (3.0 - 0.1 * (index + 1) as f32)).abs() < 1e-5, "{scores:?}");
    }
}

#[test]
fn what_a_server_does_wrong_is_told_apart() {
    let server = server();
    let remote = remote(&server);
    let fail = |message: &str| remote.generate(request(message)).unwrap().complete().unwrap_err();
    assert!(matches!(fail("busy"), GeneratorError::Overloaded { .. }));
    assert!(matches!(fail("wrong"), GeneratorError::Invalid(said) if said.contains("grammar does not parse")));
    assert!(matches!(fail("broken"), GeneratorError::Unavailable(said) if said.contains("500")));
    assert!(matches!(fail("cut"), GeneratorError::Unavailable(said) if said.contains("broke off")));
    assert!(matches!(fail("garbage"), GeneratorError::Unavailable(said) if said.contains("no JSON")));
    let hurried = GenerationRequest { deadline: Instant::now() + Duration::from_millis(200), ..request("slow") };
    assert_eq!(remote.generate(hurried).unwrap().complete().unwrap_err(), GeneratorError::Deadline);
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let settings = RemoteSettings {
        url: "http://127.0.0.1:9/v1/".into(),
        model: "qwen".into(),
        key: Some("s3cret".into()),
        concurrent: 1,
    };
    let error = Remote::connect(settings.clone()).unwrap_err().to_string();
    assert!(
        error.contains("http://127.0.0.1:9/v1") && error.contains("refused") && !error.contains("s3cret"),
        "{error}"
    );
    let error = Remote::connect(RemoteSettings { url: "localhost".into(), ..settings }).unwrap_err().to_string();
    assert!(error.contains("neither http"), "{error}");
}

#[test]
fn more_than_the_limit_is_refused_at_once() {
    let server = server();
    let remote = remote(&server);
    let running: Vec<_> = (0..4).map(|_| remote.generate(request("slow")).unwrap()).collect();
    assert_eq!(remote.generate(request("x")).unwrap_err(), GeneratorError::Overloaded { limit: 4 });
    assert_eq!(remote.queue_depth(), 4);
    drop(running);
}
