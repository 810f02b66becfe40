//! `daogou catalog`: checks feeds, loads them, shows what changes, goes back, and exports what is sold.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use serde_json::json;

use super::Common;
use crate::catalog::{
    Catalog, CatalogDiff, CatalogSnapshot, FeedOptions, FeedReport, LoadOptions, Source, read_feed, read_reviews,
};
use crate::config::Config;

/// Works on product feeds and on the loaded catalog.
///
/// A feed is JSON Lines, plain or .gz (see catalog/FEED.md), or a folder with products.jsonl; reviews.jsonl and synonyms.txt
/// beside it belong to it. Exit code 0: done; 1: bad lines were found or the command failed; 2: bad arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Reads a feed and its reviews, prints every bad line with its number and reason, and what the feed holds.
    Check {
        /// The feed; the configured one when absent.
        feed: Option<PathBuf>,
        /// Print one JSON report instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Indexes a feed into a new generation, verifies it and makes it current; an unchanged feed is not indexed again.
    Load {
        /// The feed; the configured one when absent.
        feed: Option<PathBuf>,
        /// Refuse the feed when more than this percentage of its lines is bad.
        #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
        max_bad: f64,
    },
    /// Prints what loading a feed would change, one JSON line a product: {"change": "added|changed|removed", "sku", "fields"}.
    Diff {
        /// The feed; the configured one when absent.
        feed: Option<PathBuf>,
    },
    /// Goes back to the generation before the current one.
    Rollback,
    /// Writes the feed of the current generation, as it was loaded; a name ending in .gz is compressed.
    Export {
        /// Where to; `-` is standard output.
        file: PathBuf,
    },
}

/// Runs the action.
///
/// # Errors
/// The feed or the data directory cannot be used.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    match args.action {
        Action::Check { feed, json } => check(&source(feed.as_deref(), &config), &config, json),
        Action::Load { feed, max_bad } => load(&source(feed.as_deref(), &config), &config, max_bad),
        Action::Diff { feed } => {
            let catalog = Catalog::open(&config.data_dir, options(&config))?;
            let (diff, report) = catalog.diff(&source(feed.as_deref(), &config))?;
            print_diff(&diff)?;
            eprintln!("{}; {} bad lines", summary(&diff), report.bad);
            Ok(ExitCode::SUCCESS)
        }
        Action::Rollback => {
            let generation = Catalog::open(&config.data_dir, options(&config))?.rollback()?;
            println!("generation {generation} is current");
            Ok(ExitCode::SUCCESS)
        }
        Action::Export { file } => {
            let catalog = Catalog::open(&config.data_dir, options(&config))?;
            export(&catalog, &file)
        }
    }
}

/// The snapshot to search: a feed read for this run alone, else the current generation, else the configured feed.
///
/// # Errors
/// The feed cannot be read, or nothing is loaded and the configured feed is missing.
pub fn open_or_sample(feed: Option<&Path>, common: &Common) -> anyhow::Result<std::sync::Arc<CatalogSnapshot>> {
    let config = common.load_config()?;
    if feed.is_none()
        && config.data_dir.join("catalog/CURRENT").is_file()
        && let Ok(catalog) = Catalog::open(&config.data_dir, options(&config))
    {
        return Ok(catalog.snapshot());
    }
    let source = source(feed, &config);
    let (snapshot, report) = CatalogSnapshot::in_memory(&source, &options(&config).feed)?;
    if !report.is_clean() {
        eprintln!(
            "{}: {} bad lines left out; the first: {}",
            source.feed.display(),
            report.bad,
            report.first_problem()
        );
    }
    Ok(std::sync::Arc::new(snapshot))
}

fn options(config: &Config) -> LoadOptions {
    let feed = FeedOptions { currency: config.shop.currency, ..FeedOptions::default() };
    LoadOptions { feed, ..LoadOptions::default() }
}

/// A feed named on the command line with what is beside it, or the configured files.
fn source(feed: Option<&Path>, config: &Config) -> Source {
    match feed {
        Some(feed) => Source::beside(feed),
        None => Source {
            feed: config.shop.feed.clone(),
            reviews: Some(config.shop.reviews.clone()),
            synonyms: Some(config.shop.synonyms.clone()),
        }
        .existing(),
    }
}

