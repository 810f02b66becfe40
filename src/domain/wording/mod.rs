//! Every fixed sentence that a person reads, in Chinese and English, by subject.
//!
//! Only words live here: values are passed in and printed as they are. Called by `assistant`, `support_desk` and the faces.

pub mod chat;
pub mod choosing;
pub mod description;
pub mod desk;
pub mod desk_buttons;
pub mod desk_staff;
pub mod finding;
pub mod learning;
pub mod listing;
pub mod opinion;
pub mod order_change;
pub mod orders;
pub mod policy;
pub mod service;
pub mod shelf;
pub mod telegram;
pub mod terminal;

use super::language::Language;

/// The text in the language.
pub(crate) fn pick(language: Language, zh: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

/// The values in one line: `A、B、C` or `A, B, C`.
pub fn list<I: IntoIterator<Item = S>, S: Into<String>>(language: Language, values: I) -> String {
    let values: Vec<String> = values.into_iter().map(Into::into).collect();
    values.join(pick(language, "、", ", "))
}

/// A shopper's own words as a sentence of ours repeats them: whole up to 60 characters, else cut with `…`.
pub fn echo(words: &str) -> String {
    const MOST: usize = 60;
    match words.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::echo;

    #[test]
    fn long_words_are_repeated_in_part() {
        assert_eq!(echo("羽绒服"), "羽绒服");
        assert_eq!(echo(&"服".repeat(2000)).chars().count(), 61);
    }
}
