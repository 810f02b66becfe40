//! From an update's JSON to what a person did. Updates that mean nothing here, or that cannot be read, are [`What::Nothing`].
//!
//! Never logs content: updates hold names and messages.

use std::time::Instant;

use teloxide::types::{CallbackQuery, ChatKind, Message, UpdateKind};

use super::addressed::{command, mentions, without_mention};
use super::mend::read_update;
use super::message::{card_target, has_content, language_of, name_of, thread_of};
use super::state::Waiting;
use super::support::{Carried, read_carried};
use crate::domain::identifier::ConversationId;
use crate::domain::language::Language;

/// The bot's own account.
#[derive(Debug, Clone)]
pub struct Me {
    /// Its id.
    pub id: u64,
    /// Its name, without `@`.
    pub username: String,
}

/// An update as the face handles it.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Telegram's number; none for what is not kept, such as an inline query.
    pub id: Option<i64>,
    /// Our own number.
    pub seq: i64,
    /// When it came.
    pub came: Instant,
    /// Whose conversation: its updates are handled one after another.
    pub conversation: ConversationId,
    /// In which chat.
    pub chat: i64,
    /// Who did it.
    pub person: u64,
    /// The language that the person's Telegram is set to.
    pub language: Language,
    /// The message to answer, where several people talk.
    pub answers: Option<i64>,
    /// The topic of the group in which it stands.
    pub thread: Option<i64>,
    /// Whether it changes an earlier message.
    pub is_edit: bool,
    /// Whether it was taken in before the last stop: a burst that was answered by then must not be joined with what came later.
    pub is_left_over: bool,
    /// What a message carries, for people.
    pub carried: Option<Box<Carried>>,
    /// The person's name, as they wrote it.
    pub name: String,
    /// What was done.
    pub what: What,
}

/// What a person did.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Wrote a message, or changed one.
    Said {
        /// Its number in the chat.
        message: i64,
        /// The words.
        text: String,
        /// The message it replies to, and what was quoted of it.
        reply_to: Option<(i64, Option<String>)>,
    },
    /// Wrote a command.
    Command {
        /// Its name in lower case, without `/`.
        name: String,
        /// The rest of the line.
        argument: String,
    },
    /// Sent something without words.
    Wordless,
    /// Pressed a button.
    Pressed {
        /// Names the press.
        query: String,
        /// The message with the button, unless it is too old.
        message: Option<i64>,
        /// What the button carried.
        data: String,
    },
    /// Typed in inline mode.
    Inline {
        /// Names the query.
        query: String,
        /// The words so far.
        text: String,
    },
    /// Wrote in the support group.
    Support,
    /// Nothing that the face answers.
    Nothing,
}

/// Reads an update.
pub fn read(waiting: &Waiting, me: &Me, support_group: Option<i64>) -> Incoming {
    let nobody = |what| Incoming {
        id: Some(waiting.id),
        seq: waiting.seq,
        came: Instant::now(),
        conversation: ConversationId::new("telegram"),
        chat: 0,
        person: 0,
        language: Language::default(),
        answers: None,
        thread: None,
        is_edit: false,
        is_left_over: false,
        carried: None,
        name: String::new(),
        what,
    };
    let Some(update) = read_update(&waiting.raw) else {
        tracing::debug!(update = waiting.id, "update that is not for the bot, or cannot be read");
        return nobody(What::Nothing);
    };
    let is_edit = matches!(update.kind, UpdateKind::EditedMessage(_));
    let thread = match &update.kind {
        UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => thread_of(message),
        UpdateKind::CallbackQuery(query) => query.regular_message().and_then(thread_of),
        _ => None,
    };
    let (carried, name) = match &update.kind {
        UpdateKind::Message(message) => (read_carried(message, false), name_of(message)),
        UpdateKind::EditedMessage(message) => (read_carried(message, true), name_of(message)),
        _ => (None, String::new()),
    };
    let carried = carried.map(Box::new);
    let read = match update.kind {
        UpdateKind::Message(message) => read_message(&message, me, support_group),
        UpdateKind::EditedMessage(message) => read_message(&message, me, support_group),
        UpdateKind::CallbackQuery(query) => read_press(query),
        UpdateKind::InlineQuery(query) => {
            let language = language_of(query.from.language_code.as_deref());
            Some((0, query.from.id.0, language, None, What::Inline { query: query.id.0, text: query.query }))
        }
        _ => None,
    };
    let Some((chat, person, language, answers, what)) = read else { return nobody(What::Nothing) };
    let conversation = match (&what, answers.is_some() || chat < 0) {
        (What::Inline { .. }, _) => format!("telegram-inline:{person}"),
        (What::Support, _) => format!("telegram-support:{chat}"),
        (_, true) => format!("telegram:{chat}:{person}"),
        (_, false) => format!("telegram:{chat}"),
    };
    let conversation = ConversationId::new(conversation);
    Incoming { conversation, chat, person, language, answers, thread, is_edit, carried, name, ..nobody(what) }
}

