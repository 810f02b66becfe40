//! A scoring under way: which candidates are done and which are to come.
//!
//! Keeps the accounts only; the worker decodes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::work::ScoreWork;
use crate::domain::generator::GeneratorError;
use crate::inference::place::Place;
use crate::inference::tokenizer::Prompt;

/// A scoring in the queue.
#[derive(Debug)]
pub struct Scoring {
    work: ScoreWork,
    deadline: Instant,
    cancelled: Arc<AtomicBool>,
    scores: Vec<Option<f32>>,
    next: usize,
    place: Place,
}

impl Scoring {
    /// Starts a scoring.
    pub fn new(work: ScoreWork, deadline: Instant, cancelled: Arc<AtomicBool>, place: Place) -> Self {
        Self { scores: vec![None; work.prompts.len()], next: 0, work, deadline, cancelled, place }
    }

    /// Whether nobody waits any more or it is too late.
    pub fn is_stale(&self, now: Instant) -> bool {
        now >= self.deadline || self.cancelled.load(Ordering::Acquire)
    }

    /// The next candidate to decode.
    pub fn next(&mut self) -> Option<(usize, Prompt)> {
        let prompt = self.work.prompts.get(self.next)?.clone();
        self.next += 1;
        Some((self.next - 1, prompt))
    }

    /// Takes the last answer of [`Self::next`] back.
    pub fn put_back(&mut self) {
        self.next = self.next.saturating_sub(1);
    }

    /// Notes a candidate's score: the difference of two logits is that of the log-probabilities. Returns whether all are done.
    pub fn note(&mut self, candidate: usize, logits: &[f32]) -> bool {
        let logit = |token: i32| logits.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY);
        let score = logit(self.work.positive.0) - logit(self.work.negative.0);
        if let Some(place) = self.scores.get_mut(candidate) {
            *place = Some(score);
        }
        self.scores.iter().all(Option::is_some)
    }

    /// Answers with the scores.
    pub fn finish(self) {
        let scores = self.scores.iter().map(|score| score.unwrap_or(f32::NAN)).collect();
        self.reply(Ok(scores));
    }

    /// Answers with something else.
    pub fn reply(self, answer: Result<Vec<f32>, GeneratorError>) {
        drop(self.place);
        let _ = self.work.reply.try_send(answer);
    }
}
