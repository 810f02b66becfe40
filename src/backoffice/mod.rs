//! Floor 2: what the shop's admins do behind the counter. Called by the faces and `cli`, from blocking threads.

pub mod describe;
mod forget;
mod lesson;
pub mod reviews;
pub mod statistics;
mod unanswered;

use std::path::PathBuf;

pub use self::forget::{ForgetSchedule, Swept, sweep};
pub use self::lesson::Preview;
pub use self::unanswered::{Learning, Lesson};

use crate::store::StoreError;

/// Why something behind the counter could not be done.
#[derive(Debug, thiserror::Error)]
pub enum BackofficeError {
    /// The state cannot be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read or written.
    #[error("cannot write {path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// There is no such question any more.
    #[error("there is no question number {0}")]
    NoQuestion(usize),
    /// An answer without words.
    #[error("the answer to question number {0} is empty")]
    NoAnswer(usize),
}
