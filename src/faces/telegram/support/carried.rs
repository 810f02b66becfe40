//! What a message carries from one person to another: its words or file, where it stands, who sent it.

use teloxide::types::Message;

use crate::domain::handoff::Said;
use crate::domain::outbox::{Content, MediaKind, MessageId, TopicId};
use crate::support_desk::Place;

/// What a message carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Carried {
    /// The message.
    pub said: Said,
    /// Whether it changes an earlier one.
    pub is_edit: bool,
    /// Where in a group it stands.
    pub place: Place,
}

/// Reads what a message carries; nothing for news of a chat, polls, places and the like.
pub fn read(message: &Message, is_edit: bool) -> Option<Carried> {
    let content = content(message)?;
    let topic = message.thread_id.filter(|_| message.is_topic_message).map(|thread| TopicId(i64::from(thread.0.0)));
    let reply_to = message.reply_to_message().map(|replied| MessageId(i64::from(replied.id.0)));
    let said = Said { message: MessageId(i64::from(message.id.0)), content };
    Some(Carried { said, is_edit, place: Place { topic, reply_to } })
}

fn content(message: &Message) -> Option<Content> {
    if let Some(text) = message.text() {
        return Some(Content::text(text));
    }
    if let Some(words) = in_words(message) {
        return Some(Content::text(words));
    }
    let (kind, file) = file(message)?;
    Some(Content::Media { kind, file, caption: message.caption().unwrap_or_default().to_owned() })
}

/// What is neither words nor a file but can be told in words: a place, a contact, a poll, a die.
fn in_words(message: &Message) -> Option<String> {
    if let Some(venue) = message.venue() {
        let at = &venue.location;
        return Some(format!("📍 {}, {} ({}, {})", venue.title, venue.address, at.latitude, at.longitude));
    }
    if let Some(at) = message.location() {
        return Some(format!("📍 {}, {}", at.latitude, at.longitude));
    }
    if let Some(contact) = message.contact() {
        let name = format!("{} {}", contact.first_name, contact.last_name.as_deref().unwrap_or_default());
        return Some(format!("👤 {} {}", name.trim(), contact.phone_number));
    }
    if let Some(poll) = message.poll() {
        let options: Vec<&str> = poll.options.iter().map(|option| option.text.as_str()).collect();
        return Some(format!("📊 {}: {}", poll.question, options.join(" / ")));
    }
    message.dice().map(|dice| format!("{:?} {}", dice.emoji, dice.value))
}

fn file(message: &Message) -> Option<(MediaKind, String)> {
    // An animation is a document too: it is asked for first.
    let (kind, file) = if let Some(sizes) = message.photo() {
        (MediaKind::Photo, &sizes.last()?.file)
    } else if let Some(animation) = message.animation() {
        (MediaKind::Animation, &animation.file)
    } else if let Some(video) = message.video() {
        (MediaKind::Video, &video.file)
    } else if let Some(note) = message.video_note() {
        (MediaKind::VideoNote, &note.file)
    } else if let Some(audio) = message.audio() {
        (MediaKind::Audio, &audio.file)
    } else if let Some(voice) = message.voice() {
        (MediaKind::Voice, &voice.file)
    } else if let Some(sticker) = message.sticker() {
        (MediaKind::Sticker, &sticker.file)
    } else {
        (MediaKind::Document, &message.document()?.file)
    };
    Some((kind, file.id.0.clone()))
}
