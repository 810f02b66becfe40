//! `daogou check`: opens the configuration and everything that it names, so that a mistake is found before a shopper does.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};

use super::Common;
use crate::assemble;
use crate::catalog::{Catalog, CatalogError, CatalogSnapshot};
use crate::config::{Config, locate};
use crate::prompts::Prompts;
use crate::store::{Store, StoreError};

/// Checks the configuration and every file that it names.
///
/// Prints one line a part: the data directory, the kept state of each face, the loaded catalog, the feed with its reviews and synonyms,
/// policies, orders, the model and its prompts. Exit code 0 when all are good, 1 when one is not; all are tried. Nothing is loaded,
/// restored or written (a file is made in the data directory and deleted again).
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Looks at one part; what it found, in words.
type Check = fn(&Config) -> anyhow::Result<String>;

/// Checks and prints.
///
/// # Errors
/// The configuration cannot be read. Other mistakes are printed and counted.
pub fn run(_args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let source = common.config.as_ref().map_or("the defaults".into(), |path| path.display().to_string());
    println!("configuration: ok ({source})");
    let parts: [(&str, Check); 9] = [
        ("data directory", data_directory),
        ("state", state),
        ("loaded catalog", loaded_catalog),
        ("feed", feed),
        ("policies", policies),
        ("orders", orders),
        ("prompts", own_prompts),
        ("model", model),
        ("encoder", encoder),
    ];
    let mut mistakes = 0;
    for (name, check) in parts {
        match check(&config) {
            Ok(what) => println!("{name}: ok ({what})"),
            Err(error) => {
                mistakes += 1;
                println!("{name}: MISTAKE: {error:#}");
            }
        }
    }
    Ok(if mistakes == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn data_directory(config: &Config) -> anyhow::Result<String> {
    let folder = &config.data_dir;
    let cannot = || format!("{} cannot be written", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    drop(tempfile::NamedTempFile::new_in(folder).with_context(cannot)?);
    Ok(folder.display().to_string())
}

fn state(config: &Config) -> anyhow::Result<String> {
    let mut found = Vec::new();
    for face in ["telegram", "terminal"] {
        let folder = config.data_dir.join(face);
        if !folder.is_dir() {
            continue;
        }
        match Store::check(&folder) {
            Ok(tables) => found.push(format!("{face}: {tables} tables")),
            Err(StoreError::InUse(_)) => found.push(format!("{face}: in use by a running daogou")),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(if found.is_empty() { "nothing is kept yet".into() } else { found.join(", ") })
}

fn loaded_catalog(config: &Config) -> anyhow::Result<String> {
    match Catalog::open(&config.data_dir, assemble::load_options(config)) {
        Ok(catalog) => {
            let snapshot = catalog.snapshot();
            Ok(format!("generation {}, {} products", snapshot.generation(), snapshot.products().len()))
        }
        Err(CatalogError::NothingLoaded(_)) => Ok("nothing is loaded yet; the feed will be".into()),
        Err(error) => Err(error.into()),
    }
}

fn feed(config: &Config) -> anyhow::Result<String> {
    let source = assemble::configured_source(config);
    let options = assemble::load_options(config);
    let (snapshot, report) = CatalogSnapshot::in_memory(&source, &options.feed)?;
    if !report.is_clean() {
        bail!(
            "{}: {} of {} lines are bad; the first: {}",
            source.feed.display(),
            report.bad,
            report.lines,
            report.first_problem()
        );
    }
    let reviews: usize = snapshot.products().iter().map(|product| snapshot.reviews(&product.sku).len()).sum();
    let (products, path) = (snapshot.products().len(), source.feed.display());
    Ok(format!("{path}, {products} products, {reviews} reviews"))
}

fn policies(config: &Config) -> anyhow::Result<String> {
    let folder = locate(&config.shop.policies);
    if !folder.exists() {
        return Ok(format!("there are none at {}", folder.display()));
    }
    let passages = assemble::load_policies(config, None)?.passages().len();
    Ok(format!("{}, {passages} passages", folder.display()))
}

fn orders(config: &Config) -> anyhow::Result<String> {
    assemble::open_orders(config)?;
    if let Some(url) = &config.service.orders_url {
        return Ok(format!("{url}, not asked"));
    }
    let file = locate(&config.shop.orders);
    Ok(if file.exists() { file.display().to_string() } else { format!("there are none at {}", file.display()) })
}

/// The shop's own prompts, whether or not the model needs them.
fn own_prompts(config: &Config) -> anyhow::Result<String> {
    let Some(folder) = &config.model.prompts else { return Ok("the built-in ones".into()) };
    let mut count = 0;
    for (profile, job) in own_files(folder)? {
        Prompts::load(&profile, &[job], Some(folder))?;
        count += 1;
    }
    Ok(format!("{count} own in {}", folder.display()))
}

fn own_files(folder: &Path) -> anyhow::Result<Vec<(String, crate::domain::generator::Job)>> {
    let mut found = Vec::new();
    let cannot = || format!("cannot read {}", folder.display());
    for profile in std::fs::read_dir(folder).with_context(cannot)? {
        let profile = profile.with_context(cannot)?;
        if !profile.path().is_dir() {
            continue;
        }
        let name = profile.file_name().to_string_lossy().into_owned();
        for job in crate::inference::manifest::ALL_JOBS {
            if profile.path().join(format!("{}.md", crate::prompts::file_name(job))).is_file() {
                found.push((name.clone(), job));
            }
        }
    }
    Ok(found)
}

fn encoder(config: &Config) -> anyhow::Result<String> {
    let path = locate(&config.model.encoder);
    assemble::try_cross_encoder(config).context("questions about products are answered without it")?;
    Ok(match assemble::try_encoder(config).context("questions are answered without it")? {
        Some(_) if !locate(&config.model.cross_encoder).exists() => {
            format!("{}; there is no cross-encoder at {}", path.display(), config.model.cross_encoder.display())
        }
        Some(_) => format!("{} and {}", path.display(), locate(&config.model.cross_encoder).display()),
        None => format!("there is none at {}", path.display()),
    })
}

fn model(config: &Config) -> anyhow::Result<String> {
    let generator = assemble::try_model(config).context("rules and search answer without it")?;
    assemble::load_prompts(config, generator.as_ref())?;
    let model = generator.describe();
    Ok(format!("{} on {}, trusted with {} jobs", model.name, model.device, model.jobs.len()))
}
