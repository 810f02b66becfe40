//! An order, who may see it, and which of its changes the bot may carry out when.
//!
//! Pure values and rules; the rules' numbers come from the shop's configuration. The order's note is a shopper's free text:
//! it is carried along and never read for meaning. Called by `assistant`, implemented against by `orders`.

mod book;
mod change;
mod contact;
mod record;

pub use self::book::{ChangeRequest, OrderBook, OrderBookError};
pub use self::change::{ChangeKind, ChangeRules, Decision, PersonReason, decide};
pub use self::contact::Contact;
pub use self::record::{Address, Order, OrderEvent, OrderItem, OrderStatus};
