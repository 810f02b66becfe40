//! daogou (导购): a self-hosted conversational shopping assistant.
//!
//! The floors, from the bottom; imports point down only and `tests/floors.rs` holds that:
//!
//! * floor 0 — [`domain`]: pure vocabulary, no I/O
//! * floor 1 — `catalog`, `knowledge`, `inference`, `prompts`, `store`: each hides one library
//! * floor 2 — `assistant`, `support_desk`, `backoffice`: what the shop does
//! * floor 3 — `faces`, `ops`, `cli`: how people reach it

pub mod domain;