type Read = (i64, u64, Language, Option<i64>, What);

fn read_message(message: &Message, me: &Me, support_group: Option<i64>) -> Option<Read> {
    let from = message.from.as_ref().filter(|from| !from.is_bot)?;
    let chat = message.chat.id.0;
    let language = language_of(from.language_code.as_deref());
    let number = i64::from(message.id.0);
    if Some(chat) == support_group {
        return Some((chat, from.id.0, language, None, What::Support));
    }
    let is_private = matches!(message.chat.kind, ChatKind::Private(_));
    if message.via_bot.as_ref().is_some_and(|via| via.id.0 == me.id) {
        // One of our own inline cards, sent into a chat: only the shop's own chat takes it up.
        let argument = card_target(message).filter(|_| is_private)?;
        return Some((chat, from.id.0, language, None, What::Command { name: "start".into(), argument }));
    }
    let words = message.text().or(message.caption());
    let answers = (!is_private).then_some(number);
    let Some(words) = words else {
        let what = if is_private && has_content(message) { What::Wordless } else { What::Nothing };
        return Some((chat, from.id.0, language, answers, what));
    };
    if let Some((name, argument)) = command(words, me) {
        return Some((chat, from.id.0, language, answers, What::Command { name, argument }));
    }
    let replied = message.reply_to_message();
    let to_bot = replied.and_then(|replied| replied.from.as_ref()).is_some_and(|from| from.id.0 == me.id);
    if !is_private && !to_bot && !mentions(message, words, me) {
        return None;
    }
    let quote = message.quote().map(|quote| quote.text.clone());
    let reply_to = replied.filter(|_| to_bot).map(|replied| (i64::from(replied.id.0), quote));
    let text = if is_private { words.to_owned() } else { without_mention(words, me) };
    Some((chat, from.id.0, language, answers, What::Said { message: number, text, reply_to }))
}

