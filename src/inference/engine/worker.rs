//! The engine's thread: who joins the running batch, who leaves it, and what each step decodes.
//!
//! One thread owns the context. Requests join at every step, the urgent and then the older first, and only when the context
//! has cells for all that they may come to need. Never tokenizes. Started by `Engine::start`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;

use super::lane::{Lane, Task, TextTask, Turn};
use super::prefix::{PrefixCache, PrefixShare};
use super::scoring::Scoring;
use super::work::{Wanted, Work};
use crate::domain::generator::{FinishReason, GenerationEvent, GeneratorError, Priority};
use crate::inference::grammar::GrammarCache;
use crate::inference::lexicon::Lexicon;
use crate::inference::tokenizer::{Prompt, Tokenizer};

/// Candidates of scorings that are decoded at the same time.
pub const SCORE_LANES: usize = 24;
/// Prompt tokens in a step in which others wait for their next token.
pub(super) const MIXED_CHUNK: usize = 96;
/// With so many slots, the last is kept for understanding and the last but one from background work.
const ENOUGH_TO_RESERVE: usize = 4;

/// What the worker is given.
pub struct WorkerParts<'model> {
    /// The model.
    pub model: &'model LlamaModel,
    /// Its only context.
    pub context: LlamaContext<'model>,
    /// Its vocabulary.
    pub tokenizer: Arc<Tokenizer>,
    /// Generations at the same time.
    pub slots: usize,
    /// Places for shared prefixes.
    pub prefixes: usize,
}

/// The batching loop's state.
pub struct Worker<'model> {
    pub(super) model: &'model LlamaModel,
    pub(super) context: LlamaContext<'model>,
    pub(super) tokenizer: Arc<Tokenizer>,
    pub(super) batch: LlamaBatch<'static>,
    pub(super) batch_size: usize,
    cells: usize,
    pub(super) lexicon: Lexicon,
    pub(super) grammars: GrammarCache,
    pub(super) prefixes: PrefixCache,
    /// Whether part of a sequence can be copied and dropped: not with recurrent models.
    divisible: bool,
    pub(super) lanes: Vec<Option<Lane>>,
    slots: usize,
    pub(super) queue: BTreeMap<Turn, Queued>,
    arrivals: u64,
    pub(super) step_time: Duration,
}

/// A request in line.
pub(super) enum Queued {
    Text(Work),
    Scores(Scoring),
}

impl<'model> Worker<'model> {
    /// Prepares the loop.
    pub fn new(parts: WorkerParts<'model>) -> Self {
        let WorkerParts { model, context, tokenizer, slots, prefixes } = parts;
        let batch_size = context.n_batch() as usize;
        Self {
            lexicon: Lexicon::of(model),
            batch: LlamaBatch::new(batch_size, 1),
            cells: context.n_ctx() as usize,
            divisible: !model.is_recurrent() && !model.is_hybrid(),
            batch_size,
            grammars: GrammarCache::new(),
            prefixes: PrefixCache::new(prefixes),
            lanes: (0..slots + SCORE_LANES).map(|_| None).collect(),
            slots,
            queue: BTreeMap::new(),
            arrivals: 0,
            step_time: Duration::ZERO,
            model,
            context,
            tokenizer,
        }
    }

