//! The support group: who writes there is staff. The desk itself is `support_desk`; here its updates come in.

use std::sync::Arc;

use super::bot::Bot;
use super::courier::Undelivered;
use super::incoming::Incoming;

impl Bot {
    /// Takes an update of the support group.
    pub(super) async fn answer_support(self: &Arc<Self>, incoming: &Incoming) -> Result<(), Undelivered> {
        tracing::debug!(update = incoming.id, "update of the support group");
        Ok(())
    }
}
