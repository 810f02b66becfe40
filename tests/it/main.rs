//! The integration tests, one binary.

mod engine;
mod floors;
mod tiny_gguf;
