//! A running generation: its streamed pieces, how it ended, and why it was not served.
//!
//! Dropping it cancels the work. Made by the engines under `inference`, read by `assistant` and `backoffice`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Why a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model ended its turn.
    Stop,
    /// `max_tokens` or the context was used up: the text may be cut short.
    Length,
    /// The deadline passed: the text may be cut short.
    Deadline,
    /// Nothing that the grammar allows could be said.
    DeadEnd,
    /// The receiver went away.
    Cancelled,
}

/// What a generation took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Of these, how many came from the shared prefix's cache.
    pub cached_tokens: usize,
    /// New tokens.
    pub completion_tokens: usize,
    /// From admission to the last token, in milliseconds.
    pub ms: f64,
}

/// One step of a streamed generation.
#[derive(Debug, Clone, PartialEq)]
pub enum GenerationEvent {
    /// A piece of valid UTF-8 and the natural logarithm of its token's probability (before the grammar).
    Piece {
        /// The text; may be empty while a multi-byte character is incomplete.
        text: String,
        /// ln p of the token.
        logprob: f32,
        /// Other tokens that were likely here, with their ln p, likeliest first: for the first tokens of an answer under a grammar,
        /// where an engine has them; else empty.
        others: Vec<(String, f32)>,
    },
    /// The end; nothing follows.
    Finished {
        /// Why.
        reason: FinishReason,
        /// What it took.
        usage: Usage,
    },
    /// The engine failed on this request; nothing follows.
    Failed(GeneratorError),
}

/// Why a request was not served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GeneratorError {
    /// The bounded queue is full.
    #[error("the model's queue of {limit} requests is full")]
    Overloaded {
        /// The queue's limit.
        limit: usize,
    },
    /// There is no model, or it has stopped.
    #[error("no model is loaded: {0}")]
    Unavailable(String),
    /// The prompt does not fit in the context.
    #[error("the prompt of {tokens} tokens does not fit in a context of {context}")]
    TooLong {
        /// Tokens of the prompt.
        tokens: usize,
        /// The context's size in tokens.
        context: usize,
    },
    /// The request cannot be served by this engine.
    #[error("invalid request: {0}")]
    Invalid(String),
    /// It took longer than the deadline allows.
    #[error("the deadline passed before the model answered")]
    Deadline,
}

/// A running generation. Dropping it cancels the work.
#[derive(Debug)]
pub struct Generation {
    events: Receiver<GenerationEvent>,
    deadline: Instant,
    cancelled: Arc<AtomicBool>,
}

/// A finished generation.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The whole text.
    pub text: String,
    /// ln p of each token, in order.
    pub logprobs: Vec<f32>,
    /// Why it ended.
    pub reason: FinishReason,
    /// What it took.
    pub usage: Usage,
}

impl Generation {
    /// Wraps the receiving end of an engine's channel.
    pub fn new(events: Receiver<GenerationEvent>, deadline: Instant) -> Self {
        Self::cancellable(events, deadline, Arc::new(AtomicBool::new(false)))
    }

    /// As [`Self::new`], with a flag that is set when the generation is dropped, so that an engine notices at once.
    pub fn cancellable(events: Receiver<GenerationEvent>, deadline: Instant, cancelled: Arc<AtomicBool>) -> Self {
        Self { events, deadline, cancelled }
    }

    /// Waits for the next event, at most until the deadline.
    ///
    /// # Errors
    /// [`GeneratorError::Deadline`], or [`GeneratorError::Unavailable`] when the engine has gone.
    pub fn next_event(&mut self) -> Result<GenerationEvent, GeneratorError> {
        loop {
            if let Some(event) = self.next_event_within(Duration::MAX)? {
                return Ok(event);
            }
        }
    }

    /// The next event; none when it does not come within this time, so that its reader can look whether anybody still waits for it.
    ///
    /// # Errors
    /// Those of [`Self::next_event`].
    pub fn next_event_within(&mut self, glance: Duration) -> Result<Option<GenerationEvent>, GeneratorError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match self.events.recv_timeout(left.min(glance)) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) if glance < left => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(GeneratorError::Deadline),
            Err(RecvTimeoutError::Disconnected) => Err(GeneratorError::Unavailable("the engine has stopped".into())),
        }
    }

    /// Waits for the end and returns the whole text.
    ///
    /// # Errors
    /// Those of [`Self::next_event`] and whatever the engine reported.
    pub fn complete(mut self) -> Result<Completion, GeneratorError> {
        let mut text = String::new();
        let mut logprobs = Vec::new();
        loop {
            match self.next_event()? {
                GenerationEvent::Piece { text: piece, logprob, .. } => {
                    text.push_str(&piece);
                    logprobs.push(logprob);
                }
                GenerationEvent::Finished { reason, usage } => return Ok(Completion { text, logprobs, reason, usage }),
                GenerationEvent::Failed(error) => return Err(error),
            }
        }
    }
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Release);
    }
}
