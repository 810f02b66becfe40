//! The shop's orders as the conversation sees them: found by number, changed once under a key.

use serde::{Deserialize, Serialize};

use super::change::ChangeKind;
use super::record::{Order, OrderStatus};
use crate::domain::identifier::OrderId;

/// A change that the shopper said yes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRequest {
    /// Names this change for good: the same key twice is one change.
    pub key: String,
    /// Of which order.
    pub order_id: OrderId,
    /// What.
    pub change: ChangeKind,
    /// The new address, or the size or colour wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Where the order stood when the shopper said yes; elsewhere it is refused.
    pub expected_status: OrderStatus,
}

/// Why the order book did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderBookError {
    /// It cannot be reached or failed; the same may be asked again, a change under the same key.
    #[error("the order book is not available: {0}")]
    Unavailable(String),
    /// It refuses the change for good.
    #[error("the order book refuses the change: {0}")]
    Refused(String),
}

/// The shop's orders.
pub trait OrderBook: Send + Sync {
    /// The order of this number, or none.
    ///
    /// # Errors
    /// [`OrderBookError::Unavailable`].
    fn find(&self, id: &OrderId) -> Result<Option<Order>, OrderBookError>;

    /// Carries a change out once, however often it is asked for under the same key, and returns the order after it.
    ///
    /// # Errors
    /// [`OrderBookError`].
    fn change(&self, request: &ChangeRequest) -> Result<Order, OrderBookError>;
}
