//! Messages of the face's own that nobody waits for: the progress of a reload, a file for an admin.

use reqwest::multipart;
use teloxide::payloads::{EditMessageText, EditMessageTextSetters};
use teloxide::types::{ChatId, MessageId, ParseMode};

use super::courier::{Address, Courier, Undelivered};
use super::keyboard::Keyboard;

impl Courier {
    /// Sends a message of the face's own that nobody waits for, such as progress; returns its number.
    ///
    /// # Errors
    /// [`Undelivered`].
    pub async fn note(&self, chat: i64, html: &str) -> Result<i64, Undelivered> {
        let to = Address { conversation: String::new(), chat, answers: None, thread: None };
        self.send_text(&to, html, Some(ParseMode::Html), &Keyboard::default(), "", false).await
    }

    /// Changes such a message.
    ///
    /// # Errors
    /// [`Undelivered`].
    pub async fn change_note(&self, chat: i64, message: i64, html: &str) -> Result<(), Undelivered> {
        let Ok(number) = i32::try_from(message) else { return Ok(()) };
        let edit = EditMessageText::new(ChatId(chat), MessageId(number), html).parse_mode(ParseMode::Html);
        self.pace.edit_turn(chat).await;
        let changed = self.persist(chat, || self.api.call::<_, serde_json::Value>(&edit)).await;
        self.pace.edited(chat);
        match changed {
            Err(Undelivered::Refused(error)) if error.is_unchanged() => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Sends a text as a file.
    ///
    /// # Errors
    /// [`Undelivered`].
    pub async fn file(&self, chat: i64, name: &'static str, content: &str) -> Result<(), Undelivered> {
        let form = || {
            let file = multipart::Part::bytes(content.as_bytes().to_vec()).file_name(name);
            multipart::Form::new().text("chat_id", chat.to_string()).part("document", file)
        };
        self.persist(chat, || self.api.upload::<serde_json::Value>("sendDocument", form())).await.map(|_| ())
    }
}
