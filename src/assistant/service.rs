//! Steps about the shop's rules and the shopper's orders.

use super::AssistantError;
use super::work::Work;
use crate::domain::handoff::HandoffReason;
use crate::domain::identifier::OrderId;
use crate::domain::intent::Understood;
use crate::domain::reply::Reply;

impl Work<'_> {
    /// Answers a question about the shop's rules.
    pub fn policy(&mut self, _topic: Option<String>) -> Result<Reply, AssistantError> {
        Ok(self.human(HandoffReason::ReservedTopic))
    }

    /// Says where an order is.
    pub fn order_status(&mut self, _order: Option<OrderId>) -> Result<Reply, AssistantError> {
        Ok(self.human(HandoffReason::ReservedTopic))
    }

    /// Prepares a change of an order.
    pub fn order_change(&mut self, _order: Option<OrderId>, _change: Option<String>) -> Result<Reply, AssistantError> {
        Ok(self.human(HandoffReason::OrderChange))
    }

    /// Carries out, or drops, the change that was listed.
    pub fn confirm_change(&mut self, _id: u64, _yes: bool) -> Result<Reply, AssistantError> {
        Ok(self.human(HandoffReason::OrderChange))
    }

    /// Whether the message answers what was asked before, and the reply to it then.
    pub fn answer_pending(&mut self, _understood: &Understood) -> Result<Option<Reply>, AssistantError> {
        Ok(None)
    }
}
