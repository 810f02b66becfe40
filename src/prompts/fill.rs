//! Filling a prompt with the values of a request.

use std::time::Instant;

use super::budget::{PER_MESSAGE, estimate_tokens, fit};
use super::error::PromptError;
use super::job::{candidate, file_name, placeholders};
use super::load::Prompts;
use super::section::{Part, Template};
use crate::domain::generator::{ChatMessage, GenerationRequest, Job, Priority, Role};

/// What takes the place of a placeholder; never looked through for placeholders itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One text; its end is cut if it must be.
    Text(String),
    /// Lines, the most important first: the last is dropped first.
    Ranked(Vec<String>),
    /// Lines in the order of time: the first is dropped first.
    Recent(Vec<String>),
}

/// A prompt for a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// For `GenerationRequest::messages`.
    pub messages: Vec<ChatMessage>,
    /// For `GenerationRequest::shared_messages`.
    pub shared_messages: usize,
}

impl Filled {
    /// The request for it: the likeliest text, of at most so many tokens, under no grammar.
    pub fn request(self, max_tokens: usize, priority: Priority, deadline: Instant) -> GenerationRequest {
        GenerationRequest {
            messages: self.messages,
            shared_messages: self.shared_messages,
            grammar: None,
            max_tokens,
            temperature: 0.0,
            seed: 0,
            priority,
            deadline,
        }
    }
}

/// A prompt for a scoring; each candidate is appended to the last message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoring {
    /// For `ScoreRequest::prefix`.
    pub prefix: Vec<ChatMessage>,
    /// For `ScoreRequest::positive`.
    pub positive: String,
    /// For `ScoreRequest::negative`.
    pub negative: String,
}

impl Value {
    /// The text that is put in, lists as lines.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Ranked(lines) | Self::Recent(lines) => lines.join("\n"),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Prompts {
    /// Fills a job's prompt within `budget` tokens, estimated.
    ///
    /// # Errors
    /// [`PromptError::NoJob`], [`PromptError::Values`] when names are missing or unknown, [`PromptError::Budget`].
    pub fn fill(&self, job: Job, values: Vec<(&str, Value)>, budget: usize) -> Result<Filled, PromptError> {
        let template = self.template(job)?;
        let message = fill(template, placeholders(job), values, budget)?;
        let mut messages = template.shared.clone();
        messages.push(ChatMessage::new(Role::User, message));
        Ok(Filled { shared_messages: messages.len() - 1, messages })
    }

    /// Fills the prompt of a job that is scored, up to its candidate, within `budget` tokens, estimated.
    ///
    /// # Errors
    /// As [`Self::fill`]; [`PromptError::NoJob`] also for a job that is not scored.
    pub fn scoring(&self, job: Job, mut values: Vec<(&str, Value)>, budget: usize) -> Result<Scoring, PromptError> {
        let template = self.template(job)?;
        let (Some((positive, negative)), Some(candidate)) = (&template.answers, candidate(job)) else {
            return Err(PromptError::NoJob { profile: self.profile().to_owned(), job: file_name(job).to_owned() });
        };
        values.push((candidate, Value::from("")));
        let message = fill(template, placeholders(job), values, budget)?;
        let mut prefix = template.shared.clone();
        prefix.push(ChatMessage::new(Role::User, message));
        Ok(Scoring { prefix, positive: positive.clone(), negative: negative.clone() })
    }
}

fn fill(
    template: &Template,
    wanted: &[&str],
    values: Vec<(&str, Value)>,
    budget: usize,
) -> Result<String, PromptError> {
    let mut ordered: Vec<(&str, Value)> = Vec::with_capacity(wanted.len());
    for name in wanted {
        if let Some((_, value)) = values.iter().find(|(given, _)| given == name) {
            ordered.push((name, value.clone()));
        }
    }
    if ordered.len() != wanted.len() || values.len() != wanted.len() {
        let given: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        return Err(PromptError::Values {
            file: template.file.clone(),
            wanted: wanted.join(", "),
            given: given.join(", "),
        });
    }
    let fixed = fixed_tokens(template);
    let over = fit(&mut ordered, budget.saturating_sub(fixed));
    if over > 0 {
        return Err(PromptError::Budget { file: template.file.clone(), needed: budget.max(fixed) + over, budget });
    }
    let mut message = String::new();
    for part in &template.request {
        match part {
            Part::Text(text) => message.push_str(text),
            Part::Placeholder(name) => {
                if let Some((_, value)) = ordered.iter().find(|(given, _)| given == name) {
                    message.push_str(&value.text());
                }
            }
        }
    }
    Ok(message)
}

/// Tokens of everything but the values.
fn fixed_tokens(template: &Template) -> usize {
    let shared: usize = template.shared.iter().map(|message| estimate_tokens(&message.content) + PER_MESSAGE).sum();
    let request: usize = template
        .request
        .iter()
        .map(|part| match part {
            Part::Text(text) => estimate_tokens(text),
            Part::Placeholder(_) => 0,
        })
        .sum();
    shared + request + 2 * PER_MESSAGE
}
