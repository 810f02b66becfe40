//! Learning: the questions that got no good answer, grouped; answered once, they are added to the shop's FAQ.
//!
//! Added answers stand in files of their own beside the shop's policies, `faq_added.zh.md` and `faq_added.en.md`, so that what people
//! wrote by hand is never touched. Never writes without being told to. Called by `daogou unanswered` and the faces.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::BackofficeError;
use super::lesson::Begun;
use crate::domain::language::Language;
use crate::domain::unanswered::{QuestionGroup, TABLE, Unanswered, group};
use crate::store::{Store, Table};

/// What was added to the FAQ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// The question, now a heading.
    pub question: String,
    /// In which file.
    pub file: PathBuf,
    /// How many questions it settles.
    pub questions: usize,
}

/// The list of questions and the folder that learns from it.
pub struct Learning {
    pub(super) store: Arc<Store>,
    pub(super) begun: Table<Begun>,
    table: Table<Unanswered>,
    folder: PathBuf,
    writing: Mutex<()>,
}

impl Learning {
    /// The list of a store, and the folder of the shop's policies.
    ///
    /// # Errors
    /// The store fails.
    pub fn open(store: Arc<Store>, folder: &Path) -> Result<Self, BackofficeError> {
        Ok(Self {
            table: store.table(TABLE)?,
            begun: store.table("lessons")?,
            store,
            folder: folder.to_owned(),
            writing: Mutex::default(),
        })
    }

    /// The questions, the most asked first.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn list(&self) -> Result<Vec<QuestionGroup>, BackofficeError> {
        Ok(group(self.table.with_prefix("")?))
    }

    /// The group with a question of this key.
    ///
    /// # Errors
    /// The state cannot be read.
    pub fn find(&self, key: &str) -> Result<Option<QuestionGroup>, BackofficeError> {
        Ok(self.list()?.into_iter().find(|group| group.keys.iter().any(|one| one == key)))
    }

    /// Adds the answer to the n-th group, from 1, to the FAQ and takes its questions off the list. It is live once the policies are
    /// read again.
    ///
    /// # Errors
    /// There is no such group, the answer is empty, or the file cannot be written; the list is unchanged then.
    pub fn answer(&self, number: usize, answer: &str) -> Result<Lesson, BackofficeError> {
        let group = self.nth(number)?;
        if answer.trim().is_empty() {
            return Err(BackofficeError::NoAnswer(number));
        }
        self.teach(&group, answer)
    }

    /// As [`Self::answer`], for a group at hand.
    ///
    /// # Errors
    /// The file or the state cannot be written.
    pub fn teach(&self, group: &QuestionGroup, answer: &str) -> Result<Lesson, BackofficeError> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let language = Language::detect(answer).unwrap_or(group.language);
        let file = self.folder.join(format!("faq_added.{}.md", language.code()));
        append(&file, language, &heading(&group.question), &body(answer))
            .map_err(|cause| BackofficeError::File { path: file.clone(), cause })?;
        self.remove(group)?;
        Ok(Lesson { question: group.question.clone(), file, questions: group.keys.len() })
    }

    /// Takes the n-th group, from 1, off the list without an answer.
    ///
    /// # Errors
    /// There is no such group, or the state cannot be kept.
    pub fn drop_group(&self, number: usize) -> Result<QuestionGroup, BackofficeError> {
        let group = self.nth(number)?;
        self.remove(&group)?;
        Ok(group)
    }

    /// Takes a group off the list.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn remove(&self, group: &QuestionGroup) -> Result<(), BackofficeError> {
        for key in &group.keys {
            self.table.remove(key)?;
        }
        Ok(self.store.commit()?)
    }

    fn nth(&self, number: usize) -> Result<QuestionGroup, BackofficeError> {
        let place = number.checked_sub(1).ok_or(BackofficeError::NoQuestion(number))?;
        self.list()?.into_iter().nth(place).ok_or(BackofficeError::NoQuestion(number))
    }
}

/// Appends a section; the file is replaced as a whole, so that a crash leaves the old one or the new one.
fn append(file: &Path, language: Language, heading: &str, body: &str) -> std::io::Result<()> {
    let old = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => match language {
            Language::Zh => "# 补充问答\n".into(),
            Language::En => "# Added answers\n".into(),
        },
        Err(error) => return Err(error),
    };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("md.new");
    let mut written = std::fs::File::create(&new)?;
    written.write_all(format!("{}\n\n## {heading}\n\n{body}\n", old.trim_end()).as_bytes())?;
    written.sync_all()?;
    std::fs::rename(&new, file)
}

