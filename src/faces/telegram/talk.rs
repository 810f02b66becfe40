//! Words and actions that become turns: asks the assistant, brings its reply, notes that it is out.

use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::SendChatAction;
use teloxide::types::{ChatAction, ChatId};

use super::TelegramError;
use super::api::CallError;
use super::bot::Bot;
use super::courier::{Address, Undelivered};
use super::drafts::Streaming;
use super::incoming::{Incoming, What};
use super::render::{Kept, Part, render};
use super::shop::Shop;
use super::support::Watch;
use crate::assistant::{AssistantError, Input, Outcome, Turn};
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::reply::{Action, Choice, Reply};
use crate::domain::session::Session;
use crate::domain::wording::chat;

/// Telegram shows the sign for five seconds.
const TYPING_AGAIN: Duration = Duration::from_millis(4500);

/// A turn's outcome; or why there is none, which the shopper is told in kind words.
pub(super) type Answered = Result<Outcome, AssistantError>;

impl Bot {
    /// Answers messages as one turn.
    pub(super) async fn answer_words(self: &Arc<Self>, group: &[Incoming], to: &Address) -> Result<(), Undelivered> {
        if self.take_answer(group, to).await? {
            return Ok(());
        }
        let mut words = Vec::new();
        let mut about = None;
        for incoming in group {
            let What::Said { text, reply_to, .. } = &incoming.what else { continue };
            words.push(text.as_str());
            if let Some((message, quote)) = reply_to {
                about = self.product_meant(to.chat, *message, quote.clone()).await?.or(about);
            }
        }
        let Some(last) = group.last() else { return Ok(()) };
        let input = Input::Message { text: words.join("\n"), about };
        self.turn(last, to, input).await
    }

    /// Answers one turn and brings the reply.
    pub(super) async fn turn(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        input: Input,
    ) -> Result<(), Undelivered> {
        let watch = self.watch(incoming);
        let answered = self.handle(incoming, to, input, &watch).await?;
        self.bring(incoming, to, answered, &watch).await
    }

    /// Asks the assistant, with the typing sign on.
    pub(super) async fn handle(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        input: Input,
        watch: &Watch,
    ) -> Result<Answered, Undelivered> {
        let typing = self.keep_typing(to);
        let permit = self.turns.acquire().await.map_err(|_| Undelivered::Stopping)?;
        let turn = Turn { conversation: incoming.conversation.clone(), update: Some(incoming.seq), input };
        let language = incoming.language;
        let (mut streaming, drafts) = Streaming::begin(watch.clone());
        let shown = tokio::spawn(Arc::clone(self).show_drafts((to.clone(), incoming.seq, watch.clone()), drafts));
        let answered = self
            .ask(move |shop| {
                if shop.session(&turn.conversation)?.is_none() {
                    shop.begin(&turn.conversation, language)?;
                }
                shop.handle(&turn, &mut streaming)
            })
            .await;
        drop(permit);
        // It has ended with the turn, or ends with the call that it is making: only then is it known what the chat shows.
        let _ended = shown.await;
        drop(typing);
        match answered {
            Ok(Err(AssistantError::Store(error))) => Err(Undelivered::State(error.into())),
            Ok(answered) => Ok(answered),
            // A panic in the core costs this turn, not the shop.
            Err(TelegramError::Panicked) => Ok(Err(AssistantError::Cancelled)),
            Err(error) => Err(Undelivered::State(error)),
        }
    }

    /// Brings the reply of a turn and notes that it is out.
    pub(super) async fn bring(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        answered: Answered,
        watch: &Watch,
    ) -> Result<(), Undelivered> {
        let outcome = match answered {
            Ok(outcome) => outcome,
            // A person has taken the conversation and has the message too.
            Err(_) if !watch.permits() => return self.courier.drop_draft(to, incoming.seq).await,
            Err(error) => {
                tracing::error!(%error, "turn failed");
                self.api.meter().failed_turn();
                return self
                    .deliver_own(incoming, to, |language, _| Reply::new(language).text(chat::failed(language)))
                    .await;
            }
        };
        let Some(reply) = outcome.reply.clone() else {
            self.courier.drop_draft(to, incoming.seq).await?;
            return self.follow(incoming, &outcome).await;
        };
        let kept = Kept::of(&outcome.session);
        let parts = self.draw(reply, kept).await?;
        match self.courier.deliver_while(to, incoming.seq, parts, &|| watch.permits()).await {
            Ok(()) | Err(Undelivered::Gone) => {}
            Err(other) => return Err(other),
        }
        self.note_delivered(incoming).await?;
        self.api.meter().turn(&outcome, incoming.came.elapsed());
        self.follow(incoming, &outcome).await
    }

