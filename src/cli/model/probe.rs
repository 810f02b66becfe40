//! `daogou model probe`: what a model makes of prompts, token by token, for comparison with its training program.
//!
//! Called by `models/train/pipeline/parity.py`. No grammar, no budget, greedy.

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::domain::generator::{ChatMessage, GenerationRequest, Priority, Role, TextGenerator};
use crate::inference::engine::{Engine, EngineSettings};

const PATIENCE: Duration = Duration::from_secs(60);
const MOST_TOKENS: usize = 96;

#[derive(Deserialize)]
struct Probe {
    system: String,
    user: String,
}

#[derive(Serialize)]
struct Found {
    tokens: Vec<i32>,
    text: String,
}

/// Answers every line of standard input with one of standard output.
///
/// # Errors
/// The model does not load, a line is not a prompt, or a generation fails; the message names the line.
pub fn run(settings: &EngineSettings) -> anyhow::Result<ExitCode> {
    let engine = Engine::start(settings)?;
    let mut out = std::io::stdout().lock();
    for (index, line) in std::io::stdin().lock().lines().enumerate() {
        let found = probe(&engine, &line?).with_context(|| format!("line {}", index + 1))?;
        serde_json::to_writer(&mut out, &found)?;
        out.write_all(b"\n")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn probe(engine: &Engine, line: &str) -> anyhow::Result<Found> {
    let probe: Probe = serde_json::from_str(line)?;
    let messages = vec![ChatMessage::new(Role::System, &probe.system), ChatMessage::new(Role::User, &probe.user)];
    let tokens = engine.prompt_tokens(&messages)?;
    let generation = engine.generate(GenerationRequest {
        messages,
        shared_messages: 0,
        grammar: None,
        max_tokens: MOST_TOKENS,
        temperature: 0.0,
        seed: 0,
        priority: Priority::Understand,
        deadline: Instant::now() + PATIENCE,
    })?;
    Ok(Found { tokens, text: generation.complete()?.text })
}
