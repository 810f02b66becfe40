//! The language model as the assistant sees it: requests, streamed tokens, scores and refusals.
//!
//! Never knows which engine answers. Implemented under `inference`, called by `assistant` and `backoffice`.

use std::time::Instant;

use serde::{Deserialize, Serialize};

pub use super::generation::{Completion, FinishReason, Generation, GenerationEvent, GeneratorError, Usage};

/// A job that a model may be trusted with; its manifest lists those that `daogou eval` has earned it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// A message into the intent object.
    Parse,
    /// How relevant a product is to a request.
    Score,
    /// One grounded sentence on why a product meets a request.
    Reason,
    /// An answer from a quoted passage.
    Answer,
    /// A conversation or a set of reviews in a few sentences.
    Summarise,
    /// Between the staff's and the shopper's language.
    Translate,
    /// A product description from its attributes.
    Describe,
    /// Whether a review is positive.
    Sentiment,
}

/// Who speaks in a chat prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Standing instructions.
    System,
    /// The request.
    User,
    /// The model's own words, as in an example.
    Assistant,
}

/// One message of a chat prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said; never parsed for control tokens.
    pub content: String,
}

impl ChatMessage {
    /// A message of the given role.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}

/// Which request goes first when the engine is busy; the first variant is the most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Understanding a message: the shopper waits and the answer is short.
    Understand,
    /// Ranking and explaining.
    Explain,
    /// Descriptions, summaries, evaluation: whenever there is time.
    Background,
}

/// A grammar that the output must follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grammar {
    /// GBNF text whose start rule is `root`.
    pub gbnf: String,
    /// A looser grammar to start again with when the first leads into a dead end.
    pub fallback: Option<String>,
}

/// One request for text.
#[derive(Debug, Clone)]
pub struct GenerationRequest {
    /// The chat prompt; leading messages with [`Role::System`] and examples are the shared prefix.
    pub messages: Vec<ChatMessage>,
    /// How many leading messages are the same in every request of this kind, and so worth caching.
    pub shared_messages: usize,
    /// What the output must look like, if anything.
    pub grammar: Option<Grammar>,
    /// At most so many new tokens.
    pub max_tokens: usize,
    /// 0 is greedy.
    pub temperature: f32,
    /// Makes sampling at a temperature above 0 repeatable.
    pub seed: u32,
    /// Which request goes first.
    pub priority: Priority,
    /// When the answer is of no more use.
    pub deadline: Instant,
}

/// Tokens of all generations since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenTotals {
    /// In prompts.
    pub prompt: u64,
    /// Of those, from the cache.
    pub cached: u64,
    /// Written.
    pub completion: u64,
    /// Milliseconds from admission to the last token, over all generations.
    pub ms: u64,
}

/// A request for pointwise scores: one shared prefix, many candidates, one number for each.
#[derive(Debug, Clone)]
pub struct ScoreRequest {
    /// The prompt up to the candidate; decoded once.
    pub prefix: Vec<ChatMessage>,
    /// What is appended to the last message of the prefix, one string a candidate.
    pub candidates: Vec<String>,
    /// The answer whose probability is wanted, such as "yes"; its first token counts.
    pub positive: String,
    /// The opposite answer, such as "no".
    pub negative: String,
    /// Which request goes first.
    pub priority: Priority,
    /// When the answer is of no more use.
    pub deadline: Instant,
}

/// What is known of a loaded model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelDescription {
    /// Its name from the GGUF, or "none".
    pub name: String,
    /// Where it runs, such as "cpu" or a GPU's name.
    pub device: String,
    /// Layers on the GPU, of how many.
    pub offloaded_layers: (u32, u32),
    /// Number of weights.
    pub parameters: u64,
    /// Size of the context in tokens, over all sequences.
    pub context: u32,
    /// The profile of prompts that it was trained on or works best with: a folder under `prompts/`.
    pub prompt_profile: String,
    /// What it is trusted with.
    pub jobs: Vec<Job>,
    /// The weight of its scores against the lexical ones in ranking, 0–1, as fitted by `daogou eval`; none when nobody fitted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank_weight: Option<f32>,
}

/// A language model: text under a grammar, and scores. Called from blocking threads, never from an async runtime.
pub trait TextGenerator: Send + Sync {
    /// What is loaded.
    fn describe(&self) -> ModelDescription;

    /// Whether the model may be used for a job.
    fn is_trusted_with(&self, job: Job) -> bool {
        self.describe().jobs.contains(&job)
    }

    /// Starts a generation.
    ///
    /// # Errors
    /// [`GeneratorError::Overloaded`] at once when the queue is full, [`GeneratorError::Unavailable`] without a model.
    fn generate(&self, request: GenerationRequest) -> Result<Generation, GeneratorError>;

    /// ln p(positive) − ln p(negative) for each candidate, in order; a candidate's score does not depend on the others.
    ///
    /// # Errors
    /// As [`Self::generate`], and [`GeneratorError::Deadline`].
    fn score(&self, request: ScoreRequest) -> Result<Vec<f32>, GeneratorError>;

    /// Requests waiting or running, for metrics.
    fn queue_depth(&self) -> usize {
        0
    }

    /// Tokens since the start, for metrics; zero where they are not counted.
    fn totals(&self) -> TokenTotals {
        TokenTotals::default()
    }
}
