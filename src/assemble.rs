//! Puts a shop together from its configuration: adapters, core, state. The only place besides `main` that sees every floor.
//!
//! A part that fails does not close the shop where a plainer answer is possible: without a model the rules answer.

mod desk;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::assistant::understand::Understanding;
use crate::assistant::{Assistant, Parts, ServiceParts};
use crate::backoffice::ForgetSchedule;
use crate::catalog::{Catalog, CatalogError, FeedOptions, LoadOptions, Source};
use crate::config::{Config, locate};
use crate::domain::encoder::SentenceEncoder;
use crate::domain::generator::TextGenerator;
use crate::domain::handoff::People;
use crate::domain::order::OrderBook;
use crate::inference::absent::Absent;
use crate::inference::crew::Crew;
use crate::inference::encoder::{CrossEncoder, Encoder, EncoderSettings};
use crate::inference::engine::EngineSettings;
use crate::inference::error::InferenceError;
use crate::inference::remote::{Remote, RemoteSettings};
use crate::knowledge::Knowledge;
use crate::orders::{FileOrderBook, HttpOrderBook, HttpSettings};
use crate::prompts::Prompts;
use crate::store::{BackupSchedule, Opened, Store, StoreError};

pub use self::desk::desk;

/// An assembled shop.
pub struct Shop {
    /// Answers turns.
    pub assistant: Arc<Assistant>,
    /// What is remembered.
    pub store: Arc<Store>,
    /// The products.
    pub catalog: Arc<Catalog>,
    /// The language model, or its absence.
    pub generator: Arc<dyn TextGenerator>,
    /// Backs the state up as long as the shop is open.
    _backups: BackupSchedule,
    /// Forgets what is older than the shop keeps it, unless that is for ever.
    _forgetting: Option<ForgetSchedule>,
    /// Keeps a store that lives only as long as the process.
    _fleeting: Option<tempfile::TempDir>,
}

/// What answers, before state and policies.
pub struct Core {
    /// The products.
    pub catalog: Arc<Catalog>,
    /// The language model, or its absence.
    pub generator: Arc<dyn TextGenerator>,
    /// Tells which text answers a question.
    pub encoder: Option<Arc<dyn SentenceEncoder>>,
}

impl Shop {
    /// Whether its state lives only as long as the process, because another process holds the folder.
    pub fn is_fleeting(&self) -> bool {
        self._fleeting.is_some()
    }
}

/// Assembles the shop behind a face, whose state lies in the folder of that name in the data directory.
///
/// # Errors
/// There is no catalog and the feed does not load, the state cannot be opened, or a prompt is wrong.
pub fn shop(config: &Config, face: &str, no_model: bool) -> anyhow::Result<Shop> {
    let people = match (config.telegram.support_group, face) {
        (Some(_), "telegram") => People::Here(config.support.working_hours()),
        (Some(_), _) => People::OnTelegram,
        (None, _) => People::Nowhere,
    };
    assemble(config, &config.data_dir.join(face), no_model, people)
}

/// Assembles a shop whose state lies in this folder.
///
/// # Errors
/// As [`shop`].
pub fn shop_with_state(config: &Config, state: &Path, no_model: bool) -> anyhow::Result<Shop> {
    assemble(config, state, no_model, People::Nowhere)
}

fn assemble(config: &Config, state: &Path, no_model: bool, people: People) -> anyhow::Result<Shop> {
    let catalog = Arc::new(open_catalog(config)?);
    let (generator, encoder): (Arc<dyn TextGenerator>, _) = match no_model {
        true => (Arc::new(Absent::because("--no-model was given")), None),
        false => (load_model(config), load_encoder(config)),
    };
    furnish(config, state, Core { catalog, generator, encoder }, people)
}

/// Assembles a shop of this catalog and these models, whose state lies in this folder.
///
/// # Errors
/// The state cannot be opened, or a prompt, the policies or the orders are wrong.
pub fn shop_with_models(config: &Config, state: &Path, core: Core) -> anyhow::Result<Shop> {
    furnish(config, state, core, People::Nowhere)
}

