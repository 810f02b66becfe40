//! Lines that are commands.

use crate::assistant::Input;
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::reply::Action;

/// What a line asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    Turn(Input),
    Help,
    New,
    Quit,
    Unknown(String),
}

/// Reads a line: a message, or a command that begins with `/` and a letter.
pub(super) fn read_line(line: &str) -> Line {
    let trimmed = line.trim();
    let is_command = trimmed.strip_prefix('/').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    if !is_command {
        return Line::Turn(Input::Message { text: line.to_owned(), about: None });
    }
    let (command, argument) = trimmed.split_once(char::is_whitespace).unwrap_or((trimmed, ""));
    let sku = || Sku::new(argument.trim());
    let press = |action| Line::Turn(Input::Press(action));
    match command {
        "/help" => Line::Help,
        "/new" => Line::New,
        "/quit" | "/exit" => Line::Quit,
        "/more" => press(Action::More),
        "/cart" => press(Action::CartShow),
        "/saved" => press(Action::SavedShow),
        "/human" => press(Action::Human),
        "/privacy" => press(Action::PrivacyShow),
        "/compare" => press(Action::Compare { skus: Vec::new() }),
        "/start" => Line::Turn(Input::Message { text: "hello".into(), about: None }),
        "/show" if !argument.is_empty() => press(Action::Detail { sku: sku() }),
        "/language" => match argument.trim() {
            "zh" | "中文" => press(Action::Language { language: Language::Zh }),
            "en" | "English" => press(Action::Language { language: Language::En }),
            _ => Line::Unknown(trimmed.to_owned()),
        },
        _ => Line::Unknown(command.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_before_no_letter_is_a_message() {
        assert!(matches!(read_line("/3 是什么"), Line::Turn(Input::Message { .. })));
        assert_eq!(read_line("/cart"), Line::Turn(Input::Press(Action::CartShow)));
        assert_eq!(read_line("/nonsense x"), Line::Unknown("/nonsense".into()));
    }
}
