//! `daogou fit`: fits the span tagger on labelled messages, as the bundled one was.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::Common;
use super::catalog::open_or_sample;
use crate::assistant::understand::labelled::{self, Labelled};
use crate::assistant::understand::tagger::fit::{Recipe, fit};
use crate::assistant::understand::vocabulary::Vocabulary;
use crate::config::locate;

/// Fits the linear span tagger on labelled messages (see `models/train/corpus/GUIDE.md`).
///
/// Messages of the held-out part, about 8 % by their own hash, are left out.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Labelled messages: files, or folders of `*.txt`.
    #[arg(default_value = "models/train/corpus")]
    corpus: Vec<PathBuf>,
    /// Where the tagger is written.
    #[arg(long, value_name = "FILE", default_value = "models/span-tagger.bin")]
    out: PathBuf,
    /// Passes over the messages.
    #[arg(long, default_value_t = Recipe::default().epochs)]
    epochs: usize,
    /// Starts the random numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Fits and writes the tagger.
///
/// # Errors
/// A corpus cannot be read, or the file cannot be written.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let mut messages = read_labelled(&args.corpus)?;
    messages.retain(|message| !message.is_held_out());
    anyhow::ensure!(!messages.is_empty(), "no labelled messages in {}", args.corpus[0].display());
    let snapshot = open_or_sample(None, common)?;
    let vocabulary = Vocabulary::new(snapshot.lexicon());
    let recipe = Recipe { epochs: args.epochs, seed: args.seed, ..Recipe::default() };
    let bar = indicatif::ProgressBar::new(args.epochs as u64).with_prefix("fitting");
    let tagger = fit(&messages, &vocabulary, &recipe, |epoch, wrong| {
        bar.set_position(epoch as u64);
        bar.println(format!("pass {epoch}: {:.2} % of the tokens wrong", wrong * 100.0));
    });
    bar.finish_and_clear();
    let bytes = tagger.to_bytes();
    std::fs::write(&args.out, &bytes).with_context(|| format!("cannot write {}", args.out.display()))?;
    println!("{}: {} messages, {} KiB", args.out.display(), messages.len(), bytes.len() / 1024);
    Ok(ExitCode::SUCCESS)
}

/// Reads files, or folders of `*.txt`, in order of their names.
///
/// # Errors
/// A file cannot be read or has a line that is no labelled message.
pub fn read_labelled(paths: &[PathBuf]) -> anyhow::Result<Vec<Labelled>> {
    let mut messages = Vec::new();
    for path in paths.iter().map(|path| locate(path)) {
        let mut files = vec![path.clone()];
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
            files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
            files.sort();
        }
        for file in files {
            let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            messages.extend(labelled::read(&text).with_context(|| file.display().to_string())?);
        }
    }
    Ok(messages)
}