fn check(source: &Source, config: &Config, json: bool) -> anyhow::Result<ExitCode> {
    let open = |path: &Path| File::open(path).with_context(|| format!("cannot open {}", path.display()));
    let feed = read_feed(open(&source.feed)?, &options(config).feed);
    let reviews = source.reviews.as_ref().map(|path| open(path).map(read_reviews)).transpose()?.unwrap_or_default();
    let clean = feed.report.is_clean() && reviews.problems.is_empty();
    if json {
        println!(
            "{}",
            json!({ "feed": feed.report, "reviews": { "good": reviews.count, "problems": reviews.problems } })
        );
    } else {
        print_report(&source.feed, &feed.report)?;
        let path = source.reviews.as_deref().unwrap_or(Path::new("reviews"));
        for problem in &reviews.problems {
            println!("{}: {problem}", path.display());
        }
        println!("{} reviews good, {} lines bad", reviews.count, reviews.problems.len());
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_report(path: &Path, report: &FeedReport) -> io::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for problem in &report.problems {
        writeln!(output, "{}: {problem}", path.display())?;
    }
    let unseen = report.bad.saturating_sub(report.problems.len() as u64);
    if unseen > 0 {
        writeln!(output, "{}: and {unseen} more bad lines", path.display())?;
    }
    if let Some(reason) = &report.truncated {
        writeln!(output, "{}: breaks off {reason}", path.display())?;
    }
    if report.lines == 0 && report.truncated.is_none() {
        writeln!(output, "{}: the feed is empty", path.display())?;
    }
    let currencies: Vec<String> = report.currencies.iter().map(|(code, count)| format!("{count} {code}")).collect();
    writeln!(
        output,
        "{} products good, {} lines bad; prices: {}{} without",
        report.products,
        report.bad,
        currencies.iter().map(|part| format!("{part}, ")).collect::<String>(),
        report.without_price
    )?;
    if !report.unknown_fields.is_empty() {
        let fields: Vec<String> =
            report.unknown_fields.iter().map(|(name, count)| format!("{name} ({count})")).collect();
        writeln!(output, "fields beyond the schema, searched as text: {}", fields.join(", "))?;
    }
    output.flush()
}

fn load(source: &Source, config: &Config, max_bad: f64) -> anyhow::Result<ExitCode> {
    let options = LoadOptions { max_bad_percent: max_bad, ..options(config) };
    eprintln!("reading {} …", source.feed.display());
    let started = std::time::Instant::now();
    let catalog = match Catalog::open(&config.data_dir, options.clone()) {
        Ok(catalog) => catalog,
        Err(_) => {
            let catalog = Catalog::first(&config.data_dir, source, options)?;
            let snapshot = catalog.snapshot();
            println!(
                "generation {} is current: {} products, {:.1} s",
                snapshot.generation(),
                snapshot.products().len(),
                started.elapsed().as_secs_f64()
            );
            return Ok(ExitCode::SUCCESS);
        }
    };
    let outcome = catalog.load(source)?;
    for problem in outcome.report.problems.iter().take(20) {
        eprintln!("left out: {}: {problem}", source.feed.display());
    }
    match outcome.unchanged {
        true => {
            println!("generation {} is current: unchanged, {} products", outcome.generation, outcome.report.products)
        }
        false => println!(
            "generation {} is current: {} products ({}), {:.1} s",
            outcome.generation,
            outcome.report.products,
            summary(&outcome.diff),
            outcome.seconds
        ),
    }
    Ok(ExitCode::SUCCESS)
}

fn summary(diff: &CatalogDiff) -> String {
    format!("{} added, {} changed, {} removed", diff.added.len(), diff.changed.len(), diff.removed.len())
}

fn print_diff(diff: &CatalogDiff) -> io::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for sku in &diff.added {
        writeln!(output, "{}", json!({ "change": "added", "sku": sku }))?;
    }
    for change in &diff.changed {
        writeln!(output, "{}", json!({ "change": "changed", "sku": change.sku, "fields": change.fields }))?;
    }
    for sku in &diff.removed {
        writeln!(output, "{}", json!({ "change": "removed", "sku": sku }))?;
    }
    output.flush()
}

fn export(catalog: &Catalog, file: &Path) -> anyhow::Result<ExitCode> {
    let lines = catalog.export()?;
    if file == Path::new("-") {
        io::stdout().lock().write_all(&lines)?;
        return Ok(ExitCode::SUCCESS);
    }
    let failed = || format!("cannot write {}", file.display());
    let mut output = File::create(file).with_context(failed)?;
    if file.extension().is_some_and(|extension| extension == "gz") {
        let mut zipped = flate2::write::GzEncoder::new(output, flate2::Compression::default());
        zipped.write_all(&lines).with_context(failed)?;
        zipped.finish().with_context(failed)?;
    } else {
        output.write_all(&lines).with_context(failed)?;
    }
    eprintln!("{} written", file.display());
    Ok(ExitCode::SUCCESS)
}
