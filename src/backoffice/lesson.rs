//! Answering a question in a chat, step by step: chosen, answered, shown, added with a tap. Each step is kept, so that a restart goes
//! on where it was.

use serde::{Deserialize, Serialize};

use super::BackofficeError;
use super::unanswered::{Learning, Lesson};
use crate::domain::unanswered::QuestionGroup;

/// A question that was chosen waits so long for its answer, in seconds.
const WAITS_S: i64 = 1800;

/// A question on its way into the FAQ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    key: String,
    answer: Option<String>,
    at: i64,
}

/// What would be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
}

impl Learning {
    /// Chooses the question with a key for an admin's conversation; the group, or none when it was answered meanwhile.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn begin(&self, conversation: &str, key: &str, now: i64) -> Result<Option<QuestionGroup>, BackofficeError> {
        let group = self.find(key)?;
        if group.is_some() {
            self.begun.put(conversation, &Begun { key: key.to_owned(), answer: None, at: now })?;
            self.store.commit()?;
        }
        Ok(group)
    }

    /// Takes the next message as the answer, if a question was chosen and has none.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn word(&self, conversation: &str, answer: &str, now: i64) -> Result<Option<Preview>, BackofficeError> {
        let open = |begun: &Begun| begun.answer.is_none() && now - begun.at <= WAITS_S;
        let Some(begun) = self.begun.get(conversation)?.filter(open) else { return Ok(None) };
        let Some(group) = self.find(&begun.key)? else { return Ok(None) };
        let answer = answer.trim().to_owned();
        self.begun.put(conversation, &Begun { answer: Some(answer.clone()), at: now, ..begun })?;
        self.store.commit()?;
        Ok(Some(Preview { question: group.question, answer }))
    }

    /// Adds the answer that was shown to the FAQ, once; none when there is none.
    ///
    /// # Errors
    /// The file or the state cannot be written.
    pub fn add(&self, conversation: &str) -> Result<Option<Lesson>, BackofficeError> {
        let Some(Begun { key, answer: Some(answer), .. }) = self.begun.get(conversation)? else { return Ok(None) };
        let lesson = match self.find(&key)? {
            Some(group) => Some(self.teach(&group, &answer)?),
            None => None,
        };
        self.cancel(conversation)?;
        Ok(lesson)
    }

    /// Drops what was chosen; whether there was anything.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn cancel(&self, conversation: &str) -> Result<bool, BackofficeError> {
        let was = self.begun.remove(conversation)?;
        self.store.commit()?;
        Ok(was)
    }
}
