//! The bot: takes updates in, works on one lane a conversation, and hands each group to what answers it.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::TelegramError;
use super::api::Api;
use super::courier::{Address, Courier, Undelivered};
use super::incoming::{Incoming, Me, What, read};
use super::lanes::Lanes;
use super::shop::Shop;
use super::state::{SaidWords, State, Waiting};
use super::support::Support;
use crate::config::TelegramConfig;
use crate::domain::session::Attendant;

/// How often an update is tried again when its answer cannot be kept.
const TRIES: u32 = 5;
/// With more updates waiting, no further ones are taken: they wait at Telegram.
pub const ENOUGH_WAITING: usize = 5_000;

/// The running bot.
pub struct Bot {
    pub(super) api: Api,
    pub(super) me: Me,
    pub(super) config: TelegramConfig,
    pub(super) state: Arc<State>,
    pub(super) courier: Arc<Courier>,
    pub(super) shop: Arc<dyn Shop>,
    /// The support desk, where there is a group for it.
    pub(super) support: Option<Arc<Support>>,
    /// Held by each turn that is worked on.
    pub(super) turns: Semaphore,
    /// Held by a reload.
    pub(super) reloading: Semaphore,
    lanes: Lanes,
    tasks: Mutex<JoinSet<()>>,
    closing: CancellationToken,
}

impl Bot {
    pub(super) fn new(
        (api, me, config): (Api, Me, TelegramConfig),
        state: Arc<State>,
        courier: Arc<Courier>,
        shop: Arc<dyn Shop>,
        support: Option<Arc<Support>>,
        closing: CancellationToken,
    ) -> Self {
        let turns = Semaphore::new(config.turns_at_once);
        let reloading = Semaphore::new(1);
        let (lanes, tasks) = (Lanes::default(), Mutex::default());
        Self { api, me, config, state, courier, shop, support, turns, reloading, lanes, tasks, closing }
    }

    /// How many updates wait or are being answered.
    pub fn waiting(&self) -> usize {
        self.lanes.waiting()
    }

    /// Takes up what was not answered before the last stop.
    pub(super) async fn resume(self: &Arc<Self>) -> Result<(), TelegramError> {
        let left = self.state.run(State::unanswered).await?;
        if !left.is_empty() {
            tracing::info!(updates = left.len(), "taking up what was not answered");
        }
        for update in left {
            self.accept(&update, Instant::now(), true);
        }
        Ok(())
    }

    /// Keeps updates, then begins to answer the new ones. When this returns, Telegram may forget them.
    pub(super) async fn take_in(self: &Arc<Self>, updates: Vec<(i64, String)>) -> Result<(), TelegramError> {
        let came = Instant::now();
        // Inline queries live for seconds; there is nothing to answer after a restart.
        let (fleeting, kept): (Vec<_>, Vec<_>) =
            updates.into_iter().partition(|(_, raw)| raw.contains("\"inline_query\""));
        for (id, raw) in fleeting {
            self.accept(&Waiting { id, seq: 0, raw }, came, false);
        }
        if kept.is_empty() {
            return Ok(());
        }
        for update in self.state.run(move |state| state.take_in(kept)).await? {
            self.accept(&update, came, false);
        }
        self.api.meter().waiting(self.waiting());
        Ok(())
    }

