//! The configuration: a struct per concern, read from one TOML file. Unknown settings are refused; secrets are never in it.
//!
//! Every default serves the sample shop, so that a newcomer needs no file. Called by `cli` and `assemble`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::language::Localized;
use crate::domain::money::Currency;
use crate::domain::order::ChangeRules;

mod model;
mod support;
mod telegram;

pub use self::model::{ModelConfig, RemoteModelConfig};
pub use self::support::{CannedReply, HoursConfig, StaffConfig, SupportConfig};
pub use self::telegram::{OpsConfig, TelegramConfig, WebhookConfig};

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {cause}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not TOML, or has an unknown or ill-typed setting.
    #[error("invalid configuration {path}: {cause}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Where and what.
        cause: Box<toml::de::Error>,
    },
    /// A setting has a value that cannot be.
    #[error("invalid configuration: {setting} is {value}, {wanted}")]
    OutOfRange {
        /// Its name.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What is wanted.
        wanted: &'static str,
    },
}

/// All settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where indexes and state live.
    pub data_dir: PathBuf,
    /// The shop and its files.
    pub shop: ShopConfig,
    /// The language model.
    pub model: ModelConfig,
    /// The conversation.
    pub assistant: AssistantConfig,
    /// Customer service.
    pub service: ServiceConfig,
    /// The state.
    pub store: StoreConfig,
    /// The support desk.
    pub support: SupportConfig,
    /// Telegram.
    pub telegram: TelegramConfig,
    /// Health and metrics.
    pub ops: OpsConfig,
}

/// The shop and its files. Relative paths are sought in the working directory, then above the program's own folder.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShopConfig {
    /// Its name.
    pub name: Localized,
    /// The currency of prices that name none.
    pub currency: Currency,
    /// The product feed (see `catalog/FEED.md`).
    pub feed: PathBuf,
    /// Buyers' reviews, JSON Lines; may be missing.
    pub reviews: PathBuf,
    /// A folder of policies and FAQ in Markdown; may be missing.
    pub policies: PathBuf,
    /// The shop's orders, JSON Lines; may be missing.
    pub orders: PathBuf,
    /// Groups of words that mean the same; may be missing.
    pub synonyms: PathBuf,
}

/// The conversation.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AssistantConfig {
    /// Products in one reply.
    pub page_size: usize,
    /// Candidates that the model ranks.
    pub rank_candidates: usize,
    /// Weight of the model's score against the lexical one, 0–1; 0: lexical alone. The model's own fitted weight when absent.
    pub rank_weight: Option<f32>,
    /// Below this confidence one clarifying question is asked.
    pub clarify_below: f32,
    /// How long the model may take to understand a message, in milliseconds; then the plain path answers.
    pub understand_ms: u64,
    /// How long it may take to explain or phrase, in milliseconds.
    pub explain_ms: u64,
    /// Longer messages are cut, in characters.
    pub max_message_chars: usize,
}

/// Customer service: policies, orders, when a person is called.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceConfig {
    /// An HTTP endpoint to use as the order book instead of the file (see `catalog/ORDERS.md`). Its token, if any, is in
    /// `DAOGOU_ORDERS_TOKEN`.
    pub orders_url: Option<String>,
    /// Topics of policy and of order changes that the bot leaves to people, such as `warranty` or `invoice`.
    pub human_only_topics: Vec<String>,
    /// The shop's deadlines for returns and exchanges.
    pub changes: ChangeRules,
    /// How long a person usually takes to answer, in minutes, where the shop wants it said.
    pub usual_wait_minutes: Option<u32>,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self {
            orders_url: None,
            human_only_topics: Vec::new(),
            changes: ChangeRules::default(),
            usual_wait_minutes: Some(3),
        }
    }
}

/// The state.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// How often a backup is made, in minutes.
    pub backup_minutes: u64,
    /// How many backups are kept.
    pub backups: usize,
    /// After how many days without a message a conversation is forgotten; 0: never.
    pub forget_after_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: default_data_dir(),
            shop: ShopConfig::default(),
            model: ModelConfig::default(),
            assistant: AssistantConfig::default(),
            service: ServiceConfig::default(),
            store: StoreConfig::default(),
            support: SupportConfig::default(),
            telegram: TelegramConfig::default(),
            ops: OpsConfig::default(),
        }
    }
}

