//! `daogou model`: what a GGUF is, whether it works here and how fast, and fetching well-known ones.

mod check;
mod info;
mod probe;
mod pull;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Subcommand;

use super::Common;
use crate::assemble;
use crate::config::{ModelConfig, locate};
use crate::inference::engine::EngineSettings;

/// Arguments of `daogou model`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Says what a model is, which jobs it is trusted with and where it runs.
    Info(Target),
    /// Loads a model, tokenizes, generates under a grammar, scores, and measures the speed.
    Check(Target),
    /// Reads JSON lines `{system, user}`, prints the prompt's token ids and the greedy answer of each.
    Probe(Target),
    /// Reads the shop's policies with the sentence encoder and writes what they mean beside it, so that no start waits for that.
    Remember,
    /// Fetches a well-known instruct model from the Hugging Face hub, or lists them.
    Pull(pull::Args),
}

/// Which model, and how to print.
#[derive(Debug, clap::Args)]
struct Target {
    /// The GGUF; that of the configuration by default.
    model: Option<PathBuf>,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
///
/// # Errors
/// The model does not load or a part of the check fails; the message names the file.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    match args.action {
        Action::Info(target) => info::run(&settings(&target, common)?, target.json),
        Action::Check(target) => check::run(&settings(&target, common)?, target.json),
        Action::Probe(target) => probe::run(&settings(&target, common)?),
        Action::Remember => remember(common),
        Action::Pull(args) => pull::run(&args),
    }
}

fn remember(common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let path = locate(&config.model.encoder);
    let encoder = Arc::new(
        assemble::try_encoder(&config)?.with_context(|| format!("there is no encoder at {}", path.display()))?,
    );
    let passages = assemble::load_policies(&config, Some(Arc::clone(&encoder) as _))?.passages().len();
    let out = path.with_extension("senses");
    encoder.write_remembered(&out).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{}: {passages} passages", out.display());
    Ok(ExitCode::SUCCESS)
}

fn settings(target: &Target, common: &Common) -> anyhow::Result<EngineSettings> {
    let config = common.load_config()?.model;
    let model = target.model.clone().unwrap_or_else(|| config.path.clone());
    Ok(EngineSettings { model, ..engine_settings(&config) })
}

/// The engine's settings from the configuration's.
pub fn engine_settings(config: &ModelConfig) -> EngineSettings {
    EngineSettings {
        model: config.path.clone(),
        gpu_layers: config.gpu_layers,
        slots: config.slots as usize,
        context: config.context,
        threads: config.threads.map(|threads| threads as usize),
        queue: config.queue,
        ..EngineSettings::default()
    }
}

/// Prints an object as a table of two columns, or as JSON.
fn print(report: &serde_json::Map<String, serde_json::Value>, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(report)?);
        return Ok(());
    }
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    for (name, value) in report {
        let text = match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Array(items) => items
                .iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join(", "),
            other => other.to_string(),
        };
        table.add_row([name.replace('_', " "), text]);
    }
    println!("{table}");
    Ok(())
}
