//! What the model does for the desk, where it is trusted: a summary of the conversation, translation. Without it: nothing is made up.

use std::time::{Duration, Instant};

use super::desk::Desk;
use crate::domain::generator::{FinishReason, GenerationRequest, Job, Priority};
use crate::domain::handoff::{Case, HandoffRequest};
use crate::domain::language::Language;
use crate::prompts::Value;

/// A prompt takes at most so many tokens, estimated.
const BUDGET: usize = 1600;
const SUMMARY_TOKENS: usize = 200;
const SUMMARY_TIME: Duration = Duration::from_secs(8);
const TRANSLATION_TOKENS: usize = 400;
const TRANSLATION_TIME: Duration = Duration::from_secs(8);

impl Desk {
    /// Whether the model is trusted with a job.
    pub(super) fn can(&self, job: Job) -> bool {
        self.parts.generator.is_trusted_with(job)
    }

    /// A summary of the conversation in the staff's language.
    pub(super) fn summary(&self, request: &HandoffRequest) -> Option<String> {
        let turns = request.history.iter().map(|turn| format!("shopper: {}\nshop: {}", turn.shopper, turn.reply));
        let last = Some(format!("shopper: {}", request.message)).filter(|_| !request.message.is_empty());
        let lines: Vec<String> = turns.chain(last).collect();
        if lines.is_empty() {
            return None;
        }
        self.ask(Job::Summarise, self.language(), Value::Recent(lines), SUMMARY_TOKENS, SUMMARY_TIME)
    }

    /// The words in another language. Outer none: this topic is not translated, or the words are in that language already; inner
    /// none: the model failed.
    pub(super) fn translated(&self, case: &Case, words: &str, to: Language) -> Option<Option<String>> {
        let spoken = Language::detect(words)?;
        if !case.translates || spoken == to {
            return None;
        }
        Some(self.ask(Job::Translate, to, Value::from(words), TRANSLATION_TOKENS, TRANSLATION_TIME))
    }

    fn ask(&self, job: Job, language: Language, text: Value, max_tokens: usize, time: Duration) -> Option<String> {
        if !self.can(job) {
            return None;
        }
        let name = match language {
            Language::Zh => "Chinese",
            Language::En => "English",
        };
        let filled = self.parts.prompts.fill(job, vec![("language", Value::from(name)), ("text", text)], BUDGET);
        let filled = filled.inspect_err(|error| tracing::warn!(%error, "the prompt cannot be filled")).ok()?;
        let request = GenerationRequest {
            messages: filled.messages,
            shared_messages: filled.shared_messages,
            grammar: None,
            max_tokens,
            temperature: 0.0,
            seed: 0,
            priority: Priority::Background,
            deadline: Instant::now() + time,
        };
        let completion = self.parts.generator.generate(request).and_then(|generation| generation.complete());
        let completion = completion.inspect_err(|error| tracing::info!(%error, "the model did not answer")).ok()?;
        let whole = completion.reason == FinishReason::Stop && !completion.text.trim().is_empty();
        whole.then(|| completion.text.trim().to_owned())
    }
}