impl Default for ShopConfig {
    fn default() -> Self {
        Self {
            name: Localized::both("道购样品店", "the daogou sample shop"),
            currency: Currency::CNY,
            feed: "catalog/products.jsonl".into(),
            reviews: "catalog/reviews.jsonl".into(),
            policies: "catalog/policies".into(),
            orders: "catalog/orders.jsonl".into(),
            synonyms: "catalog/synonyms.txt".into(),
        }
    }
}

impl Default for AssistantConfig {
    fn default() -> Self {
        Self {
            page_size: 5,
            rank_candidates: 20,
            rank_weight: None,
            clarify_below: 0.35,
            understand_ms: 1500,
            explain_ms: 4000,
            max_message_chars: 2000,
        }
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { backup_minutes: 60, backups: 24, forget_after_days: 180 }
    }
}

impl Config {
    /// Reads a file, or takes the defaults when there is none.
    ///
    /// # Errors
    /// [`ConfigError`], naming the file and the setting.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text =
            std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
        let config: Self = toml::from_str(&text)
            .map_err(|cause| ConfigError::Invalid { path: path.to_owned(), cause: Box::new(cause) })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let between = |setting, value: f64, low: f64, high: f64, wanted| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(ConfigError::OutOfRange { setting, value: value.to_string(), wanted })
        };
        let assistant = &self.assistant;
        between("assistant.page_size", assistant.page_size as f64, 1.0, 10.0, "1 to 10 wanted")?;
        between("assistant.rank_candidates", assistant.rank_candidates as f64, 1.0, 100.0, "1 to 100 wanted")?;
        between("assistant.rank_weight", assistant.rank_weight.unwrap_or_default().into(), 0.0, 1.0, "0 to 1 wanted")?;
        between("assistant.clarify_below", assistant.clarify_below.into(), 0.0, 1.0, "0 to 1 wanted")?;
        between("model.engines", self.model.engines.unwrap_or(1).into(), 1.0, 64.0, "1 to 64 wanted")?;
        between("model.slots", self.model.slots.into(), 1.0, 64.0, "1 to 64 wanted")?;
        between("model.queue", self.model.queue as f64, 1.0, 10_000.0, "1 to 10000 wanted")?;
        self.support.check()?;
        let telegram = &self.telegram;
        between("telegram.burst_ms", telegram.burst_ms as f64, 0.0, 5_000.0, "0 to 5000 wanted")?;
        between(
            "telegram.messages_per_second",
            telegram.messages_per_second.into(),
            1.0,
            10_000.0,
            "1 to 10000 wanted",
        )?;
        between("telegram.turns_at_once", telegram.turns_at_once as f64, 1.0, 256.0, "1 to 256 wanted")
    }
}

/// Finds a file of the shop: as given, or above the program's own folder (so that a build in `target/` finds the sample
/// shop from any working directory); the path as given when it is nowhere.
pub fn locate(path: &Path) -> PathBuf {
    if path.is_absolute() || path.exists() {
        return path.to_owned();
    }
    let program = std::env::current_exe().unwrap_or_default();
    program.ancestors().skip(1).map(|folder| folder.join(path)).find(|found| found.exists()).unwrap_or(path.to_owned())
}

fn default_data_dir() -> PathBuf {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).or_else(home).unwrap_or_default().join("daogou")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().expect("file");
        std::fs::write(file.path(), text).expect("write");
        Config::load(Some(file.path()))
    }

    #[test]
    fn an_unknown_setting_is_refused_by_name() {
        let error = load("[model]\ngpu_layer = 3\n").expect_err("refused").to_string();
        assert!(error.contains("gpu_layer"), "{error}");
    }

    #[test]
    fn a_value_that_cannot_be_is_refused_by_name() {
        let error = load("[assistant]\npage_size = 0\n").expect_err("refused").to_string();
        assert!(error.contains("assistant.page_size is 0"), "{error}");
    }

    #[test]
    fn settings_left_out_keep_their_defaults() {
        let config = load("[shop]\ncurrency = \"USD\"\nname = { en = \"Toy Town\" }\n").expect("config");
        assert_eq!(config.shop.currency, Currency::USD);
        assert_eq!(config.assistant.page_size, 5);
    }

    #[test]
    fn the_sample_configuration_shows_the_defaults() {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/daogou.example.toml");
        let config = Config::load(Some(&sample)).expect("the sample is valid");
        assert_eq!(format!("{config:#?}"), format!("{:#?}", Config::default()));
    }
}
