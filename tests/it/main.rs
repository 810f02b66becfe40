//! The integration tests, one binary.

mod engine;
mod floors;
mod hub;
mod remote;
mod tiny_gguf;
