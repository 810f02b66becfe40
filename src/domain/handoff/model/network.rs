//! The way between the desk and the two chats in the model: it delivers, fails, or leaves the desk in doubt.

use super::Network;
use super::chat::{Chat, is_report, is_turn, root};
use super::world::World;
use crate::domain::handoff::{Attempt, Case, Notice, Outgoing, Parcel, Recipient};
use crate::domain::outbox::MessageId;

impl World {
    /// Sends the oldest thing for a recipient; whether there was one.
    pub fn deliver(&mut self, to: Recipient, network: &Network) -> bool {
        let Some(outgoing) = self.begin(to) else { return false };
        self.land(&outgoing, network);
        true
    }

    /// Begins to send the oldest thing for a recipient.
    pub fn begin(&mut self, to: Recipient) -> Option<Outgoing> {
        let now = self.now;
        let case = self.case.as_mut()?;
        let outgoing = case.begin(to, now)?;
        assert!(case.begin(to, now).is_none(), "one at a time, in order");
        Some(outgoing)
    }

    /// What becomes of something that was begun.
    pub fn land(&mut self, outgoing: &Outgoing, network: &Network) {
        let now = self.now;
        let to = outgoing.to;
        let Some(case) = &mut self.case else { return };
        if let Parcel::Edit { by, origin, .. } = &outgoing.parcel
            && case.copy_of(*by, *origin).is_none()
        {
            // There is no message to change: the desk gives it up.
            case.fail(outgoing.seq);
            return;
        }
        let arrives = is_report(outgoing) && matches!(network, Network::Never)
            || matches!(network, Network::Arrives | Network::CrashAfter | Network::Unknown { arrived: true });
        let copy = if arrives { self.arrive(outgoing) } else { None };
        match network {
            Network::Arrives => self.with(|case| case.finish(outgoing.seq, copy)),
            Network::Later => self.with(|case| case.put_off(outgoing.seq, now + 1)),
            Network::Never => {
                self.chat(to).turns_lost += usize::from(is_turn(&outgoing.parcel));
                self.with(|case| case.fail(outgoing.seq));
            }
            Network::Unknown { .. } => {
                self.note_doubts();
                self.with(|case| case.doubt(outgoing.seq));
            }
            Network::CrashBefore | Network::CrashAfter => self.restart(),
        }
    }

    fn with(&mut self, change: impl FnOnce(&mut Case)) {
        if let Some(case) = &mut self.case {
            change(case);
        }
    }

    fn chat(&mut self, of: Recipient) -> &mut Chat {
        match of {
            Recipient::Shopper => &mut self.shopper,
            Recipient::Staff => &mut self.staff,
        }
    }

    fn arrive(&mut self, outgoing: &Outgoing) -> Option<MessageId> {
        let copy = self.number();
        let changed = match (&outgoing.parcel, &self.case) {
            (Parcel::Edit { by, origin, .. }, Some(case)) => case.copy_of(*by, *origin),
            _ => None,
        };
        // A report stands in the chat of who sent the message: it is about the other one.
        let about = match outgoing.to {
            Recipient::Shopper => Recipient::Staff,
            Recipient::Staff => Recipient::Shopper,
        };
        let maybe_again = outgoing.maybe_again;
        match &outgoing.parcel {
            Parcel::Relay { content, .. } => {
                let chat = self.chat(outgoing.to);
                chat.shown.insert(copy, (content.words().to_owned(), maybe_again));
            }
            Parcel::Edit { content, .. } => {
                let chat = self.chat(outgoing.to);
                if let Some((words, _)) = changed.and_then(|copy| chat.shown.get_mut(&copy.0)) {
                    content.words().clone_into(words);
                }
            }
            Parcel::Notice { notice: Notice::NotDelivered { excerpt } | Notice::Uncertain { excerpt, .. }, .. } => {
                *self.chat(about).reported.entry(root(excerpt)).or_default() += 1;
            }
            parcel if is_turn(parcel) => self.chat(outgoing.to).turns.1 += 1,
            Parcel::Notice { .. } | Parcel::Cards { .. } => {}
        }
        Some(MessageId(copy))
    }

    /// Everything leaves in the end; then both chats are held against what was said.
    pub fn settle(&mut self) {
        self.restart();
        self.now += 10;
        while self.deliver(Recipient::Staff, &Network::Arrives) || self.deliver(Recipient::Shopper, &Network::Arrives) {
        }
        assert!(self.case.as_ref().is_none_or(|case| case.outbox.is_empty()), "everything leaves in the end");
        for (words, again) in self.shopper.shown.values() {
            assert!(!self.never_for_shopper.contains(words) && !again, "the shopper sees {words}");
        }
        self.staff.check(true);
        self.shopper.check(false);
    }

    /// What is underway when it is no longer known what became of it.
    pub fn note_doubts(&mut self) {
        let Some(case) = &self.case else { return };
        for outgoing in case.outbox.iter().filter(|outgoing| outgoing.attempt == Attempt::Underway) {
            let chat = match outgoing.to {
                Recipient::Shopper => &mut self.shopper,
                Recipient::Staff => &mut self.staff,
            };
            match &outgoing.parcel {
                Parcel::Relay { content, .. } => *chat.doubted.entry(root(content.words())).or_default() += 1,
                parcel if is_turn(parcel) => chat.turns.2 += 1,
                _ => {}
            }
        }
    }
}
