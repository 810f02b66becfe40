//! Whether words are meant for the bot: its commands, and its name among several people.

use teloxide::types::{Message, MessageEntityKind};

use super::incoming::Me;

/// A command and its argument; a command for another bot is none.
pub fn command(words: &str, me: &Me) -> Option<(String, String)> {
    let (head, argument) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
    let head = head.strip_prefix('/').filter(|head| head.starts_with(|first: char| first.is_ascii_alphabetic()))?;
    let (name, bot) = head.split_once('@').unwrap_or((head, ""));
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_ours = bot.is_empty() || bot.eq_ignore_ascii_case(&me.username);
    (is_name && is_ours).then(|| (name.to_ascii_lowercase(), argument.trim().to_owned()))
}

/// Whether a message names the bot.
pub fn mentions(message: &Message, words: &str, me: &Me) -> bool {
    let named = format!("@{}", me.username).to_lowercase();
    let entities = message.entities().or(message.caption_entities()).unwrap_or_default();
    let by_link = entities.iter().any(|entity| match &entity.kind {
        MessageEntityKind::TextMention { user } => user.id.0 == me.id,
        _ => false,
    });
    by_link
        || words
            .to_lowercase()
            .split(|c: char| !(c.is_alphanumeric() || c == '@' || c == '_'))
            .any(|word| word == named)
}

/// The words without the bot's name.
pub fn without_mention(words: &str, me: &Me) -> String {
    let named = format!("@{}", me.username);
    let kept: Vec<&str> = words.split_whitespace().filter(|word| !word.eq_ignore_ascii_case(&named)).collect();
    kept.join(" ")
}
