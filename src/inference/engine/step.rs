//! One step of the batching loop: fill a batch, decode it, and hand each sequence its token or score.
//!
//! Sequences that wait for their next token come first, then prompts in chunks.

use std::time::Instant;

use super::lane::{Lane, Step, Task};
use super::worker::{MIXED_CHUNK, Queued, Worker};
use crate::domain::generator::{FinishReason, GeneratorError};

/// What a batch was filled with.
#[derive(Default)]
struct Filled {
    /// Lanes that get logits, and where in the batch.
    outputs: Vec<(usize, i32)>,
    /// Prefixes and how many of their tokens are decoded after the step.
    prefixes: Vec<(usize, usize)>,
}

impl Worker<'_> {
    /// Decodes one batch, if there is anything to decode.
    pub(super) fn step(&mut self) {
        let started = Instant::now();
        let filled = self.fill();
        if self.batch.n_tokens() == 0 {
            return;
        }
        if let Err(error) = self.context.decode(&mut self.batch) {
            tracing::error!(%error, batch.tokens = self.batch.n_tokens(), "llama.cpp could not decode a batch");
            self.fail_all(&GeneratorError::Invalid(format!("llama.cpp could not decode: {error}")));
            return;
        }
        for (place, decoded) in filled.prefixes {
            self.prefixes.decoded(place, decoded);
        }
        for (index, output) in filled.outputs {
            self.receive(index, output);
        }
        self.step_time = started.elapsed();
    }

    fn fill(&mut self) -> Filled {
        self.batch.clear();
        let mut filled = Filled::default();
        let mut order: Vec<usize> = (0..self.lanes.len()).filter(|index| self.lanes[*index].is_some()).collect();
        order.sort_by_key(|index| self.lanes[*index].as_ref().map(|lane| lane.turn));
        for &index in &order {
            let Some(Lane { task: Task::Text(task), decoded, .. }) = &mut self.lanes[index] else { continue };
            let Some(token) = task.next.take() else { continue };
            if self.batch.add(token, *decoded as i32, &[index as i32], true).is_ok() {
                *decoded += 1;
                filled.outputs.push((index, self.batch.n_tokens() - 1));
            }
        }
        let left = self.batch_size.saturating_sub(filled.outputs.len());
        let mut room = if filled.outputs.is_empty() { left } else { left.min(MIXED_CHUNK) };
        for &index in &order {
            if room == 0 {
                break;
            }
            room -= self.fill_prompt(index, room, &mut filled);
        }
        filled
    }

    /// Adds up to `room` tokens of a lane's prompt, or of the prefix that it waits for; returns how many.
    fn fill_prompt(&mut self, index: usize, room: usize, filled: &mut Filled) -> usize {
        let Some((share, copied)) = self.lanes[index].as_ref().map(|lane| (lane.share, lane.copied)) else { return 0 };
        if let Some(share) = share
            && !copied
        {
            let decoded = self.prefixes.get(share.place).map_or(0, |prefix| prefix.decoded);
            if decoded < share.tokens {
                return self.fill_prefix(share.place, room, filled);
            }
            self.copy(self.prefix_sequence(share.place), index, share.tokens);
            if let Some(lane) = &mut self.lanes[index] {
                lane.decoded = share.tokens;
                lane.copied = true;
            }
        }
        let Some(lane) = &mut self.lanes[index] else { return 0 };
        let take = lane.prompt_left().min(room);
        for _ in 0..take {
            let last = lane.decoded + 1 == lane.tokens.len();
            let token = lane.tokens[lane.decoded];
            if self.batch.add(token, lane.decoded as i32, &[index as i32], last).is_err() {
                break;
            }
            lane.decoded += 1;
            if last {
                filled.outputs.push((index, self.batch.n_tokens() - 1));
            }
        }
        take
    }

    fn fill_prefix(&mut self, place: usize, room: usize, filled: &mut Filled) -> usize {
        if filled.prefixes.iter().any(|(filling, _)| *filling == place) {
            return 0;
        }
        let sequence = self.prefix_sequence(place) as i32;
        let Some(prefix) = self.prefixes.get(place) else { return 0 };
        let take = (prefix.tokens.len() - prefix.decoded).min(room);
        let end = prefix.decoded + take;
        for position in prefix.decoded..end {
            if self.batch.add(prefix.tokens[position], position as i32, &[sequence], false).is_err() {
                return 0;
            }
        }
        filled.prefixes.push((place, end));
        take
    }

    /// Hands a lane the logits at an output of the batch.
    fn receive(&mut self, index: usize, output: i32) {
        let logits = self.context.get_logits_ith(output);
        let Some(lane) = &mut self.lanes[index] else { return };
        let step = match &mut lane.task {
            Task::Score(candidate) => {
                let (turn, candidate) = (lane.turn, *candidate);
                let done = match self.queue.get_mut(&turn) {
                    Some(Queued::Scores(scoring)) => scoring.note(candidate, logits),
                    _ => false,
                };
                self.free(index);
                if done && let Some(Queued::Scores(scoring)) = self.queue.remove(&turn) {
                    scoring.finish();
                }
                return;
            }
            Task::Text(task) => match task.pick(logits, &self.lexicon) {
                None => None,
                Some(sampled) if self.model.vocab().is_eog(sampled.token) => Some(Step::Finish(FinishReason::Stop)),
                Some(sampled) => {
                    let text = |token| String::from_utf8(self.tokenizer.bytes(token)).ok();
                    let others = task.others(sampled, logits, &self.lexicon).into_iter();
                    let others = others.filter_map(|(token, logprob)| Some((text(token)?, logprob))).collect();
                    match task.say(sampled, &self.tokenizer.bytes(sampled.token), others) {
                        Step::Continue | Step::Finish(FinishReason::Length) if task.is_complete(&self.lexicon) => {
                            Some(Step::Finish(FinishReason::Stop))
                        }
                        step => Some(step),
                    }
                }
            },
        };
        match step {
            Some(Step::Continue) => {}
            Some(Step::Finish(reason)) => self.finish(index, reason),
            None if self.restart(index) => {}
            None => self.finish(index, FinishReason::DeadEnd),
        }
    }

    /// Starts a lane's answer again under its looser grammar, once; `false` when it has none.
    fn restart(&mut self, index: usize) -> bool {
        let Some(Lane { task: Task::Text(task), tokens, .. }) = &mut self.lanes[index] else { return false };
        let Some(gbnf) = task.fallback.take() else { return false };
        let last = tokens.len() - 1;
        let Ok(grammar) = self.grammars.start(self.model, &gbnf) else { return false };
        // The last token of the prompt is decoded again for its logits.
        if !matches!(self.context.clear_kv_cache_seq(Some(index as u32), Some(last as u32), None), Ok(true)) {
            return false;
        }
        let Some(Lane { task: Task::Text(task), decoded, .. }) = &mut self.lanes[index] else { return false };
        task.restart(grammar);
        *decoded = last;
        true
    }

    /// Ends everything that runs and empties the context, after a decode that failed for reasons unknown.
    fn fail_all(&mut self, error: &GeneratorError) {
        for index in 0..self.lanes.len() {
            match self.free(index) {
                Some(Lane { task: Task::Text(task), .. }) => task.fail(error.clone()),
                Some(Lane { turn, task: Task::Score(_), .. }) => self.refuse(turn, error.clone()),
                None => {}
            }
        }
        for place in 0..self.prefixes.places() {
            self.prefixes.forget(place);
        }
        self.context.clear_kv_cache();
    }
}
