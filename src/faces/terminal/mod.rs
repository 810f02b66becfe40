//! The terminal face: a conversation line by line, for a person or a script.
//!
//! With a terminal on standard input: line editing, history, a sign of work, cards that fit the width. Without: one turn a line.

mod command;
mod draw;
mod interactive;
mod json;

use std::io::{BufRead, Write};

pub use self::draw::{Style, draw};
pub use self::interactive::converse;
pub use self::json::{own_json, turn_json};

use self::command::{Line, read_line};
use crate::assistant::{Assistant, AssistantError, Observer, Outcome, Turn};
use crate::domain::identifier::ConversationId;
use crate::domain::reply::Reply;
use crate::domain::session::Session;
use crate::domain::wording::terminal as wording;

/// One conversation at a terminal.
pub struct Terminal<'a> {
    assistant: &'a Assistant,
    conversation: ConversationId,
    turns: u64,
}

/// What a line came to.
pub enum Answer {
    /// A turn of the assistant.
    Turn(Box<Outcome>),
    /// Something that the terminal answers itself.
    Own(Reply),
    /// The person is done.
    Quit,
}

impl<'a> Terminal<'a> {
    /// A terminal for a conversation of this name.
    pub fn new(assistant: &'a Assistant, name: &str) -> Self {
        Self { assistant, conversation: ConversationId::new(format!("terminal:{name}")), turns: 0 }
    }

    /// Forgets the conversation so far, keeping nothing.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn begin_anew(&self) -> Result<(), AssistantError> {
        let conversation = self.conversation.clone();
        self.assistant.change_session(&self.conversation, |session| {
            *session = Session { epoch: session.epoch + 1, ..Session::new(conversation) };
        })?;
        Ok(())
    }

    /// Answers one line.
    ///
    /// # Errors
    /// Those of [`Assistant::handle`].
    pub fn answer(&mut self, line: &str, observer: &mut dyn Observer) -> Result<Answer, AssistantError> {
        let language = || {
            let session = self.assistant.change_session(&self.conversation, |_| {});
            session.map(|session| session.language)
        };
        let input = match read_line(line) {
            Line::Turn(input) => input,
            Line::Quit => return Ok(Answer::Quit),
            Line::Help => {
                let language = language()?;
                return Ok(Answer::Own(Reply::new(language).text(wording::help(language))));
            }
            Line::New => {
                let language = language()?;
                self.begin_anew()?;
                return Ok(Answer::Own(Reply::new(language).text(wording::begun_anew(language))));
            }
            Line::Unknown(command) => {
                let language = language()?;
                return Ok(Answer::Own(Reply::new(language).text(wording::unknown_command(language, &command))));
            }
        };
        self.turns += 1;
        let turn = Turn { conversation: self.conversation.clone(), update: None, input };
        Ok(Answer::Turn(Box::new(self.assistant.handle(&turn, observer)?)))
    }

    /// Answers every line of a script and writes replies, as JSON or drawn for `width` columns.
    ///
    /// # Errors
    /// A line cannot be read (invalid UTF-8 is replaced, not refused), a turn failed, or the output is closed.
    pub fn run_script(
        &mut self,
        lines: impl BufRead,
        mut output: impl Write,
        as_json: bool,
        width: usize,
    ) -> anyhow::Result<()> {
        for line in lines.split(b'\n') {
            let line = line?;
            let text = String::from_utf8_lossy(&line);
            if text.trim().is_empty() {
                continue;
            }
            match self.answer(text.trim_end_matches('\r'), &mut ())? {
                Answer::Quit => break,
                Answer::Own(reply) if as_json => {
                    writeln!(output, "{}", own_json(self.turns, text.trim(), &reply))?;
                }
                Answer::Own(reply) => writeln!(output, "{}", draw(&reply, width, Style::Plain))?,
                Answer::Turn(outcome) if as_json => {
                    writeln!(output, "{}", turn_json(self.turns, text.trim(), &outcome))?;
                }
                Answer::Turn(outcome) => {
                    let reply =
                        outcome.reply.as_ref().map(|reply| draw(reply, width, Style::Plain)).unwrap_or_default();
                    writeln!(output, "{reply}")?;
                }
            }
            output.flush()?;
        }
        Ok(())
    }
}
