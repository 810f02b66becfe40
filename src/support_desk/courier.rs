//! Brings what a case has to send, in order for each side, noting each attempt before and after.

use std::sync::PoisonError;

use super::DeskError;
use super::desk::{Desk, message_key, topic_key};
use crate::domain::handoff::{Case, Notice, Outgoing, Parcel, Recipient};
use crate::domain::identifier::ConversationId;
use crate::domain::outbox::{MessageId, OutboxError, TopicId};

/// The pause after the first failure, in seconds; it doubles up to the longest.
const FIRST_PAUSE_S: i64 = 2;
const LONGEST_PAUSE_S: i64 = 60;
/// After so many failures (some twenty minutes) a message is given up, and its sender told.
const FAILURES: u32 = 25;

impl Desk {
    /// Sends what waits, until nothing does or nothing can be sent now.
    pub(super) fn deliver(&self, conversation: &ConversationId, now: i64) -> Result<(), DeskError> {
        let lane = self.lane(conversation);
        let _alone = lane.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let staff = self.deliver_next(conversation, Recipient::Staff, now)?;
            let shopper = self.deliver_next(conversation, Recipient::Shopper, now)?;
            if !staff && !shopper {
                return Ok(());
            }
        }
    }

    /// Sends the next thing for a recipient; whether there may be more.
    fn deliver_next(&self, conversation: &ConversationId, to: Recipient, now: i64) -> Result<bool, DeskError> {
        let begun = self.change(conversation, |case| {
            let outgoing = case.begin(to, now)?;
            Some((case.clone(), outgoing))
        })?;
        let Some((mut case, outgoing)) = begun.flatten() else { return Ok(false) };
        let seq = outgoing.seq;
        let sent = match to {
            Recipient::Staff => self.send_to_staff(&mut case, &outgoing, now)?,
            Recipient::Shopper => self.send_to_shopper(&case, &outgoing, now),
        };
        match sent {
            Ok(copy) => {
                let opens = matches!(outgoing.parcel, Parcel::Notice { notice: Notice::Opened, .. });
                self.change(conversation, |case| {
                    if opens {
                        case.head = copy.or(case.head);
                    }
                    case.finish(seq, copy);
                })?;
                Ok(true)
            }
            Err(OutboxError::Later(cause)) if outgoing.failures < FAILURES => {
                tracing::info!(conversation = %conversation, cause, "not sent for now");
                let pause = (FIRST_PAUSE_S << outgoing.failures.min(6)).min(LONGEST_PAUSE_S);
                self.change(conversation, |case| case.put_off(seq, now + pause))?;
                Ok(false)
            }
            Err(OutboxError::TopicGone) if outgoing.failures < 2 => {
                self.change(conversation, |case| {
                    case.topic = None;
                    case.head = None;
                    case.put_off(seq, now);
                })?;
                Ok(true)
            }
            Err(OutboxError::Unknown(cause)) => {
                tracing::warn!(conversation = %conversation, cause, "not known to be sent");
                self.change(conversation, |case| case.doubt(seq))?;
                // What is sent again by itself waits for the next tick: the connection has just failed.
                self.change(conversation, |case| case.put_off(seq, now + FIRST_PAUSE_S))?;
                Ok(false)
            }
            Err(error) => {
                tracing::warn!(conversation = %conversation, %error, "given up");
                self.change(conversation, |case| case.fail(seq))?;
                Ok(true)
            }
        }
    }

    fn send_to_staff(
        &self,
        case: &mut Case,
        outgoing: &Outgoing,
        now: i64,
    ) -> Result<Result<Option<MessageId>, OutboxError>, DeskError> {
        if case.topic.is_none() && case.head.is_none() {
            match self.parts.outbox.open_topic(&self.topic_title(case)) {
                Ok(Some(topic)) => self.keep_topic(case, topic)?,
                Ok(None) => {}
                Err(error) => return Ok(Err(error)),
            }
        }
        let post = self.staff_post(case, outgoing, now);
        if let Parcel::Edit { by, origin, .. } = &outgoing.parcel {
            let Some(copy) = case.copy_of(*by, *origin) else {
                return Ok(Err(OutboxError::Never("the message was never passed on".into())));
            };
            return Ok(self.parts.outbox.edit_post(copy, &post).map(|()| None));
        }
        let sent = self.parts.outbox.post(&case.conversation, case.topic, &post);
        if let Ok(message) = sent {
            self.places.put(&message_key(message), &case.conversation)?;
        }
        Ok(sent.map(Some))
    }

    fn send_to_shopper(&self, case: &Case, outgoing: &Outgoing, now: i64) -> Result<Option<MessageId>, OutboxError> {
        if let Parcel::Edit { by, origin, content } = &outgoing.parcel {
            let Some(copy) = case.copy_of(*by, *origin) else {
                return Err(OutboxError::Never("the message was never passed on".into()));
            };
            let content = self.for_shopper(case, *by, content);
            return self.parts.outbox.edit_sent(&case.conversation, copy, &content).map(|()| None);
        }
        let post = self.shopper_post(case, outgoing, now);
        self.parts.outbox.send(&case.conversation, &post).map(Some)
    }

    fn keep_topic(&self, case: &mut Case, topic: TopicId) -> Result<(), DeskError> {
        case.topic = Some(topic);
        self.places.put(&topic_key(topic), &case.conversation)?;
        self.change(&case.conversation, |stored| stored.topic = Some(topic))?;
        Ok(())
    }

    /// Changes a case as one step and makes it durable; nothing when there is none.
    fn change<R>(
        &self,
        conversation: &ConversationId,
        mut change: impl FnMut(&mut Case) -> R,
    ) -> Result<Option<R>, DeskError> {
        let result = self.cases.update(conversation.as_str(), |case| match case {
            Some(mut case) => {
                let result = change(&mut case);
                (Some(case), Some(result))
            }
            None => (None, None),
        })?;
        self.parts.store.commit()?;
        Ok(result)
    }
}
