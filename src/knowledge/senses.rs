//! How well each passage answers a question, as the sentence encoder reads both; in either language, and across them.
//!
//! Immutable. An encoder that fails is logged, and the question is judged without it. Called by `index`.

use std::sync::Arc;

use super::examples::{Alike, Examples};
use super::passage::Passage;
use crate::domain::encoder::{Sense, SentenceEncoder, Side};

/// The encoder with what the passages of one language mean to it.
#[derive(Debug)]
pub(super) struct Senses {
    encoder: Arc<dyn SentenceEncoder>,
    texts: Vec<Sense>,
    /// The sentences of each passage, each after the heading.
    sentences: Vec<Vec<Sense>>,
    examples: Option<Examples>,
}

/// What the encoder says of a question.
#[derive(Debug, Clone)]
pub(super) struct Sensed {
    /// Log-probability of each passage, if one answers.
    pub log_probability: Vec<f32>,
    /// The same by the sentence of it that answers best.
    pub by_sentence: Vec<f32>,
    /// The log-odds that any passage answers.
    pub any: f32,
    /// How alike the question is to the example questions, where there are any.
    pub alike: Option<Alike>,
}

impl Senses {
    /// None where the encoder cannot read the passages. `not_covered` are questions that none of them answers.
    pub fn new<'a>(
        encoder: &Arc<dyn SentenceEncoder>,
        passages: &[&'a Passage],
        not_covered: impl Iterator<Item = &'a str>,
    ) -> Option<Self> {
        let texts: Vec<String> = passages.iter().map(|passage| passage.with_heading()).collect();
        let parts: Vec<Vec<String>> = passages.iter().map(|passage| sentences(passage)).collect();
        let all: Vec<&str> = texts.iter().chain(parts.iter().flatten()).map(String::as_str).collect();
        let read = encoder.remember(Side::Text, &all);
        match read.and_then(|senses| Ok((senses, Examples::new(encoder.as_ref(), passages, not_covered)?))) {
            Ok((senses, examples)) => {
                let mut senses = senses.into_iter();
                let mut take = |count: usize| senses.by_ref().take(count).collect::<Vec<Sense>>();
                let texts = take(texts.len());
                let sentences = parts.iter().map(|parts| take(parts.len())).collect();
                Some(Self { encoder: Arc::clone(encoder), texts, sentences, examples })
            }
            Err(error) => {
                tracing::error!(%error, "the passages are not encoded; questions are answered without the encoder");
                None
            }
        }
    }

    pub fn compare(&self, question: &str) -> Option<Sensed> {
        let asked = match self.encoder.encode(Side::Question, &[question]) {
            Ok(asked) => asked.into_iter().next()?,
            Err(error) => {
                tracing::error!(%error, "a question is answered without the encoder");
                return None;
            }
        };
        let (scale, none) = self.encoder.scale();
        let score = |text: &Sense| scale * asked.likeness(text);
        let (log_probability, all) = shares(self.texts.iter().map(score).collect());
        let best = |sentences: &Vec<Sense>| sentences.iter().map(score).fold(f32::MIN, f32::max);
        let nearest = self.sentences.iter().zip(&self.texts);
        let nearest = nearest.map(|(sentences, text)| if sentences.is_empty() { score(text) } else { best(sentences) });
        let (by_sentence, _) = shares(nearest.collect());
        let alike = self.examples.as_ref().map(|examples| examples.compare(&asked));
        Some(Sensed { log_probability, by_sentence, any: all - none, alike })
    }
}

/// The sentences of a passage after its heading, as far as there are several.
fn sentences(passage: &Passage) -> Vec<String> {
    let heading = passage.headings.last().map_or("", String::as_str);
    let sentences = passage.sentences();
    let several = (sentences.len() > 1).then_some(sentences).into_iter().flatten();
    several.map(|sentence| format!("{heading} {}", sentence.text)).collect()
}

/// Scores as log-probabilities, and the logarithm of what they come to together.
fn shares(scores: Vec<f32>) -> (Vec<f32>, f32) {
    let best = scores.iter().copied().fold(f32::MIN, f32::max);
    let all = scores.iter().map(|score| (score - best).exp()).sum::<f32>().ln() + best;
    (scores.into_iter().map(|score| score - all).collect(), all)
}
