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
