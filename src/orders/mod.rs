//! Floor 1: the shop's orders, as a file beside the feed or behind an HTTP endpoint (`catalog/ORDERS.md`).
//!
//! Both carry a change out once per key. Never decides who may see an order: that is `assistant`'s. Built by `assemble`.

mod circuit;
mod file;
mod http;

use std::path::PathBuf;

pub use self::file::FileOrderBook;
pub use self::http::{HttpOrderBook, HttpSettings};

/// Why an order book cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OrdersError {
    /// A file cannot be read or written.
    #[error("cannot use the orders {path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A line is not an order, or not a change.
    #[error("{path}:{line}: {cause}")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        cause: serde_json::Error,
    },
    /// The endpoint's address is not one.
    #[error("invalid orders endpoint `{0}`: http:// or https:// wanted")]
    Endpoint(String),
    /// The HTTP client cannot be made.
    #[error("cannot make an HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}
