//! Steps about the shopper rather than a product: a person, a complaint, what is kept of them.

use super::AssistantError;
use super::service::JournalState;
use super::work::Work;
use crate::domain::handoff::HandoffReason;
use crate::domain::reply::{Action, Choice, Reply};
use crate::domain::session::{Attendant, Pending};
use crate::domain::wording::{listing, service};

impl Work<'_> {
    /// Calls a person; asking again while one is on the way is passed on and said to be known.
    pub fn human(&mut self, reason: HandoffReason) -> Reply {
        let was_called = self.session.attendant != Attendant::Bot;
        self.session.attendant = Attendant::Waiting;
        self.call_person(reason);
        let said =
            if was_called { service::person_coming(self.language) } else { service::person_called(self.language) };
        self.reply().text(said)
    }

    /// Regrets, and calls a person.
    pub fn complaint(&mut self) -> Reply {
        let regret = self.reply().text(service::sorry(self.language));
        let mut called = self.human(HandoffReason::Complaint);
        called.blocks.splice(0..0, regret.blocks);
        called
    }

    /// Says what is kept, and offers to erase it.
    pub fn privacy(&mut self) -> Reply {
        let session = &*self.session;
        let kept = service::what_is_kept(
            self.language,
            session.history.len(),
            session.cart.lines().len(),
            session.saved.len(),
        );
        self.session.pending = Some(Pending::ConfirmErase);
        self.reply().text(kept).text(service::erase_question(self.language)).choices(vec![
            Choice::new(service::erase_button(self.language), Action::PrivacyErase { confirmed: true }),
            Choice::new(service::keep_button(self.language), Action::PrivacyErase { confirmed: false }),
        ])
    }

    /// Erases everything that is kept of the conversation, keeping what is needed to go on: its name, its language, its epoch, who
    /// attends and the number of the last update. Wrong tries at orders stay for their hour, or erasing would lift the lock; a
    /// change of an order that is not settled stays until it is.
    pub fn erase(&mut self, confirmed: bool) -> Result<Reply, AssistantError> {
        if !confirmed {
            return Ok(self.reply().text(service::kept(self.language)));
        }
        let journal = &self.parts.service.journal;
        for (key, entry) in journal.with_prefix(&format!("{}:", self.session.conversation))? {
            if entry.state != JournalState::Begun {
                journal.remove(&key)?;
            }
        }
        self.session.forget_chat();
        self.session.saved.clear();
        Ok(self.reply().text(service::erased(self.language)))
    }

    /// After two answers in a row that did not help: offers a person.
    pub fn offer_person(&self, reply: Reply) -> Reply {
        reply
            .text(service::not_helping(self.language))
            .choices(vec![Choice::new(listing::human_button(self.language), Action::Human)])
    }
}
