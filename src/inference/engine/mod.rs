//! The in-process engine: a GGUF in llama.cpp behind `TextGenerator`.
//!
//! Requests are checked and tokenized in the caller's thread, then served by one thread that owns the context. Made by
//! `assemble` and `daogou model`, called through the trait.

mod lane;
mod load;
mod prefix;
mod scoring;
mod settings;
mod step;
mod work;
mod worker;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Instant;

use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::model::LlamaModel;

use self::load::LoadedModel;
pub use self::load::backend;
pub use self::settings::EngineSettings;
use self::work::{ScoreWork, TextWork, Wanted, Work};
use self::worker::{SCORE_LANES, Worker, WorkerParts};
use super::error::InferenceError;
use super::manifest::Manifest;
use super::place::{Counts, Place};
use super::processor::threads_for;
use super::sampling::Sampling;
use super::tokenizer::Tokenizer;
use crate::domain::generator::{
    ChatMessage, Generation, GenerationRequest, GeneratorError, ModelDescription, Priority, ScoreRequest,
    TextGenerator, TokenTotals,
};

/// The most tokens of a step on a GPU, and on a CPU, where a long step would keep an urgent request waiting.
const BATCH: (u32, u32) = (512, 256);
/// `LLAMA_FLASH_ATTN_TYPE_AUTO` and `_DISABLED` of llama.h. On a CPU, flash attention adds up in half precision, so that a
/// score moved by 0.005 with the place of its cells in the context; without it by less than 0.00001.
const FLASH_ATTENTION: (i32, i32) = (-1, 0);

/// A model that answers in this process. Dropping it ends what it is doing.
#[derive(Debug)]
pub struct Engine {
    tokenizer: Arc<Tokenizer>,
    manifest: Manifest,
    description: ModelDescription,
    sequence_limit: usize,
    queue: usize,
    places: usize,
    counts: Arc<Counts>,
    inbox: Option<SyncSender<Work>>,
    thread: Option<JoinHandle<()>>,
}

impl Engine {
    /// Checks and loads a model and starts its thread; returns when the model is ready.
    ///
    /// # Errors
    /// Every [`InferenceError`]; a file that is missing, cut, foreign or not the manifest's is named.
    pub fn start(settings: &EngineSettings) -> Result<Self, InferenceError> {
        let loaded = load::load(settings)?;
        let tokenizer = Tokenizer::new(Arc::clone(&loaded.model))
            .map_err(|reason| InferenceError::Template { path: settings.model.clone(), reason })?;
        let tokenizer = Arc::new(tokenizer);
        let places = settings.slots + settings.queue;
        let (inbox, received) = sync_channel(places);
        let (ready, started) = sync_channel(1);
        let LoadedModel { model, manifest, description, sequence_limit } = loaded;
        let thread = {
            let (settings, tokenizer, description) = (settings.clone(), Arc::clone(&tokenizer), description.clone());
            std::thread::Builder::new()
                .name("inference".into())
                .spawn(move || serve(&model, tokenizer, &settings, &description, &received, &ready))
                .map_err(|error| InferenceError::Thread(error.to_string()))?
        };
        let cells = started
            .recv()
            .map_err(|_| InferenceError::Thread("its thread ended at once".into()))?
            .map_err(InferenceError::Thread)?;
        Ok(Self {
            tokenizer,
            manifest,
            description: ModelDescription { context: cells, ..description },
            sequence_limit: sequence_limit.min(cells as usize),
            queue: settings.queue,
            places,
            counts: Arc::default(),
            inbox: Some(inbox),
            thread: Some(thread),
        })
    }

    /// The model's manifest, or what is assumed without one.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The most tokens of one prompt with its answer.
    pub fn sequence_limit(&self) -> usize {
        self.sequence_limit
    }

    /// How many tokens a plain text takes.
    pub fn count_tokens(&self, text: &str) -> usize {
        self.tokenizer.plain(text).len()
    }

    /// The token ids of a chat prompt, as a generation would start from.
    ///
    /// # Errors
    /// [`GeneratorError::Invalid`] when the template refuses the messages.
    pub fn prompt_tokens(&self, messages: &[ChatMessage]) -> Result<Vec<i32>, GeneratorError> {
        Ok(self.tokenizer.chat(messages, 0)?.tokens.iter().map(|token| token.0).collect())
    }

    /// Refuses what cannot fit before it is tokenized, which takes memory and time in proportion.
    fn check_size(&self, messages: &[ChatMessage], more: &str) -> Result<(), GeneratorError> {
        let texts = messages.iter().map(|message| message.content.as_str()).chain([more]);
        self.check_length(self.tokenizer.at_least(texts))
    }

    fn check_length(&self, tokens: usize) -> Result<(), GeneratorError> {
        if tokens >= self.sequence_limit {
            return Err(GeneratorError::TooLong { tokens, context: self.sequence_limit });
        }
        Ok(())
    }

