//! Floor 3: measures what the shop understands and finds against labelled sets. Called by `daogou eval` and `daogou fit`.

pub mod asks;
pub mod aspects;
pub mod charts;
pub mod groundedness;
pub mod ranking;
pub mod service;
pub mod sets;
pub mod slots;
pub mod understanding;
pub mod weigh;
