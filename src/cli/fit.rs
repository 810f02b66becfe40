//! `daogou fit`: fits the linear models of understanding on labelled messages, as the bundled ones were.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use super::Common;
use super::catalog::open_or_sample;
use crate::assemble;
use crate::assistant::asks_shop::{Heard, is_about_goods};
use crate::assistant::understand::Understanding;
use crate::assistant::understand::fuse::{FITTED, FITTED_WITH_SENSE, Weights};
use crate::assistant::understand::guess::{self, Guess};
use crate::assistant::understand::labelled::{self, Labelled};
use crate::assistant::understand::prior::IntentPrior;
use crate::assistant::understand::tagger::Tagger;
use crate::assistant::understand::tagger::fit::{Recipe, fit};
use crate::assistant::understand::vocabulary::Vocabulary;
use crate::config::locate;
use crate::domain::session::Context as Screen;
use crate::evaluation::asks::{self, Case};
use crate::evaluation::sets;
use crate::evaluation::understanding::{self, score};
use crate::evaluation::weigh::{Opinions, judge, weigh, weigh_crosswise};
use crate::knowledge::Question;

/// Fits the linear guess at the intent and the span tagger on labelled messages (see `models/train/corpus/GUIDE.md`).
///
/// Messages of the held-out part, about 8 % by their own hash, are left out.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Labelled messages: files, or folders of `*.txt`.
    #[arg(default_value = "models/train/corpus")]
    corpus: Vec<PathBuf>,
    /// The folder that `intent-guess.bin` and `span-tagger.bin` are written to.
    #[arg(long, value_name = "DIR", default_value = "models")]
    out: PathBuf,
    /// Fit nothing but the weights of the sources, on the held-out part, with the configured language model and the linear models
    /// of the folder.
    #[arg(long)]
    weights: bool,
    /// With `--weights`: try weights of the language model's spans too, which asks it six times more.
    #[arg(long, requires = "weights")]
    spans: bool,
    /// Fit nothing but the weights that tell a question to the shop from a message about goods, on these questions (JSON Lines, as
    /// `eval` reads them) and the held-out part, with the configured models and policies.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "weights")]
    asks_shop: Vec<PathBuf>,
    /// Passes over the messages.
    #[arg(long, default_value_t = Recipe::default().epochs)]
    epochs: usize,
    /// Write the mean of the fitted span tagger and this earlier one: an earlier corpus's fit steadies a new one's.
    #[arg(long, value_name = "FILE")]
    mean_with: Option<PathBuf>,
    /// Starts the random numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Fits and writes.
///
/// # Errors
/// A corpus cannot be read, or a file cannot be written.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let mut messages = read_labelled(&args.corpus)?;
    if args.weights {
        return fit_weights(&messages, &args, common);
    }
    if !args.asks_shop.is_empty() {
        return fit_asks_shop(&messages, &args.asks_shop, common);
    }
    messages.retain(|message| !message.is_held_out());
    anyhow::ensure!(!messages.is_empty(), "no labelled messages in {}", args.corpus[0].display());
    let snapshot = open_or_sample(None, common)?;
    let vocabulary = Vocabulary::new(snapshot.lexicon());
    let recipe = Recipe { epochs: args.epochs, seed: args.seed, ..Recipe::default() };
    let bar = indicatif::ProgressBar::new(args.epochs as u64).with_prefix("fitting");
    let report = |epoch: usize, wrong: f64| {
        bar.set_position(epoch as u64);
        tracing::info!(epoch, wrong, "fitted");
    };
    let guess = guess::fit::fit(&messages, &vocabulary, &recipe, report);
    write(&args.out.join("intent-guess.bin"), &guess.to_bytes())?;
    let mut tagger = fit(&messages, &vocabulary, &recipe, report);
    if let Some(path) = &args.mean_with {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        tagger = tagger.mean(&Tagger::load(&bytes)?, recipe.smallest);
    }
    write(&args.out.join("span-tagger.bin"), &tagger.to_bytes())?;
    bar.finish_and_clear();
    println!("fitted on {} messages", messages.len());
    Ok(ExitCode::SUCCESS)
}

/// An understanding with the linear models of a folder instead of the bundled ones.
///
/// # Errors
/// One of the three cannot be read.
pub fn with_linear(understanding: Understanding, folder: &Path) -> anyhow::Result<Understanding> {
    let read =
        |name: &str| std::fs::read(folder.join(name)).with_context(|| format!("no {name} in {}", folder.display()));
    let (guess, tagger) = (Guess::load(&read("intent-guess.bin")?)?, Tagger::load(&read("span-tagger.bin")?)?);
    Ok(understanding.with_models(guess, tagger).with_prior(IntentPrior::load(&read("intent-prior.bin")?)?))
}