    /// Serves until the sender is gone; what is unfinished then ends with its channel.
    pub fn run(mut self, inbox: &Receiver<Work>) {
        loop {
            if self.queue.is_empty() && self.lanes.iter().all(Option::is_none) {
                match inbox.recv() {
                    Ok(work) => self.enqueue(work),
                    Err(_) => return,
                }
            }
            loop {
                match inbox.try_recv() {
                    Ok(work) => self.enqueue(work),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            self.drop_stale();
            self.admit();
            self.step();
        }
    }

    fn enqueue(&mut self, work: Work) {
        self.arrivals += 1;
        let turn = (work.priority, self.arrivals);
        let queued = match work.wanted {
            Wanted::Text(_) => Queued::Text(work),
            Wanted::Scores(scores) => Queued::Scores(Scoring::new(scores, work.deadline, work.cancelled, work.place)),
        };
        self.queue.insert(turn, queued);
    }

    /// Ends whatever nobody waits for or is too late, between two steps: llama.cpp itself cannot be interrupted.
    fn drop_stale(&mut self) {
        // A little before the deadline, so that the text so far still arrives in time.
        let now = Instant::now() + self.step_time.min(Duration::from_millis(100));
        for index in 0..self.lanes.len() {
            let Some(Lane { task: Task::Text(task), .. }) = &self.lanes[index] else { continue };
            if task.is_cancelled() {
                self.finish(index, FinishReason::Cancelled);
            } else if now >= task.deadline {
                self.finish(index, FinishReason::Deadline);
            }
        }
        let stale: Vec<Turn> = self
            .queue
            .iter()
            .filter(|(_, queued)| match queued {
                Queued::Text(work) => now >= work.deadline || work.cancelled.load(std::sync::atomic::Ordering::Acquire),
                Queued::Scores(scoring) => scoring.is_stale(now),
            })
            .map(|(turn, _)| *turn)
            .collect();
        for turn in stale {
            self.refuse(turn, GeneratorError::Deadline);
        }
    }

    /// Takes a request out of the queue, and its lanes out of the batch, with an error.
    pub(super) fn refuse(&mut self, turn: Turn, error: GeneratorError) {
        match self.queue.remove(&turn) {
            Some(Queued::Text(work)) => {
                if let Wanted::Text(text) = work.wanted {
                    let _ = text.events.try_send(GenerationEvent::Failed(error));
                }
            }
            Some(Queued::Scores(scoring)) => {
                for index in self.slots..self.lanes.len() {
                    if self.lanes[index].as_ref().is_some_and(|lane| lane.turn == turn) {
                        self.free(index);
                    }
                }
                scoring.reply(Err(error));
            }
            None => {}
        }
    }

    fn admit(&mut self) {
        let turns: Vec<Turn> = self.queue.keys().copied().collect();
        for turn in turns {
            let enough = match self.queue.get(&turn) {
                Some(Queued::Text(_)) => self.admit_text(turn),
                Some(Queued::Scores(_)) => self.admit_scores(turn),
                None => true,
            };
            if !enough {
                break;
            }
        }
        if self.lanes.iter().all(Option::is_none)
            && let Some(turn) = self.queue.keys().next().copied()
        {
            // Alone in an empty context and still refused: it never will fit.
            self.refuse(turn, GeneratorError::TooLong { tokens: self.cells, context: self.cells });
        }
    }

    /// Gives a waiting generation a lane; `false` when the context has no cells for it.
    fn admit_text(&mut self, turn: Turn) -> bool {
        let Some(index) = self.free_slot(turn.0) else { return true };
        let Some(Queued::Text(work)) = self.queue.remove(&turn) else { return true };
        let Work { deadline, cancelled, place, wanted: Wanted::Text(text), priority } = work else { return true };
        let Some((share, reserved)) = self.reserve(&text.prompt, text.max_tokens) else {
            let work = Work { deadline, cancelled, place, wanted: Wanted::Text(text), priority };
            self.queue.insert(turn, Queued::Text(work));
            return false;
        };
        let grammar = match &text.grammar {
            Some(grammar) => match self.grammars.start(self.model, &grammar.gbnf) {
                Ok(state) => Some(state),
                Err(error) => {
                    let _ = text.events.try_send(GenerationEvent::Failed(error));
                    return true;
                }
            },
            None => None,
        };
        let tokens = text.prompt.tokens.clone();
        let mut task = TextTask::new(text, grammar, deadline, cancelled, place);
        task.cached = share.map_or(0, |share| {
            let decoded = self.prefixes.get(share.place).map_or(0, |prefix| prefix.decoded);
            share.tokens.min(decoded)
        });
        let task = Task::Text(Box::new(task));
        self.occupy(index, Lane { turn, tokens, decoded: 0, share, copied: false, reserved, task });
        true
    }

    /// Gives candidates of a scoring lanes as far as they go; `false` when the context has no cells for the next one.
    fn admit_scores(&mut self, turn: Turn) -> bool {
        loop {
            let Some(index) = (self.slots..self.lanes.len()).find(|index| self.lanes[*index].is_none()) else {
                return true;
            };
            let Some(Queued::Scores(scoring)) = self.queue.get_mut(&turn) else { return true };
            let Some((candidate, prompt)) = scoring.next() else { return true };
            let Some((share, reserved)) = self.reserve(&prompt, 0) else {
                if let Some(Queued::Scores(scoring)) = self.queue.get_mut(&turn) {
                    scoring.put_back();
                }
                return false;
            };
            let task = Task::Score(candidate);
            let tokens = prompt.tokens;
            self.occupy(index, Lane { turn, tokens, decoded: 0, share, copied: false, reserved, task });
        }
    }

    fn free_slot(&self, priority: Priority) -> Option<usize> {
        let free = self.lanes[..self.slots].iter().filter(|lane| lane.is_none()).count();
        let kept = match priority {
            _ if self.slots < ENOUGH_TO_RESERVE => 0,
            Priority::Understand => 0,
            Priority::Explain => 1,
            Priority::Background => 2,
        };
        (free > kept).then(|| self.lanes[..self.slots].iter().position(Option::is_none)).flatten()
    }

    /// Finds cells for a prompt and `new_tokens` more: the shared part that it starts with, if any, and its own cells.
    fn reserve(&mut self, prompt: &Prompt, new_tokens: usize) -> Option<(Option<PrefixShare>, usize)> {
        loop {
            let found = if self.divisible { self.prefixes.find(&prompt.tokens, prompt.shared) } else { None };
            let own = prompt.tokens.len() - found.map_or(0, |share| share.tokens) + new_tokens;
            let reserved: usize = self.lanes.iter().flatten().map(|lane| lane.reserved).sum();
            if self.prefixes.cells() + reserved + own <= self.cells {
                let share = found.or_else(|| self.keep_prefix(prompt));
                let own = prompt.tokens.len() - share.map_or(0, |share| share.tokens) + new_tokens;
                return Some((share, own));
            }
            let place = self.prefixes.evict(found.map(|share| share.place)).or_else(|| self.prefixes.evict(None))?;
            self.clear(self.prefix_sequence(place));
        }
    }

    /// Starts to keep what a prompt shares, from the longest kept prefix that it has in common.
    fn keep_prefix(&mut self, prompt: &Prompt) -> Option<PrefixShare> {
        let shared = prompt.shared.min(prompt.tokens.len() - 1);
        if !self.divisible || shared == 0 {
            return None;
        }
        if self.prefixes.is_full() {
            let place = self.prefixes.evict(None)?;
            self.clear(self.prefix_sequence(place));
        }
        let base = self.prefixes.longest(&prompt.tokens[..shared]);
        let place = self.prefixes.insert(&prompt.tokens[..shared])?;
        if let Some(base) = base
            && let Some(tokens) = self.prefixes.get(base.place).map(|prefix| base.tokens.min(prefix.decoded))
            && tokens > 0
            && self.copy(self.prefix_sequence(base.place), self.prefix_sequence(place), tokens)
        {
            self.prefixes.decoded(place, tokens);
        }
        Some(PrefixShare { place, tokens: shared })
    }

    fn occupy(&mut self, index: usize, lane: Lane) {
        if let Some(share) = lane.share {
            self.prefixes.hold(share.place);
        }
        self.lanes[index] = Some(lane);
    }

    /// Empties a lane and its sequence.
    pub(super) fn free(&mut self, index: usize) -> Option<Lane> {
        let lane = self.lanes[index].take()?;
        if let Some(share) = lane.share {
            self.prefixes.release(share.place);
        }
        self.clear(index);
        Some(lane)
    }

    pub(super) fn finish(&mut self, index: usize, reason: FinishReason) {
        if let Some(Lane { task: Task::Text(task), .. }) = self.free(index) {
            task.finish(reason);
        }
    }

    pub(super) fn prefix_sequence(&self, place: usize) -> usize {
        self.lanes.len() + place
    }

    fn clear(&mut self, sequence: usize) {
        let _ = self.context.clear_kv_cache_seq(Some(sequence as u32), None, None);
    }

    pub(super) fn copy(&mut self, from: usize, to: usize, tokens: usize) -> bool {
        self.context.copy_kv_cache_seq(from as i32, to as i32, Some(0), Some(tokens as u32)).is_ok()
    }
}
