//! How the engine is set up. Read from the configuration by `config`, used by `load` and `worker`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Settings of the in-process engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineSettings {
    /// The GGUF.
    pub model: PathBuf,
    /// Layers on the GPU; absent: all that fit. Without a GPU build nothing is offloaded.
    pub gpu_layers: Option<u32>,
    /// Generations at the same time, 1 to 64.
    pub slots: usize,
    /// Tokens over all sequences; absent: what the model was trained for times `slots`, at most 8192.
    pub context: Option<u32>,
    /// Threads for llama.cpp; absent: chosen by the model's size.
    pub threads: Option<usize>,
    /// Requests that may wait; one more is refused.
    pub queue: usize,
    /// Shared prompt prefixes kept, 1 to 32.
    pub prefixes: usize,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self { model: PathBuf::new(), gpu_layers: None, slots: 8, context: None, threads: None, queue: 64, prefixes: 6 }
    }
}

impl EngineSettings {
    /// The defaults for a model.
    pub fn for_model(model: impl Into<PathBuf>) -> Self {
        Self { model: model.into(), ..Self::default() }
    }
}
