//! `daogou serve`: the shop on Telegram, with health and metrics on a local address.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail};
use tokio_util::sync::CancellationToken;

use super::Common;
use crate::assemble;
use crate::assistant::{Assistant, AssistantError, Input, Observer, Outcome, Turn, examples};
use crate::backoffice::Learning;
use crate::catalog::Catalog;
use crate::config::{Config, locate};
use crate::domain::generator::TextGenerator;
use crate::domain::identifier::{ConversationId, Generation};
use crate::domain::language::Language;
use crate::domain::reply::Card;
use crate::domain::session::{Context as Seen, Session};
use crate::domain::wording::chat;
use crate::domain::wording::telegram::{Reloaded, Status};
use crate::faces::telegram::{Meter, OpenDesk, Shop, TELEGRAM, Telegram};
use crate::ops::{Metrics, Ready, ShopView};

/// How often a generation that another process loaded is looked for.
const REFRESH_EVERY: Duration = Duration::from_secs(15);
/// What is left of the ten seconds of a stop after the face has finished.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// Serves shoppers on Telegram, by polling or webhook (see `[telegram]` in the configuration).
///
/// Links into the shop: `https://t.me/BOT?start=p_SKU` opens a product, `https://t.me/BOT?start=q_running_shoes` a search. In any chat,
/// `@BOT running shoes` offers cards (switch inline mode on with @BotFather).
///
/// The bot's token is in `TELOXIDE_TOKEN` (get one from @BotFather), another Bot API server's address in `TELOXIDE_API_URL`. Health
/// and metrics are on `ops.listen`: `/healthz`, `/readyz`, `/metrics`. On SIGTERM or Ctrl-C it takes nothing more, finishes what
/// runs within 10 s, and answers the rest after the next start.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Rules and lexical search only.
    #[arg(long)]
    no_model: bool,
}

/// Serves until asked to stop.
///
/// # Errors
/// There is no token or Telegram refuses it, an address cannot be listened on, or the shop cannot be assembled.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let token = std::env::var("TELOXIDE_TOKEN").unwrap_or_default();
    if token.trim().is_empty() {
        bail!(
            "TELOXIDE_TOKEN is not set; @BotFather on Telegram gives a token (to try the shop without one: daogou chat)"
        );
    }
    let api_url = std::env::var("TELOXIDE_API_URL").ok().filter(|url| !url.is_empty()).unwrap_or(TELEGRAM.into());
    // Known before the model is loaded.
    crate::faces::telegram::check(&api_url, token.trim())?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")?;
    let served = runtime.block_on(serve(config, (api_url, token.trim().to_owned()), args.no_model));
    runtime.shutdown_timeout(LAST_MOMENT);
    served.map(|()| ExitCode::SUCCESS)
}

async fn serve(config: Config, (api_url, token): (String, String), no_model: bool) -> anyhow::Result<()> {
    let closing = CancellationToken::new();
    let stop = CancellationToken::new();
    listen_for_signals(&closing)?;
    let (metrics, ready) = (Arc::new(Metrics::new()), Arc::new(Ready::default()));
    let ops = match config.ops.listen {
        Some(address) => {
            Some(crate::ops::serve(address, Arc::clone(&metrics), Arc::clone(&ready), stop.clone()).await?.0)
        }
        None => None,
    };
    let settings = config.clone();
    let assembling = tokio::task::spawn_blocking(move || assemble::shop(&settings, "telegram", no_model));
    let shop = tokio::select! {
        () = closing.cancelled() => return Ok(()),
        shop = assembling => shop.context("assembling the shop panicked")??,
    };
    if shop.is_fleeting() {
        bail!("the state in {} is in use by another daogou serve", config.data_dir.display());
    }
    let live = Arc::new(LiveShop::new(&shop, &config)?);
    let warming = Arc::clone(&live);
    tokio::task::spawn_blocking(move || warming.warm_up()).await.context("reading the first message panicked")?;
    let view = Arc::clone(&live);
    ready.opened(move || view.view());
    let keeper = tokio::spawn(keep_shop(Arc::clone(&live), closing.clone()));
    let desk = config.telegram.support_group.map(|_| Box::new(assemble::desk(&shop, &config)) as OpenDesk);
    let telegram = Telegram {
        token,
        api_url,
        pictures: locate(&config.shop.feed).parent().map(Into::into).unwrap_or_default(),
        config: config.telegram,
        shop: Arc::clone(&live) as Arc<dyn Shop>,
        store: Arc::clone(&shop.store),
        desk,
        meter: Arc::new(Counted { metrics, live }),
    };
    let closed = Arc::clone(&ready);
    let watch = closing.clone();
    tokio::spawn(async move {
        watch.cancelled().await;
        closed.closing();
    });
    let served = telegram.run(closing.clone()).await;
    closing.cancel();
    stop.cancel();
    keeper.abort();
    if let Some(ops) = ops {
        let _ended = tokio::time::timeout(LAST_MOMENT, ops).await;
    }
    let store = Arc::clone(&shop.store);
    tokio::task::spawn_blocking(move || store.commit()).await??;
    Ok(served?)
}

