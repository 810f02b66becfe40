//! `daogou describe`: drafts of product descriptions, for an admin to read.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};

use super::Common;
use super::catalog::open_or_sample;
use super::reviews::parse_language;
use crate::assemble;
use crate::backoffice::describe::{Describer, Draft, DraftSource, fill_feed};
use crate::catalog::Catalog;
use crate::config::{Config, locate};
use crate::domain::generator::TextGenerator;
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::product::Product;
use crate::inference::absent::Absent;

/// Drafts product descriptions from attributes alone, in Chinese and English.
///
/// A model that is trusted with `describe` words them, and every number, brand and product name in its words must stand in the
/// product's attributes; otherwise, and without such a model, the draft is composed of the attributes by code. Prints `SKU LANGUAGE` and
/// the draft, or with `--json` one object a line: `{"sku", "lang", "description", "source": "composed"|"model", "refused"?}`. Nothing is
/// written without `--out`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// These products.
    #[arg(value_name = "SKU", required_unless_present = "missing")]
    skus: Vec<String>,
    /// Every product that lacks a description in a language of its title.
    #[arg(long, conflicts_with = "skus")]
    missing: bool,
    /// In this language only.
    #[arg(long, value_parser = parse_language, value_name = "zh|en")]
    lang: Option<Language>,
    /// Draft for this feed (JSON lines) instead of the loaded catalog.
    #[arg(long, value_name = "FILE")]
    feed: Option<PathBuf>,
    /// Write the feed with the drafts put in, here.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Compose only; ask no model.
    #[arg(long)]
    no_model: bool,
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
}

/// Drafts and prints, and writes where asked to.
///
/// # Errors
/// There is no such product, the catalog cannot be read, or the file cannot be written.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let snapshot = open_or_sample(args.feed.as_deref(), common)?;
    let generator: Arc<dyn TextGenerator> = match args.no_model {
        true => Arc::new(Absent::because("--no-model was given")),
        false => assemble::load_model(&config),
    };
    let prompts = assemble::load_prompts(&config, generator.as_ref())?;
    let describer = Describer::new(&snapshot, generator.as_ref(), &prompts);
    let languages = args.lang.map_or(vec![Language::Zh, Language::En], |language| vec![language]);
    let wanted: Vec<(&Product, Language)> = match args.missing {
        true => describer.lacking(&languages),
        false => {
            let mut wanted = Vec::new();
            for sku in &args.skus {
                let Some(product) = snapshot.product(&Sku::from(sku.as_str())) else {
                    bail!("there is no product `{sku}`");
                };
                let has = |language: &&Language| args.lang.is_some() || has_title(product, **language);
                wanted.extend(languages.iter().filter(has).map(|language| (product, *language)));
            }
            wanted
        }
    };
    if wanted.is_empty() {
        eprintln!("daogou: no product lacks a description");
    }
    let mut drafts: Vec<Draft> = Vec::new();
    for (product, language) in wanted {
        let draft = describer.draft(product, language);
        print(&draft, args.json)?;
        drafts.push(draft);
    }
    if let Some(out) = &args.out {
        write(&args, &config, &drafts, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn has_title(product: &Product, language: Language) -> bool {
    match language {
        Language::Zh => product.title.zh.is_some(),
        Language::En => product.title.en.is_some(),
    }
}

fn print(draft: &Draft, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        writeln!(std::io::stdout(), "{}", serde_json::to_string(draft)?)?;
        return Ok(());
    }
    let by = if draft.source == DraftSource::Model { " (worded by the model)" } else { "" };
    writeln!(std::io::stdout(), "{} {}{by}\n{}\n", draft.sku, draft.lang.code(), draft.description)?;
    if let Some(why) = &draft.refused {
        eprintln!("daogou: {}: the model's words were not taken: {why}", draft.sku);
    }
    Ok(())
}

/// Writes beside and renames, so that a feed that is replaced is whole at every moment.
fn write(args: &Args, config: &Config, drafts: &[Draft], out: &Path) -> anyhow::Result<()> {
    let feed = match &args.feed {
        Some(feed) => read(feed)?,
        None => match Catalog::open(&config.data_dir, assemble::load_options(config)) {
            Ok(catalog) => String::from_utf8_lossy(&catalog.export()?).into_owned(),
            Err(_) => read(&locate(&config.shop.feed))?,
        },
    };
    let (filled, changed) = fill_feed(&feed, drafts);
    ensure!(changed > 0 || drafts.is_empty(), "the feed is not JSON lines with these products; nothing was written");
    let partial = out.with_extension("partial");
    let cannot = || format!("cannot write {}", out.display());
    std::fs::write(&partial, filled).with_context(cannot)?;
    std::fs::rename(&partial, out).with_context(cannot)?;
    eprintln!("daogou: {}: {changed} products described", out.display());
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    use std::io::Read;
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    let mut text = String::new();
    let mut unpacked = flate2::read::MultiGzDecoder::new(bytes.as_slice());
    unpacked.read_to_string(&mut text).with_context(|| format!("cannot unpack {}", path.display()))?;
    Ok(text)
}
