//! After a turn of the bot: takes up a request for a person, also one that a crash cut off between the session and the desk.

use super::DeskError;
use super::desk::Desk;
use crate::domain::handoff::{Case, Event, HandoffReason, HandoffRequest};
use crate::domain::session::{Attendant, Session};

impl Desk {
    /// Follows a turn: `handoff` is what it asked for, `session` how it ended, `who` the shopper's name as the face knows it. A session
    /// that waits for a person without a case gets one: the request was lost in a crash. Returns whether a person was called.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn follow(
        &self,
        session: &Session,
        handoff: Option<&HandoffRequest>,
        who: &str,
        now: i64,
    ) -> Result<bool, DeskError> {
        let conversation = &session.conversation;
        let request = match handoff {
            Some(request) => request.clone(),
            None if session.attendant != Attendant::Waiting => return Ok(false),
            None if self.case(conversation)?.is_some_and(|case| case.is_open()) => return Ok(false),
            None => rebuilt(session),
        };
        let clock = self.clock(now);
        let (before, case) = self.cases.update(conversation.as_str(), |case| {
            let (before, mut case) = match case {
                Some(mut case) => {
                    let before = case.attendant();
                    let _ = case.apply(&clock, None, Event::Request(request.clone()));
                    (before, case)
                }
                // The session waits already.
                None => (Attendant::Waiting, Case::open(request.clone(), &clock)),
            };
            who.clone_into(&mut case.who);
            (Some(case.clone()), (before, case))
        })?;
        self.parts.store.commit()?;
        self.settle(before, &case, now)?;
        Ok(true)
    }
}

/// The request that a session must have made.
fn rebuilt(session: &Session) -> HandoffRequest {
    HandoffRequest {
        conversation: session.conversation.clone(),
        language: session.language,
        reason: HandoffReason::Asked,
        message: session.history.last().map(|exchange| exchange.shopper.clone()).unwrap_or_default(),
        history: session.history.clone(),
        products: session.shown.clone(),
        orders: session.verified_orders.clone(),
    }
}
