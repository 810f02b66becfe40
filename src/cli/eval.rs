//! `daogou eval`: measures understanding, search and sentiment on labelled sets, source by source and model by model.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::Common;
use super::catalog::open_or_sample;
use crate::assemble;
use crate::assistant::understand::guess::Guess;
use crate::assistant::understand::labelled::Labelled;
use crate::assistant::understand::tagger::Tagger;
use crate::assistant::understand::{Sources, Understanding};
use crate::catalog::CatalogSnapshot;
use crate::config::{Config, locate};
use crate::domain::generator::TextGenerator;
use crate::domain::search::SearchQuery;
use crate::domain::sentiment::ReviewSentiment;
use crate::evaluation::charts::{draw_intents, draw_reliability};
use crate::evaluation::sets::{Opinion, Ranking, Sets, ndcg, read_sets};
use crate::evaluation::slots::{labelled_intent, values};
use crate::evaluation::understanding::{Case, PARTS, Scores, by_slot, intent_f1, is_in, score};
use crate::inference::absent::Absent;

/// Measures understanding, search and sentiment on labelled sets.
///
/// Sets: `*.txt` of labelled messages (models/train/corpus/GUIDE.md; `# part: unseen` marks a part), `*.jsonl` of `{"text",
/// "label"}` for sentiment, folders with products.jsonl, queries.jsonl and qrels.tsv for search. Intents: accuracy, macro-F1 and
/// calibration; slots: F1 of equal and of overlapping values; the rules, the linear models and the language model each alone,
/// and all together with and without the language model; milliseconds a message.
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
    /// Use intent-guess.bin and span-tagger.bin of this folder instead of the bundled ones.
    #[arg(long, value_name = "DIR")]
    linear: Option<PathBuf>,
    /// Only messages of the held-out part of a corpus.
    #[arg(long)]
    held_out: bool,
    /// List what was misunderstood on standard error.
    #[arg(long)]
    mistakes: bool,
}

struct Bench {
    snapshot: Arc<CatalogSnapshot>,
    understanding: Understanding,
    generator: Arc<dyn TextGenerator>,
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
    let main = bench(&config, &args, args.model.as_deref(), args.no_model, &snapshot)?;
    let mut report = Map::new();
    report.insert("model".into(), json!(main.name));
    if !sets.messages.is_empty() {
        report.insert("understanding".into(), understanding(&main, &sets.messages, &args)?);
    }
    if let Some(other) = &args.compare {
        let other = bench(&config, &args, Some(other), false, &snapshot)?;
        report.insert("compared".into(), compared(&main, &other, &sets.messages));
    }
    report.insert(
        "sentiment".into(),
        sets.opinions.iter().map(|(path, texts)| sentiment(path, texts)).collect::<anyhow::Result<_>>()?,
    );
    report.insert("ranking".into(), rankings(&sets, &config)?);
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn bench(
    config: &Config,
    args: &Args,
    model: Option<&Path>,
    no_model: bool,
    snapshot: &Arc<CatalogSnapshot>,
) -> anyhow::Result<Bench> {
    let mut config = config.clone();
    if let Some(path) = model {
        anyhow::ensure!(path.is_file(), "no model at {}", path.display());
        config.model.path = path.to_owned();
        config.model.remote = None;
    }
    let generator: Arc<dyn TextGenerator> =
        if no_model { Arc::new(Absent::because("--no-model was given")) } else { assemble::load_model(&config) };
    let prompts = Arc::new(assemble::load_prompts(&config, generator.as_ref())?);
    let mut understanding = Understanding::new(prompts, Duration::from_secs(20))?;
    if let Some(folder) = &args.linear {
        let read =
            |name: &str| std::fs::read(folder.join(name)).with_context(|| format!("no {name} in {}", folder.display()));
        understanding = understanding
            .with_models(Guess::load(&read("intent-guess.bin")?)?, Tagger::load(&read("span-tagger.bin")?)?);
    }
    let name = generator.describe().name;
    Ok(Bench { snapshot: Arc::clone(snapshot), understanding, generator, name })
}

impl Bench {
    fn cases<'l>(&self, sources: Sources, messages: &'l [Labelled]) -> Vec<Case<'l>> {
        let bar = indicatif::ProgressBar::new(messages.len() as u64);
        let cases = messages.iter().map(|labelled| {
            bar.inc(1);
            let start = Instant::now();
            let understood = self.understanding.understand_by(
                sources,
                &labelled.text,
                &labelled.context,
                &self.snapshot,
                self.generator.as_ref(),
            );
            Case { labelled, understood, ms: start.elapsed().as_secs_f64() * 1e3 }
        });
        let cases = cases.collect();
        bar.finish_and_clear();
        cases
    }
}

/// The sources measured, by name.
const SYSTEMS: [(&str, Sources); 5] = [
    ("rules and words", Sources { rules: true, linear: false, model: false }),
    ("linear models", Sources { rules: false, linear: true, model: false }),
    ("language model", Sources { rules: false, linear: false, model: true }),
    ("all but the language model", Sources { rules: true, linear: true, model: false }),
    ("all", Sources::ALL),
];

