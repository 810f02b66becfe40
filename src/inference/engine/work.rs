//! What the engine's thread receives: requests that were checked and tokenized in the caller's thread.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use llama_cpp_2::token::LlamaToken;

use crate::domain::generator::{GenerationEvent, GeneratorError, Grammar, Priority};
use crate::inference::place::Place;
use crate::inference::sampling::Sampling;
use crate::inference::tokenizer::Prompt;

/// A valid request.
#[derive(Debug)]
pub struct Work {
    /// Which goes first.
    pub priority: Priority,
    /// When the answer is of no more use.
    pub deadline: Instant,
    /// Set when nobody waits for the answer any more.
    pub cancelled: Arc<AtomicBool>,
    /// Counts the request while it exists.
    pub place: Place,
    /// What is wanted.
    pub wanted: Wanted,
}

/// What a request wants.
#[derive(Debug)]
pub enum Wanted {
    /// Text.
    Text(TextWork),
    /// Scores.
    Scores(ScoreWork),
}

/// A valid generation.
#[derive(Debug)]
pub struct TextWork {
    /// Not empty, and with `max_tokens` within the context.
    pub prompt: Prompt,
    /// What the output must look like, if anything.
    pub grammar: Option<Grammar>,
    /// At most so many new tokens, at least one.
    pub max_tokens: usize,
    /// How tokens are picked.
    pub sampling: Sampling,
    /// Holds every event of the generation without blocking.
    pub events: SyncSender<GenerationEvent>,
}

/// A valid scoring.
#[derive(Debug)]
pub struct ScoreWork {
    /// One for each candidate, each within the context.
    pub prompts: Vec<Prompt>,
    /// The wanted answer's first token.
    pub positive: LlamaToken,
    /// The opposite answer's first token; another one.
    pub negative: LlamaToken,
    /// Receives one reply.
    pub reply: SyncSender<Result<Vec<f32>, GeneratorError>>,
}
