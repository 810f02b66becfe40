//! `daogou search`: runs queries from JSON lines against the catalog, for people and for trec_eval.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::ValueEnum;
use serde::Deserialize;
use serde_json::json;

use super::Common;
use super::catalog::open_or_sample;
use crate::assemble;
use crate::assistant::rank::{mix_head, model_scores, weight_for};
use crate::catalog::CatalogSnapshot;
use crate::config::Config;
use crate::domain::generator::{Priority, TextGenerator};
use crate::domain::language::Language;
use crate::domain::product::Product;
use crate::domain::search::{Hit, SearchQuery};
use crate::prompts::Prompts;

/// How long the model may take to score the candidates of one query.
const PATIENCE: Duration = Duration::from_secs(120);

/// Searches for every query and prints the best hits.
///
/// Input: JSON lines `{"id": "q1", "text": "down jacket for winter"}`; other keys are ignored. The text is searched as it is, words
/// of asking and amounts of money aside; no limit is read out of it. Output: one line a query `{"id": "q1", "hits": [{"sku",
/// "title", "price", "currency", "score"}]}`, or with `--run trec` one line a hit: `q1 Q0 SKU RANK SCORE TAG`.
///
/// With `--rank model` the model scores the best hits by itself (as many as `assistant.rank_candidates`), and its score is mixed with
/// the lexical one by `assistant.rank_weight`, else by the weight in the model's manifest; the hits below follow in lexical order. A
/// model that is not trusted to score has weight 0: that is said on standard error, and the order is lexical.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Queries as JSON lines; standard input when absent.
    #[arg(long, value_name = "FILE")]
    queries: Option<PathBuf>,
    /// Search this feed instead of the loaded catalog; nothing is kept.
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// Hits a query.
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    limit: u16,
    /// How hits are ordered.
    #[arg(long, value_enum, default_value_t = Rank::Lexical)]
    rank: Rank,
    /// The weight of the model's score, 0 to 1, instead of the configured or fitted one.
    #[arg(long, value_name = "WEIGHT", value_parser = parse_weight)]
    weight: Option<f32>,
    /// Print a run file instead of JSON.
    #[arg(long, value_enum)]
    run: Option<RunFormat>,
    /// The run's name in a run file.
    #[arg(long, default_value = "daogou")]
    tag: String,
}

/// How hits are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Rank {
    /// By the lexical score.
    Lexical,
    /// By the lexical score mixed with the model's.
    Model,
}

/// Formats for evaluation tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RunFormat {
    /// `qid Q0 docno rank score tag`.
    Trec,
}

#[derive(Debug, Deserialize)]
struct Query {
    id: serde_json::Value,
    text: String,
}

/// Runs the queries.
///
/// # Errors
/// A line is no query, or the catalog cannot be read.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let snapshot = open_or_sample(args.catalog.as_deref(), common)?;
    let judge = match args.rank {
        Rank::Lexical => None,
        Rank::Model => Judge::load(&common.load_config()?, args.weight)?,
    };
    let (name, input): (String, Box<dyn BufRead>) = match &args.queries {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            (path.display().to_string(), Box::new(BufReader::new(file)))
        }
        None => ("standard input".into(), Box::new(io::stdin().lock())),
    };
    let mut output = io::BufWriter::new(io::stdout().lock());
    for (number, line) in input.lines().enumerate() {
        let place = || format!("{name}, line {}", number + 1);
        let line = line.with_context(place)?;
        if line.trim().is_empty() {
            continue;
        }
        let query: Query = serde_json::from_str(&line).with_context(place)?;
        let id = match query.id {
            serde_json::Value::String(id) => id,
            serde_json::Value::Number(id) => id.to_string(),
            other => bail!("{}: `id` is {other}, not text or a number", place()),
        };
        let hits = match &judge {
            Some(judge) => judge.rank(&snapshot, query.text, usize::from(args.limit)).with_context(place)?,
            None => search(&snapshot, query.text, usize::from(args.limit))?,
        };
        match args.run {
            Some(RunFormat::Trec) => print_run(&mut output, &id, &hits, &args.tag)?,
            None => print_json(&mut output, &id, &hits, &snapshot)?,
        }
    }
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn search(snapshot: &CatalogSnapshot, text: String, limit: usize) -> anyhow::Result<Vec<Hit>> {
    Ok(snapshot.search(&SearchQuery { text, limit, ..SearchQuery::default() })?.hits)
}

/// The model that orders the best hits.
struct Judge {
    generator: Arc<dyn TextGenerator>,
    prompts: Prompts,
    weight: f32,
    candidates: usize,
}

impl Judge {
    /// The configured model; none, and a word on standard error, where it has no say.
    fn load(config: &Config, weight: Option<f32>) -> anyhow::Result<Option<Self>> {
        let generator = assemble::load_model(config);
        let prompts = assemble::load_prompts(config, generator.as_ref())?;
        let model = generator.describe();
        let weight = weight_for(&model, weight.or(config.assistant.rank_weight));
        if weight <= 0.0 {
            let trusted = model.jobs.contains(&crate::domain::generator::Job::Score);
            let why = if trusted { "has weight 0 in ranking" } else { "is not trusted to score" };
            eprintln!("daogou: the model {} {why}; the order is lexical", model.name);
            return Ok(None);
        }
        Ok(Some(Self { generator, prompts, weight, candidates: config.assistant.rank_candidates }))
    }

    fn rank(&self, snapshot: &CatalogSnapshot, text: String, limit: usize) -> anyhow::Result<Vec<Hit>> {
        let mut hits = search(snapshot, text.clone(), limit.max(self.candidates))?;
        let head = hits.iter().take(self.candidates);
        let products: Vec<&Product> = head.filter_map(|hit| snapshot.product(&hit.sku)).collect();
        let deadline = Instant::now() + PATIENCE;
        let generator = self.generator.as_ref();
        let scores = model_scores(generator, &self.prompts, &text, &products, Priority::Background, deadline)?;
        hits = mix_head(&hits, &scores, self.weight);
        hits.truncate(limit);
        Ok(hits)
    }
}

fn parse_weight(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(weight) if (0.0..=1.0).contains(&weight) => Ok(weight),
        _ => Err("a number from 0 to 1 is wanted".into()),
    }
}

fn print_run(output: &mut impl Write, id: &str, hits: &[Hit], tag: &str) -> io::Result<()> {
    for (rank, hit) in hits.iter().enumerate() {
        writeln!(output, "{id} Q0 {} {} {:.6} {tag}", hit.sku, rank + 1, hit.score)?;
    }
    Ok(())
}

fn print_json(output: &mut impl Write, id: &str, hits: &[Hit], snapshot: &CatalogSnapshot) -> io::Result<()> {
    let hits: Vec<_> = hits
        .iter()
        .filter_map(|hit| {
            let product = snapshot.product(&hit.sku)?;
            let language = if product.title.zh.is_some() { Language::Zh } else { Language::En };
            Some(json!({
                "sku": hit.sku,
                "title": product.title.get(language),
                "price": product.price.map(|price| price.major()),
                "currency": product.price.map(|price| price.currency.code().to_owned()),
                "score": hit.score,
            }))
        })
        .collect();
    writeln!(output, "{}", json!({ "id": id, "hits": hits }))
}
