//! Floor 1: the shop's policies and FAQ, as passages that answer questions.
//!
//! Markdown is cut by heading, indexed by words and by concepts (`phrases`) that hold in Chinese and English alike. A
//! question gets the passage that answers it and the sentences to quote, or nothing when no passage does. Never phrases and
//! never invents: every word handed out stands in a file. Called by `assistant` and `cli::ask`.

mod analysis;
mod asked;
mod choose;
mod documents;
mod evidence;
mod examples;
mod index;
mod likeness;
mod meanings;
mod passage;
mod patterns;
mod phrases;
mod pieces;
mod quote;
mod senses;
mod traditional;
mod twins;
mod vectors;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::choose::{Answer, Candidate, Question};
pub use self::passage::Passage;

use self::analysis::Analyzer;
use self::asked::Open;
use self::index::Index;
use crate::domain::encoder::SentenceEncoder;

/// Why policies cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// A file or folder cannot be read.
    #[error("cannot read the policies {path}: {cause}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A line of a file of phrases or of example questions is not as it should be.
    #[error("{path}:{line}: {reason}")]
    Line {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// All passages of a folder of policies: immutable, so that a reload swaps it whole.
#[derive(Debug)]
pub struct Knowledge {
    analyzer: Arc<Analyzer>,
    encoder: Option<Arc<dyn SentenceEncoder>>,
    index: Index,
}

impl Knowledge {
    /// Reads every `*.md` of a folder (`TOPIC.LANGUAGE.md`, or any name: then the language is found from the text), or one
    /// such file, each with the example questions beside it (`TOPIC.LANGUAGE.asked.txt`); a `phrases.txt` and a
    /// `not_covered.txt` beside them add to the built-in ones. A folder that is missing holds nothing. An encoder, where there is one,
    /// tells which passage answers though it shares no word with the question.
    ///
    /// # Errors
    /// [`KnowledgeError`], naming the file.
    pub fn load(path: &Path, encoder: Option<Arc<dyn SentenceEncoder>>) -> Result<Self, KnowledgeError> {
        let own = read_if_there(&path.join("phrases.txt"))?;
        let texts = own.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        Self::read(path, Arc::new(Analyzer::new(texts)?), encoder)
    }

    /// Without any passage: every question is unanswered.
    ///
    /// # Errors
    /// The built-in phrases are broken.
    pub fn empty() -> Result<Self, KnowledgeError> {
        Ok(Self::of(Vec::new(), &[], Arc::new(Analyzer::new([])?), None))
    }

    /// Reads the policies anew, keeping the dictionary; the phrases stay as they were.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn reload(&self, path: &Path) -> Result<Self, KnowledgeError> {
        Self::read(path, self.analyzer.clone(), self.encoder.clone())
    }

    fn read(
        path: &Path,
        analyzer: Arc<Analyzer>,
        encoder: Option<Arc<dyn SentenceEncoder>>,
    ) -> Result<Self, KnowledgeError> {
        let own = read_if_there(&path.join("not_covered.txt"))?;
        let not_covered = asked::open(own.as_ref().map(|(_, text)| text.as_str()));
        Ok(Self::of(read_passages(path)?, &not_covered, analyzer, encoder))
    }

    fn of(
        passages: Vec<Passage>,
        not_covered: &[Open],
        analyzer: Arc<Analyzer>,
        encoder: Option<Arc<dyn SentenceEncoder>>,
    ) -> Self {
        let index = Index::new(passages, not_covered, &analyzer, encoder.as_ref());
        Self { analyzer, encoder, index }
    }

    /// All passages, in order of file and place.
    pub fn passages(&self) -> &[Passage] {
        self.index.passages()
    }

    /// The passage that answers a question, or none. Deterministic.
    pub fn ask(&self, question: &Question) -> Option<Answer> {
        self.answers(question).into_iter().next()
    }

    /// That passage, and after it a second one where it is as open which of the two is meant; none when no passage answers.
    pub fn answers(&self, question: &Question) -> Vec<Answer> {
        choose::answers(&self.index, &self.analyzer, question)
    }

    /// The two or three passages between which a question leaves open which is meant, best first; the first alone when it may
    /// answer; none when one plainly answers, or nothing comes near.
    pub fn offers(&self, question: &Question) -> Vec<&Passage> {
        choose::offers(&self.index, &self.analyzer, question)
    }

    /// The passage of an id.
    pub fn passage(&self, id: &str) -> Option<&Passage> {
        self.index.passages().iter().find(|passage| passage.id == id)
    }

    /// How sure it is that a passage answers a question, whether that is enough to say so or not, and the likeliest passage.
    pub fn glance(&self, question: &Question) -> Option<(f32, &Passage)> {
        let best = self.candidates(question, 1).into_iter().next()?;
        Some((best.confidence, best.passage))
    }

    /// The best passages for a question, best first, whether they answer it or not, with what speaks for each.
    pub fn candidates(&self, question: &Question, limit: usize) -> Vec<Candidate<'_>> {
        choose::candidates(&self.index, &self.analyzer, question, limit)
    }
}

fn read_if_there(path: &Path) -> Result<Option<(String, String)>, KnowledgeError> {
    Ok(if path.is_file() { Some((path.display().to_string(), read(path)?)) } else { None })
}

fn read(path: &Path) -> Result<String, KnowledgeError> {
    let bytes = std::fs::read(path).map_err(|cause| KnowledgeError::Unreadable { path: path.to_owned(), cause })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn read_passages(path: &Path) -> Result<Vec<Passage>, KnowledgeError> {
    let mut files = Vec::new();
    if path.is_file() {
        files.push(path.to_owned());
    } else if path.is_dir() {
        let unreadable = |cause| KnowledgeError::Unreadable { path: path.to_owned(), cause };
        for entry in std::fs::read_dir(path).map_err(unreadable)? {
            let file = entry.map_err(unreadable)?.path();
            if file.extension().is_some_and(|extension| extension == "md") {
                files.push(file);
            }
        }
    }
    files.sort_unstable();
    let mut passages = Vec::new();
    for file in files {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut own = passage::cut(&name, &read(&file)?);
        let beside = file.with_file_name(asked::file_name(&name));
        if let Some((path, questions)) = read_if_there(&beside)? {
            asked::give(&mut own, &path, &questions)?;
        }
        passages.extend(own);
    }
    Ok(passages)
}
