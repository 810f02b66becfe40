//! Floor 0: the vocabulary of a shop and its conversations, as pure values and functions.
//!
//! No I/O and no async here. Every other floor imports it; it imports none of them.

pub mod generator;
