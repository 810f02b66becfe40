//! Presses of buttons: looked up, carried out, shown in place.
//!
//! A press is never trusted: what it does comes from the record of the message it was sent with, in the chat it was sent to.
//! Every press is answered, so that no button keeps turning.

use std::sync::Arc;
use std::time::{Duration, Instant};

use teloxide::payloads::{
    AnswerCallbackQuery, AnswerCallbackQuerySetters, EditMessageReplyMarkup, EditMessageReplyMarkupSetters,
};
use teloxide::types::{CallbackQueryId, ChatId, InlineKeyboardMarkup, MessageId};

use super::api::CallError;
use super::bot::Bot;
use super::courier::{Address, Undelivered};
use super::incoming::Incoming;
use super::keyboard::{Keyboard, Place, Press};
use super::markup::shorten;
use crate::assistant::Input;
use crate::domain::language::Language;
use crate::domain::reply::{Action, Block, Reply};
use crate::domain::wording::{chat, desk};

/// What Telegram shows of an answer to a press.
const TOAST_LIMIT: usize = 200;
/// Telegram forgets a press after some fifteen seconds; as long it is tried to be answered.
const PRESS_LASTS: Duration = Duration::from_secs(15);

impl Bot {
    /// Answers a press.
    pub(super) async fn answer_press(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        query: &str,
        message: Option<i64>,
        data: &str,
    ) -> Result<(), Undelivered> {
        let found = match Place::decode(data) {
            Some((token, place)) => {
                let (chat, name) = (to.chat, token.to_owned());
                let kept = self
                    .state
                    .run(move |state| {
                        let Some((below, keyboard)) = state.keyboard(chat, &name)? else { return Ok(None) };
                        let message = message.unwrap_or(below);
                        // A message whose number is not known is the twin of one that was sent twice: its buttons are the same.
                        let is_below = message == below || state.keyboard_below(chat, message)?.is_none();
                        Ok(is_below.then_some((message, keyboard)))
                    })
                    .await?;
                kept.map(|kept| (token, place, kept))
            }
            None => None,
        };
        let Some((token, place, (below, keyboard))) = found else {
            return self.refuse_press(incoming, to, query, message).await;
        };
        match keyboard.press(place) {
            Some(Press::Open(card)) => {
                self.answer_query_beside(query);
                let (chat, name) = (to.chat, token.to_owned());
                let turn = move |keyboard: &mut Keyboard| keyboard.open = (keyboard.open != Some(card)).then_some(card);
                let changed = self.state.run(move |state| state.change_keyboard(chat, &name, turn)).await?;
                if let Some((_, keyboard)) = changed {
                    self.courier.show_keyboard(to.chat, below, &keyboard, token).await;
                }
                Ok(())
            }
            Some(Press::OnCard(action) | Press::Take(action))
                if self.is_with_person(&incoming.conversation) && is_the_bots(&action) =>
            {
                let (conversation, own) = (incoming.conversation.clone(), incoming.language);
                let language: Language = self
                    .ask(move |shop| shop.session(&conversation).ok().flatten().map_or(own, |session| session.language))
                    .await?;
                self.answer_query(query, Some(desk::person_has_it(language))).await;
                Ok(())
            }
            Some(Press::OnCard(action)) if is_toggle(&action) => {
                self.toggle(incoming, to, query, (below, token), action).await
            }
            Some(Press::OnCard(action)) => {
                self.answer_query_beside(query);
                self.turn(incoming, to, Input::Press(action)).await
            }
            Some(Press::Take(action)) => {
                self.answer_query_beside(query);
                // Taken off at once for the eye; for good when the reply is out, so that a restart in between finds it.
                let spent = Keyboard { choices: Vec::new(), ..keyboard };
                self.courier.show_keyboard(to.chat, below, &spent, token).await;
                if let Action::Rate { stars } = action {
                    return self.rate(incoming, to, stars).await;
                }
                if matches!(action, Action::Teach { .. } | Action::TeachConfirm { .. }) {
                    return self.teach(incoming, to, action).await;
                }
                let erases = action == Action::PrivacyErase { confirmed: true };
                self.turn(incoming, to, input_of(action)).await?;
                if erases {
                    let chat = to.chat;
                    self.state.run(move |state| state.forget_chat(chat)).await?;
                    self.forget_at_desk(incoming).await?;
                }
                Ok(())
            }
            // Pressed twice: the first press has taken the choice.
            None => {
                self.answer_query_beside(query);
                Ok(())
            }
        }
    }