fn furnish(config: &Config, state: &Path, core: Core, people: People) -> anyhow::Result<Shop> {
    let Core { catalog, generator, encoder } = core;
    let prompts = Arc::new(load_prompts(config, generator.as_ref())?);
    let (store, fleeting) = open_store(state)?;
    let store = Arc::new(store);
    let every = Duration::from_secs(config.store.backup_minutes.max(1) * 60);
    let backups = BackupSchedule::start(Arc::clone(&store), every, config.store.backups)?;
    let keep_days = config.store.forget_after_days;
    let forgetting = (keep_days > 0)
        .then(|| {
            ForgetSchedule::start(Arc::clone(&store), keep_days, || time::OffsetDateTime::now_utc().unix_timestamp())
        })
        .transpose()?;
    let knowledge = load_policies(config, encoder.clone())?;
    let says_plain = generator.describe().jobs.is_empty();
    let parts = Parts {
        catalog: Arc::clone(&catalog),
        generator: Arc::clone(&generator),
        encoder: encoder.clone(),
        understanding: Understanding::new(Arc::clone(&prompts), Duration::from_millis(config.assistant.understand_ms))?
            .with_encoder(encoder.clone()),
        prompts,
        sessions: store.table("sessions")?,
        store: Arc::clone(&store),
        service: ServiceParts::new(knowledge, open_orders(config)?, &store, config.service.clone())?,
        config: config.assistant.clone(),
        shop: config.shop.name.clone(),
        people,
        currency: config.shop.currency,
        says_plain,
    };
    Ok(Shop {
        assistant: Arc::new(Assistant::new(parts)),
        store,
        catalog,
        generator,
        _backups: backups,
        _forgetting: forgetting,
        _fleeting: fleeting,
    })
}

/// Opens the generation that was loaded last, or loads the configured feed where nothing was loaded yet.
///
/// # Errors
/// There is no generation and the feed does not load.
pub fn open_catalog(config: &Config) -> anyhow::Result<Catalog> {
    let options = load_options(config);
    match Catalog::open(&config.data_dir, options.clone()) {
        Err(CatalogError::NothingLoaded(_)) => {}
        opened => return Ok(opened?),
    }
    tracing::info!(feed = %config.shop.feed.display(), "loading the catalog for the first time");
    Ok(Catalog::first(&config.data_dir, &configured_source(config), options)?)
}

/// The files that the configuration names as the catalog.
pub fn configured_source(config: &Config) -> Source {
    Source {
        feed: locate(&config.shop.feed),
        reviews: Some(locate(&config.shop.reviews)),
        synonyms: Some(locate(&config.shop.synonyms)),
    }
    .existing()
}

/// The shop's policies; none where there is no such folder.
///
/// # Errors
/// A file cannot be read, or the shop's phrases are broken.
pub fn load_policies(config: &Config, encoder: Option<Arc<dyn SentenceEncoder>>) -> anyhow::Result<Knowledge> {
    Ok(Knowledge::load(&locate(&config.shop.policies), encoder)?)
}

/// The shop's orders: the endpoint if one is configured, else the file.
///
/// # Errors
/// The endpoint's address is not one, or the file holds something else than orders.
pub fn open_orders(config: &Config) -> anyhow::Result<Arc<dyn OrderBook>> {
    if let Some(url) = &config.service.orders_url {
        let token = std::env::var("DAOGOU_ORDERS_TOKEN").ok().filter(|token| !token.is_empty());
        return Ok(Arc::new(HttpOrderBook::new(HttpSettings { token, ..HttpSettings::new(url) })?));
    }
    let changes = config.data_dir.join("order-changes.jsonl");
    Ok(Arc::new(FileOrderBook::open(&locate(&config.shop.orders), &changes)?))
}

/// How feeds are read under this configuration.
pub fn load_options(config: &Config) -> LoadOptions {
    LoadOptions {
        feed: FeedOptions { currency: config.shop.currency, ..FeedOptions::default() },
        ..LoadOptions::default()
    }
}

/// Loads the configured model; a model that does not load is logged, and its absence answers in its place.
pub fn load_model(config: &Config) -> Arc<dyn TextGenerator> {
    match try_model(config) {
        Ok(generator) => {
            let loaded = generator.describe();
            tracing::info!(
                model = loaded.name,
                device = loaded.device,
                gpu.layers = loaded.offloaded_layers.0,
                "model loaded"
            );
            generator
        }
        Err(error) => {
            tracing::error!(%error, "the model does not load; rules and search answer without it");
            Arc::new(Absent::because(error.to_string()))
        }
    }
}

