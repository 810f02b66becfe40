//! The Telegram face: the shop in a shopper's pocket. The only place that knows teloxide.
//!
//! An update is kept, acknowledged, put into its conversation's lane, turned into a turn, and answered; it is forgotten when
//! its reply is out. The face translates and decides nothing about shopping. Called by `daogou serve`.

mod addressed;
mod admin;
mod air;
mod api;
mod boards;
mod bot;
mod commands;
mod courier;
mod deep_link;
mod drafts;
mod expiry;
mod incoming;
mod inline;
mod journal;
mod keyboard;
mod lanes;
mod learn;
mod markup;
mod mend;
mod message;
mod meter;
mod notes;
mod pace;
mod photos;
mod pictures;
mod poll;
mod press;
mod progress;
mod render;
mod shop;
mod signer;
mod state;
mod support;
mod table;
mod talk;
mod webhook;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use self::api::{CallError, TELEGRAM};
pub use self::meter::Meter;
pub use self::shop::Shop;
pub use self::support::OpenDesk;

use self::api::Api;
use self::bot::Bot;
use self::courier::Courier;
use self::incoming::Me;
use self::pictures::Pictures;
use self::state::State;
use self::support::Support;
use crate::config::TelegramConfig;
use crate::store::{Store, StoreError};

/// How long what runs may take to finish after a stop is asked for.
const FINISH_WITHIN: Duration = Duration::from_secs(7);
/// How long what was delivered may wait to be durable against power loss; against a kill it is at once.
const COMMIT_WITHIN: Duration = Duration::from_millis(150);

/// How long the desk may take after that to end what it is sending.
const DESK_WITHIN: Duration = Duration::from_secs(1);

/// Why the face cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum TelegramError {
    /// Telegram refuses.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The state cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Blocking work panicked.
    #[error("a task of the Telegram face panicked")]
    Panicked,
    /// The support desk cannot do its work.
    #[error(transparent)]
    Desk(#[from] crate::support_desk::DeskError),
    /// The system has no randomness to give.
    #[error("the system has no randomness to give")]
    Randomness,
    /// The webhook cannot listen.
    #[error("cannot listen on {address} for the webhook: {cause}")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
    /// The webhook's secret is not one.
    #[error("DAOGOU_WEBHOOK_SECRET must be 1 to 256 letters, digits, `_` or `-`")]
    WebhookSecret,
    /// The webhook's address is not one.
    #[error("telegram.webhook.url is {0}, an https address wanted")]
    WebhookAddress(String),
}

/// Checks what can be known of a token and an address without asking Telegram.
///
/// # Errors
/// They cannot be used.
pub fn check(api_url: &str, token: &str) -> Result<(), TelegramError> {
    Ok(api::check_address(api_url, token)?)
}

/// What the face needs to run.
pub struct Telegram {
    /// The bot's token.
    pub token: String,
    /// The Bot API's base address, such as [`TELEGRAM`].
    pub api_url: String,
    /// Its settings.
    pub config: TelegramConfig,
    /// The folder of the feed, below which pictures are found.
    pub pictures: PathBuf,
    /// The shop.
    pub shop: Arc<dyn Shop>,
    /// Where its state is kept.
    pub store: Arc<Store>,
    /// Opens the support desk; used where `telegram.support_group` is set.
    pub desk: Option<OpenDesk>,
    /// Counts.
    pub meter: Arc<dyn Meter>,
}

