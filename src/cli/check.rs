//! `daogou check`: reads the configuration and everything that it names, so that a mistake is found before a shopper does.

use std::process::ExitCode;

use super::Common;

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
    Ok(ExitCode::SUCCESS)
}
