//! The command line: one file a subcommand, and what they share.
//!
//! Machine-readable output goes to standard output; logs and progress to standard error. Errors end with exit code 1 and
//! one line naming the input; bad arguments with 2.

pub mod ask;
pub mod bench;
pub mod catalog;
pub mod chat;
pub mod check;
pub mod describe;
pub mod eval;
pub mod fit;
pub mod model;
pub mod parse;
pub mod reviews;
pub mod search;
pub mod serve;
pub mod statistics;
pub mod unanswered;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// A self-hosted conversational shopping assistant.
#[derive(Debug, Parser)]
#[command(name = "daogou", version, about, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every subcommand takes.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Configuration (TOML); defaults serve the sample shop. Secrets come from the environment only.
    #[arg(long, global = true, value_name = "FILE", env = "DAOGOU_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where indexes and state live.
    #[arg(long, global = true, value_name = "DIR", env = "DAOGOU_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
}

impl Common {
    /// Reads the configuration, with the data directory of the command line over that of the file.
    ///
    /// # Errors
    /// The file is missing, is not TOML, or holds an unknown or invalid setting.
    pub fn load_config(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(directory) = &self.data_dir {
            config.data_dir.clone_from(directory);
        }
        Ok(config)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answers questions from the shop's policies.
    Ask(ask::Args),
    Bench(bench::Args),
    Catalog(catalog::Args),
    Chat(chat::Args),
    /// Checks the configuration and every file that it names.
    Check(check::Args),
    Describe(describe::Args),
    Eval(eval::Args),
    Fit(fit::Args),
    /// What a model is, whether it works here, and fetching one.
    Model(model::Args),
    Parse(parse::Args),
    Reviews(reviews::Args),
    Search(search::Args),
    Serve(serve::Args),
    Statistics(statistics::Args),
    Unanswered(unanswered::Args),
}

/// Sends logs to standard error; `DAOGOU_LOG` filters them (`info`, `daogou=debug`, …), warnings only by default,
/// and of llama.cpp errors only: it warns of what the engine does on purpose.
pub fn init_log() {
    let filter = EnvFilter::try_from_env("DAOGOU_LOG").unwrap_or_else(|_| EnvFilter::new("warn,llama-cpp-2=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    crate::store::quiet_opening();
}

/// Whether an error only says that whoever read the output has closed it.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let of =
        |cause: &(dyn std::error::Error + 'static)| cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    error.chain().any(|cause| of(cause) == Some(std::io::ErrorKind::BrokenPipe))
}

/// An error with its causes in one line; a cause that the message before it already names is not said again.
pub fn told(error: &anyhow::Error) -> String {
    let mut told = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if told.is_empty() {
            told = cause;
        } else if !told.ends_with(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

/// Runs the subcommand.
///
/// # Errors
/// Whatever stopped it, in one chain of causes that names the input.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let common = cli.common;
    match cli.command {
        Command::Ask(args) => ask::run(args, &common),
        Command::Bench(args) => bench::run(args, &common),
        Command::Catalog(args) => catalog::run(args, &common),
        Command::Chat(args) => chat::run(args, &common),
        Command::Check(args) => check::run(args, &common),
        Command::Describe(args) => describe::run(args, &common),
        Command::Eval(args) => eval::run(args, &common),
        Command::Fit(args) => fit::run(args, &common),
        Command::Model(args) => model::run(args, &common),
        Command::Parse(args) => parse::run(args, &common),
        Command::Reviews(args) => reviews::run(args, &common),
        Command::Search(args) => search::run(args, &common),
        Command::Serve(args) => serve::run(args, &common),
        Command::Statistics(args) => statistics::run(args, &common),
        Command::Unanswered(args) => unanswered::run(args, &common),
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::told;

    #[test]
    fn a_cause_is_told_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("cannot open x: {source}")]
        struct Opening {
            source: std::io::Error,
        }
        let missing = || Opening { source: std::io::Error::other("no such file") };
        let error = Err::<(), _>(missing()).context("the feed").expect_err("failed");
        assert_eq!(told(&error), "the feed: cannot open x: no such file");
    }
}
