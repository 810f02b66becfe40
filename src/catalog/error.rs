//! What can go wrong with a catalog. Never shown to shoppers; the command line and logs print it.

use std::path::{Path, PathBuf};

use crate::domain::identifier::Generation;

/// Why a catalog was not read, built, opened or searched.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A file or folder could not be read or written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Nothing usable is in the feed.
    #[error("no product could be read from {path}: {reason}")]
    EmptyFeed {
        /// The feed.
        path: PathBuf,
        /// The first problem.
        reason: String,
    },
    /// More lines of the feed are bad than a load accepts.
    #[error("{path}: {bad} of {lines} lines are bad, more than the {limit} % that a load accepts; the first: {first}")]
    TooManyBadLines {
        /// The feed.
        path: PathBuf,
        /// How many are bad.
        bad: u64,
        /// Of how many.
        lines: u64,
        /// The limit in percent.
        limit: f64,
        /// The first problem.
        first: String,
    },
    /// The feed breaks off, so that what follows is not known.
    #[error("{path} breaks off: {reason}")]
    Truncated {
        /// The feed.
        path: PathBuf,
        /// How that was noticed.
        reason: String,
    },
    /// The search index failed.
    #[error("search index: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// The search index does not hold what its generation should.
    #[error("the index of generation {generation} is damaged: {reason}")]
    Damaged {
        /// Which generation.
        generation: Generation,
        /// What is wrong.
        reason: String,
    },
    /// There is no generation to open.
    #[error("no catalog is loaded in {0}")]
    NothingLoaded(PathBuf),
    /// There is no generation before the current one.
    #[error("there is no former generation to go back to in {0}")]
    NoFormerGeneration(PathBuf),
    /// A line of a synonyms file makes no sense.
    #[error("{path}:{line}: {reason}")]
    Synonyms {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl CatalogError {
    /// Wraps an I/O error with what was tried on which path.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

impl From<std::io::Error> for CatalogError {
    fn from(error: std::io::Error) -> Self {
        Self::Index(tantivy::TantivyError::from(error))
    }
}
