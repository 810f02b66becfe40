//! A person at the terminal: line editing, history, a sign of work.

use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use super::draw::{Style, draw};
use super::{Answer, Terminal};
use crate::assistant::Observer;
use crate::domain::reply::Reply;

/// Shows which stage runs until the reply is there.
struct Spinner(ProgressBar);

impl Spinner {
    fn start() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }
}

impl Observer for Spinner {
    fn stage(&mut self, name: &'static str) {
        self.0.set_message(name);
    }

    fn draft(&mut self, so_far: &Reply) {
        // One line: what grows is the text, or the reason of a card, that still ends in an ellipsis.
        let said = so_far.plain_text();
        let growing = said.lines().find(|line| line.ends_with('…'));
        self.0.set_message(growing.unwrap_or_default().to_owned());
    }
}

/// Converses until the person leaves (`/quit`, end of input, or two interrupts). History is kept in `history`.
///
/// # Errors
/// The terminal cannot be read. A failed turn is told and does not end the conversation.
pub fn converse(terminal: &mut Terminal<'_>, history: &Path, style: Style) -> anyhow::Result<()> {
    let mut editor = DefaultEditor::new()?;
    if history.exists() {
        editor.load_history(history)?;
    }
    let mut interrupted = false;
    loop {
        let line = match editor.readline("› ") {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) if !interrupted => {
                interrupted = true;
                continue;
            }
            Err(ReadlineError::Interrupted | ReadlineError::Eof) => break,
            Err(error) => return Err(error.into()),
        };
        interrupted = false;
        if line.trim().is_empty() {
            continue;
        }
        editor.add_history_entry(&line)?;
        let mut spinner = Spinner::start();
        let answer = terminal.answer(&line, &mut spinner);
        spinner.0.finish_and_clear();
        match answer {
            Ok(Answer::Quit) => break,
            Ok(Answer::Own(reply)) => println!("{}\n", draw(&reply, textwrap::termwidth(), style)),
            Ok(Answer::Turn(outcome)) => {
                if let Some(reply) = &outcome.reply {
                    println!("{}\n", draw(reply, textwrap::termwidth(), style));
                }
            }
            Err(error) => eprintln!("daogou: {error}"),
        }
    }
    if let Err(error) = editor.save_history(history) {
        tracing::warn!(%error, path = %history.display(), "history not saved");
    }
    Ok(())
}
