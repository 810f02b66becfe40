//! Floor 0: the vocabulary of a shop and its conversations, as pure values and functions.
//!
//! No I/O and no async here. Every other floor imports it; it imports none of them.

pub mod amount;
pub mod aspect;
pub mod attempt;
pub mod attribute;
pub mod attribute_names;
pub mod cart;
pub mod change;
pub mod dialogue;
pub mod encoder;
pub mod generation;
pub mod generator;
pub mod ground;
pub mod handoff;
pub mod identifier;
pub mod intent;
pub mod language;
pub mod linear_text;
pub mod matcher;
pub mod money;
pub mod order;
pub mod outbox;
pub mod product;
pub mod refinement;
pub mod reply;
pub mod review;
pub mod search;
pub mod sentiment;
pub mod session;
pub mod target;
pub mod unanswered;
pub mod understood;
pub mod wish;
pub mod wording;
