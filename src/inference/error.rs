//! What can go wrong before a model answers: its file, its manifest, the machine, the settings.
//!
//! Failures of single requests are `domain::generator::GeneratorError`.

use std::path::{Path, PathBuf};

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InferenceError {
    /// The file is missing or cannot be read.
    #[error("cannot read the model {}: {reason}", path.display())]
    Read {
        /// The model's file.
        path: PathBuf,
        /// The system's reason.
        reason: std::io::Error,
    },
    /// The file is not a complete GGUF.
    #[error("the model {} is not a usable GGUF: {reason}", path.display())]
    NotGguf {
        /// The model's file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is not the one that its manifest describes.
    #[error("the model {} has SHA-256 {found}, its manifest says {expected}", path.display())]
    Checksum {
        /// The model's file.
        path: PathBuf,
        /// From the manifest, lowercase hexadecimal.
        expected: String,
        /// Of the file, lowercase hexadecimal.
        found: String,
    },
    /// The manifest beside the model does not parse.
    #[error("invalid manifest {}: {reason}", path.display())]
    Manifest {
        /// The manifest's file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The processor lacks instructions that llama.cpp was compiled for.
    #[error(
        "this processor lacks {missing}, which the llama.cpp in this binary needs: use another machine, or build with `RUSTFLAGS=-Ctarget-cpu=native`"
    )]
    Processor {
        /// Names of the missing instruction sets.
        missing: String,
    },
    /// llama.cpp did not accept a file that looks complete.
    #[error("llama.cpp cannot load the model {} (architecture {architecture}): {reason}", path.display())]
    Load {
        /// The model's file.
        path: PathBuf,
        /// From the GGUF, such as "qwen2".
        architecture: String,
        /// What llama.cpp said; more is in the log under its own target.
        reason: String,
    },
    /// The model's chat template is not valid Jinja.
    #[error("the chat template of {} does not compile: {reason}", path.display())]
    Template {
        /// The model's file.
        path: PathBuf,
        /// The template engine's message.
        reason: String,
    },
    /// A setting that cannot be met.
    #[error("invalid setting {name}: {reason}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Why not.
        reason: String,
    },
    /// The model's server does not answer as it should.
    #[error("cannot use the model server {url}: {reason}")]
    Remote {
        /// Its address.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The engine's thread did not start.
    #[error("cannot start the engine: {0}")]
    Thread(String),
}

impl InferenceError {
    pub(super) fn read(path: &Path, reason: std::io::Error) -> Self {
        Self::Read { path: path.to_path_buf(), reason }
    }

    pub(super) fn not_gguf(path: &Path, reason: impl Into<String>) -> Self {
        Self::NotGguf { path: path.to_path_buf(), reason: reason.into() }
    }
}