fn read_press(query: CallbackQuery) -> Option<Read> {
    let language = language_of(query.from.language_code.as_deref());
    let message = query.message.as_ref().map(|message| i64::from(message.id().0));
    let chat = query.message.as_ref().map(|message| message.chat().id.0);
    let what = What::Pressed { query: query.id.0, message, data: query.data.unwrap_or_default() };
    let person = query.from.id.0;
    Some((chat.unwrap_or(i64::try_from(person).ok()?), person, language, None, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(update: serde_json::Value) -> Incoming {
        let me = Me { id: 99, username: "ShopBot".into() };
        read(&Waiting { id: 1, seq: 1, raw: update.to_string() }, &me, Some(-500))
    }

    /// The shape of `core.telegram.org/bots/api#update`, as Telegram sends it.
    fn message(chat: serde_json::Value, extra: serde_json::Value) -> serde_json::Value {
        let mut message = serde_json::json!({
            "message_id": 1365, "date": 1_441_645_532,
            "from": { "id": 1_111_111, "is_bot": false, "first_name": "Test", "last_name": "Lastname", "username": "Test", "language_code": "zh-hans" },
            "chat": chat,
        });
        for (name, value) in extra.as_object().expect("object") {
            message[name] = value.clone();
        }
        serde_json::json!({ "update_id": 10000, "message": message })
    }

    fn private() -> serde_json::Value {
        serde_json::json!({ "id": 1_111_111, "type": "private", "first_name": "Test", "last_name": "Lastname", "username": "Test" })
    }

    fn group() -> serde_json::Value {
        serde_json::json!({ "id": -100_200, "type": "supergroup", "title": "Friends" })
    }

    #[test]
    fn a_private_message_is_said_in_the_language_of_the_app() {
        let incoming = read_json(message(private(), serde_json::json!({ "text": "羽绒服" })));
        assert_eq!(incoming.conversation.as_str(), "telegram:1111111");
        assert_eq!(incoming.language, Language::Zh);
        assert_eq!(incoming.what, What::Said { message: 1365, text: "羽绒服".into(), reply_to: None });
    }

    #[test]
    fn a_group_is_answered_only_when_the_bot_is_meant() {
        assert_eq!(read_json(message(group(), serde_json::json!({ "text": "hello all" }))).what, What::Nothing);
        assert_eq!(
            read_json(message(group(), serde_json::json!({ "text": "mail me@ShopBotics" }))).what,
            What::Nothing
        );
        let incoming = read_json(message(group(), serde_json::json!({ "text": "@shopbot 跑鞋 500以下" })));
        assert_eq!(incoming.what, What::Said { message: 1365, text: "跑鞋 500以下".into(), reply_to: None });
        assert_eq!(incoming.answers, Some(1365));
        assert_eq!(incoming.conversation.as_str(), "telegram:-100200:1111111");
    }

    #[test]
    fn a_command_for_another_bot_is_not_ours() {
        let command = |text: &str| read_json(message(group(), serde_json::json!({ "text": text }))).what;
        assert_eq!(command("/cart@OtherBot"), What::Nothing);
        assert_eq!(command("/Cart@ShopBot now"), What::Command { name: "cart".into(), argument: "now".into() });
    }

    #[test]
    fn a_caption_is_read_and_a_bare_picture_is_wordless() {
        let photo = serde_json::json!([{ "file_id": "A", "file_unique_id": "B", "width": 90, "height": 90, "file_size": 1101 }]);
        let bare = read_json(message(private(), serde_json::json!({ "photo": photo })));
        assert_eq!(bare.what, What::Wordless);
        let with_words = read_json(message(private(), serde_json::json!({ "photo": photo, "caption": "有类似的吗" })));
        assert!(matches!(with_words.what, What::Said { text, .. } if text == "有类似的吗"));
    }

    #[test]
    fn a_voice_message_and_a_sticker_are_wordless() {
        let voice = serde_json::json!({ "voice": { "file_id": "A", "file_unique_id": "B", "duration": 3, "mime_type": "audio/ogg", "file_size": 1101 } });
        assert_eq!(read_json(message(private(), voice)).what, What::Wordless);
        let sticker = serde_json::json!({ "sticker": { "file_id": "A", "file_unique_id": "B", "type": "regular", "width": 512, "height": 512,
            "is_animated": false, "is_video": false } });
        assert_eq!(read_json(message(private(), sticker)).what, What::Wordless);
    }

    #[test]
    fn an_inline_card_of_ours_opens_its_product_in_the_shops_own_chat_only() {
        let card = serde_json::json!({ "text": "Shoe", "via_bot": { "id": 99, "is_bot": true, "first_name": "Shop", "username": "ShopBot" },
            "reply_markup": { "inline_keyboard": [[{ "text": "Ask", "url": "https://t.me/ShopBot?start=p_S1" }]] } });
        let start = What::Command { name: "start".into(), argument: "p_S1".into() };
        assert_eq!(read_json(message(private(), card.clone())).what, start);
        assert_eq!(read_json(message(group(), card)).what, What::Nothing);
    }

    #[test]
    fn a_message_in_a_topic_is_answered_there() {
        let said = serde_json::json!({ "text": "@shopbot shoes", "message_thread_id": 17, "is_topic_message": true });
        assert_eq!(read_json(message(group(), said)).thread, Some(17));
        let replied = serde_json::json!({ "text": "@shopbot shoes", "message_thread_id": 17 });
        assert_eq!(read_json(message(group(), replied)).thread, None, "a thread of replies is no topic");
    }

    #[test]
    fn a_press_names_its_message_and_chat() {
        let update = serde_json::json!({ "update_id": 10000, "callback_query": {
            "id": "4382bfdwdsb323b2d9", "from": { "id": 1_111_111, "is_bot": false, "first_name": "Test", "language_code": "en" },
            "message": { "message_id": 7, "date": 1_441_645_532, "chat": private(), "text": "list",
                "from": { "id": 99, "is_bot": true, "first_name": "Shop", "username": "ShopBot" } },
            "chat_instance": "42", "data": "token.c0" } });
        let incoming = read_json(update);
        assert_eq!(incoming.chat, 1_111_111);
        assert_eq!(
            incoming.what,
            What::Pressed { query: "4382bfdwdsb323b2d9".into(), message: Some(7), data: "token.c0".into() }
        );
    }

    #[test]
    fn the_support_group_goes_to_support_and_news_of_chats_to_nobody() {
        let desk = serde_json::json!({ "id": -500, "type": "supergroup", "title": "Desk", "is_forum": true });
        assert_eq!(read_json(message(desk, serde_json::json!({ "text": "hi" }))).what, What::Support);
        let joined = serde_json::json!({ "new_chat_members": [{ "id": 5, "is_bot": false, "first_name": "N" }] });
        assert_eq!(read_json(message(group(), joined)).what, What::Nothing);
        assert_eq!(read_json(serde_json::json!({ "update_id": 3, "something_new": { "x": 1 } })).what, What::Nothing);
    }
}
