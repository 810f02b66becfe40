//! Floor 1: the language model. The only place that knows llama.cpp.
//!
//! * [`engine`] — a GGUF in this process: one thread, many sequences
//! * [`encoder`] — a sentence encoder in this process
//! * [`remote`] — any OpenAI-compatible server
//! * [`scripted`] — answers from a script, for tests
//! * [`absent`] — no model, and why
//!
//! All are `domain::generator::TextGenerator`. Nothing here knows what the assistant asks for.

pub mod absent;
pub mod crew;
pub mod encoder;
pub mod engine;
pub mod error;
pub mod gguf;
pub mod hub;
pub mod manifest;
pub mod processor;
pub mod remote;
pub mod scripted;
pub mod template;

mod grammar;
mod lexicon;
mod place;
mod sampling;
mod tokenizer;
mod utf8;
