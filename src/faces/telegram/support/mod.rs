//! The support group: what is written and pressed there goes to the desk, and what shoppers write while a person is called or has
//! their conversation. Who may act is the desk's to decide; that it came from the group is checked here.

mod buttons;
mod carried;
mod sender;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

pub use self::carried::{Carried, read as read_carried};
pub use self::sender::Sender;
pub use self::watch::Watch;

use self::buttons::Buttons;
use super::TelegramError;
use super::bot::Bot;
use super::courier::{Address, Courier, Undelivered};
use super::incoming::{Incoming, What};
use super::state::State;
use crate::assistant::Outcome;
use crate::domain::handoff::StaffId;
use crate::domain::identifier::ConversationId;
use crate::domain::outbox::Outbox;
use crate::domain::reply::Reply;
use crate::domain::session::Attendant;
use crate::domain::wording::{chat, desk as wording};
use crate::store::Store;
use crate::support_desk::{Desk, DeskError};

/// How often time is let pass at the desk.
const TICK: Duration = Duration::from_secs(3);

/// Opens the desk behind a group, given what sends for it.
pub type OpenDesk = Box<dyn FnOnce(Arc<dyn Outbox>) -> Result<Desk, DeskError> + Send>;

/// The desk and what sends for it.
pub struct Support {
    /// The desk.
    pub desk: Arc<Desk>,
    sender: Arc<Sender>,
    group: i64,
}

impl Support {
    /// Opens the desk behind a group. Called from the runtime, because its sender needs it.
    pub(super) async fn open(
        open: OpenDesk,
        group: i64,
        (courier, state): (Arc<Courier>, Arc<State>),
        store: &Store,
        stop: CancellationToken,
    ) -> Result<Self, TelegramError> {
        let buttons = Buttons::open(store)?;
        let runtime = tokio::runtime::Handle::current();
        let sender = Arc::new(Sender { courier, state, buttons, group, runtime, stop });
        let outbox: Arc<dyn Outbox> = sender.clone();
        let opened = tokio::task::spawn_blocking(move || open(outbox)).await;
        let desk = opened.map_err(|_| TelegramError::Panicked)?.map_err(TelegramError::from)?;
        Ok(Self { desk: Arc::new(desk), sender, group })
    }

    /// Lets time pass until the face closes.
    pub(super) async fn keep(self: Arc<Self>, closing: CancellationToken) {
        loop {
            tokio::select! {
                () = closing.cancelled() => return,
                () = tokio::time::sleep(TICK) => {}
            }
            let desk = Arc::clone(&self.desk);
            match tokio::task::spawn_blocking(move || desk.tick(now_s())).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "the desk stands still"),
                Err(_) => tracing::error!("the desk panicked"),
            }
        }
    }

    /// Whether a chat is the staff's group.
    pub(super) fn is_group(&self, chat: i64) -> bool {
        self.group == chat
    }
}

