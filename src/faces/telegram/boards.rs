//! Keyboards as they were sent, found by their token or by their message, and the names under which Telegram knows pictures.

use super::expiry::KEYBOARDS_KEPT_S;
use super::keyboard::Keyboard;
use super::state::{State, message_key, now_s};
use crate::store::StoreError;

impl State {
    /// The keyboard of a token in a chat, with its message.
    ///
    /// # Errors
    /// The store fails.
    pub fn keyboard(&self, chat: i64, token: &str) -> Result<Option<(i64, Keyboard)>, StoreError> {
        let kept = self.keyboards.get(&format!("{chat}/{token}"))?;
        Ok(kept.filter(|kept| now_s() - kept.at < KEYBOARDS_KEPT_S).map(|kept| (kept.message, kept.keyboard)))
    }

    /// Changes a keyboard and returns it with its message; nothing when there is none.
    ///
    /// # Errors
    /// The store fails.
    pub fn change_keyboard(
        &self,
        chat: i64,
        token: &str,
        mut change: impl FnMut(&mut Keyboard),
    ) -> Result<Option<(i64, Keyboard)>, StoreError> {
        self.keyboards.update(&format!("{chat}/{token}"), |kept| {
            let kept = kept.map(|mut kept| {
                change(&mut kept.keyboard);
                kept
            });
            let result = kept.as_ref().map(|kept| (kept.message, kept.keyboard.clone()));
            (kept, result)
        })
    }

    /// The keyboard below a message.
    ///
    /// # Errors
    /// The store fails.
    pub fn keyboard_below(&self, chat: i64, message: i64) -> Result<Option<Keyboard>, StoreError> {
        let Some(kept) = self.messages.get(&message_key(chat, message))? else { return Ok(None) };
        Ok(self.keyboard(chat, &kept.token)?.map(|(_, keyboard)| keyboard))
    }

    /// The file id under which Telegram knows a picture.
    ///
    /// # Errors
    /// The store fails.
    pub fn file_id(&self, picture: &str) -> Result<Option<String>, StoreError> {
        self.files.get(picture)
    }

    /// Keeps, or forgets, the file id of a picture.
    ///
    /// # Errors
    /// The store fails.
    pub fn keep_file_id(&self, picture: &str, file_id: Option<&str>) -> Result<(), StoreError> {
        match file_id {
            Some(id) => self.files.put(picture, &id.to_owned()),
            None => self.files.remove(picture).map(|_| ()),
        }
    }
}
