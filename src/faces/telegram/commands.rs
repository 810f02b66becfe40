//! Commands and the menus that list them: for everyone in both languages, with more for admins, and those of the staff in their group.

use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::{SetMyCommands, SetMyCommandsSetters};
use teloxide::types::{BotCommand, BotCommandScope, ChatId, Recipient};

use super::api::CallError;
use super::bot::Bot;
use super::courier::{Address, Undelivered};
use super::deep_link::Target;
use super::incoming::Incoming;
use crate::assistant::Input;
use crate::domain::language::Language;
use crate::domain::reply::{Action, Choice, Reply};
use crate::domain::wording::{chat, telegram as wording};

impl Bot {
    /// Answers a command. One that is unknown, or not for this person, gets the same answer.
    pub(super) async fn answer_command(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        name: &str,
        argument: &str,
    ) -> Result<(), Undelivered> {
        let press = |action| self.turn(incoming, to, Input::Press(action));
        let say = |text| self.turn(incoming, to, Input::Message { text, about: None });
        match (name, argument) {
            ("start", code) => match Target::decode(code) {
                Some(Target::Product(sku)) => press(Action::Detail { sku }).await,
                Some(Target::Search(text)) => say(text).await,
                None => self.deliver_with_examples(incoming, to, greet).await,
            },
            ("help", _) => self.deliver_with_examples(incoming, to, help).await,
            ("cart", _) => press(Action::CartShow).await,
            ("saved", _) => press(Action::SavedShow).await,
            ("human", _) => press(Action::Human).await,
            ("privacy", _) => press(Action::PrivacyShow).await,
            ("language", "zh" | "中文") => press(Action::Language { language: Language::Zh }).await,
            ("language", "en" | "English" | "english") => press(Action::Language { language: Language::En }).await,
            ("language", _) => self.deliver_own(incoming, to, |language, _| ask_language(language)).await,
            ("reload", _) if self.is_admin(incoming) => self.begin_reload(incoming, to).await,
            ("unanswered", _) if self.is_admin(incoming) => self.show_unanswered(incoming, to).await,
            ("cancel", _) if self.is_admin(incoming) => self.stop_teaching(incoming, to).await,
            ("status", _) if self.is_admin(incoming) => self.show_status(incoming, to).await,
            _ => {
                let unknown = |language, _: &str| Reply::new(language).text(wording::unknown_command(language));
                self.deliver_own(incoming, to, unknown).await
            }
        }
    }
}

/// The answer to what has no words.
pub(super) fn words_only(language: Language, _: &str, examples: Vec<Choice>) -> Reply {
    let examples = examples.into_iter().take(2).collect();
    Reply::new(language).text(wording::words_only(language)).choices(examples)
}

fn greet(language: Language, shop: &str, examples: Vec<Choice>) -> Reply {
    Reply::new(language).text(chat::greeting(language, shop)).choices(examples)
}

fn help(language: Language, _: &str, examples: Vec<Choice>) -> Reply {
    let examples: Vec<String> = examples.into_iter().map(|choice| choice.label).collect();
    Reply::new(language).text(wording::help(language, &examples))
}

fn ask_language(language: Language) -> Reply {
    let choices = [("中文", Language::Zh), ("English", Language::En)];
    let choices = choices.map(|(label, language)| Choice::new(label, Action::Language { language }));
    Reply::new(language).text(wording::language_question(language)).choices(choices.to_vec())
}

/// Tells Telegram which commands to list, for whom and in which language. Tried again until it is told.
pub(super) async fn set_menus(bot: Arc<Bot>) {
    let list = |commands: &[(&str, &str)]| -> Vec<BotCommand> {
        commands.iter().map(|(name, does)| BotCommand::new(*name, *does)).collect()
    };
    let mut calls = Vec::new();
    for (language, code) in [(Language::En, None), (Language::Zh, Some("zh"))] {
        let everyone = list(&wording::commands(language));
        let mut scopes = vec![(everyone.clone(), BotCommandScope::Default)];
        for admin in &bot.config.admins {
            let Ok(chat) = i64::try_from(*admin) else { continue };
            let all = everyone.iter().cloned().chain(list(&wording::admin_commands(language))).collect();
            scopes.push((all, BotCommandScope::Chat { chat_id: Recipient::Id(ChatId(chat)) }));
        }
        if let Some(group) = bot.config.support_group {
            let scope = BotCommandScope::Chat { chat_id: Recipient::Id(ChatId(group)) };
            scopes.push((list(&wording::staff_commands(language)), scope));
        }
        for (commands, scope) in scopes {
            let call = SetMyCommands::new(commands).scope(scope);
            calls.push(code.map_or(call.clone(), |code| call.language_code(code)));
        }
    }
    for call in calls {
        for _ in 0..5 {
            let told: Result<serde_json::Value, CallError> = bot.api.call(&call).await;
            match told {
                Ok(_) => break,
                Err(CallError::Flood { after, .. }) => tokio::time::sleep(after).await,
                Err(CallError::Unreachable { .. }) => tokio::time::sleep(Duration::from_secs(5)).await,
                // A server that has no menus: the others would be refused as well.
                Err(CallError::Unauthorized) => return,
                // An admin who has not opened the bot yet has no chat to set a menu for.
                Err(error) => {
                    tracing::info!(%error, "command menu not set");
                    break;
                }
            }
        }
    }
}
