//! `daogou unanswered`: the questions that got no good answer, grouped; answers them once, into the FAQ.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Subcommand;

use super::Common;
use crate::backoffice::Learning;
use crate::config::{Config, locate};
use crate::store::{Store, StoreError};

/// Lists the questions that the policies do not answer or whose help was rated low, and adds answers to the FAQ.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Without a subcommand: one line a group, `N  TIMES  QUESTION`, the most asked first. Answers go into \
faq_added.zh.md or faq_added.en.md in the policies' folder and are live when the policies are read next. While `daogou serve` runs, the \
state is in use: use /unanswered in its chat."
)]
pub struct Args {
    /// One JSON object a group: {question, language, times, last_at, keys, questions, low_rated}.
    #[arg(long)]
    json: bool,
    /// The state of which face: a folder of the data directory; `telegram` if there is one, else `terminal`.
    #[arg(long, value_name = "FACE", global = true)]
    state: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Adds an answer to the FAQ and takes the group off the list.
    Answer {
        /// The group's number in the list.
        number: usize,
        /// The answer, as shoppers will read it.
        text: String,
    },
    /// Takes a group off the list without an answer.
    Drop {
        /// The group's number in the list.
        number: usize,
    },
}

/// Lists, answers or drops.
///
/// # Errors
/// The state is in use or cannot be read, there is no such number, or the FAQ cannot be written.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let state = args.state.unwrap_or_else(|| {
        let kept = |face: &&str| config.data_dir.join(face).is_dir();
        ["telegram", "terminal"].into_iter().find(kept).unwrap_or("telegram").to_owned()
    });
    let Some(learning) = open(&config, &state)? else {
        eprintln!("daogou: {} holds no state of {state}: no question has been asked yet", config.data_dir.display());
        return Ok(ExitCode::SUCCESS);
    };
    match args.command {
        Some(Command::Answer { number, text }) => {
            let lesson = learning.answer(number, &text)?;
            println!("{}: {} ({} questions)", lesson.file.display(), lesson.question, lesson.questions);
        }
        Some(Command::Drop { number }) => println!("dropped: {}", learning.drop_group(number)?.question),
        None => {
            let groups = learning.list()?;
            if groups.is_empty() {
                eprintln!("daogou: no question of {state} is without an answer");
            }
            for (place, group) in groups.iter().enumerate() {
                match args.json {
                    true => println!("{}", serde_json::to_string(group)?),
                    false => {
                        let low = if group.low_rated { "  [rated low]" } else { "" };
                        println!("{:>3} {:>5}×  {}{low}", place + 1, group.times, group.questions.join(" / "));
                    }
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn open(config: &Config, state: &str) -> anyhow::Result<Option<Learning>> {
    let folder: PathBuf = config.data_dir.join(state);
    if !folder.is_dir() {
        return Ok(None);
    }
    let store = match Store::open(&folder) {
        Ok((store, _)) => store,
        Err(error @ StoreError::InUse(_)) => {
            return Err(error).context("the shop is running: use /unanswered in its chat");
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Some(Learning::open(Arc::new(store), &locate(&config.shop.policies))?))
}
