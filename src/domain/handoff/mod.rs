//! A conversation in the hands of people: asked for, waiting, claimed, handed on, given back or closed.
//!
//! [`Case`] is a pure state machine: whatever happens comes in as an [`Event`] with the time, and whatever is to be sent lies in
//! its own outbox until it is known to have arrived. It is stored whole after each event, so that a restart resumes it. Never
//! sends, never sleeps, never reads a clock. Called by `support_desk`.

mod case;
mod delivery;
mod event;
mod hands;
mod hours;
#[cfg(test)]
mod model;
mod outgoing;
mod patience;
mod request;
mod said;
#[cfg(test)]
mod tests;

pub use self::case::{Applied, Case, Draft, HandoffState, Line};
pub use self::event::{Clock, DeskAction, Event, Offered, Patience, Refusal, Said, StaffId};
pub use self::hours::{Opening, Shift, TimeOfDay, WorkingHours};
pub use self::outgoing::{Attempt, CloseReason, Notice, Outgoing, Parcel, Recipient, Speaker};
pub use self::request::{HandoffReason, HandoffRequest, People};