impl Bot {
    /// Runs blocking work of the desk; nothing where there is none.
    async fn at_desk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Desk) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<Option<T>, Undelivered> {
        let Some(support) = &self.support else { return Ok(None) };
        let desk = Arc::clone(&support.desk);
        match tokio::task::spawn_blocking(move || work(&desk)).await {
            Ok(Ok(result)) => Ok(Some(result)),
            Ok(Err(error)) => Err(TelegramError::from(error).into()),
            Err(_) => Err(TelegramError::Panicked.into()),
        }
    }

    /// Brings what a shopper wrote to the desk, if a person is called or has the conversation; who answers it.
    pub(super) async fn bring_to_desk(self: &Arc<Self>, group: &[Incoming]) -> Result<Attendant, Undelivered> {
        let Some(last) = group.last() else { return Ok(Attendant::Bot) };
        let conversation = last.conversation.clone();
        let is_command = matches!(last.what, What::Command { .. });
        let messages: Vec<(i64, Carried)> =
            group.iter().filter_map(|one| Some((one.seq, one.carried.as_deref()?.clone()))).collect();
        let attendant = self
            .at_desk(move |desk| {
                let mut attendant = desk.attendant(&conversation);
                // A command while the shopper waits is for the bot alone.
                if attendant == Attendant::Bot || (is_command && attendant != Attendant::Person) {
                    return Ok(attendant);
                }
                for (seq, carried) in messages {
                    if carried.is_edit {
                        desk.shopper_edited(&conversation, seq, carried.said, now_s())?;
                    } else {
                        attendant = desk.shopper_said(&conversation, seq, carried.said, now_s())?;
                    }
                }
                Ok(attendant)
            })
            .await?;
        Ok(attendant.unwrap_or(Attendant::Bot))
    }

    /// Whether a person speaks with the shopper: the bot does not even show that it writes.
    pub(super) fn is_with_person(&self, conversation: &ConversationId) -> bool {
        self.support.as_ref().is_some_and(|support| support.desk.attendant(conversation) == Attendant::Person)
    }

    /// Says that a message of this kind cannot be passed on.
    pub(super) async fn tell_not_carried(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
    ) -> Result<(), Undelivered> {
        self.deliver_own(incoming, to, |language, _| Reply::new(language).text(wording::cannot_carry(language))).await
    }

    /// After a turn: takes up a request for a person.
    pub(super) async fn follow(&self, incoming: &Incoming, outcome: &Outcome) -> Result<(), Undelivered> {
        if self.support.is_none() || (outcome.handoff.is_none() && outcome.session.attendant != Attendant::Waiting) {
            return Ok(());
        }
        let (session, handoff) = (outcome.session.clone(), outcome.handoff.clone());
        let who = incoming.name.clone();
        self.at_desk(move |desk| desk.follow(&session, handoff.as_ref(), &who, now_s())).await?;
        Ok(())
    }

    /// Watches that a turn is not overtaken by a claim.
    pub(super) fn watch(&self, incoming: &Incoming) -> Watch {
        Watch::begin(self.support.as_ref().map(|support| Arc::clone(&support.desk)), &incoming.conversation)
    }

    /// Takes an update of the support group.
    pub(super) async fn answer_support(self: &Arc<Self>, incoming: &Incoming) -> Result<(), Undelivered> {
        let (Some(support), Some(carried)) = (&self.support, incoming.carried.as_deref().cloned()) else {
            return Ok(());
        };
        let (staff, seq, place) = (StaffId(incoming.person), incoming.seq, carried.place);
        let message = carried.said.message;
        let told = self
            .at_desk(move |desk| {
                if carried.is_edit {
                    desk.staff_edited(place, staff, seq, carried.said, now_s())?;
                    return Ok(None);
                }
                desk.staff_said(place, staff, seq, carried.said, now_s())
            })
            .await?;
        if let Some(told) = told.flatten() {
            support.sender.tell(place.topic, message, &told).await;
        }
        Ok(())
    }

    /// Takes a press in the support group. What it does was kept when the button was sent; a press that names nothing does nothing.
    pub(super) async fn answer_desk_press(
        self: &Arc<Self>,
        incoming: &Incoming,
        query: &str,
        data: &str,
    ) -> Result<(), Undelivered> {
        let Some(support) = &self.support else { return Ok(()) };
        let sender = Arc::clone(&support.sender);
        let name = data.to_owned();
        let found = tokio::task::spawn_blocking(move || sender.buttons.find(&name)).await;
        let found = found.map_err(|_| TelegramError::Panicked)?.map_err(TelegramError::from)?;
        let Some((conversation, action)) = found else {
            self.answer_query(query, Some(chat::stale_button(support.desk.language()))).await;
            return Ok(());
        };
        let (staff, seq) = (StaffId(incoming.person), incoming.seq);
        let told = self.at_desk(move |desk| desk.press(&conversation, staff, seq, &action, now_s())).await?;
        self.answer_query(query, told.flatten().as_deref()).await;
        Ok(())
    }

    /// Takes a rating of the staff's help.
    pub(super) async fn rate(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        stars: u8,
    ) -> Result<(), Undelivered> {
        let (conversation, seq) = (incoming.conversation.clone(), incoming.seq);
        let counted = self.at_desk(move |desk| desk.rate(&conversation, seq, stars, now_s())).await?;
        let counted = counted.unwrap_or(false);
        self.deliver_own(incoming, to, |language, _| {
            Reply::new(language).text(if counted { wording::rated(language) } else { wording::rated_before(language) })
        })
        .await
    }

    /// Forgets what was said at the desk.
    pub(super) async fn forget_at_desk(&self, incoming: &Incoming) -> Result<(), Undelivered> {
        let conversation = incoming.conversation.clone();
        self.at_desk(move |desk| desk.forget(&conversation)).await?;
        Ok(())
    }
}

pub(super) fn now_s() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}