fn understanding(bench: &Bench, messages: &[Labelled], args: &Args) -> anyhow::Result<Value> {
    let has_model = bench.generator.is_trusted_with(crate::domain::generator::Job::Parse);
    let mut table = score_table(&format!("{} messages, model {}", messages.len(), bench.name));
    let mut systems = Map::new();
    let mut shipped = Vec::new();
    for (name, sources) in SYSTEMS.into_iter().filter(|(_, sources)| has_model || !sources.model) {
        let cases = bench.cases(sources, messages);
        let scores = score(&cases.iter().collect::<Vec<_>>());
        table.add_row(row(name, &scores));
        systems.insert(name.into(), serde_json::to_value(&scores)?);
        shipped = cases;
    }
    let all: Vec<&Case<'_>> = shipped.iter().collect();
    let mut parts = Map::new();
    for part in PARTS.into_iter().skip(1) {
        let within = |case: &&&Case<'_>| is_in(part, case.labelled, case.labelled.part.as_deref() == Some("unseen"));
        let cases: Vec<&Case<'_>> = all.iter().filter(within).copied().collect();
        if !cases.is_empty() {
            let scores = score(&cases);
            table.add_row(row(&format!("  {part} ({})", cases.len()), &scores));
            parts.insert(part.into(), serde_json::to_value(&scores)?);
        }
    }
    println!("{table}");
    if let Some(folder) = &args.charts {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        draw_reliability(&all, &folder.join("reliability.svg"))?;
        draw_intents(&all, &folder.join("intents.svg"))?;
    }
    if args.mistakes {
        all.iter().for_each(|case| list_mistake(case));
    }
    let slots: Map<String, Value> = by_slot(&all)
        .into_iter()
        .map(|(slot, counts)| {
            let scores = json!({"labelled": counts.labelled, "exact": counts.exact_scores(), "relaxed": counts.relaxed_scores()});
            (slot, scores)
        })
        .collect();
    let intents: Map<String, Value> =
        intent_f1(&all).into_iter().map(|(kind, f1)| (kind.name().into(), json!(f1))).collect();
    Ok(json!({"systems": systems, "parts": parts, "slots": slots, "intent_f1": intents}))
}

fn score_table(title: &str) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header([
        title,
        "intent",
        "macro-F1",
        "slots P",
        "R",
        "F1",
        "F1 relaxed",
        "whole",
        "sort",
        "topic",
        "ECE",
        "p50 ms",
        "p95 ms",
    ]);
    table
}

fn row(name: &str, scores: &Scores) -> Vec<String> {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let (precision, recall, f1) = scores.slots_exact;
    let shares = [
        scores.accuracy,
        scores.macro_f1,
        precision,
        recall,
        f1,
        scores.slots_relaxed.2,
        scores.whole,
        scores.sort,
        scores.topic,
        scores.ece,
    ];
    let times = [scores.p50_ms, scores.p95_ms].map(|ms| format!("{ms:.1}"));
    std::iter::once(name.to_owned()).chain(shares.map(percent)).chain(times).collect()
}

fn list_mistake(case: &Case<'_>) {
    let wanted = labelled_intent(case.labelled);
    let found = &case.understood.intent;
    let (line, text) = (case.labelled.context.line(), &case.labelled.text);
    if found.intent != wanted.intent {
        let sure = case.understood.confidence;
        eprintln!("INTENT {} taken for {} ({sure:.2}) | {line} | {text}", wanted.intent.name(), found.intent.name());
        return;
    }
    let (has, wants) = (values(found), values(&wanted));
    let surplus: Vec<_> = has.iter().filter(|value| !wants.contains(value)).collect();
    let missing: Vec<_> = wants.iter().filter(|value| !has.contains(value)).collect();
    if !surplus.is_empty() || !missing.is_empty() {
        eprintln!("SLOTS {} | {text} | found {surplus:?} missed {missing:?}", wanted.intent.name());
    }
    if case.labelled.topic.is_some() && case.labelled.topic != found.topic {
        eprintln!("TOPIC {:?} taken for {:?} | {text}", case.labelled.topic, found.topic);
    }
}

fn compared(main: &Bench, other: &Bench, messages: &[Labelled]) -> Value {
    let mut table = score_table("two models");
    let mut found = Map::new();
    for bench in [main, other] {
        let cases = bench.cases(Sources::ALL, messages);
        let scores = score(&cases.iter().collect::<Vec<_>>());
        table.add_row(row(&bench.name, &scores));
        found.insert(bench.name.clone(), json!(scores));
    }
    println!("{table}");
    Value::Object(found)
}

fn sentiment(path: &Path, texts: &[Opinion]) -> anyhow::Result<Value> {
    let sentiment = ReviewSentiment::bundled()?;
    let right = texts.iter().filter(|text| (sentiment.positive(&text.text) >= 0.5) == text.is_praise()).count();
    let accuracy = right as f64 / texts.len().max(1) as f64;
    println!("{}: sentiment {:.1} % right of {}", path.display(), accuracy * 100.0, texts.len());
    Ok(json!({"set": path, "texts": texts.len(), "accuracy": accuracy}))
}

fn rankings(sets: &Sets, config: &Config) -> anyhow::Result<Value> {
    let mut found = Vec::new();
    for (path, Ranking { feed, queries, grades }) in &sets.rankings {
        let mut shop = config.clone();
        shop.shop.feed.clone_from(feed);
        let source = assemble::configured_source(&shop);
        let (snapshot, _) = CatalogSnapshot::in_memory(&source, &assemble::load_options(&shop).feed)?;
        let mut sum = 0.0;
        let mut count = 0usize;
        for (id, text) in queries {
            let Some(grades) = grades.get(id) else { continue };
            let query = SearchQuery { text: text.clone(), limit: 10, ..SearchQuery::default() };
            let hits: Vec<String> = snapshot.search(&query)?.hits.iter().map(|hit| hit.sku.to_string()).collect();
            sum += ndcg(&hits, grades, 10);
            count += 1;
        }
        let mean = sum / count.max(1) as f64;
        println!("{}: nDCG@10 lexical {mean:.3} over {count} queries", path.display());
        found.push(json!({"set": path, "queries": count, "ndcg10_lexical": mean}));
    }
    Ok(Value::Array(found))
}
