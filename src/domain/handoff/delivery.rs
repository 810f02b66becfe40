//! The outbox of a case: each thing is begun, then finished, put off or given up; a restart finds what was underway.

use super::case::{Case, Link};
use super::event::Offered;
use super::outgoing::{Attempt, Notice, Outgoing, Parcel, Recipient, Speaker};
use crate::domain::outbox::{Content, MessageId};

/// An excerpt in a notice is cut to so many characters.
const EXCERPT_CHARS: usize = 60;

impl Case {
    /// Begins to send the oldest thing for a recipient; none when there is none, it is underway already, or its time has not come.
    /// The case must be durable before it is sent: a restart then knows of the attempt.
    pub fn begin(&mut self, to: Recipient, now: i64) -> Option<Outgoing> {
        let first = self.outbox.iter_mut().find(|outgoing| outgoing.to == to)?;
        if first.attempt == Attempt::Underway || first.not_before > now {
            return None;
        }
        first.attempt = Attempt::Underway;
        Some(first.clone())
    }

    /// Notes that something arrived, as this message of the recipient's chat.
    pub fn finish(&mut self, seq: u64, copy: Option<MessageId>) {
        let Some(done) = self.take(seq) else { return };
        if let (Parcel::Relay { by, origin: Some(origin), .. }, Some(copy)) = (&done.parcel, copy) {
            self.link(Link { by_shopper: *by == Speaker::Shopper, origin: *origin, copy });
        }
    }

    /// Puts something off that certainly did not arrive.
    pub fn put_off(&mut self, seq: u64, until: i64) {
        if let Some(outgoing) = self.outbox.iter_mut().find(|outgoing| outgoing.seq == seq) {
            outgoing.attempt = Attempt::Waiting;
            outgoing.failures += 1;
            outgoing.not_before = until;
        }
    }

    /// Gives up what will never arrive, and tells who sent it.
    pub fn fail(&mut self, seq: u64) {
        let Some(lost) = self.take(seq) else { return };
        let (to, about, excerpt) = match &lost.parcel {
            Parcel::Relay { by, origin, content } => (own_side(*by), *origin, excerpt(content)),
            Parcel::Edit { by, origin, content } => (own_side(*by), Some(*origin), excerpt(content)),
            Parcel::Cards { cards, .. } => {
                (Recipient::Staff, None, cards.first().map(|card| card.title.clone()).unwrap_or_default())
            }
            Parcel::Notice { .. } => return,
        };
        self.send(to, Parcel::Notice { notice: Notice::NotDelivered { excerpt }, about });
    }

    /// Deals with what may or may not have arrived. Words of the staff are not sent again by themselves: they become a draft, and
    /// the staff are told. Anything else is sent again; for the staff it is marked.
    pub fn doubt(&mut self, seq: u64) {
        let Some(place) = self.outbox.iter().position(|outgoing| outgoing.seq == seq) else { return };
        let about = match &self.outbox[place].parcel {
            Parcel::Relay { by: Speaker::Staff(_), origin, .. } => *origin,
            Parcel::Cards { .. } => None,
            _ => {
                let outgoing = &mut self.outbox[place];
                outgoing.attempt = Attempt::Waiting;
                outgoing.maybe_again = true;
                return;
            }
        };
        let Some(outgoing) = self.outbox.remove(place) else { return };
        let (content, cards) = match outgoing.parcel {
            Parcel::Relay { content, .. } => (Some(content), Vec::new()),
            Parcel::Cards { cards, .. } => (None, cards),
            Parcel::Edit { .. } | Parcel::Notice { .. } => return,
        };
        let titles = || cards.first().map(|card| card.title.clone()).unwrap_or_default();
        let excerpt = content.as_ref().map_or_else(titles, excerpt);
        let draft = self.keep_draft(Offered { content, cards, basis: Vec::new() });
        self.send(Recipient::Staff, Parcel::Notice { notice: Notice::Uncertain { excerpt, draft }, about });
    }

    /// After a restart: deals with everything that was underway; whether there was any.
    pub fn recover(&mut self) -> bool {
        let underway = |outgoing: &&Outgoing| outgoing.attempt == Attempt::Underway;
        let doubtful: Vec<u64> = self.outbox.iter().filter(underway).map(|outgoing| outgoing.seq).collect();
        for seq in &doubtful {
            self.doubt(*seq);
        }
        !doubtful.is_empty()
    }

    /// The message on the other side that a person's message became.
    pub fn copy_of(&self, by: Speaker, origin: MessageId) -> Option<MessageId> {
        let by_shopper = by == Speaker::Shopper;
        self.links
            .iter()
            .rev()
            .find(|link| link.by_shopper == by_shopper && link.origin == origin)
            .map(|link| link.copy)
    }

    /// Adds something to be sent.
    pub(super) fn send(&mut self, to: Recipient, parcel: Parcel) {
        let seq = self.number();
        let attempt = Attempt::Waiting;
        self.outbox.push_back(Outgoing { seq, to, parcel, attempt, failures: 0, not_before: 0, maybe_again: false });
    }

    pub(super) fn tell_shopper(&mut self, notice: Notice) {
        self.send(Recipient::Shopper, Parcel::Notice { notice, about: None });
    }

    pub(super) fn tell_staff(&mut self, notice: Notice) {
        self.send(Recipient::Staff, Parcel::Notice { notice, about: None });
    }

    pub(super) fn tell_both(&mut self, notice: Notice) {
        self.tell_staff(notice.clone());
        self.tell_shopper(notice);
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Whether a person's message was passed on, or is about to be.
    pub(super) fn can_change(&self, by: Speaker, message: MessageId) -> bool {
        self.copy_of(by, message).is_some() || self.outbox.iter().any(|outgoing| carries(outgoing, by, message))
    }

    /// Changes a message that has not left yet; whether there was one.
    pub(super) fn change_waiting(&mut self, by: Speaker, message: MessageId, new: &Content) -> bool {
        let is_waiting = |outgoing: &&mut Outgoing| {
            outgoing.attempt == Attempt::Waiting && !outgoing.maybe_again && carries(outgoing, by, message)
        };
        match self.outbox.iter_mut().find(is_waiting).map(|outgoing| &mut outgoing.parcel) {
            Some(Parcel::Relay { content, .. } | Parcel::Edit { content, .. }) => {
                *content = new.clone();
                true
            }
            _ => false,
        }
    }

    fn take(&mut self, seq: u64) -> Option<Outgoing> {
        let place = self.outbox.iter().position(|outgoing| outgoing.seq == seq)?;
        self.outbox.remove(place)
    }
}

fn carries(outgoing: &Outgoing, by: Speaker, message: MessageId) -> bool {
    match &outgoing.parcel {
        Parcel::Relay { by: whose, origin, .. } => *whose == by && *origin == Some(message),
        Parcel::Edit { by: whose, origin, .. } => *whose == by && *origin == message,
        Parcel::Cards { .. } | Parcel::Notice { .. } => false,
    }
}

fn own_side(by: Speaker) -> Recipient {
    match by {
        Speaker::Shopper => Recipient::Shopper,
        Speaker::Staff(_) => Recipient::Staff,
    }
}

fn excerpt(content: &Content) -> String {
    content.words().chars().take(EXCERPT_CHARS).collect()
}
