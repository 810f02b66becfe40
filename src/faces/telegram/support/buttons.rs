//! The buttons of the staff's messages: a press carries a random name and a place; what it does was kept when the message was sent.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::TelegramError;
use super::super::keyboard::new_token;
use super::now_s;
use crate::domain::handoff::DeskAction;
use crate::domain::identifier::ConversationId;
use crate::domain::outbox::DeskButton;
use crate::store::{Store, StoreError, Table};

/// Buttons are kept so long.
const KEPT_S: i64 = 30 * 86_400;
/// Buttons in a row.
const COLUMNS: usize = 3;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    at: i64,
    conversation: ConversationId,
    actions: Vec<DeskAction>,
}

/// The buttons that were sent.
pub struct Buttons {
    table: Table<Kept>,
}

impl Buttons {
    /// Opens the table.
    ///
    /// # Errors
    /// The store fails.
    pub fn open(store: &Store) -> Result<Self, StoreError> {
        let table: Table<Kept> = store.table("telegram_desk_buttons")?;
        let now = now_s();
        for (key, kept) in table.with_prefix("")? {
            if now - kept.at > KEPT_S {
                table.remove(&key)?;
            }
        }
        Ok(Self { table })
    }

    /// Keeps buttons and returns the keyboard that Telegram draws; null when there are none.
    ///
    /// # Errors
    /// The store fails or there is no randomness.
    pub fn keep(&self, conversation: &ConversationId, buttons: &[DeskButton]) -> Result<Value, TelegramError> {
        if buttons.is_empty() {
            return Ok(Value::Null);
        }
        let token = new_token().map_err(|_| TelegramError::Randomness)?;
        let actions = buttons.iter().map(|button| button.action.clone()).collect();
        self.table.put(&token, &Kept { at: now_s(), conversation: conversation.clone(), actions })?;
        let drawn: Vec<Value> = buttons
            .iter()
            .enumerate()
            .map(|(place, button)| json!({ "text": button.label, "callback_data": format!("{token}.d{place}") }))
            .collect();
        let rows: Vec<Value> = drawn.chunks(COLUMNS).map(|row| json!(row)).collect();
        Ok(json!({ "inline_keyboard": rows }))
    }

    /// What a press does; nothing when no such button was sent, or too long ago.
    ///
    /// # Errors
    /// The store fails.
    pub fn find(&self, data: &str) -> Result<Option<(ConversationId, DeskAction)>, StoreError> {
        let Some((token, place)) = data.split_once(".d") else { return Ok(None) };
        let (Ok(place), true) = (place.parse::<usize>(), !token.is_empty()) else { return Ok(None) };
        let kept = self.table.get(token)?.filter(|kept| now_s() - kept.at <= KEPT_S);
        Ok(kept.and_then(|kept| Some((kept.conversation, kept.actions.get(place)?.clone()))))
    }
}
