//! A model that answers from a script and notes what it was asked, for tests of everything above it.
//!
//! Called by tests only; never by the program itself.

use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

use super::manifest::DEFAULT_PROFILE;
use crate::domain::generator::{
    FinishReason, Generation, GenerationEvent, GenerationRequest, GeneratorError, Job, ModelDescription, ScoreRequest,
    TextGenerator, Usage,
};

/// Characters of one streamed piece.
const PIECE: usize = 4;

/// A scripted model.
#[derive(Debug)]
pub struct Scripted {
    description: ModelDescription,
    answers: Vec<(String, Answer)>,
    scores: Vec<(String, f32)>,
    generations: Mutex<Vec<GenerationRequest>>,
    scorings: Mutex<Vec<ScoreRequest>>,
}

#[derive(Debug, Clone)]
enum Answer {
    Text(String, f32),
    Error(GeneratorError),
}

impl Scripted {
    /// A model that is trusted with these jobs and has no answer yet; its profile is `general`.
    pub fn trusted_with(jobs: &[Job]) -> Self {
        let description = ModelDescription {
            name: "scripted".into(),
            device: "script".into(),
            context: 8192,
            prompt_profile: DEFAULT_PROFILE.into(),
            jobs: jobs.to_vec(),
            ..ModelDescription::default()
        };
        Self {
            description,
            answers: Vec::new(),
            scores: Vec::new(),
            generations: Mutex::default(),
            scorings: Mutex::default(),
        }
    }

    /// Uses another prompt profile.
    #[must_use]
    pub fn with_profile(mut self, profile: &str) -> Self {
        self.description.prompt_profile = profile.to_owned();
        self
    }

    /// Answers a request whose last message contains `part` (an empty one: any); the first that fits is taken.
    #[must_use]
    pub fn answering(self, part: &str, text: &str) -> Self {
        self.answering_with_logprob(part, text, -0.05)
    }

    /// As [`Self::answering`], with the log-probability of every piece.
    #[must_use]
    pub fn answering_with_logprob(mut self, part: &str, text: &str, logprob: f32) -> Self {
        self.answers.push((part.to_owned(), Answer::Text(text.to_owned(), logprob)));
        self
    }

    /// Fails a request whose last message contains `part`.
    #[must_use]
    pub fn failing(mut self, part: &str, error: GeneratorError) -> Self {
        self.answers.push((part.to_owned(), Answer::Error(error)));
        self
    }

    /// Scores a candidate that contains `part`; others get −1.
    #[must_use]
    pub fn scoring(mut self, part: &str, score: f32) -> Self {
        self.scores.push((part.to_owned(), score));
        self
    }

    /// The generations asked for so far.
    pub fn generations(&self) -> Vec<GenerationRequest> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The scorings asked for so far.
    pub fn scorings(&self) -> Vec<ScoreRequest> {
        self.scorings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl TextGenerator for Scripted {
    fn describe(&self) -> ModelDescription {
        self.description.clone()
    }

    fn generate(&self, request: GenerationRequest) -> Result<Generation, GeneratorError> {
        let asked = request.messages.last().map_or("", |message| message.content.as_str());
        let answer = self.answers.iter().find(|(part, _)| asked.contains(part)).map(|(_, answer)| answer.clone());
        let missing = GeneratorError::Invalid(format!("the script has no answer to {asked:?}"));
        let deadline = request.deadline;
        let max_tokens = request.max_tokens;
        self.generations.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let (text, logprob) = match answer.ok_or(missing)? {
            Answer::Text(text, logprob) => (text, logprob),
            Answer::Error(error) => return Err(error),
        };
        let characters: Vec<char> = text.chars().collect();
        let pieces: Vec<String> =
            characters.chunks(PIECE).take(max_tokens).map(|piece| piece.iter().collect()).collect();
        let whole = pieces.len() == characters.len().div_ceil(PIECE);
        let reason = if whole { FinishReason::Stop } else { FinishReason::Length };
        let usage = Usage { completion_tokens: pieces.len(), ..Usage::default() };
        let (events, received) = sync_channel(pieces.len() + 1);
        for text in pieces {
            let _ = events.try_send(GenerationEvent::Piece { text, logprob, others: Vec::new() });
        }
        let _ = events.try_send(GenerationEvent::Finished { reason, usage });
        Ok(Generation::new(received, deadline))
    }

    fn score(&self, request: ScoreRequest) -> Result<Vec<f32>, GeneratorError> {
        let score = |candidate: &String| {
            self.scores.iter().find(|(part, _)| candidate.contains(part)).map_or(-1.0, |(_, score)| *score)
        };
        let scores = request.candidates.iter().map(score).collect();
        self.scorings.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::domain::generator::{ChatMessage, Priority, Role};

    fn asking(text: &str, max_tokens: usize) -> GenerationRequest {
        GenerationRequest {
            messages: vec![ChatMessage::new(Role::User, text)],
            shared_messages: 0,
            grammar: None,
            max_tokens,
            temperature: 0.0,
            seed: 0,
            priority: Priority::Explain,
            deadline: Instant::now() + Duration::from_secs(5),
        }
    }

    #[test]
    fn the_script_is_followed_and_requests_are_noted() {
        let scripted = Scripted::trusted_with(&[Job::Reason])
            .answering("羽绒服", "填充90%白鸭绒")
            .failing("busy", GeneratorError::Overloaded { limit: 1 });
        let done = scripted.generate(asking("找羽绒服", 9)).unwrap().complete().unwrap();
        assert_eq!((done.text.as_str(), done.reason), ("填充90%白鸭绒", FinishReason::Stop));
        let cut = scripted.generate(asking("找羽绒服", 1)).unwrap().complete().unwrap();
        assert_eq!((cut.text.as_str(), cut.reason), ("填充90", FinishReason::Length));
        assert!(matches!(scripted.generate(asking("busy", 9)), Err(GeneratorError::Overloaded { .. })));
        assert!(matches!(scripted.generate(asking("?", 9)), Err(GeneratorError::Invalid(_))));
        assert_eq!(scripted.generations().len(), 4);
    }
}
