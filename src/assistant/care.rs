//! Steps about the shopper rather than a product: a person, a complaint, what is kept of them.

use super::AssistantError;
use super::dispute::is_money_dispute;
use super::lean::PLAINLY_ANSWERED;
use super::service::{JournalState, quotation, unix_seconds};
use super::work::Work;
use crate::domain::handoff::{HandoffReason, People};
use crate::domain::intent::{IntentKind, Understood};
use crate::domain::reply::{Action, Block, Choice, Reply};
use crate::domain::session::{Attendant, Pending};
use crate::domain::wording::{desk, listing, policy, service};

impl Work<'_> {
    /// Calls a person and says what happens next, how long it usually takes, and that the shopper may go on meanwhile. Where nobody can
    /// come, that is said instead.
    pub fn human(&mut self, reason: HandoffReason) -> Reply {
        let language = self.language;
        if self.session.conversation.is_public() {
            return self.reply().text(service::in_private(language));
        }
        self.call_person(reason);
        let wait = self.parts.service.config.usual_wait_minutes;
        let said = match &self.parts.people {
            People::Nowhere => service::no_person(language).to_owned(),
            People::OnTelegram => service::person_on_telegram(language, wait),
            People::Here(hours) => {
                let was_called = self.session.attendant != Attendant::Bot;
                self.session.attendant = Attendant::Waiting;
                let now = unix_seconds();
                match (hours.open_since(now), was_called) {
                    (None, _) => desk::out_of_hours(language, hours.next_opening(now)),
                    (Some(_), true) => service::person_coming(language, wait),
                    (Some(_), false) => service::person_called(language, wait),
                }
            }
        };
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
        if let Some(encoder) = &self.parts.encoder {
            encoder.forget();
        }
        Ok(self.reply().text(service::erased(self.language)))
    }

    /// A reply about an order, a complaint or what is kept, with the passage below it that plainly answers the message besides: "the mug came
    /// in bits" complains, and what the shop does about broken parcels is what the shopper needs to know. Nothing is added where the reply
    /// quotes already, or the shop leaves the topic to people.
    pub fn with_rule(&self, reply: Reply) -> Reply {
        if self.message.is_empty() || reply.blocks.iter().any(|block| matches!(block, Block::Quote { .. })) {
            return reply;
        }
        let service = &self.parts.service;
        let answer = service.knowledge.load().ask(&self.as_question(self.message));
        let answer = answer.filter(|answer| answer.confidence >= PLAINLY_ANSWERED);
        match answer.filter(|answer| !service.is_reserved(Some(&answer.passage.topic))) {
            Some(answer) => reply.quote(quotation(&answer), answer.passage.source()),
            None => reply,
        }
    }

    /// After two answers in a row that did not help: a person takes it on, where there are people.
    pub fn give_up(&mut self, reply: Reply) -> Reply {
        let reply = reply.text(service::not_helping(self.language));
        match self.parts.people {
            People::Here(_) if !self.session.conversation.is_public() => {
                let called = self.human(HandoffReason::Failures);
                called.blocks.into_iter().fold(reply, Reply::block)
            }
            People::Nowhere => reply,
            _ => reply.choices(vec![Choice::new(listing::human_button(self.language), Action::Human)]),
        }
    }

    /// What comes before the message's own step: a dispute about money is for people, whatever the message was taken for; then what was
    /// asked before.
    pub fn answer_first(&mut self, understood: &Understood) -> Result<Option<Reply>, AssistantError> {
        use IntentKind::{Complaint, Human, OffTopic, OrderStatus, Smalltalk, Unclear};
        let kind = understood.intent.intent;
        // A guess at a message that was not understood is no help.
        let is_guess = matches!(kind, OffTopic | Smalltalk | Unclear);
        if is_guess && understood.confidence < self.parts.config.clarify_below {
            self.helped = false;
        }
        if (is_guess || matches!(kind, Complaint | Human | OrderStatus)) && is_money_dispute(self.message) {
            self.helped = true;
            let why = policy::money_dispute(self.language);
            return Ok(Some(self.led_to_person(why, HandoffReason::MoneyDispute)));
        }
        self.answer_pending(understood)
    }
}
