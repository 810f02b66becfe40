//! Floor 1: the shop's policies and FAQ, as passages that answer questions.
//!
//! Markdown is cut by heading, indexed by words and by concepts (`phrases`) that hold in Chinese and English alike. A
//! question gets the passage that answers it and the sentences to quote, or nothing when no passage does. Never phrases and
//! never invents: every word handed out stands in a file. Called by `assistant` and `cli::ask`.

mod analysis;
mod choose;
mod index;
mod passage;
mod patterns;
mod phrases;
mod pieces;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::choose::{Answer, Question};
pub use self::passage::Passage;

use self::analysis::Analyzer;
use self::index::Index;

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
    /// A line of a phrase file is not `name: phrase, phrase`.
    #[error("{path}:{line}: {reason}")]
    Phrases {
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
    index: Index,
}

impl Knowledge {
    /// Reads every `*.md` of a folder (`TOPIC.LANGUAGE.md`, or any name: then the language is found from the text), or one
    /// such file; a `phrases.txt` beside them adds to the built-in phrases. A folder that is missing holds nothing.
    ///
    /// # Errors
    /// [`KnowledgeError`], naming the file.
    pub fn load(path: &Path) -> Result<Self, KnowledgeError> {
        let own = path.join("phrases.txt");
        let own = if own.is_file() { Some((own.display().to_string(), read(&own)?)) } else { None };
        let texts = own.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let analyzer = Arc::new(Analyzer::new(texts)?);
        let passages = read_passages(path)?;
        Ok(Self::of(passages, analyzer))
    }

    /// Without any passage: every question is unanswered.
    ///
    /// # Errors
    /// The built-in phrases are broken.
    pub fn empty() -> Result<Self, KnowledgeError> {
        Ok(Self::of(Vec::new(), Arc::new(Analyzer::new([])?)))
    }

    /// Reads the policies anew, keeping the dictionary; the phrases stay as they were.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn reload(&self, path: &Path) -> Result<Self, KnowledgeError> {
        Ok(Self::of(read_passages(path)?, self.analyzer.clone()))
    }

    fn of(passages: Vec<Passage>, analyzer: Arc<Analyzer>) -> Self {
        let index = Index::new(passages, &analyzer);
        Self { analyzer, index }
    }

    /// All passages, in order of file and place.
    pub fn passages(&self) -> &[Passage] {
        self.index.passages()
    }

    /// The passage that answers a question, or none. Deterministic.
    pub fn ask(&self, question: &Question) -> Option<Answer> {
        choose::answer(&self.index, &self.analyzer, question)
    }

    /// The best passages for a question with their confidence 0–1, best first, whether they answer it or not.
    pub fn candidates(&self, question: &Question, limit: usize) -> Vec<(&Passage, f32)> {
        choose::candidates(&self.index, &self.analyzer, question, limit)
    }
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
        passages.extend(passage::cut(&name, &read(&file)?));
    }
    Ok(passages)
}
