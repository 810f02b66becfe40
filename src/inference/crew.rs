//! A few engines of one small model side by side, so that a busy shop uses more than one core.
//!
//! One engine's thread decodes for all its requests. At a few million weights three quarters of a turn's processor time are that
//! thread's (`perf record daogou bench`), and a second thread within it costs more than it brings: beside other load it took a parse from
//! 7 to 154 ms. So the engine is doubled instead: each has its own copy of the weights, its own context and its own prefixes, and a
//! request goes to the one with the least to do. A large model stays alone: its matrix products share the cores better themselves.

use std::path::Path;

use super::engine::{Engine, EngineSettings};
use super::error::InferenceError;
use crate::domain::generator::{
    Generation, GenerationRequest, GeneratorError, ModelDescription, ScoreRequest, TextGenerator, TokenTotals,
};

/// Files up to so many bytes are small enough to hold several times.
const SMALL_BYTES: u64 = 64 << 20;
/// No more engines than this by themselves.
const MOST: usize = 4;

/// An engine has at least so many slots, where there are so many in all: with fewer none could be kept for understanding.
const SLOTS: usize = 4;

/// Engines of the same model.
#[derive(Debug)]
pub struct Crew {
    engines: Vec<Engine>,
}

impl Crew {
    /// Starts so many engines; where that is left open, one for each core up to four for a small model on the CPU, and one else. The
    /// queue is that of all together, and so are the slots, but no engine has fewer than four.
    ///
    /// # Errors
    /// Those of [`Engine::start`].
    pub fn start(settings: &EngineSettings, wanted: Option<usize>) -> Result<Self, InferenceError> {
        let count = wanted.unwrap_or_else(|| usual(&settings.model, settings)).max(1);
        let each = EngineSettings {
            slots: settings.slots.div_ceil(count).max(settings.slots.min(SLOTS)),
            queue: settings.queue.div_ceil(count),
            ..settings.clone()
        };
        let engines = (0..count).map(|_| Engine::start(&each)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { engines })
    }

    /// How many engines there are.
    pub fn len(&self) -> usize {
        self.engines.len()
    }

    /// Whether there are none, which never is.
    pub fn is_empty(&self) -> bool {
        self.engines.is_empty()
    }

    fn idlest(&self) -> Result<&Engine, GeneratorError> {
        let engine = self.engines.iter().min_by_key(|engine| engine.queue_depth());
        engine.ok_or_else(|| GeneratorError::Unavailable("no engine was started".into()))
    }
}

fn usual(model: &Path, settings: &EngineSettings) -> usize {
    let is_small = std::fs::metadata(model).is_ok_and(|file| file.len() <= SMALL_BYTES);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let is_divided = settings.slots > 1 && settings.threads.is_none_or(|threads| threads == 1);
    if is_small && is_divided { cores.min(MOST).min(settings.slots) } else { 1 }
}

impl TextGenerator for Crew {
    fn describe(&self) -> ModelDescription {
        self.engines.first().map(TextGenerator::describe).unwrap_or_default()
    }

    fn generate(&self, request: GenerationRequest) -> Result<Generation, GeneratorError> {
        self.idlest()?.generate(request)
    }

    fn score(&self, request: ScoreRequest) -> Result<Vec<f32>, GeneratorError> {
        self.idlest()?.score(request)
    }

    fn queue_depth(&self) -> usize {
        self.engines.iter().map(TextGenerator::queue_depth).sum()
    }

    fn totals(&self) -> TokenTotals {
        self.engines.iter().map(TextGenerator::totals).fold(TokenTotals::default(), |sum, one| TokenTotals {
            prompt: sum.prompt + one.prompt,
            cached: sum.cached + one.cached,
            completion: sum.completion + one.completion,
            ms: sum.ms + one.ms,
        })
    }
}
