//! What the staff's buttons and commands do. The face has made sure that the press came from the group and names a button that the
//! desk sent there; who may do what is checked here again.

use super::DeskError;
use super::compose::button;
use super::desk::Desk;
use super::help::{Helped, Refused};
use crate::domain::generator::Job;
use crate::domain::handoff::{Applied, Case, CloseReason, DeskAction, Event, Refusal, StaffId};
use crate::domain::identifier::ConversationId;
use crate::domain::outbox::{Content, DeskButton, StaffPost};
use crate::domain::wording::desk_buttons::{self as wording, Label};

impl Desk {
    /// Does what a button says; returns what the one who pressed is told, if anything.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn press(
        &self,
        conversation: &ConversationId,
        staff: StaffId,
        update: i64,
        action: &DeskAction,
        now: i64,
    ) -> Result<Option<String>, DeskError> {
        let language = self.language();
        if !self.is_staff(staff) {
            return Ok(Some(wording::not_staff(language).to_owned()));
        }
        let Some(case) = self.case(conversation)? else {
            return Ok(Some(wording::no_conversation(language).to_owned()));
        };
        let event = match action {
            DeskAction::Claim => Event::Claim(staff),
            DeskAction::TransferTo { staff: to } if !self.is_staff(*to) => {
                return Ok(Some(wording::not_staff(language).to_owned()));
            }
            DeskAction::TransferTo { staff: to } => Event::Transfer(staff, *to),
            DeskAction::PutBack => Event::PutBack(staff),
            DeskAction::Release => Event::Release(staff),
            DeskAction::CloseAs { reason } => Event::Close(staff, *reason),
            DeskAction::SendDraft { id } => Event::SendDraft(staff, *id),
            DeskAction::DropDraft { id } => Event::DropDraft(*id),
            DeskAction::Translate { on: true } if !self.can(Job::Translate) => {
                return Ok(Some(wording::cannot_translate(language).to_owned()));
            }
            DeskAction::Translate { on } => Event::Translate(staff, *on),
            DeskAction::Draft => return self.told(&case, self.draft(&case, staff, "", update, now)?),
            DeskAction::Suggest => return self.told(&case, self.suggest(&case, staff, "", update, now)?),
            DeskAction::UseCanned { index } => {
                return self.told(&case, self.use_canned(&case, staff, *index, update, now)?);
            }
            DeskAction::History => {
                self.show(&case, self.history(&case)?, Vec::new());
                return Ok(None);
            }
            DeskAction::Transfer | DeskAction::Close | DeskAction::Canned => {
                return match case.owned_by(staff) {
                    Ok(()) => Ok(self.menu(&case, staff, action)),
                    Err(refusal) => self.told(&case, Err(Refused::Case(refusal))),
                };
            }
        };
        let result = self.happen(conversation, Some(update), event, now)?;
        self.told(&case, result.map_err(Refused::Case))
    }

    /// Asks what follows a button that needs an answer.
    fn menu(&self, case: &Case, staff: StaffId, action: &DeskAction) -> Option<String> {
        let language = self.language();
        let (question, buttons): (&str, Vec<DeskButton>) = match action {
            DeskAction::Close => {
                let reasons = CloseReason::ALL.map(|reason| {
                    DeskButton::new(wording::close_reason(language, reason), DeskAction::CloseAs { reason })
                });
                (wording::why_close(language), reasons.into())
            }
            DeskAction::Canned => {
                let canned = self.parts.config.canned.iter().enumerate();
                let buttons: Vec<_> = canned
                    .map(|(index, canned)| DeskButton::new(&canned.name, DeskAction::UseCanned { index }))
                    .collect();
                if buttons.is_empty() {
                    return Some(wording::no_canned(language).to_owned());
                }
                (wording::which_canned(language), buttons)
            }
            _ => {
                let others = self.parts.config.staff.iter().map(|one| StaffId(one.id)).filter(|one| *one != staff);
                let to = |one| DeskButton::new(self.name(one, language), DeskAction::TransferTo { staff: one });
                let back = button(language, Label::PutBack, DeskAction::PutBack);
                (wording::to_whom(language), others.map(to).chain([back]).collect())
            }
        };
        self.show(case, question.to_owned(), buttons);
        None
    }

    /// Posts something that need not survive a restart.
    pub(super) fn show(&self, case: &Case, text: String, buttons: Vec<DeskButton>) {
        let reply_to = if case.topic.is_none() { case.head } else { None };
        let post = StaffPost { content: Content::text(text), reply_to, buttons };
        if let Err(error) = self.parts.outbox.post(&case.conversation, case.topic, &post) {
            tracing::warn!(conversation = %case.conversation, %error, "list not shown");
        }
    }

    /// What the one who asked is told.
    pub(super) fn told(&self, case: &Case, helped: Helped) -> Result<Option<String>, DeskError> {
        let refusal = match helped {
            Ok(Applied::Changed | Applied::Before | Applied::Ignored) => return Ok(None),
            Err(Refused::Nothing(words)) => return Ok(Some(words.to_owned())),
            Err(Refused::Case(refusal)) => refusal,
        };
        let language = self.language();
        let owner = match refusal {
            Refusal::ClaimedBy { staff } => Some(staff),
            _ => case.owner(),
        };
        let owner = owner.map(|owner| self.name(owner, language)).unwrap_or_default();
        Ok(Some(wording::refused(language, refusal, owner)))
    }
}