    /// Notes that the reply to an update is out.
    pub(super) async fn note_delivered(&self, incoming: &Incoming) -> Result<(), Undelivered> {
        let (conversation, seq) = (incoming.conversation.clone(), incoming.seq);
        match self.ask(move |shop| shop.delivered(&conversation, seq)).await? {
            Err(AssistantError::Store(error)) => Err(Undelivered::State(error.into())),
            _ => Ok(()),
        }
    }

    /// Brings a reply of the face's own, in the language of the conversation.
    pub(super) async fn deliver_own(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        reply: impl FnOnce(Language, &str) -> Reply,
    ) -> Result<(), Undelivered> {
        let (language, name) = self.ask_with_language(incoming, |shop, language| shop.name(language)).await?;
        let parts = self.draw(reply(language, &name), Kept::default()).await?;
        self.courier.deliver(to, incoming.seq, parts).await
    }

    /// As [`Self::deliver_own`], with requests to press.
    pub(super) async fn deliver_with_examples(
        self: &Arc<Self>,
        incoming: &Incoming,
        to: &Address,
        reply: impl FnOnce(Language, &str, Vec<Choice>) -> Reply,
    ) -> Result<(), Undelivered> {
        let look = |shop: &dyn Shop, language| (shop.name(language), shop.examples(language));
        let (language, (name, examples)) = self.ask_with_language(incoming, look).await?;
        let examples = examples.into_iter().map(|text| Choice::new(text.clone(), Action::Say { text })).collect();
        let parts = self.draw(reply(language, &name, examples), Kept::default()).await?;
        self.courier.deliver(to, incoming.seq, parts).await
    }

    /// The language of a conversation, or else of its shopper's app, and what the shop says in it.
    async fn ask_with_language<T: Send + 'static>(
        &self,
        incoming: &Incoming,
        look: impl FnOnce(&dyn Shop, Language) -> T + Send + 'static,
    ) -> Result<(Language, T), TelegramError> {
        let (conversation, own) = (incoming.conversation.clone(), incoming.language);
        self.ask(move |shop| {
            let session = shop.session(&conversation).ok().flatten();
            let language = session.map_or(own, |session: Session| session.language);
            (language, look(shop, language))
        })
        .await
    }

    pub(super) async fn draw(self: &Arc<Self>, reply: Reply, kept: Kept) -> Result<Vec<Part>, TelegramError> {
        let bot = Arc::clone(self);
        let draw = move || render(&reply, &kept, &|source| bot.courier.pictures().find(source).is_some());
        tokio::task::spawn_blocking(draw).await.map_err(|_| TelegramError::Panicked)
    }

    /// The product that a reply to one of our messages means: its only one, the one whose title was quoted, or the one whose
    /// buttons are open.
    async fn product_meant(&self, chat: i64, message: i64, quote: Option<String>) -> Result<Option<Sku>, Undelivered> {
        let keyboard = self.state.run(move |state| state.keyboard_below(chat, message)).await?;
        Ok(keyboard.and_then(|keyboard| {
            let quoted = quote.as_deref().and_then(|quote| keyboard.quoted(quote)).cloned();
            quoted.or_else(|| keyboard.meant().cloned())
        }))
    }

    /// Shows the typing sign once; nobody waits for it, and a failure is no matter.
    pub(super) fn show_typing(self: &Arc<Self>, to: &Address) {
        let chat = to.chat;
        // Flood control is for everything in a chat.
        if self.courier.pace.is_held(chat) {
            return;
        }
        let mut action = SendChatAction::new(ChatId(chat), ChatAction::Typing);
        action.message_thread_id = to.topic();
        let bot = Arc::clone(self);
        self.spawn(async move {
            let shown: Result<serde_json::Value, CallError> = bot.api.call(&action).await;
            match shown {
                Ok(_) => {}
                Err(CallError::Flood { after, .. }) => bot.courier.pace.hold(chat, after),
                Err(error) => tracing::debug!(%error, "typing sign not shown"),
            }
        });
    }

    /// Keeps the typing sign on until the guard is dropped.
    fn keep_typing(self: &Arc<Self>, to: &Address) -> Typing {
        // Nobody waits for its end: it must not keep the bot and its state alive after a stop.
        let (bot, to) = (Arc::downgrade(self), to.clone());
        Typing(tokio::spawn(async move {
            loop {
                tokio::time::sleep(TYPING_AGAIN).await;
                let Some(bot) = bot.upgrade() else { return };
                bot.show_typing(&to);
            }
        }))
    }
}

struct Typing(tokio::task::JoinHandle<()>);

impl Drop for Typing {
    fn drop(&mut self) {
        self.0.abort();
    }
}