/// Loads the sentence encoder; none where its file is not there, or does not load, which is logged.
pub fn load_encoder(config: &Config) -> Option<Arc<dyn SentenceEncoder>> {
    match try_encoder(config) {
        Ok(encoder) => encoder.map(|encoder| Arc::new(encoder) as _),
        Err(error) => {
            tracing::error!(%error, "the sentence encoder does not load; questions are answered without it");
            None
        }
    }
}

/// Loads the sentence encoder, with the cross-encoder where that loads, or its error is logged; none where the encoder's file is not there.
///
/// # Errors
/// Why it does not load, naming the file.
pub fn try_encoder(config: &Config) -> Result<Option<Encoder>, InferenceError> {
    let model = locate(&config.model.encoder);
    if !model.exists() {
        tracing::info!(encoder = %model.display(), "there is no sentence encoder");
        return Ok(None);
    }
    let threads = config.model.threads.map(|threads| threads as usize);
    let remembered = Some(config.data_dir.join("encoder.senses"));
    let settings = EncoderSettings { model, gpu_layers: config.model.gpu_layers, threads, remembered };
    let cross = try_cross_encoder(config).unwrap_or_else(|error| {
        tracing::error!(%error, "the cross-encoder does not load; questions about products are answered without it");
        None
    });
    Ok(Some(Encoder::start(&settings)?.with_cross(cross)))
}

/// Loads the cross-encoder; none where its file is not there.
///
/// # Errors
/// Why it does not load, naming the file.
pub fn try_cross_encoder(config: &Config) -> Result<Option<CrossEncoder>, InferenceError> {
    let model = locate(&config.model.cross_encoder);
    let threads = config.model.threads.map(|threads| threads as usize);
    model.exists().then(|| CrossEncoder::start(&model, config.model.gpu_layers, threads)).transpose()
}

/// Loads the configured model: behind its server if one is named, else the GGUF.
///
/// # Errors
/// Why it does not load, naming the file or the address.
pub fn try_model(config: &Config) -> Result<Arc<dyn TextGenerator>, InferenceError> {
    let model = &config.model;
    if let Some(remote) = &model.remote {
        let key = std::env::var("DAOGOU_MODEL_KEY").ok().filter(|key| !key.is_empty());
        let settings =
            RemoteSettings { url: remote.url.clone(), model: remote.model.clone(), key, concurrent: model.queue };
        return Ok(Arc::new(Remote::connect(settings)?));
    }
    let settings = EngineSettings {
        gpu_layers: model.gpu_layers,
        slots: model.slots as usize,
        context: model.context,
        threads: model.threads.map(|threads| threads as usize),
        queue: model.queue,
        ..EngineSettings::for_model(locate(&model.path))
    };
    Ok(Arc::new(Crew::start(&settings, model.engines.map(|engines| engines as usize))?))
}

/// The prompts of the model's profile, for the jobs that it is trusted with.
///
/// # Errors
/// A prompt file is missing or wrong.
pub fn load_prompts(config: &Config, generator: &dyn TextGenerator) -> anyhow::Result<Prompts> {
    let model = generator.describe();
    let overrides = config.model.prompts.as_deref();
    Prompts::load(&model.prompt_profile, &model.jobs, overrides)
        .with_context(|| format!("the prompts of profile `{}` cannot be used", model.prompt_profile))
}

/// Opens the state. Where another process holds it, a store that is forgotten at the end takes its place, and that is said.
fn open_store(folder: &Path) -> anyhow::Result<(Store, Option<tempfile::TempDir>)> {
    match Store::open(folder) {
        Ok((store, Opened::Whole)) => Ok((store, None)),
        Ok((store, Opened::Restored { backup, broken, cause })) => {
            eprintln!(
                "daogou: the state in {} could not be opened ({cause}); it was restored from {} and moved to {}",
                folder.display(),
                backup.display(),
                broken.display()
            );
            Ok((store, None))
        }
        Err(error @ StoreError::InUse(_)) => {
            eprintln!("daogou: {error}; this conversation will not be kept");
            let fleeting = tempfile::tempdir()?;
            let (store, _) = Store::open(&fleeting.path().join("state"))?;
            Ok((store, Some(fleeting)))
        }
        Err(error) => Err(error.into()),
    }
}
