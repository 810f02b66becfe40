//! The language model: which, where it runs and how much it may take.

use std::path::PathBuf;

use serde::Deserialize;

/// The language model.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// The GGUF.
    pub path: PathBuf,
    /// The sentence encoder, a GGUF; without the file, what a question means is told by word vectors.
    pub encoder: PathBuf,
    /// The cross-encoder, a GGUF, which reads a question and a line of a listing together beside the encoder; without the file, the
    /// encoder's vectors decide.
    pub cross_encoder: PathBuf,
    /// Layers to put on the GPU; all that fit when absent.
    pub gpu_layers: Option<u32>,
    /// Threads for decoding; chosen by the model's size when absent.
    pub threads: Option<u32>,
    /// Engines side by side, each on a core of its own; chosen by the model's size when absent.
    pub engines: Option<u32>,
    /// Requests that are worked on at once.
    pub slots: u32,
    /// Tokens of context over all slots; chosen by the model when absent.
    pub context: Option<u32>,
    /// Requests that may wait.
    pub queue: usize,
    /// A folder that overrides the built-in prompts, laid out as `prompts/` is.
    pub prompts: Option<PathBuf>,
    /// An OpenAI-compatible server to use instead of a GGUF.
    pub remote: Option<RemoteModelConfig>,
}

/// A model behind an OpenAI-compatible HTTP interface. Its key, if any, is in `DAOGOU_MODEL_KEY`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteModelConfig {
    /// Such as `http://127.0.0.1:8080/v1`.
    pub url: String,
    /// The model's name there.
    pub model: String,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            path: "models/daogou-compact.gguf".into(),
            encoder: "models/daogou-encoder.gguf".into(),
            cross_encoder: "models/daogou-cross-encoder.gguf".into(),
            gpu_layers: None,
            threads: None,
            engines: None,
            slots: 8,
            context: None,
            queue: 64,
            prompts: None,
            remote: None,
        }
    }
}
