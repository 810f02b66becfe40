//! What the face tells of its work, for metrics; `daogou serve` hands it to `ops`, since faces know nothing of ops.

use std::time::Duration;

use crate::assistant::Outcome;

/// Counts; must not block.
pub trait Meter: Send + Sync + 'static {
    /// A Bot API call ended: `ok`, `flood`, `refused` or `unreachable`.
    fn call(&self, _method: &'static str, _outcome: &'static str, _took: Duration) {}
    /// A turn was answered and its reply delivered; `took` since its last update came.
    fn turn(&self, _outcome: &Outcome, _took: Duration) {}
    /// A turn failed.
    fn failed_turn(&self) {}
    /// So many updates wait or are being answered.
    fn waiting(&self, _updates: usize) {}
}

/// Counts nothing.
impl Meter for () {}