fn fit_weights(messages: &[Labelled], args: &Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let snapshot = open_or_sample(None, common)?;
    let generator = assemble::load_model(&config);
    let prompts = Arc::new(assemble::load_prompts(&config, generator.as_ref())?);
    let understanding =
        Understanding::new(prompts, Duration::from_secs(20))?.with_encoder(assemble::load_encoder(&config));
    let mut understanding = with_linear(understanding, &locate(&args.out))?;
    let mut opinions = Vec::new();
    let messages: Vec<&Labelled> = messages.iter().filter(|message| message.is_held_out()).collect();
    for message in &messages {
        let (prior, guess, sense, vote) =
            understanding.opinions(&message.text, &message.context, &snapshot, generator.as_ref());
        opinions.push(Opinions { label: message.intent, prior, guess, sense, vote });
    }
    let spoken: Vec<Opinions> = opinions.iter().filter(|opinion| opinion.vote.is_some()).cloned().collect();
    let right = spoken.iter().filter(|opinion| opinion.vote.is_some_and(|vote| vote.intent == opinion.label)).count();
    println!("the language model alone: {right} right of {}", spoken.len());
    let report = |name: &str, opinions: &[Opinions]| {
        println!("{name}: {:?}", weigh(opinions));
        println!("{name}, on messages that the weights were not fitted on: {:?}", weigh_crosswise(opinions));
    };
    let without_sense = |opinions: &[Opinions]| -> Vec<Opinions> {
        opinions.iter().map(|opinion| Opinions { sense: None, ..opinion.clone() }).collect()
    };
    report("with the language model and the sentence encoder", &spoken);
    report("with the language model", &without_sense(&spoken));
    let votes = [(1.0, 0.0), (2.0, 0.0), (2.0, 1.0), (4.0, 0.5), (4.0, 1.5), (7.0, 1.5)];
    for (span_vote, silence) in votes.into_iter().filter(|_| args.spans) {
        understanding = understanding.with_weights([FITTED, FITTED_WITH_SENSE].map(|fitted| Weights {
            span_vote,
            silence,
            ..fitted
        }));
        let cases = messages.iter().map(|labelled| {
            let understood = understanding.understand(&labelled.text, &labelled.context, &snapshot, generator.as_ref());
            understanding::Case { labelled, understood, ms: 0.0 }
        });
        let cases: Vec<understanding::Case<'_>> = cases.collect();
        let (_, _, f1) = score(&cases.iter().collect::<Vec<_>>()).slots_exact;
        println!("span votes {span_vote}, silence {silence}: slots F1 {:.4}", f1);
    }
    for opinion in &mut opinions {
        opinion.vote = None;
    }
    report("with the sentence encoder", &opinions);
    report("without either", &without_sense(&opinions));
    for (guess, sense) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)] {
        println!("{:?}", judge(&opinions, Weights { guess, sense, ..FITTED }));
    }
    Ok(ExitCode::SUCCESS)
}

/// Each question is read by itself and again after what one of the held-out messages was said after.
fn fit_asks_shop(messages: &[Labelled], files: &[PathBuf], common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let snapshot = open_or_sample(None, common)?;
    let generator = assemble::load_model(&config);
    let encoder = assemble::load_encoder(&config);
    let prompts = Arc::new(assemble::load_prompts(&config, generator.as_ref())?);
    let understanding = Understanding::new(prompts, Duration::from_secs(20))?.with_encoder(encoder.clone());
    let knowledge = assemble::load_policies(&config, encoder)?;
    let heard = |text: &str, context: &Screen| {
        let understood = understanding.understand(text, context, &snapshot, generator.as_ref());
        let found = knowledge.glance(&Question { text, ..Question::default() });
        let (answered, passage) = found.map_or((0.0, None), |(answered, passage)| (answered, Some(passage.id.clone())));
        Heard::new(&understood, text, answered).map(|heard| (heard, passage))
    };
    let messages: Vec<&Labelled> = messages.iter().filter(|message| message.is_held_out()).collect();
    let mut cases = Vec::new();
    for message in messages.iter().filter(|message| is_about_goods(message.intent)) {
        cases.extend(heard(&message.text, &message.context).map(|(heard, _)| Case { heard, asks: false }));
    }
    let contexts: Vec<&Screen> = messages.iter().map(|message| &message.context).collect();
    let contexts: Vec<&Screen> = contexts.into_iter().filter(|context| context.query.is_some()).collect();
    anyhow::ensure!(!contexts.is_empty(), "no held-out message of the corpus was said after a search");
    let questions = sets::read_sets(files)?.policies.into_iter().flat_map(|(_, questions)| questions);
    for question in questions.filter(|question| question.previous.is_none()) {
        let after = contexts[cases.len() % contexts.len()];
        for context in [&Screen::default(), after] {
            let found = heard(&question.text, context);
            let right = found.filter(|(_, passage)| passage.as_ref().is_some_and(|id| question.passages.contains(id)));
            cases.extend(right.map(|(heard, _)| Case { heard, asks: true }));
        }
    }
    let questions = cases.iter().filter(|case| case.asks).count();
    println!("{questions} questions taken for something about goods, {} messages about goods", cases.len() - questions);
    println!("weights: {:?}", asks::fit(&cases));
    let halves = [0, 1].map(|half| cases.iter().skip(half).step_by(2).copied().collect::<Vec<Case>>());
    let weights = [asks::fit(&halves[1]), asks::fit(&halves[0])];
    for from in [0.5, 0.7, 0.8, 0.9] {
        let [one, other] = [0, 1].map(|half| asks::taken(&weights[half], &halves[half], from));
        let mean = |one: f32, other: f32| 50.0 * (one + other);
        println!(
            "from {from}, on halves that the weights were not fitted on: {:.1} % of the questions, {:.1} % of the others",
            mean(one.0, other.0),
            mean(one.1, other.1)
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}: {} KiB", path.display(), bytes.len() / 1024);
    Ok(())
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
