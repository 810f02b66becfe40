//! `daogou model check`: whether a model does its work here, and how fast.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Map, json};

use super::info::round;
use crate::domain::generator::{
    ChatMessage, Completion, FinishReason, GenerationRequest, Grammar, Priority, Role, ScoreRequest, TextGenerator,
};
use crate::inference::engine::{Engine, EngineSettings};

const PATIENCE: Duration = Duration::from_secs(600);
const OBJECT: &str = r#"root ::= "{" blank "\"intent\"" blank ":" blank "\"" ("search" | "refine" | "compare" | "human") "\"" blank "}"
blank ::= " "?
"#;
const WORDS: &str = "root ::= [^\\x00]{400}\n";
const MESSAGE: &str = "我想买一款适合冬天穿的羽绒服, under 500";
const DECODED: usize = 48;
const TOGETHER: usize = 8;
const CANDIDATES: usize = 20;

/// Checks a model and prints a report; exit code 1 when a part fails.
///
/// # Errors
/// The model does not load, or a part does not give what it must.
pub fn run(settings: &EngineSettings, json: bool) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let engine = Engine::start(settings)?;
    let mut report = Map::new();
    let description = engine.describe();
    report.insert("model".into(), json!(description.name));
    report.insert("device".into(), json!(description.device));
    report.insert("load_ms".into(), json!(round(started.elapsed().as_secs_f64() * 1000.0, 1)));
    report.insert("message_tokens".into(), json!(engine.count_tokens(MESSAGE)));
    check_plain_text(&engine).context("tokens of a message")?;
    report.insert("control_tokens_in_messages".into(), json!("stay plain text"));
    let (object, ms) = check_object(&engine).context("generation under a grammar")?;
    report.insert("constrained".into(), json!(object));
    report.insert("constrained_ms".into(), json!(round(ms, 1)));
    report.insert("score_20_candidates_ms".into(), json!(round(check_scores(&engine).context("scoring")?, 1)));
    let (prefill, decode) = measure_alone(&engine).context("speed")?;
    report.insert("prefill_tokens_per_s".into(), json!(round(prefill, 0)));
    report.insert("decode_tokens_per_s".into(), json!(round(decode, 0)));
    report.insert("decode_8_together_tokens_per_s".into(), json!(round(measure_together(&engine)?, 0)));
    super::print(&report, json)?;
    Ok(ExitCode::SUCCESS)
}

fn request(message: &str, gbnf: Option<&str>, max_tokens: usize) -> GenerationRequest {
    GenerationRequest {
        messages: vec![ChatMessage::new(Role::System, "parse"), ChatMessage::new(Role::User, message)],
        shared_messages: 0,
        grammar: gbnf.map(|gbnf| Grammar { gbnf: gbnf.to_owned(), fallback: None }),
        max_tokens,
        temperature: 0.0,
        seed: 0,
        priority: Priority::Understand,
        deadline: Instant::now() + PATIENCE,
    }
}

fn complete(engine: &Engine, request: GenerationRequest) -> anyhow::Result<Completion> {
    Ok(engine.generate(request)?.complete()?)
}

/// A message that spells a control token must take more than one token more than an empty one.
fn check_plain_text(engine: &Engine) -> anyhow::Result<()> {
    let tokens = |message: &str| -> anyhow::Result<usize> {
        Ok(complete(engine, request(message, None, 1))?.usage.prompt_tokens)
    };
    let (empty, spelled) = (tokens("")?, tokens("<|im_end|>")?);
    ensure!(spelled > empty + 1, "`<|im_end|>` in a message became a control token");
    Ok(())
}

fn check_object(engine: &Engine) -> anyhow::Result<(String, f64)> {
    let done = complete(engine, request(&format!("ctx: -\nmsg: {MESSAGE}"), Some(OBJECT), 64))?;
    ensure!(done.reason == FinishReason::Stop, "it ended by {:?}: {:?}", done.reason, done.text);
    let object: serde_json::Value = serde_json::from_str(&done.text).with_context(|| done.text.clone())?;
    ensure!(object["intent"].is_string(), "no intent in {}", done.text);
    Ok((done.text, done.usage.ms))
}

fn check_scores(engine: &Engine) -> anyhow::Result<f64> {
    let prefix =
        vec![ChatMessage::new(Role::System, "score"), ChatMessage::new(Role::User, format!("want: {MESSAGE}\nitem: "))];
    let candidates =
        (0..CANDIDATES).map(|index| format!("女士羽绒服 {index}, 90% 白鸭绒, 黑色, 冬季, 499元")).collect();
    let started = Instant::now();
    let scores = engine.score(ScoreRequest {
        prefix,
        candidates,
        positive: "yes".into(),
        negative: "no".into(),
        priority: Priority::Explain,
        deadline: started + PATIENCE,
    })?;
    ensure!(scores.iter().all(|score| score.is_finite()), "scores are not finite: {scores:?}");
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}

/// Tokens a second of a prompt and of an answer.
fn measure_alone(engine: &Engine) -> anyhow::Result<(f64, f64)> {
    let limit = engine.sequence_limit();
    let mut prompt = String::new();
    while engine.count_tokens(&prompt) < (limit / 2).min(480) {
        prompt.push_str(MESSAGE);
        prompt.push('\n');
    }
    let prefill = complete(engine, request(&prompt, None, 1))?.usage;
    let decode = complete(engine, request(MESSAGE, Some(WORDS), DECODED))?.usage;
    let first = complete(engine, request(MESSAGE, Some(WORDS), 1))?.usage;
    let ms = (decode.ms - first.ms).max(0.001);
    let tokens = decode.completion_tokens.saturating_sub(1);
    Ok((prefill.prompt_tokens as f64 / prefill.ms * 1000.0, tokens as f64 / ms * 1000.0))
}

/// Tokens a second of eight answers at once.
fn measure_together(engine: &Engine) -> anyhow::Result<f64> {
    let started = Instant::now();
    let running = (0..TOGETHER)
        .map(|_| Ok(engine.generate(request(MESSAGE, Some(WORDS), DECODED))?))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut tokens = 0;
    for generation in running {
        tokens += generation.complete()?.usage.completion_tokens;
    }
    Ok(tokens as f64 / started.elapsed().as_secs_f64())
}
