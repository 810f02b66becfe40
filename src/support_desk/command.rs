//! What the staff write in the group: words for the shopper, notes to each other, commands. A word that begins with a stroke is never
//! passed on, so that a mistyped command does not reach a shopper.

use super::DeskError;
use super::desk::{Desk, Place};
use crate::domain::handoff::{Case, CloseReason, DeskAction, Event, Said, StaffId};
use crate::domain::outbox::Content;
use crate::domain::wording::desk_buttons as wording;

impl Desk {
    /// Takes a message of the group; returns what its writer is told, if anything.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn staff_said(
        &self,
        place: Place,
        staff: StaffId,
        update: i64,
        said: Said,
        now: i64,
    ) -> Result<Option<String>, DeskError> {
        let language = self.language();
        let conversation = self.conversation_at(place)?;
        let command = command(&said);
        if command.is_none() && conversation.is_none() {
            // Small talk in the group itself.
            return Ok(None);
        }
        if !self.is_staff(staff) {
            return Ok(Some(wording::not_staff(language).to_owned()));
        }
        if let Some(("queue", _)) = command {
            return Ok(Some(self.queue(now)?));
        }
        let case = match &conversation {
            Some(conversation) => self.case(conversation)?,
            None => None,
        };
        let Some(case) = case else { return Ok(Some(wording::no_conversation(language).to_owned())) };
        let Some((name, rest)) = command else {
            let _ = self.happen(&case.conversation, Some(update), Event::StaffSaid(staff, said), now)?;
            return Ok(None);
        };
        self.obey(&case, staff, update, (name, rest), now)
    }

    /// Takes a change of a message of the group.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn staff_edited(
        &self,
        place: Place,
        staff: StaffId,
        update: i64,
        said: Said,
        now: i64,
    ) -> Result<(), DeskError> {
        let Some(conversation) = self.conversation_at(place)? else { return Ok(()) };
        if self.is_staff(staff) && command(&said).is_none() {
            let _ = self.happen(&conversation, Some(update), Event::StaffEdited(staff, said), now)?;
        }
        Ok(())
    }

    fn obey(
        &self,
        case: &Case,
        staff: StaffId,
        update: i64,
        (name, rest): (&str, &str),
        now: i64,
    ) -> Result<Option<String>, DeskError> {
        let action = match name {
            "claim" => DeskAction::Claim,
            "release" => DeskAction::Release,
            "close" => match close_reason(rest) {
                Some(reason) => DeskAction::CloseAs { reason },
                None => DeskAction::Close,
            },
            "transfer" => DeskAction::Transfer,
            "canned" => match rest.parse::<usize>().ok().and_then(|number| number.checked_sub(1)) {
                Some(index) => DeskAction::UseCanned { index },
                None => DeskAction::Canned,
            },
            "translate" => DeskAction::Translate { on: !case.translates },
            "history" => DeskAction::History,
            "draft" => return self.told(case, self.draft(case, staff, rest, update, now)?),
            "suggest" => return self.told(case, self.suggest(case, staff, rest, update, now)?),
            _ => return Ok(Some(wording::unknown_command(self.language()).to_owned())),
        };
        self.press(&case.conversation, staff, update, &action, now)
    }
}

/// The command of a message and what follows it: `/close@shop_bot solved` is `close`, `solved`.
fn command(said: &Said) -> Option<(&str, &str)> {
    let Content::Text { text } = &said.content else { return None };
    let text = text.trim();
    let rest = text.strip_prefix('/').filter(|rest| !rest.starts_with('/'))?;
    let (name, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    Some((name.split('@').next().unwrap_or(name), rest.trim()))
}

fn close_reason(word: &str) -> Option<CloseReason> {
    match word {
        "solved" | "已解决" => Some(CloseReason::Solved),
        "no_answer" | "未回复" => Some(CloseReason::NoAnswer),
        "elsewhere" | "其他" => Some(CloseReason::Elsewhere),
        "spam" | "骚扰" => Some(CloseReason::Spam),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outbox::MessageId;

    #[test]
    fn notes_are_not_commands_and_commands_may_name_the_bot() {
        let said = |text: &str| Said { message: MessageId(1), content: Content::text(text) };
        assert_eq!(command(&said("/close@shop_bot solved")), Some(("close", "solved")));
        assert_eq!(command(&said("/relase")), Some(("relase", "")));
        assert_eq!(command(&said("// 老顾客")), None);
        assert_eq!(command(&said("您好")), None);
    }
}
