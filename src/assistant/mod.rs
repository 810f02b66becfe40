//! Floor 2: the conversation, from a turn to a reply.
//!
//! One way for every message: admission, understand, next step, retrieve, rank, explain or answer, ground, present, save.
//! Each stage takes values and returns a value. Called by the faces from blocking threads; never talks to a face.

mod admission;
mod answers;
pub mod asks_shop;
mod care;
mod choose;
mod compare;
mod conversation;
mod dispute;
mod examples;
mod explain;
mod inquire;
mod lean;
mod line;
mod lists;
mod opinions;
mod order_change;
mod orders;
mod phrase;
mod present;
mod proof;
pub mod rank;
mod resolve;
mod retrieve;
mod select;
mod service;
mod shelf;
mod steps;
mod stream;
mod subject;
mod turn;
pub mod understand;
mod work;

pub use self::conversation::{Assistant, Parts};
pub use self::examples::examples;
pub use self::service::{JournalEntry, JournalState, ServiceParts};
pub use self::turn::{Input, Observer, Outcome, ShownHit, Timings, Turn};
pub use crate::domain::ground::{Evidence, Ungrounded, ground};

use crate::catalog::CatalogError;
use crate::store::StoreError;

/// Why a turn could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum AssistantError {
    /// The state cannot be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalog cannot be searched.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The turn is no longer wanted: someone took over.
    #[error("the turn was cancelled")]
    Cancelled,
}
