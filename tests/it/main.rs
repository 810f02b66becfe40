//! The integration tests, one binary.

mod engine;
mod floors;
mod remote;
mod tiny_gguf;
