//! `daogou model pull`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::inference::hub::{MODELS, named, pull};

/// Arguments of `daogou model pull`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which one; without a name they are listed.
    name: Option<String>,
    /// Where to put it.
    #[arg(long, value_name = "DIR", default_value = "models")]
    into: PathBuf,
    /// The hub's address.
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT")]
    endpoint: Option<String>,
}

/// Fetches a model and prints the path of its GGUF on standard output; the progress goes to standard error.
///
/// # Errors
/// The name is unknown, the hub fails, or what arrives is not what the hub states.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Some(name) = &args.name else {
        for model in MODELS {
            println!("{:<14} {:>4.1} GiB  {:<10}  {}", model.name, model.gib, model.licence, model.repository);
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(model) = named(name) else {
        bail!("unknown model {name:?}; known: {}", MODELS.map(|model| model.name).join(", "));
    };
    let token = std::env::var("HF_TOKEN").ok().filter(|token| !token.is_empty());
    let bar = bar();
    let report = |file: &str, done: u64, size: u64| {
        bar.set_message(file.to_owned());
        bar.set_length(size);
        bar.set_position(done);
    };
    if !std::io::stderr().is_terminal() {
        eprintln!("fetching {} (about {} GiB)", model.repository, model.gib);
    }
    let path =
        pull(model, &args.into, args.endpoint.clone(), token, &report).with_context(|| format!("model pull {name}"))?;
    bar.finish_and_clear();
    println!("{}", path.display());
    Ok(ExitCode::SUCCESS)
}

/// A progress bar on standard error, invisible where that is no terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let form = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    bar.with_style(ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()))
}
