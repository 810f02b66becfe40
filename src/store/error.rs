//! Why the store refused, each naming the file or the value.

use std::path::PathBuf;

/// Why the store refused.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it open.
    #[error("the store {0} is in use by another daogou process")]
    InUse(PathBuf),
    /// It cannot be opened and there is no backup that can.
    #[error("the store {path} cannot be opened ({cause}) and there is no usable backup in {backups}")]
    Broken {
        /// The store.
        path: PathBuf,
        /// Why it does not open.
        cause: String,
        /// Where backups were sought.
        backups: PathBuf,
    },
    /// It cannot be opened; the newest backup would take its place.
    #[error("the store {path} cannot be opened ({cause}); at the next start it is restored from {backup}")]
    Damaged {
        /// The store.
        path: PathBuf,
        /// Why it does not open.
        cause: String,
        /// The newest backup.
        backup: PathBuf,
    },
    /// sled failed.
    #[error("store: {0}")]
    Sled(#[from] sled::Error),
    /// A value is not what was written.
    #[error("store: the value of `{key}` in `{table}` cannot be read: {cause}")]
    Value {
        /// Of which table.
        table: String,
        /// Under which key.
        key: String,
        /// Why.
        cause: serde_json::Error,
    },
    /// A file could not be read or written.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
}
