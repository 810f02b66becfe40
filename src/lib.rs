//! daogou (导购): a self-hosted conversational shopping assistant.
//!
//! The floors, from the bottom; imports point down only and `tests/it/floors.rs` holds that:
//!
//! * floor 0 — [`domain`]: pure vocabulary, no I/O
//! * floor 1 — `catalog`, `knowledge`, `inference`, `orders`, `prompts`, `store`: each hides one library
//! * floor 2 — `assistant`, `support_desk`, `backoffice`: what the shop does
//! * floor 3 — `faces`, `ops`, [`cli`]: how people reach it
//!
//! [`config`] is read by all of floor 3; `assemble` alone sees every part.

pub mod assemble;
pub mod assistant;
pub mod backoffice;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod domain;
pub mod evaluation;
pub mod faces;
pub mod inference;
pub mod knowledge;
pub mod ops;
pub mod orders;
pub mod prompts;
pub mod store;
pub mod support_desk;
