//! The desk: applies events to cases, keeps the bot silent where a person speaks, finds the conversation of a topic.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::DeskError;
use super::beside::{Adviser, Conversations};
use super::compose::one_line;
use crate::config::SupportConfig;
use crate::domain::generator::TextGenerator;
use crate::domain::handoff::{Applied, Case, Clock, Event, Refusal, Said, StaffId, WorkingHours};
use crate::domain::identifier::{ConversationId, OrderId};
use crate::domain::language::{Language, Localized};
use crate::domain::outbox::{MessageId, Outbox, TopicId};
use crate::domain::session::Attendant;
use crate::domain::unanswered::{self, Unanswered, UnansweredCause};
use crate::domain::wording::desk_staff as wording;
use crate::prompts::Prompts;
use crate::store::{Store, Table};

/// Ratings up to this one put the question on the list of those to learn from.
const LOW_RATING: u8 = 2;

/// What the bot could not say is cut to so many characters.
const UNSAID_CHARS: usize = 300;

/// What the desk is made of.
pub struct DeskParts {
    /// What is remembered.
    pub store: Arc<Store>,
    /// Sends to the shopper and to the staff.
    pub outbox: Arc<dyn Outbox>,
    /// The assistant's conversations.
    pub conversations: Arc<dyn Conversations>,
    /// What the shop knows.
    pub adviser: Arc<dyn Adviser>,
    /// The language model, or its absence.
    pub generator: Arc<dyn TextGenerator>,
    /// What to tell it.
    pub prompts: Arc<Prompts>,
    /// People, hours, patience.
    pub config: SupportConfig,
    /// The shop's name.
    pub shop: Localized,
}

/// Where in the staff's group something was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// In which topic.
    pub topic: Option<TopicId>,
    /// In answer to which message.
    pub reply_to: Option<MessageId>,
}

/// Who has a conversation, without a look into the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    epoch: u64,
    attendant: Attendant,
}

/// The support desk.
pub struct Desk {
    pub(super) parts: DeskParts,
    pub(super) cases: Table<Case>,
    pub(super) places: Table<ConversationId>,
    pub(super) hours: WorkingHours,
    unanswered: Table<Unanswered>,
    standing: RwLock<HashMap<ConversationId, Standing>>,
    lanes: Mutex<HashMap<ConversationId, Arc<Mutex<()>>>>,
}

impl Desk {
    /// Opens the desk and takes up every case where it was left: what was being sent is dealt with, who speaks is set again.
    ///
    /// # Errors
    /// The store fails or a session cannot be changed.
    pub fn open(parts: DeskParts) -> Result<Self, DeskError> {
        let desk = Self {
            cases: parts.store.table("handoffs")?,
            places: parts.store.table("handoff_places")?,
            unanswered: parts.store.table(unanswered::TABLE)?,
            hours: parts.config.working_hours(),
            standing: RwLock::default(),
            lanes: Mutex::default(),
            parts,
        };
        for (key, _) in desk.cases.with_prefix("")? {
            let case = desk.cases.update(&key, |case| {
                let case = case.map(|mut case| {
                    case.recover();
                    case
                });
                (case.clone(), case)
            })?;
            let Some(case) = case else { continue };
            desk.stand(&case);
            desk.set_attendant(&case)?;
        }
        desk.parts.store.commit()?;
        Ok(desk)
    }

    /// The language of the staff.
    pub fn language(&self) -> Language {
        self.parts.config.language
    }

    /// Whether someone of the group may act.
    pub fn is_staff(&self, staff: StaffId) -> bool {
        self.parts.config.is_staff(staff)
    }

    /// Who speaks with a shopper.
    pub fn attendant(&self, conversation: &ConversationId) -> Attendant {
        self.standing(conversation).map_or(Attendant::Bot, |standing| standing.attendant)
    }

    /// The number that a turn of the bot begins under; see [`Self::permits_bot`].
    pub fn epoch(&self, conversation: &ConversationId) -> u64 {
        self.standing(conversation).map_or(0, |standing| standing.epoch)
    }

    /// Whether a turn that began under this epoch may still be shown. Asked by the face while it runs and before each message of it.
    pub fn permits_bot(&self, conversation: &ConversationId, epoch: u64) -> bool {
        self.standing(conversation)
            .is_none_or(|standing| standing.epoch == epoch && standing.attendant != Attendant::Person)
    }