impl Telegram {
    /// Serves shoppers until `closing` is cancelled, then finishes what runs, within `FINISH_WITHIN`. What is not finished is
    /// answered after the next start.
    ///
    /// # Errors
    /// The token is refused, the webhook cannot be set up, or the state cannot be kept.
    pub async fn run(self, closing: CancellationToken) -> Result<(), TelegramError> {
        let api = Api::new(&self.api_url, &self.token, Arc::clone(&self.meter))?;
        let store = Arc::clone(&self.store);
        let opened = tokio::task::spawn_blocking(move || State::open(store)).await;
        let state = Arc::new(opened.map_err(|_| TelegramError::Panicked)??);
        let Some(me) = introduce(&api, &closing).await? else { return Ok(()) };
        tracing::info!(bot = me.username, "telegram: connected");
        let halt = CancellationToken::new();
        let pictures = Pictures::new(&self.pictures, self.config.max_photo_bytes);
        let per_second = self.config.messages_per_second;
        let courier = Arc::new(Courier::new(api.clone(), Arc::clone(&state), pictures, per_second, halt.clone()));
        let support = match (self.desk, self.config.support_group) {
            (Some(open), Some(group)) => {
                let sending = (Arc::clone(&courier), Arc::clone(&state));
                let support = Support::open(open, group, sending, &self.store, halt.clone()).await?;
                let support = Arc::new(support);
                let keeper = tokio::spawn(Arc::clone(&support).keep(closing.clone()));
                Some((support, keeper))
            }
            _ => None,
        };
        let (support, desk_keeper) = support.unzip();
        let account = (api, me, self.config);
        let bot = Arc::new(Bot::new(account, Arc::clone(&state), courier, self.shop, support, closing.clone()));
        bot.resume().await?;
        let menus = tokio::spawn(commands::set_menus(Arc::clone(&bot)));
        let housekeeping = tokio::spawn(keep_house(Arc::clone(&state), closing.clone()));
        let keeper = tokio::spawn(keep_committed(Arc::clone(&state), halt.clone()));
        let received = match bot.config.webhook.clone() {
            Some(webhook) => webhook::receive(&bot, &webhook, &closing).await,
            None => poll::receive(&bot, &closing).await,
        };
        closing.cancel();
        menus.abort();
        let _ended = menus.await;
        let mut running = JoinSet::new();
        let finished = tokio::time::timeout(FINISH_WITHIN, finish(&bot, &mut running)).await;
        halt.cancel();
        if finished.is_err() {
            tracing::warn!(
                waiting = bot.waiting(),
                "stopped before everything was answered; the rest waits for the next start"
            );
            let _gave_up = tokio::time::timeout(Duration::from_secs(1), finish(&bot, &mut running)).await;
            running.shutdown().await;
        }
        housekeeping.abort();
        let _ended = housekeeping.await;
        let _ended = keeper.await;
        state.run(State::commit).await?;
        if let Some(keeper) = desk_keeper {
            end_desk(keeper).await;
        }
        received
    }
}

/// Waits for the desk to end what it is sending. What is cut off is known to be underway: it is dealt with after the next start.
async fn end_desk(keeper: tokio::task::JoinHandle<()>) {
    let abort = keeper.abort_handle();
    if tokio::time::timeout(DESK_WITHIN, keeper).await.is_err() {
        abort.abort();
        tracing::warn!("stopped while the desk was sending; it goes on after the next start");
    }
}

/// Waits until nothing is worked on; `running` holds what is left when this is given up.
async fn finish(bot: &Bot, running: &mut JoinSet<()>) {
    loop {
        while running.join_next().await.is_some() {}
        // What ran may have begun something more, such as a typing sign.
        *running = bot.running();
        if running.is_empty() {
            return;
        }
    }
}

/// Asks Telegram who the bot is, until it can be reached; nothing when asked to stop first.
async fn introduce(api: &Api, closing: &CancellationToken) -> Result<Option<Me>, TelegramError> {
    #[derive(serde::Deserialize)]
    struct Account {
        id: u64,
        #[serde(default)]
        username: String,
    }
    let mut pause = Duration::from_secs(1);
    loop {
        match api.raw::<Account>("getMe", &serde_json::json!({}), Duration::from_secs(15)).await {
            Ok(account) => return Ok(Some(Me { id: account.id, username: account.username })),
            Err(CallError::Flood { after, .. }) => pause = after,
            Err(error @ CallError::Unreachable { .. }) => {
                tracing::warn!(%error, pause.s = pause.as_secs(), "Telegram cannot be reached, trying again");
            }
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = closing.cancelled() => return Ok(None),
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(30)),
        }
    }
}

/// Makes what was noted after messages durable, many at once.
async fn keep_committed(state: Arc<State>, halt: CancellationToken) {
    loop {
        tokio::select! {
            () = halt.cancelled() => return,
            () = state.changed() => {}
        }
        tokio::time::sleep(COMMIT_WITHIN).await;
        if let Err(error) = state.run(State::commit).await {
            tracing::error!(%error, "what was delivered is not durable yet");
        }
    }
}

/// Forgets what is old, at the start and every hour.
async fn keep_house(state: Arc<State>, closing: CancellationToken) {
    loop {
        if let Err(error) = state.run(State::purge).await {
            tracing::warn!(%error, "old state not purged");
        }
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(3600)) => {}
        }
    }
}
