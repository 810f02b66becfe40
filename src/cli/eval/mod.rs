//! `daogou eval`: measures the shop on labelled sets, source by source and model by model.

mod measures;
mod summary;
mod understanding;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Map, json};

use self::summary::Summary;
use super::Common;
use super::catalog::open_or_sample;
use super::fit::with_linear;
use crate::assemble;
use crate::assistant::understand::Understanding;
use crate::catalog::CatalogSnapshot;
use crate::config::{Config, locate};
use crate::domain::encoder::SentenceEncoder;
use crate::domain::generator::{Job, TextGenerator};
use crate::evaluation::sets::{Sets, read_sets};
use crate::inference::absent::Absent;
use crate::prompts::Prompts;

/// How long the model may take to understand a message: a busy machine must not change what is measured.
const PATIENCE: Duration = Duration::from_secs(20);

/// Measures understanding, service, groundedness, search, reviews and speed on labelled sets.
///
/// Sets, by their form: `*.txt` of labelled messages (models/train/corpus/GUIDE.md; `# part: unseen` marks a part); `*.jsonl`, plain or
/// .gz, whose lines have `text` and `passages` (questions of policy; no passage: not covered), or `text`, `sku` and `must_contain`
/// (questions about products; null: the listing does not say), or `text`, `aspect` and `label`, or `text` and `label` (1: praise);
/// folders with products.jsonl, queries.jsonl and qrels.tsv (query, product, grade) for search.
///
/// Measured: intents (accuracy, macro-F1, calibration) and slots (F1 of equal and of overlapping values), of the rules, the linear
/// models and the language model each alone and together, with and without the language model; right passages and evidence, and
/// unanswerable questions recognised; the share of turns that state nothing without evidence, over conversations made of the sets'
/// messages; nDCG@10 of the lexical order and of the model's, the weight fitted on every other query and reported on the rest;
/// sentiment and aspects; milliseconds a message and a turn.
///
/// `--json` holds everything; its `summary` is `{"model": {"measure": value}}`, which `--compare` prints side by side.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Sets: files or folders.
    #[arg(default_value = "tests/eval")]
    paths: Vec<PathBuf>,
    /// Measure this GGUF instead of the configured one.
    #[arg(long, value_name = "GGUF")]
    model: Option<PathBuf>,
    /// Do without the language model.
    #[arg(long)]
    no_model: bool,
    /// Measure another GGUF too, side by side.
    #[arg(long, value_name = "GGUF")]
    compare: Option<PathBuf>,
    /// Write everything measured as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw reliability.svg and intents.svg here.
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
    /// Use intent-prior.bin, intent-guess.bin and span-tagger.bin of this folder instead of the bundled ones.
    #[arg(long, value_name = "DIR")]
    linear: Option<PathBuf>,
    /// Only messages of the held-out part of a corpus.
    #[arg(long)]
    held_out: bool,
    /// List what was misunderstood on standard error.
    #[arg(long)]
    mistakes: bool,
}

/// One model and all that is measured with it.
pub struct Bench {
    config: Config,
    snapshot: Arc<CatalogSnapshot>,
    understanding: Understanding,
    generator: Arc<dyn TextGenerator>,
    encoder: Option<Arc<dyn SentenceEncoder>>,
    /// Those of the jobs that the model is trusted with, and of scoring, trusted or not, where its profile has them.
    prompts: Prompts,
    name: String,
}

/// Measures and prints.
///
/// # Errors
/// A set, the catalog, a prompt or a given model cannot be read, or a file cannot be written.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let paths: Vec<PathBuf> = args.paths.iter().map(|path| locate(path)).collect();
    let mut sets = read_sets(&paths)?;
    sets.messages.retain(|message| !args.held_out || message.is_held_out());
    for path in &sets.left_out {
        eprintln!("{}: not a set that is measured here", path.display());
    }
    let snapshot = open_or_sample(None, common)?;
    let mut summaries = Vec::new();
    let mut report = Map::new();
    let main = Bench::open(&config, &args, args.model.as_deref(), args.no_model, &snapshot)?;
    report.insert("model".into(), json!(main.name));
    let (details, summary) = main.measure(&sets, &args, true)?;
    report.extend(details);
    summaries.push((main.name.clone(), summary));
    if let Some(path) = &args.compare {
        let other = Bench::open(&config, &args, Some(path), false, &snapshot)?;
        let (details, summary) = other.measure(&sets, &args, false)?;
        report.insert("compared".into(), json!(details));
        let name = if other.name == main.name { format!("{} ({})", other.name, path.display()) } else { other.name };
        summaries.push((name, summary));
    }
    println!("{}", summary::table(&summaries));
    report.insert("summary".into(), summary::json(&summaries));
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Bench {
    fn open(
        config: &Config,
        args: &Args,
        model: Option<&Path>,
        no_model: bool,
        snapshot: &Arc<CatalogSnapshot>,
    ) -> anyhow::Result<Self> {
        let mut config = config.clone();
        config.assistant.understand_ms = PATIENCE.as_millis() as u64;
        if let Some(path) = model {
            anyhow::ensure!(path.is_file(), "no model at {}", path.display());
            config.model.path = path.to_owned();
            config.model.remote = None;
        }
        let (generator, encoder): (Arc<dyn TextGenerator>, _) = match no_model {
            true => (Arc::new(Absent::because("--no-model was given")), None),
            false => (assemble::load_model(&config), assemble::load_encoder(&config)),
        };
        let trusted = Arc::new(assemble::load_prompts(&config, generator.as_ref())?);
        let mut understanding = Understanding::new(trusted, PATIENCE)?.with_encoder(encoder.clone());
        if let Some(folder) = &args.linear {
            understanding = with_linear(understanding, folder)?;
        }
        let described = generator.describe();
        let overrides = config.model.prompts.as_deref();
        let load = |jobs: &[Job]| Prompts::load(&described.prompt_profile, jobs, overrides);
        let mut jobs = described.jobs.clone();
        let is_loaded = !jobs.is_empty();
        let untrusted: Vec<Job> = [Job::Score, Job::Sentiment].into_iter().filter(|job| !jobs.contains(job)).collect();
        jobs.extend(untrusted.into_iter().filter(|job| is_loaded && load(&[*job]).is_ok()));
        let prompts = load(&jobs)?;
        let name = described.name;
        Ok(Self { config, snapshot: Arc::clone(snapshot), understanding, generator, encoder, prompts, name })
    }

    /// Measures every set; prints details where asked to.
    fn measure(
        &self,
        sets: &Sets,
        args: &Args,
        prints: bool,
    ) -> anyhow::Result<(Map<String, serde_json::Value>, Summary)> {
        let mut report = Map::new();
        let mut summary = Summary::default();
        if !sets.messages.is_empty() {
            let (details, scores) = match prints {
                true => understanding::measure(self, &sets.messages, args)?,
                false => understanding::shipped(self, &sets.messages)?,
            };
            report.insert("understanding".into(), details);
            summary.understanding(&scores);
        }
        report.insert("service".into(), measures::service(self, sets, args, prints, &mut summary)?);
        report.insert("grounded".into(), measures::grounded(self, sets, args, prints, &mut summary)?);
        report.insert("ranking".into(), measures::rankings(self, sets, &mut summary)?);
        report.insert("sentiment".into(), measures::sentiment(self, sets, &mut summary)?);
        report.insert("aspects".into(), measures::aspects(sets, &mut summary)?);
        Ok((report, summary))
    }
}
