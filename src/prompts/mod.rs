//! Floor 1: the prompts, as files that people can read and change.
//!
//! A profile is a folder `prompts/PROFILE` with one `JOB.md` for each job: `compact` for the small bundled model, `general`
//! for large instruct models. They are built into the binary; a folder of the same layout replaces single files. Every file
//! is checked when it is loaded. Called by `assistant`, `backoffice`, `support_desk` and `daogou check`.

mod budget;
mod embedded;
mod error;
mod fill;
mod job;
mod load;
mod section;

pub use self::budget::estimate_tokens;
pub use self::error::PromptError;
pub use self::fill::{Filled, Scoring, Value};
pub use self::job::{file_name, placeholders};
pub use self::load::Prompts;
