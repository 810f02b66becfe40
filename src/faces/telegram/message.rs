//! What a message of Telegram says of itself: its topic, its author, what it holds beside words, whether it is one of our cards.
//!
//! Pure. Called by `incoming`.

use teloxide::types::{InlineKeyboardButtonKind, Message};

use super::deep_link::Target;
use crate::domain::language::Language;

/// Where the button below one of our inline cards leads, as `/start` takes it.
pub fn card_target(message: &Message) -> Option<String> {
    let buttons = message.reply_markup()?.inline_keyboard.iter().flatten();
    buttons.into_iter().find_map(|button| {
        let InlineKeyboardButtonKind::Url(url) = &button.kind else { return None };
        let code = url.query_pairs().find(|(name, _)| name == "start")?.1.into_owned();
        Target::decode(&code).map(|_| code)
    })
}

/// The topic of the group in which it stands.
pub fn thread_of(message: &Message) -> Option<i64> {
    message.thread_id.filter(|_| message.is_topic_message).map(|thread| i64::from(thread.0.0))
}

/// Whether a message without words holds something that a person sent, rather than news of the chat.
pub fn has_content(message: &Message) -> bool {
    message.photo().is_some()
        || message.voice().is_some()
        || message.sticker().is_some()
        || message.video().is_some()
        || message.video_note().is_some()
        || message.audio().is_some()
        || message.document().is_some()
        || message.animation().is_some()
        || message.contact().is_some()
        || message.location().is_some()
        || message.poll().is_some()
        || message.dice().is_some()
        || message.story().is_some()
}

/// The name of who wrote it, as they wrote it.
pub fn name_of(message: &Message) -> String {
    message.from.as_ref().map(teloxide::types::User::full_name).unwrap_or_default()
}

/// The language that a person's Telegram is set to.
pub fn language_of(code: Option<&str>) -> Language {
    if code.is_some_and(|code| code.to_ascii_lowercase().starts_with("zh")) { Language::Zh } else { Language::En }
}
