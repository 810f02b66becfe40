//! Counted places: how many requests an engine or a server is busy with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::domain::generator::{TokenTotals, Usage};

/// What an engine counts: places taken, and tokens since the start.
#[derive(Debug, Default)]
pub struct Counts {
    taken: AtomicUsize,
    prompt: AtomicU64,
    cached: AtomicU64,
    completion: AtomicU64,
    ms: AtomicU64,
}

impl Counts {
    /// How many places are taken.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }

    /// Tokens since the start.
    pub fn totals(&self) -> TokenTotals {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Self { prompt, cached, completion, ms, .. } = self;
        TokenTotals { prompt: read(prompt), cached: read(cached), completion: read(completion), ms: read(ms) }
    }
}

/// A counted place in the engine, given back when dropped.
#[derive(Debug)]
pub struct Place {
    counts: Arc<Counts>,
}

impl Place {
    /// Takes a place unless `limit` are taken.
    pub fn take(counts: &Arc<Counts>, limit: usize) -> Option<Self> {
        counts
            .taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| (count < limit).then_some(count + 1))
            .ok()
            .map(|_| Self { counts: Arc::clone(counts) })
    }

    /// Adds what a generation took.
    pub fn note(&self, usage: &Usage) {
        let add = |count: &AtomicU64, more: u64| count.fetch_add(more, Ordering::Relaxed);
        add(&self.counts.prompt, usage.prompt_tokens as u64);
        add(&self.counts.cached, usage.cached_tokens as u64);
        add(&self.counts.completion, usage.completion_tokens as u64);
        add(&self.counts.ms, usage.ms as u64);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.counts.taken.fetch_sub(1, Ordering::AcqRel);
    }
}
