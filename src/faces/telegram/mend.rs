//! Reads an update, also one that teloxide's types refuse: a field that they want and a server leaves out, or a part of a message
//! that they do not know, must not leave a shopper without an answer.
//!
//! Refused ones are cut down to what the face needs, with what is missing filled in, and read again. Never logs content.

use serde_json::{Map, Value, json};
use teloxide::types::{Update, UpdateKind};

/// Reads an update; nothing when it holds nothing that the face could answer.
pub fn read_update(raw: &str) -> Option<Update> {
    if let Some(update) = serde_json::from_str::<Update>(raw).ok().filter(is_known) {
        return Some(update);
    }
    let value: Value = serde_json::from_str(raw).ok()?;
    let mut mended = Map::new();
    // Numbers of any size are kept by `State`; teloxide's are of 32 bits and are not looked at.
    mended.insert("update_id".into(), json!(1));
    for kind in ["message", "edited_message", "callback_query", "inline_query"] {
        let Some(content) = value.get(kind).filter(|content| content.is_object()) else { continue };
        let content = match kind {
            "callback_query" => mend_press(content),
            "inline_query" => mend_inline(content),
            _ => mend_message(content),
        };
        mended.insert(kind.into(), content?);
        // As text: teloxide reads the name of the kind from text only.
        return serde_json::from_str::<Update>(&Value::Object(mended).to_string()).ok().filter(is_known);
    }
    None
}

fn is_known(update: &Update) -> bool {
    !matches!(update.kind, UpdateKind::Error(_))
}

fn mend_message(message: &Value) -> Option<Value> {
    let mut mended = json!({
        "message_id": message.get("message_id")?,
        "date": mend_date(message.get("date")),
        "chat": mend_chat(message.get("chat")?)?,
    });
    if let Some(from) = message.get("from") {
        mended["from"] = mend_person(from)?;
    }
    if let Some(thread) = message.get("message_thread_id").filter(|thread| thread.is_number()) {
        mended["message_thread_id"] = thread.clone();
        mended["is_topic_message"] =
            json!(message.get("is_topic_message").and_then(Value::as_bool).unwrap_or_default());
    }
    let replied = message.get("reply_to_message").and_then(|replied| {
        let mut short =
            json!({ "message_id": replied.get("message_id")?, "date": mend_date(replied.get("date")), "text": "" });
        short["chat"] = mend_chat(replied.get("chat").or(message.get("chat"))?)?;
        if let Some(from) = replied.get("from").and_then(mend_person) {
            short["from"] = from;
        }
        Some(short)
    });
    if let Some(replied) = replied {
        mended["reply_to_message"] = replied;
    }
    let words = ["text", "caption"].iter().find_map(|name| message.get(*name)?.as_str());
    match words {
        Some(words) => mended["text"] = json!(words),
        // What it was cannot be read; that it was something without words is known.
        None if has_content(message) => mended["dice"] = json!({ "emoji": "🎲", "value": 1 }),
        None => return None,
    }
    Some(mended)
}

fn mend_press(query: &Value) -> Option<Value> {
    let mut mended = json!({
        "id": text_of(query.get("id")?)?,
        "from": mend_person(query.get("from")?)?,
        "chat_instance": query.get("chat_instance").and_then(text_of).unwrap_or("0".into()),
    });
    if let Some(data) = query.get("data").and_then(Value::as_str) {
        mended["data"] = json!(data);
    }
    if let Some(message) = query.get("message") {
        let (number, chat) = (message.get("message_id")?, mend_chat(message.get("chat")?)?);
        mended["message"] =
            json!({ "message_id": number, "date": mend_date(message.get("date")), "chat": chat, "text": "" });
    }
    Some(mended)
}

fn mend_inline(query: &Value) -> Option<Value> {
    let words = |name: &str| query.get(name).and_then(Value::as_str).unwrap_or_default();
    let from = mend_person(query.get("from")?)?;
    Some(json!({ "id": text_of(query.get("id")?)?, "from": from, "query": words("query"), "offset": words("offset") }))
}

fn mend_person(person: &Value) -> Option<Value> {
    let words = |name: &str| person.get(name).and_then(Value::as_str);
    let mut mended = json!({
        "id": person.get("id")?.as_u64()?,
        "is_bot": person.get("is_bot").and_then(Value::as_bool).unwrap_or_default(),
        "first_name": words("first_name").unwrap_or_default(),
    });
    for name in ["last_name", "username", "language_code"] {
        if let Some(text) = words(name) {
            mended[name] = json!(text);
        }
    }
    Some(mended)
}

fn mend_chat(chat: &Value) -> Option<Value> {
    let id = chat.get("id")?.as_i64()?;
    let kind = chat.get("type").and_then(Value::as_str).unwrap_or(if id > 0 { "private" } else { "supergroup" });
    let title = chat.get("title").and_then(Value::as_str).unwrap_or_default();
    Some(match kind {
        "private" => json!({ "id": id, "type": kind, "first_name": "" }),
        _ => json!({ "id": id, "type": kind, "title": title }),
    })
}

/// Seconds; some servers tell milliseconds.
fn mend_date(date: Option<&Value>) -> i64 {
    let date = date.and_then(Value::as_i64).unwrap_or(1).max(1);
    if date > 100_000_000_000 { date / 1000 } else { date }
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()))
}

/// Whether a message without words is something that a person sent, rather than news of the chat.
fn has_content(message: &Value) -> bool {
    const SENT: [&str; 16] = [
        "photo",
        "voice",
        "sticker",
        "video",
        "video_note",
        "audio",
        "document",
        "animation",
        "contact",
        "location",
        "venue",
        "poll",
        "dice",
        "story",
        "paid_media",
        "checklist",
    ];
    SENT.iter().any(|name| message.get(*name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(update: Value) -> Option<String> {
        match read_update(&update.to_string())?.kind {
            UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => message.text().map(str::to_owned),
            UpdateKind::CallbackQuery(query) => query.data,
            UpdateKind::InlineQuery(query) => Some(query.query),
            _ => None,
        }
    }

    #[test]
    fn what_teloxide_refuses_is_read_all_the_same() {
        let from = json!({ "id": 5, "first_name": "T" });
        let chat = json!({ "id": 5, "type": "private" });
        let bare = json!({ "update_id": 9_000_000_000_i64, "message": { "message_id": 1, "date": 1_700_000_000_000_i64, "from": from, "chat": chat,
            "text": "羽绒服", "entities": [{ "type": "something_new" }], "reply_to_message": { "message_id": 3, "gift": {} } } });
        assert_eq!(text(bare).as_deref(), Some("羽绒服"));
        let press = json!({ "update_id": 2, "callback_query": { "id": 77, "from": from, "data": "x", "message": { "message_id": 1, "chat": chat } } });
        assert_eq!(text(press).as_deref(), Some("x"));
        let inline = json!({ "update_id": 2, "inline_query": { "id": "7", "from": from, "query": "shoes" } });
        assert_eq!(text(inline).as_deref(), Some("shoes"));
    }

    #[test]
    fn what_cannot_be_answered_is_nothing() {
        assert!(read_update("{\"update_id\": 1}").is_none());
        assert!(read_update("{\"update_id\": 1, \"something_new\": {\"x\": 1}}").is_none());
        assert!(read_update("{\"update_id\": 1, \"message\": {\"message_id\": 1}}").is_none());
        assert!(read_update("[]").is_none());
    }
}