    /// Saves, takes off, or adds to the cart: said in a toast, shown in the button, no new message.
    async fn toggle(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        query: &str,
        (below, token): (i64, &str),
        action: Action,
    ) -> Result<(), Undelivered> {
        let watch = self.watch(incoming);
        let answered = self.handle(incoming, to, Input::Press(action.clone()), &watch).await?;
        let toast = answered.as_ref().ok().and_then(|outcome| outcome.reply.as_ref()).and_then(toast);
        let said = self.answer_query(query, toast.as_deref()).await;
        if toast.is_some() && said {
            self.note_delivered(incoming).await?;
            if let Ok(outcome) = &answered {
                self.api.meter().turn(outcome, incoming.came.elapsed());
            }
        } else {
            self.bring(incoming, to, answered, &watch).await?;
        }
        let (chat, name) = (to.chat, token.to_owned());
        let changed = self
            .state
            .run(move |state| {
                let mut any = false;
                let kept = state.change_keyboard(chat, &name, |keyboard| any = keyboard.toggle(&action))?;
                Ok(kept.filter(|_| any))
            })
            .await?;
        if let Some((_, keyboard)) = changed {
            self.courier.show_keyboard(to.chat, below, &keyboard, token).await;
        }
        Ok(())
    }

    /// A press that names nothing: told so, and its buttons are taken away.
    async fn refuse_press(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        query: &str,
        message: Option<i64>,
    ) -> Result<(), Undelivered> {
        let (conversation, own) = (incoming.conversation.clone(), incoming.language);
        let language: Language = self
            .ask(move |shop| shop.session(&conversation).ok().flatten().map_or(own, |session| session.language))
            .await?;
        self.answer_query(query, Some(chat::stale_button(language))).await;
        let chat = to.chat;
        let is_known = match message {
            Some(message) => self.state.run(move |state| state.keyboard_below(chat, message)).await?.is_some(),
            None => false,
        };
        // Buttons that still work are not the forger's to take away.
        if let Some(number) = message.filter(|_| !is_known).and_then(|message| i32::try_from(message).ok()) {
            let none: Vec<Vec<teloxide::types::InlineKeyboardButton>> = Vec::new();
            let edit = EditMessageReplyMarkup::new(ChatId(to.chat), MessageId(number))
                .reply_markup(InlineKeyboardMarkup::new(none));
            let taken = self.courier.persist(to.chat, || self.api.call::<_, serde_json::Value>(&edit)).await;
            if let Err(Undelivered::Refused(error)) = taken {
                tracing::debug!(%error, "outdated buttons not taken away");
            }
        }
        Ok(())
    }

    /// Answers a press while something else is done.
    fn answer_query_beside(self: &Arc<Self>, query: &str) {
        let (bot, query) = (Arc::clone(self), query.to_owned());
        self.spawn(async move {
            bot.answer_query(&query, None).await;
        });
    }

    /// Answers a press, tried as long as Telegram remembers it; whether Telegram took it.
    pub(super) async fn answer_query(&self, query: &str, toast: Option<&str>) -> bool {
        let mut answer = AnswerCallbackQuery::new(CallbackQueryId(query.to_owned()));
        if let Some(toast) = toast {
            answer = answer.text(shorten(toast, TOAST_LIMIT));
        }
        let end = Instant::now() + PRESS_LASTS;
        let mut pause = Duration::from_millis(200);
        loop {
            let answered: Result<serde_json::Value, CallError> = self.api.call(&answer).await;
            pause = match answered {
                Ok(_) => return true,
                Err(CallError::Flood { after, .. }) => after,
                Err(CallError::Unreachable { .. }) => pause * 2,
                Err(error) => {
                    if !error.is_late() {
                        tracing::warn!(%error, "press not answered");
                    }
                    return false;
                }
            };
            if Instant::now() + pause > end {
                return false;
            }
            tokio::time::sleep(pause).await;
        }
    }
}

/// What an example says is said by the shopper.
fn input_of(action: Action) -> Input {
    match action {
        Action::Say { text } => Input::Message { text, about: None },
        other => Input::Press(other),
    }
}

/// Whether an action is for the bot, rather than for the desk or an admin's own.
fn is_the_bots(action: &Action) -> bool {
    !matches!(action, Action::Rate { .. } | Action::Teach { .. } | Action::TeachConfirm { .. })
}

/// Whether an action changes a product's button rather than telling something.
fn is_toggle(action: &Action) -> bool {
    matches!(action, Action::Save { .. } | Action::Unsave { .. } | Action::CartAdd { .. })
}

/// A reply that fits the small window of a press: one short text and nothing else.
fn toast(reply: &Reply) -> Option<String> {
    match reply.blocks.as_slice() {
        [Block::Text { text }] if text.chars().count() <= TOAST_LIMIT => Some(text.clone()),
        _ => None,
    }
}
