//! Lists for the staff: the queue, and the history of a conversation.

use super::DeskError;
use super::compose::{cut, one_line};
use super::desk::Desk;
use crate::domain::handoff::{Case, HandoffState, Speaker};
use crate::domain::wording::desk_staff as wording;

/// A list is cut to so many characters; the end is kept.
const LIST_CHARS: usize = 3800;
/// A reply of the bot is cut to so many characters.
const TURN_CHARS: usize = 200;
/// So many conversations are listed.
const QUEUE: usize = 30;

impl Desk {
    /// The conversations that wait, the longest first, then those that are claimed.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn queue(&self, now: i64) -> Result<String, DeskError> {
        let language = self.language();
        let mut lines: Vec<(bool, i64, String)> = Vec::new();
        for (_, case) in self.cases.with_prefix("")? {
            let who = self.who(&case);
            match case.state {
                HandoffState::Waiting { since, .. } => {
                    let minutes = (now - since) / 60;
                    lines.push((false, since, wording::queue_waiting(language, &who, minutes, case.request.reason)));
                }
                HandoffState::Claimed { by, owed_since, .. } => {
                    let owed = owed_since.map(|since| (now - since) / 60);
                    let line = wording::queue_claimed(language, &who, self.name(by, language), owed);
                    lines.push((true, owed_since.unwrap_or(now), line));
                }
                HandoffState::Released | HandoffState::Closed { .. } => {}
            }
        }
        if lines.is_empty() {
            return Ok(wording::queue_empty(language).to_owned());
        }
        lines.sort();
        Ok(lines.into_iter().take(QUEUE).map(|(_, _, line)| line).collect::<Vec<_>>().join("\n"))
    }

    /// What was said: with the bot, then with people.
    ///
    /// # Errors
    /// The session cannot be read.
    pub fn history(&self, case: &Case) -> Result<String, DeskError> {
        let language = self.language();
        let session = |cause| DeskError::Session { conversation: case.conversation.to_string(), cause };
        let turns = self.parts.conversations.session(&case.conversation).map_err(session)?;
        let turns = turns.map(|session| session.history).unwrap_or_default();
        let with_bot =
            turns.iter().map(|turn| format!("👤 {}\n🤖 {}", turn.shopper, one_line(&turn.reply, TURN_CHARS)));
        // What the bot answered while a person was waited for stands above already.
        let by_bot = |text: &str| turns.iter().any(|turn| turn.shopper == text);
        let people = case.lines.iter().filter(|line| line.by != Speaker::Shopper || !by_bot(&line.text));
        let with_people = people.map(|line| match line.by {
            Speaker::Shopper => format!("👤 {}", line.text),
            Speaker::Staff(staff) => format!("🙋 {}: {}", self.name(staff, language), line.text),
        });
        let lines: Vec<String> = with_bot.chain(with_people).collect();
        if lines.is_empty() {
            return Ok(wording::no_history(language).to_owned());
        }
        let text = lines.join("\n");
        let surplus = text.chars().count().saturating_sub(LIST_CHARS);
        Ok(if surplus == 0 {
            text
        } else {
            format!("…{}", cut(&text.chars().skip(surplus).collect::<String>(), LIST_CHARS))
        })
    }
}
