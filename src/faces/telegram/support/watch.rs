//! Watches that a turn of the bot is not overtaken by a person who takes the conversation: its generation is cancelled then, and
//! nothing of it is shown.

use std::sync::Arc;

use crate::assistant::Observer;
use crate::domain::identifier::ConversationId;
use crate::support_desk::Desk;

/// The watch over one turn.
#[derive(Clone)]
pub struct Watch {
    desk: Option<Arc<Desk>>,
    conversation: ConversationId,
    epoch: u64,
}

impl Watch {
    /// Begins to watch; without a desk nothing ever overtakes.
    pub fn begin(desk: Option<Arc<Desk>>, conversation: &ConversationId) -> Self {
        let epoch = desk.as_ref().map_or(0, |desk| desk.epoch(conversation));
        Self { desk, conversation: conversation.clone(), epoch }
    }

    /// Whether the turn may still be shown.
    pub fn permits(&self) -> bool {
        self.desk.as_ref().is_none_or(|desk| desk.permits_bot(&self.conversation, self.epoch))
    }
}

impl Observer for Watch {
    fn is_wanted(&self) -> bool {
        self.permits()
    }
}