    fn submit(
        &self,
        priority: Priority,
        deadline: Instant,
        cancelled: &Arc<AtomicBool>,
        wanted: Wanted,
    ) -> Result<(), GeneratorError> {
        let overloaded = GeneratorError::Overloaded { limit: self.queue };
        let place = Place::take(&self.counts, self.places).ok_or(overloaded)?;
        let work = Work { priority, deadline, cancelled: Arc::clone(cancelled), place, wanted };
        let gone = || GeneratorError::Unavailable("the engine has stopped".into());
        self.inbox.as_ref().ok_or_else(gone)?.try_send(work).map_err(|_| gone())
    }
}

impl TextGenerator for Engine {
    fn describe(&self) -> ModelDescription {
        self.description.clone()
    }

    fn generate(&self, request: GenerationRequest) -> Result<Generation, GeneratorError> {
        if request.max_tokens == 0 {
            return Err(GeneratorError::Invalid("max_tokens is 0".into()));
        }
        if self.counts.taken() >= self.places {
            return Err(GeneratorError::Overloaded { limit: self.queue });
        }
        self.check_size(&request.messages, "")?;
        let prompt = self.tokenizer.chat(&request.messages, request.shared_messages)?;
        self.check_length(prompt.tokens.len())?;
        let max_tokens = request.max_tokens.min(self.sequence_limit - prompt.tokens.len());
        let (events, received) = sync_channel(max_tokens + 2);
        let cancelled = Arc::new(AtomicBool::new(false));
        let text = TextWork {
            prompt,
            grammar: request.grammar,
            max_tokens,
            sampling: Sampling::new(request.temperature, request.seed),
            events,
        };
        self.submit(request.priority, request.deadline, &cancelled, Wanted::Text(text))?;
        Ok(Generation::cancellable(received, request.deadline, cancelled))
    }

    fn score(&self, request: ScoreRequest) -> Result<Vec<f32>, GeneratorError> {
        if request.candidates.is_empty() {
            return Ok(Vec::new());
        }
        let first = |answer: &str| {
            let token = self.tokenizer.plain(answer).first().copied();
            token.ok_or_else(|| GeneratorError::Invalid(format!("the answer {answer:?} has no tokens")))
        };
        let (positive, negative) = (first(&request.positive)?, first(&request.negative)?);
        if positive == negative {
            let reason = format!("{:?} and {:?} start with the same token", request.positive, request.negative);
            return Err(GeneratorError::Invalid(reason));
        }
        let longest = request.candidates.iter().max_by_key(|candidate| candidate.len()).map_or("", String::as_str);
        self.check_size(&request.prefix, longest)?;
        let prompts = self.tokenizer.candidates(&request.prefix, &request.candidates)?;
        for prompt in &prompts {
            self.check_length(prompt.tokens.len())?;
        }
        let (reply, answer) = sync_channel(1);
        let cancelled = Arc::new(AtomicBool::new(false));
        let scores = ScoreWork { prompts, positive, negative, reply };
        self.submit(request.priority, request.deadline, &cancelled, Wanted::Scores(scores))?;
        match answer.recv_timeout(request.deadline.saturating_duration_since(Instant::now())) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                cancelled.store(true, Ordering::Release);
                Err(GeneratorError::Deadline)
            }
            Err(RecvTimeoutError::Disconnected) => Err(GeneratorError::Unavailable("the engine has stopped".into())),
        }
    }

    fn queue_depth(&self) -> usize {
        self.counts.taken()
    }

    fn totals(&self) -> TokenTotals {
        self.counts.totals()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.inbox = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the inference thread had panicked");
        }
    }
}

/// The thread: makes the context, says how many cells it has, and serves.
fn serve(
    model: &LlamaModel,
    tokenizer: Arc<Tokenizer>,
    settings: &EngineSettings,
    description: &ModelDescription,
    inbox: &Receiver<Work>,
    ready: &SyncSender<Result<u32, String>>,
) {
    let threads = threads_for(description.parameters, settings.threads);
    let on_gpu = description.offloaded_layers.0 > 0;
    let batch = if on_gpu { BATCH.0 } else { BATCH.1 };
    let parameters = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(description.context))
        .with_n_batch(batch)
        .with_n_ubatch(batch)
        .with_n_seq_max((settings.slots + SCORE_LANES + settings.prefixes) as u32)
        .with_kv_unified(true)
        .with_flash_attention_policy(if on_gpu { FLASH_ATTENTION.0 } else { FLASH_ATTENTION.1 })
        .with_n_threads(threads.decode)
        .with_n_threads_batch(threads.prefill);
    let context = load::backend().map_err(|error| error.to_string()).and_then(|backend| {
        model
            .new_context(backend, parameters)
            .map_err(|error| format!("no memory for a context of {} tokens: {error}", description.context))
    });
    match context {
        Ok(context) => {
            let cells = context.n_ctx();
            let parts = WorkerParts { model, context, tokenizer, slots: settings.slots, prefixes: settings.prefixes };
            let worker = Worker::new(parts);
            if ready.send(Ok(cells)).is_ok() {
                worker.run(inbox);
            }
        }
        Err(reason) => {
            let _ = ready.send(Err(reason));
        }
    }
}