fn listen_for_signals(closing: &CancellationToken) -> anyhow::Result<()> {
    let closing = closing.clone();
    // The second signal ends the process at once.
    let asked = move || {
        if closing.is_cancelled() {
            std::process::exit(130);
        }
        closing.cancel();
    };
    ctrlc::set_handler(asked).context("cannot listen for signals")
}

/// Takes over generations that `daogou catalog load` made.
async fn keep_shop(live: Arc<LiveShop>, closing: CancellationToken) {
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(REFRESH_EVERY) => {}
        }
        let shop = Arc::clone(&live);
        let work = move || match shop.catalog.refresh() {
            Ok(Some(generation)) => {
                shop.warm_up();
                tracing::info!(generation = generation.0, "catalog: taken over");
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a newer catalog generation cannot be taken over"),
        };
        if tokio::task::spawn_blocking(work).await.is_err() {
            tracing::error!("housekeeping panicked");
        }
    }
}

/// The assembled shop as the face sees it.
struct LiveShop {
    assistant: Arc<Assistant>,
    catalog: Arc<Catalog>,
    generator: Arc<dyn TextGenerator>,
    learning: Arc<Learning>,
    config: Config,
    started: Instant,
    glances: AtomicU64,
    today: TurnsToday,
    current: std::sync::Mutex<(Generation, SystemTime)>,
}

impl LiveShop {
    fn new(shop: &assemble::Shop, config: &Config) -> anyhow::Result<Self> {
        let learning = Learning::open(Arc::clone(&shop.store), &locate(&config.shop.policies))?;
        Ok(Self {
            learning: Arc::new(learning),
            assistant: Arc::clone(&shop.assistant),
            catalog: Arc::clone(&shop.catalog),
            generator: Arc::clone(&shop.generator),
            config: config.clone(),
            started: Instant::now(),
            glances: AtomicU64::new(0),
            today: TurnsToday::default(),
            current: std::sync::Mutex::new((shop.catalog.snapshot().generation(), SystemTime::now())),
        })
    }

    /// Reads an example in each language: what is made of a catalog when it is first needed is then made, and no shopper waits for it.
    fn warm_up(&self) {
        let (parts, context) = (self.assistant.parts(), Seen::default());
        for example in [Language::Zh, Language::En].map(|language| chat::examples(language)[1]) {
            let _read =
                parts.understanding.understand(example, &context, &parts.catalog.snapshot(), parts.generator.as_ref());
        }
    }

    fn view(&self) -> ShopView {
        let snapshot = self.catalog.snapshot();
        let generation = snapshot.generation();
        let mut current = self.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if current.0 != generation {
            *current = (generation, SystemTime::now());
        }
        ShopView {
            generation: generation.0,
            products: snapshot.products().len(),
            catalog_age_s: current.1.elapsed().unwrap_or_default().as_secs(),
            model_queue: self.generator.queue_depth(),
            tokens: self.generator.totals(),
        }
    }
}

impl Shop for LiveShop {
    fn handle(&self, turn: &Turn, observer: &mut dyn Observer) -> Result<Outcome, AssistantError> {
        self.assistant.handle(turn, observer)
    }

    fn delivered(&self, conversation: &ConversationId, update: i64) -> Result<(), AssistantError> {
        self.assistant.delivered(conversation, update)
    }