    fn accept(self: &Arc<Self>, update: &Waiting, came: Instant, is_left_over: bool) {
        let mut incoming = read(update, &self.me, self.config.support_group);
        incoming.came = came;
        incoming.is_left_over = is_left_over;
        if matches!(incoming.what, What::Inline { .. }) {
            incoming.id = None;
        }
        let is_new = matches!(incoming.what, What::Said { .. }) && !incoming.is_edit;
        if is_new && !self.is_with_person(&incoming.conversation) {
            self.show_typing(&incoming.address());
        }
        let conversation = incoming.conversation.clone();
        let pushed = self.lanes.push(incoming);
        if let Some(superseded) = pushed.replaced {
            let bot = Arc::clone(self);
            self.spawn(async move { bot.forget(vec![superseded], Vec::new()).await });
        }
        if pushed.is_new {
            let bot = Arc::clone(self);
            self.spawn(async move {
                let burst = Duration::from_millis(bot.config.burst_ms);
                while let Some(group) = bot.lanes.next(&conversation, burst).await {
                    if bot.closing.is_cancelled() {
                        return;
                    }
                    bot.settle(group).await;
                    bot.api.meter().waiting(bot.waiting());
                }
                bot.api.meter().waiting(bot.waiting());
            });
        }
    }

    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Hands over what is worked on, to be waited for.
    pub(super) fn running(&self) -> JoinSet<()> {
        std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers a group and forgets it; tries again while its answer cannot be kept.
    async fn settle(self: &Arc<Self>, group: Vec<Incoming>) {
        let ids: Vec<i64> = group.iter().filter_map(|incoming| incoming.id).collect();
        for attempt in 1..=TRIES {
            match self.answer(&group).await {
                Ok(()) => return self.forget(ids, group.iter().filter_map(Incoming::said).collect()).await,
                Err(Undelivered::Stopping) => return,
                Err(Undelivered::Gone) => {
                    tracing::info!("the bot was blocked or the chat is gone; its reply is dropped");
                    return self.forget(ids, Vec::new()).await;
                }
                Err(Undelivered::Refused(error)) => {
                    tracing::error!(%error, "reply refused");
                    return self.forget(ids, Vec::new()).await;
                }
                Err(Undelivered::State(error)) => {
                    tracing::error!(%error, attempt, "the answer cannot be kept");
                    tokio::time::sleep(Duration::from_millis(200) * attempt).await;
                }
            }
        }
        self.api.meter().failed_turn();
    }

    async fn forget(&self, ids: Vec<i64>, said: Vec<SaidWords>) {
        if ids.is_empty() {
            return;
        }
        if let Err(error) = self.state.run(move |state| state.answered(&ids, &said)).await {
            tracing::error!(%error, "an answered update cannot be noted; it may be answered again after a restart");
        }
    }

    async fn answer(self: &Arc<Self>, group: &[Incoming]) -> Result<(), Undelivered> {
        let changed;
        let group = if group.iter().any(|incoming| incoming.is_edit) {
            changed = self.without_unchanged(group).await?;
            changed.as_slice()
        } else {
            group
        };
        let Some(last) = group.last() else { return Ok(()) };
        let to = last.address();
        if matches!(last.what, What::Said { .. } | What::Wordless | What::Command { .. }) {
            let attendant = self.bring_to_desk(group).await?;
            let is_done = attendant == Attendant::Person || last.what == What::Wordless;
            if attendant != Attendant::Bot && is_done {
                // Neither words nor a file, such as a story: nobody but the shopper knows that it is lost.
                let is_lost = last.what == What::Wordless && last.carried.is_none();
                return if is_lost { self.tell_not_carried(last, &to).await } else { Ok(()) };
            }
        }
        match &last.what {
            What::Said { .. } => self.answer_words(group, &to).await,
            // A changed picture was answered already; only people want to see the change.
            What::Wordless if last.carried.as_deref().is_some_and(|carried| carried.is_edit) => Ok(()),
            What::Wordless => self.deliver_with_examples(last, &to, super::commands::words_only).await,
            What::Command { name, argument } => self.answer_command(last, &to, name, argument).await,
            What::Pressed { query, data, .. } if self.is_support_group(to.chat) => {
                self.answer_desk_press(last, query, data).await
            }
            What::Pressed { query, message, data } => self.answer_press(last, &to, query, *message, data).await,
            What::Inline { query, text } => self.answer_inline(last, query, text).await,
            What::Support => self.answer_support(last).await,
            What::Nothing => Ok(()),
        }
    }

    /// Leaves out messages that are said to be changed and are not: Telegram tells of changes that nobody sees, such as the
    /// picture of a link.
    async fn without_unchanged(&self, group: &[Incoming]) -> Result<Vec<Incoming>, Undelivered> {
        let mut changed = Vec::new();
        for incoming in group {
            let said = incoming.said().filter(|_| incoming.is_edit);
            let is_same = match said {
                Some(said) => self.state.run(move |state| state.is_unchanged(&said)).await?,
                None => false,
            };
            if !is_same {
                changed.push(incoming.clone());
            }
        }
        Ok(changed)
    }

    fn is_support_group(&self, chat: i64) -> bool {
        self.support.as_ref().is_some_and(|support| support.is_group(chat))
    }

    /// Runs blocking work of the shop.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Shop) -> T + Send + 'static,
    ) -> Result<T, TelegramError> {
        let shop = Arc::clone(&self.shop);
        let run = move || std::panic::catch_unwind(AssertUnwindSafe(|| work(shop.as_ref())));
        match tokio::task::spawn_blocking(run).await {
            Ok(Ok(result)) => Ok(result),
            _ => Err(TelegramError::Panicked),
        }
    }
}

impl Incoming {
    /// Where its answer goes.
    pub(super) fn address(&self) -> Address {
        let (chat, answers, thread) = (self.chat, self.answers, self.thread);
        Address { conversation: self.conversation.as_str().to_owned(), chat, answers, thread }
    }

    /// Its words, with where they stand.
    fn said(&self) -> Option<SaidWords> {
        match &self.what {
            What::Said { message, text, .. } => Some((self.chat, *message, text.clone())),
            _ => None,
        }
    }
}
