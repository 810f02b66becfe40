//! A sequence in the running batch: a generation, or one candidate of a scoring.
//!
//! Keeps the state of one sequence; the worker owns the context.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use llama_cpp_2::token::LlamaToken;

use super::prefix::PrefixShare;
use super::work::TextWork;
use crate::domain::generator::{FinishReason, GenerationEvent, GeneratorError, Priority, Usage};
use crate::inference::grammar::GrammarState;
use crate::inference::lexicon::Lexicon;
use crate::inference::place::Place;
use crate::inference::sampling::{Sampled, Sampling, runners_up};
use crate::inference::utf8::Utf8Stream;

/// So many of the first tokens of an answer under a grammar are told with the tokens that might have come instead: they name the
/// intent, and how sure the model is of it says more than the name.
const TOLD: usize = 8;
/// So many of them.
const OTHERS: usize = 32;

/// A request's place in line: the more urgent first, then the older.
pub type Turn = (Priority, u64);

/// A sequence that is being decoded.
pub struct Lane {
    /// Whose it is.
    pub turn: Turn,
    /// The prompt.
    pub tokens: Vec<LlamaToken>,
    /// Tokens in the context, of the prompt and then of the answer.
    pub decoded: usize,
    /// The part of a shared prefix that it starts with.
    pub share: Option<PrefixShare>,
    /// Whether that part has been copied.
    pub copied: bool,
    /// Cells that it may come to need besides the shared ones.
    pub reserved: usize,
    /// What it is for.
    pub task: Task,
}

/// What a lane is for.
pub enum Task {
    /// Text for a request.
    Text(Box<TextTask>),
    /// The score of the candidate of this index.
    Score(usize),
}

/// A generation under way.
pub struct TextTask {
    /// When the answer is of no more use.
    pub deadline: Instant,
    /// The token to decode next.
    pub next: Option<LlamaToken>,
    /// Tokens of the prompt that came from a prefix decoded earlier.
    pub cached: usize,
    /// The grammar to start again with.
    pub fallback: Option<String>,
    grammar: Option<GrammarState>,
    sampling: Sampling,
    max_tokens: usize,
    produced: usize,
    prompt_tokens: usize,
    utf8: Utf8Stream,
    /// Pieces that wait for the end, because a dead end may take them back.
    held: Option<Vec<GenerationEvent>>,
    events: std::sync::mpsc::SyncSender<GenerationEvent>,
    cancelled: Arc<AtomicBool>,
    started: Instant,
    place: Place,
}

/// What follows a sampled token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Decode it.
    Continue,
    /// Say why and free the lane.
    Finish(FinishReason),
}

impl Lane {
    /// Tokens of the prompt that are still to be decoded.
    pub fn prompt_left(&self) -> usize {
        self.tokens.len().saturating_sub(self.decoded)
    }
}

impl TextTask {
    /// Starts a generation.
    pub fn new(
        work: TextWork,
        grammar: Option<GrammarState>,
        deadline: Instant,
        cancelled: Arc<AtomicBool>,
        place: Place,
    ) -> Self {
        let fallback = work.grammar.and_then(|grammar| grammar.fallback);
        Self {
            deadline,
            next: None,
            cached: 0,
            held: fallback.as_ref().map(|_| Vec::new()),
            fallback,
            grammar,
            sampling: work.sampling,
            max_tokens: work.max_tokens,
            produced: 0,
            prompt_tokens: work.prompt.tokens.len(),
            utf8: Utf8Stream::default(),
            events: work.events,
            cancelled,
            started: Instant::now(),
            place,
        }
    }

    /// Whether nobody waits any more.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Picks the next token; `None` when the grammar allows none.
    pub fn pick(&mut self, logits: &[f32], lexicon: &Lexicon) -> Option<Sampled> {
        self.sampling.pick(logits, lexicon, self.grammar.as_mut())
    }

    /// What might have come instead of a picked token, if that is told.
    pub fn others(&self, sampled: Sampled, logits: &[f32], lexicon: &Lexicon) -> Vec<(LlamaToken, f32)> {
        match self.grammar {
            Some(_) if self.produced < TOLD => runners_up(logits, lexicon, sampled, OTHERS),
            _ => Vec::new(),
        }
    }

    /// Whether the grammar allows nothing but the end, so that it need not be decoded.
    pub fn is_complete(&mut self, lexicon: &Lexicon) -> bool {
        self.grammar.as_mut().is_some_and(|grammar| grammar.is_complete(lexicon))
    }

    /// Sends a token's text on.
    pub fn say(&mut self, sampled: Sampled, bytes: &[u8], others: Vec<(String, f32)>) -> Step {
        self.produced += 1;
        self.next = Some(sampled.token);
        let text = self.utf8.push(bytes);
        let event = GenerationEvent::Piece { text, logprob: sampled.logprob, others };
        let sent = match &mut self.held {
            Some(held) => {
                held.push(event);
                true
            }
            None => self.events.try_send(event).is_ok(),
        };
        if !sent {
            Step::Finish(FinishReason::Cancelled)
        } else if self.produced >= self.max_tokens {
            Step::Finish(FinishReason::Length)
        } else {
            Step::Continue
        }
    }

    /// Forgets what was said and goes on under another grammar.
    pub fn restart(&mut self, grammar: GrammarState) {
        self.grammar = Some(grammar);
        self.held = None;
        self.produced = 0;
        self.next = None;
        self.utf8 = Utf8Stream::default();
    }

    /// Says that it is over.
    pub fn finish(mut self, reason: FinishReason) {
        for event in self.held.take().unwrap_or_default() {
            let _ = self.events.try_send(event);
        }
        let usage = Usage {
            prompt_tokens: self.prompt_tokens,
            cached_tokens: self.cached,
            completion_tokens: self.produced,
            ms: self.started.elapsed().as_secs_f64() * 1000.0,
        };
        tracing::debug!(
            ?reason,
            prompt.tokens = usage.prompt_tokens,
            prompt.cached_tokens = usage.cached_tokens,
            completion.tokens = usage.completion_tokens,
            generation.ms = usage.ms,
            "generation finished"
        );
        self.place.note(&usage);
        // Whoever hears of the end finds the place free.
        drop(self.place);
        let _ = self.events.try_send(GenerationEvent::Finished { reason, usage });
    }

    /// Says that it failed.
    pub fn fail(self, error: GeneratorError) {
        drop(self.place);
        let _ = self.events.try_send(GenerationEvent::Failed(error));
    }
}