/// A question as one line of heading.
fn heading(question: &str) -> String {
    let line: Vec<&str> = question.split_whitespace().collect();
    line.join(" ").trim_start_matches(['#', '=', '-', '>']).trim().trim_end_matches('#').to_owned()
}

/// An answer whose lines cannot begin a heading, a fence or a rule: it stays below its own question.
fn body(answer: &str) -> String {
    let line = |line: &str| {
        let begins = line.trim_start();
        let marks = ["#", "```", "~~~", "---", "===", "<"].iter().any(|mark| begins.starts_with(mark));
        if marks { format!("\\{begins}") } else { line.trim_end().to_owned() }
    };
    answer.trim().lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::unanswered::{UnansweredCause, key};
    use crate::knowledge::{Knowledge, Question};

    fn learning(folder: &Path) -> Learning {
        let (store, _) = Store::open(&folder.join("state")).expect("store");
        let learning = Learning::open(Arc::new(store), &folder.join("policies")).expect("learning");
        for (question, times) in [("可以开专用发票吗", 3), ("能寄到月球吗", 1), ("可以开专用发票吗？？", 1)]
        {
            let key = key(question, Language::Zh);
            for now in 0..times {
                let cause = UnansweredCause::NoPassage;
                let update = |old| (Some(Unanswered::again(old, question, Language::Zh, cause, now)), ());
                learning.table.update(&key, update).expect("update");
            }
        }
        learning
    }

    #[test]
    fn a_question_answered_once_is_found_in_the_faq_and_off_the_list() {
        let folder = tempfile::tempdir().expect("folder");
        let learning = learning(folder.path());
        assert_eq!(learning.list().expect("list")[0].times, 4);
        let lesson = learning.answer(1, "可以开增值税专用发票，请提供税号。\n# 不是标题").expect("taught");
        assert_eq!(lesson.file.file_name().expect("name"), "faq_added.zh.md");
        assert_eq!(learning.list().expect("list").len(), 1);
        let knowledge = Knowledge::load(&folder.path().join("policies"), None).expect("policies");
        assert_eq!(knowledge.passages().len(), 1, "an answer cannot open a section of its own");
        let asked = Question { text: "可以开专用发票吗", language: Some(Language::Zh), ..Question::default() };
        let answer = knowledge.ask(&asked).expect("answered");
        assert!(answer.sentences.contains("增值税专用发票"));
        assert!(matches!(learning.answer(9, "x"), Err(BackofficeError::NoQuestion(9))));
        assert!(matches!(learning.answer(1, "  "), Err(BackofficeError::NoAnswer(1))));
        learning.drop_group(1).expect("dropped");
        assert!(learning.list().expect("list").is_empty());
    }

    #[test]
    fn an_answer_from_a_chat_is_shown_before_it_is_added_and_added_once() {
        let folder = tempfile::tempdir().expect("folder");
        let learning = learning(folder.path());
        let key = learning.list().expect("list")[0].keys[0].clone();
        assert_eq!(learning.word("telegram:900", "不相干", 0).expect("word"), None, "nothing was chosen");
        assert!(learning.begin("telegram:900", &key, 0).expect("begin").is_some());
        assert_eq!(learning.word("telegram:901", "可以。", 1).expect("word"), None, "another admin");
        let preview = learning.word("telegram:900", "可以。", 1).expect("word").expect("preview");
        assert_eq!((preview.question.as_str(), preview.answer.as_str()), ("可以开专用发票吗", "可以。"));
        assert!(!folder.path().join("policies/faq_added.zh.md").exists(), "nothing is written without a tap");
        assert!(learning.add("telegram:900").expect("add").is_some());
        assert_eq!(learning.add("telegram:900").expect("add"), None);
        assert_eq!(learning.list().expect("list").len(), 1);
    }

    #[test]
    fn a_second_answer_is_added_below_the_first() {
        let folder = tempfile::tempdir().expect("folder");
        let learning = learning(folder.path());
        learning.answer(1, "可以。").expect("taught");
        learning.answer(1, "不能。").expect("taught");
        let text = std::fs::read_to_string(folder.path().join("policies/faq_added.zh.md")).expect("file");
        assert_eq!(text, "# 补充问答\n\n## 可以开专用发票吗\n\n可以。\n\n## 能寄到月球吗\n\n不能。\n");
    }
}