    fn session(&self, conversation: &ConversationId) -> Result<Option<Session>, AssistantError> {
        Ok(self.assistant.parts().sessions.get(conversation.as_str())?)
    }

    fn begin(&self, conversation: &ConversationId, language: Language) -> Result<(), AssistantError> {
        self.assistant.change_session(conversation, |session| session.language = language)?;
        Ok(())
    }

    fn glance(&self, text: &str, language: Language) -> Result<Vec<Card>, AssistantError> {
        let number = self.glances.fetch_add(1, Ordering::Relaxed);
        let conversation = ConversationId::new(format!("glance:{number}"));
        self.begin(&conversation, language)?;
        let input = Input::Message { text: text.to_owned(), about: None };
        let looked = self.assistant.handle(&Turn { conversation: conversation.clone(), update: None, input }, &mut ());
        self.assistant.parts().sessions.remove(conversation.as_str())?;
        Ok(looked?.reply.map(|reply| reply.cards().cloned().collect()).unwrap_or_default())
    }

    fn reload(&self) -> Result<(Reloaded, Vec<String>), String> {
        let outcome =
            self.catalog.load(&assemble::configured_source(&self.config)).map_err(|error| error.to_string())?;
        self.warm_up();
        let rejected: Vec<String> = outcome.report.problems.iter().map(ToString::to_string).collect();
        let done = Reloaded {
            generation: outcome.generation.0,
            unchanged: outcome.unchanged,
            added: outcome.diff.added.len(),
            changed: outcome.diff.changed.len(),
            removed: outcome.diff.removed.len(),
            rejected: rejected.len(),
            seconds: outcome.seconds,
        };
        Ok((done, rejected))
    }

    fn status(&self, waiting: usize) -> Status {
        let model = self.generator.describe();
        let snapshot = self.catalog.snapshot();
        Status {
            device: model.device,
            model: (!model.jobs.is_empty()).then_some(model.name),
            generation: snapshot.generation().0,
            products: snapshot.products().len(),
            waiting,
            uptime_s: self.started.elapsed().as_secs(),
            turns_today: self.today.count(),
        }
    }

    fn learning(&self) -> Option<Arc<Learning>> {
        Some(Arc::clone(&self.learning))
    }

    fn reread_policies(&self) -> Result<(), String> {
        let knowledge = &self.assistant.parts().service.knowledge;
        let read = knowledge.load().reload(&locate(&self.config.shop.policies)).map_err(|error| error.to_string())?;
        knowledge.store(Arc::new(read));
        Ok(())
    }

    fn examples(&self, language: Language) -> Vec<String> {
        let parts = self.assistant.parts();
        let has_rules = !parts.service.knowledge.load().passages().is_empty();
        examples(&parts.catalog.snapshot(), has_rules, language)
    }

    fn name(&self, language: Language) -> String {
        self.config.shop.name.get(language).to_owned()
    }
}

/// Turns since midnight (UTC): the day in the upper half, the count in the lower.
#[derive(Default)]
struct TurnsToday(AtomicU64);

impl TurnsToday {
    fn add(&self) {
        let today = Self::day();
        let next = |kept: u64| Some(if kept >> 32 == today { kept + 1 } else { today << 32 | 1 });
        let _always_set = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }

    fn count(&self) -> u64 {
        let kept = self.0.load(Ordering::Relaxed);
        if kept >> 32 == Self::day() { kept & 0xffff_ffff } else { 0 }
    }

    fn day() -> u64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() / 86_400
    }
}

/// Brings what the face counts to the metrics: faces and ops know nothing of each other.
struct Counted {
    metrics: Arc<Metrics>,
    live: Arc<LiveShop>,
}

impl Meter for Counted {
    fn call(&self, method: &'static str, outcome: &'static str, took: Duration) {
        self.metrics.call(method, outcome, took);
    }

    fn turn(&self, outcome: &Outcome, took: Duration) {
        self.live.today.add();
        self.metrics.turn(outcome, took);
    }

    fn failed_turn(&self) {
        self.metrics.failed_turn();
    }

    fn waiting(&self, updates: usize) {
        self.metrics.waiting(updates);
    }
}
