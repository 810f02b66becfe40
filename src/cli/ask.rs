//! `daogou ask`: answers questions from the shop's policies, JSON lines in, JSON lines out.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Common;
use crate::assemble;
use crate::config::locate;
use crate::domain::language::Language;
use crate::domain::wording::policy;
use crate::knowledge::{Candidate, Knowledge, Passage, Question};

/// Arguments of `daogou ask`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Reads {id, text, previous?} a line from standard input: `previous` is the question before it in the same \
conversation, if any. Writes {id, answer, passages: [{id, source, quote}], confidence} a line, in order: `answer` is one or two \
sentences as they stand in the file, `passages` is empty when the policies do not cover the question, and `confidence` is the \
probability, 0 to 1, that the best passage answers it. Where it is open which of two passages is meant, both stand in `passages`, the \
likelier first, and `answer` has a line from each."
)]
pub struct Args {
    /// A folder of Markdown policies, or one such file, instead of the configured one.
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// Do not load the sentence encoder: word vectors alone tell what a question means.
    #[arg(long)]
    no_model: bool,
    /// Add `considered` to every line: the best passages with what speaks for them, by name and number.
    #[arg(long)]
    explain: bool,
}

#[derive(Debug, Deserialize)]
struct Asked {
    id: serde_json::Value,
    text: String,
    #[serde(default)]
    previous: Option<String>,
}

#[derive(Debug, Serialize)]
struct Answered {
    id: serde_json::Value,
    answer: String,
    passages: Vec<Quoted>,
    confidence: f32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    considered: Vec<Considered>,
}

#[derive(Debug, Serialize)]
struct Considered {
    id: String,
    share: f32,
    confidence: f32,
    ranking: Map<String, Value>,
    deciding: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct Quoted {
    id: String,
    source: String,
    quote: String,
}

impl Quoted {
    fn of(passage: &Passage) -> Self {
        Self { id: passage.id.clone(), source: passage.source(), quote: passage.text() }
    }
}

/// Answers every line of standard input.
///
/// # Errors
/// The policies cannot be read, or a line is not an object with `id` and `text`.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let folder = match args.policies {
        Some(folder) => folder,
        None => locate(&config.shop.policies),
    };
    anyhow::ensure!(folder.exists(), "there are no policies at {}", folder.display());
    let encoder = if args.no_model { None } else { assemble::load_encoder(&config) };
    let knowledge = Knowledge::load(&folder, encoder)?;
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line.context("cannot read standard input")?;
        if line.trim().is_empty() {
            continue;
        }
        let asked: Asked =
            serde_json::from_str(&line).with_context(|| format!("standard input, line {}", number + 1))?;
        serde_json::to_writer(&mut output, &answer(&knowledge, asked, args.explain))?;
        output.write_all(b"\n")?;
    }
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn answer(knowledge: &Knowledge, asked: Asked, explain: bool) -> Answered {
    let question = Question { text: &asked.text, previous: asked.previous.as_deref(), ..Question::default() };
    let candidates = knowledge.candidates(&question, CONSIDERED);
    let confidence = candidates.first().map_or(0.0, |best| best.confidence);
    let considered = candidates.into_iter().filter(|_| explain).map(Considered::of).collect();
    let language = Language::detect(&asked.text).unwrap_or_default();
    let found = knowledge.answers(&question);
    let answer = match found.as_slice() {
        [] => policy::not_covered(language).to_owned(),
        found => found.iter().map(|answer| answer.sentences.as_str()).collect::<Vec<_>>().join("\n"),
    };
    let passages = found.into_iter().map(|answer| Quoted::of(&answer.passage)).collect();
    Answered { id: asked.id, answer, passages, confidence, considered }
}

/// How many passages `--explain` tells of.
const CONSIDERED: usize = 12;

fn in_order(named: Vec<(&'static str, f32)>) -> Map<String, Value> {
    named.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

impl Considered {
    fn of(candidate: Candidate) -> Self {
        Self {
            id: candidate.passage.id.clone(),
            share: candidate.share,
            confidence: candidate.confidence,
            ranking: in_order(candidate.ranking),
            deciding: in_order(candidate.deciding),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knowledge() -> (tempfile::TempDir, Knowledge) {
        let folder = tempfile::tempdir().expect("folder");
        let text = "# Returns\n\n## How long\nReturn any item within 30 days of delivery.\n\n## Who pays\nWe pay the return postage.\n";
        std::fs::write(folder.path().join("returns.en.md"), text).expect("write");
        let knowledge = Knowledge::load(folder.path(), None).expect("knowledge");
        (folder, knowledge)
    }

    fn ask(text: &str) -> Answered {
        let (_folder, knowledge) = knowledge();
        answer(&knowledge, Asked { id: 7.into(), text: text.into(), previous: None }, false)
    }

    #[test]
    fn an_answer_is_a_sentence_of_the_file_with_its_passage() {
        let answered = ask("how many days do I have to return something?");
        assert_eq!(answered.answer, "Return any item within 30 days of delivery.");
        assert_eq!(answered.passages[0].id, "returns.en.md#How long");
        assert_eq!(answered.id, serde_json::json!(7));
    }

    #[test]
    fn what_the_policies_do_not_cover_has_no_passage() {
        let answered = ask("do you offer student discounts?");
        assert!(answered.passages.is_empty(), "{answered:?}");
        assert!(answered.confidence < 0.5);
    }
}