    /// Takes a message of the shopper, from a private chat. Returns who speaks with the shopper: the bot answers unless it is a
    /// person.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn shopper_said(
        &self,
        conversation: &ConversationId,
        update: i64,
        said: Said,
        now: i64,
    ) -> Result<Attendant, DeskError> {
        if self.standing(conversation).is_none_or(|standing| standing.attendant == Attendant::Bot) {
            return Ok(Attendant::Bot);
        }
        let _ = self.happen(conversation, Some(update), Event::ShopperSaid(said), now)?;
        Ok(self.standing(conversation).map_or(Attendant::Bot, |standing| standing.attendant))
    }

    /// Takes a change of one of the shopper's messages.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn shopper_edited(
        &self,
        conversation: &ConversationId,
        update: i64,
        said: Said,
        now: i64,
    ) -> Result<(), DeskError> {
        if self.standing(conversation).is_some() {
            let _ = self.happen(conversation, Some(update), Event::ShopperEdited(said), now)?;
        }
        Ok(())
    }

    /// Takes a rating, 1–5; whether it counted. A low one puts the question on the list of those to learn from.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn rate(&self, conversation: &ConversationId, update: i64, stars: u8, now: i64) -> Result<bool, DeskError> {
        let result = self.happen(conversation, Some(update), Event::Rate(stars), now)?;
        if result == Ok(Applied::Before) {
            return Ok(true);
        }
        let counted = result == Ok(Applied::Changed);
        if counted
            && stars <= LOW_RATING
            && let Some(case) = self.cases.get(conversation.as_str())?
            && let Some(question) = case.question()
        {
            let language = case.request.language;
            self.unanswered.update(&unanswered::key(question, language), |old| {
                (Some(Unanswered::again(old, question, language, UnansweredCause::LowRated, now)), ())
            })?;
            self.parts.store.commit()?;
        }
        Ok(counted)
    }

    /// Lets time pass: warns, puts back, gives up, and sends again what could not be sent. To be called every few seconds.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn tick(&self, now: i64) -> Result<(), DeskError> {
        let clock = self.clock(now);
        for (key, mut case) in self.cases.with_prefix("")? {
            let conversation = ConversationId::new(key);
            if case.is_open() && case.apply(&clock, None, Event::Tick) == Ok(Applied::Changed) {
                let _ = self.happen(&conversation, None, Event::Tick, now)?;
            } else if !case.outbox.is_empty() {
                self.deliver(&conversation, now)?;
            }
        }
        Ok(())
    }

    /// Forgets what was said in a conversation, as its shopper wishes. One that is open stays open.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn forget(&self, conversation: &ConversationId) -> Result<(), DeskError> {
        self.cases.update(conversation.as_str(), |case| {
            let case = case.map(|mut case| {
                case.forget();
                case
            });
            (case, ())
        })?;
        Ok(self.parts.store.commit()?)
    }

    /// The conversation of a place in the group.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn conversation_at(&self, place: Place) -> Result<Option<ConversationId>, DeskError> {
        let by_topic = match place.topic {
            Some(topic) => self.places.get(&topic_key(topic))?,
            None => None,
        };
        match (by_topic, place.reply_to) {
            (None, Some(message)) => Ok(self.places.get(&message_key(message))?),
            (found, _) => Ok(found),
        }
    }

    /// The case of a conversation.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn case(&self, conversation: &ConversationId) -> Result<Option<Case>, DeskError> {
        Ok(self.cases.get(conversation.as_str())?)
    }

    /// The orders that a conversation is about: those that were proved before a person was called, and since.
    pub(super) fn orders_of(&self, case: &Case) -> Vec<OrderId> {
        let mut orders = case.request.orders.clone();
        let session = self.parts.conversations.session(&case.conversation);
        let session = session.inspect_err(|cause| tracing::warn!(cause, "the orders of a session are not known"));
        for order in session.ok().flatten().map(|session| session.verified_orders).unwrap_or_default() {
            if !orders.contains(&order) {
                orders.push(order);
            }
        }
        orders
    }

    /// Applies an event as one step, makes it durable, sets who speaks, and sends what is to be sent.
    pub(super) fn happen(
        &self,
        conversation: &ConversationId,
        update: Option<i64>,
        event: Event,
        now: i64,
    ) -> Result<Result<Applied, Refusal>, DeskError> {
        let clock = self.clock(now);
        let applied = self.cases.update(conversation.as_str(), |case| match case {
            Some(mut case) => {
                let before = case.attendant();
                let result = case.apply(&clock, update, event.clone());
                (Some(case.clone()), Some((result, before, case)))
            }
            None => (None, None),
        })?;
        let Some((result, before, case)) = applied else { return Ok(Err(Refusal::NotOpen)) };
        self.parts.store.commit()?;
        self.settle(before, &case, now)?;
        Ok(result)
    }

    /// After a durable change: the bot is silenced or let speak first, then the world is told.
    pub(super) fn settle(&self, before: Attendant, case: &Case, now: i64) -> Result<(), DeskError> {
        self.stand(case);
        let unsaid = if before == case.attendant() { None } else { self.set_attendant(case)? };
        self.deliver(&case.conversation, now)?;
        if let Some(words) = unsaid {
            self.show(case, wording::unsaid(self.language(), &one_line(&words, UNSAID_CHARS)), Vec::new());
        }
        Ok(())
    }

    pub(super) fn clock(&self, now: i64) -> Clock {
        Clock { now, open_since: self.hours.open_since(now), patience: self.parts.config.patience() }
    }

    /// One sender at a time for a conversation, so that its messages keep their order.
    pub(super) fn lane(&self, conversation: &ConversationId) -> Arc<Mutex<()>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.len() > 4096 {
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        lanes.entry(conversation.clone()).or_default().clone()
    }

    fn standing(&self, conversation: &ConversationId) -> Option<Standing> {
        self.standing.read().unwrap_or_else(PoisonError::into_inner).get(conversation).copied()
    }

    fn stand(&self, case: &Case) {
        let new = Standing { epoch: case.epoch, attendant: case.attendant() };
        let mut all = self.standing.write().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(case.conversation.clone()).or_insert(new);
        if known.epoch <= new.epoch {
            *known = new;
        }
    }

    fn set_attendant(&self, case: &Case) -> Result<Option<String>, DeskError> {
        let session = |cause| DeskError::Session { conversation: case.conversation.to_string(), cause };
        self.parts.conversations.attend(&case.conversation, case.attendant()).map_err(session)
    }
}

pub(super) fn topic_key(topic: TopicId) -> String {
    format!("t{}", topic.0)
}

pub(super) fn message_key(message: MessageId) -> String {
    format!("m{}", message.0)
}
