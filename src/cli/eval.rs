//! `daogou eval`: measures understanding on labelled sets.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Common;
use super::catalog::open_or_sample;
use super::fit::read_labelled;
use crate::assemble;
use crate::assistant::understand::Understanding;
use crate::assistant::understand::tagger::Tagger;
use crate::domain::generator::TextGenerator;
use crate::evaluation::understanding::{Case, by_slot, intent_f1, score};
use crate::inference::absent::Absent;

/// Measures.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Sets.
    paths: Vec<PathBuf>,
    /// Without the model.
    #[arg(long)]
    no_model: bool,
    /// Use this span tagger instead of the bundled one.
    #[arg(long, value_name = "FILE")]
    tagger: Option<PathBuf>,
    /// Only held out.
    #[arg(long)]
    held_out: bool,
    /// Show mistakes.
    #[arg(long)]
    mistakes: bool,
}

/// Measures.
///
/// # Errors
/// A set cannot be read.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let mut messages = read_labelled(&args.paths)?;
    if args.held_out {
        messages.retain(|message| message.is_held_out());
    }
    let snapshot = open_or_sample(None, common)?;
    let generator: Arc<dyn TextGenerator> =
        if args.no_model { Arc::new(Absent::because("--no-model was given")) } else { assemble::load_model(&config) };
    let prompts = Arc::new(assemble::load_prompts(&config, generator.as_ref())?);
    let mut understanding = Understanding::new(prompts, Duration::from_millis(config.assistant.understand_ms))?;
    if let Some(path) = &args.tagger {
        understanding = understanding.with_tagger(Tagger::load(&std::fs::read(path)?)?);
    }
    let cases: Vec<Case<'_>> = messages
        .iter()
        .map(|labelled| {
            let start = Instant::now();
            let understood = understanding.understand(&labelled.text, &labelled.context, &snapshot, generator.as_ref());
            Case { labelled, understood, ms: start.elapsed().as_secs_f64() * 1e3 }
        })
        .collect();
    let all: Vec<&Case<'_>> = cases.iter().collect();
    println!("{:#?}", score(&all));
    for (slot, counts) in by_slot(&all) {
        println!("{slot}: {counts:?} {:.3}", counts.exact_scores().2);
    }
    println!("{:?}", intent_f1(&all));
    if args.mistakes {
        for case in &cases {
            let labelled = crate::evaluation::slots::labelled_intent(case.labelled);
            let (a, b) = (
                crate::evaluation::slots::values(&case.understood.intent),
                crate::evaluation::slots::values(&labelled),
            );
            let (mut c, mut d) = (a.clone(), b.clone());
            c.retain(|x| !b.contains(x));
            d.retain(|x| !a.contains(x));
            if case.understood.intent.intent != labelled.intent {
                println!(
                    "INTENT {} | {} | {} => {} {:.2}",
                    labelled.intent.name(),
                    case.labelled.context.line(),
                    case.labelled.text,
                    case.understood.intent.intent.name(),
                    case.understood.confidence
                );
            } else if !c.is_empty() || !d.is_empty() {
                println!("SLOTS {} | {} => found {c:?} wanted {d:?}", labelled.intent.name(), case.labelled.text);
            }
            if case.labelled.topic.is_some()
                && case.labelled.topic != case.understood.intent.topic
                && case.understood.intent.intent == labelled.intent
            {
                println!("TOPIC {:?} {:?} | {}", case.labelled.topic, case.understood.intent.topic, case.labelled.text);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
