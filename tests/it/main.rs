//! The integration tests, one binary.

mod catalog;
mod check;
mod conversations;
mod deploy;
mod encoder;
mod engine;
mod floors;
mod forgetting;
mod grounded;
mod hub;
mod model_files;
mod ranking;
mod remote;
mod security;
mod service;
mod shop;
mod telegram;
mod tiny_gguf;
mod training;
