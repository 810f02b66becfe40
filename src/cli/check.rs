//! `daogou check`: reads the configuration and everything that it names, so that a mistake is found before a shopper does.

use std::process::ExitCode;

use super::Common;
use crate::assemble;

/// Arguments of `daogou check`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Checks, prints one line a part, and fails at the first mistake.
///
/// # Errors
/// The mistake, naming its file.
pub fn run(_args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    println!("configuration: ok (data in {})", config.data_dir.display());
    let state = tempfile::tempdir()?;
    let shop = assemble::shop_with_state(&config, &state.path().join("state"), false)?;
    let snapshot = shop.catalog.snapshot();
    println!("catalog: ok ({} products, generation {})", snapshot.products().len(), snapshot.generation());
    println!("prompts and policies: ok");
    let model = shop.generator.describe();
    if model.jobs.is_empty() {
        println!("model: none that works; rules and search answer");
        return Ok(ExitCode::FAILURE);
    }
    println!("model: ok ({} on {}, trusted with {} jobs)", model.name, model.device, model.jobs.len());
    Ok(ExitCode::SUCCESS)
}
