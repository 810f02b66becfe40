//! What a sentence means, as a vector: the trait of the sentence encoder, and the vectors themselves.
//!
//! Pure. `inference::encoder` reads a GGUF for it; `knowledge` and the choice of lines in `assistant` ask it which text answers.

use std::fmt::Debug;

use super::language::Language;

/// Which way a text is read: questions and texts that may answer them are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// What a person asks or writes.
    Question,
    /// What may answer it.
    Text,
}

/// Why a text has no vector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the encoder does not answer: {0}")]
pub struct EncoderError(pub String);

/// A vector of unit length.
#[derive(Debug, Clone, PartialEq)]
pub struct Sense(Vec<f32>);

impl Sense {
    /// Scales a vector to unit length; all zeros stay.
    pub fn new(mut values: Vec<f32>) -> Self {
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
        values.iter_mut().for_each(|value| *value /= length);
        Self(values)
    }

    /// The cosine, −1 to 1.
    pub fn likeness(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(one, other)| one * other).sum()
    }

    /// The values.
    pub fn values(&self) -> &[f32] {
        &self.0
    }
}

/// Turns sentences into vectors whose cosine says how well a text answers a question, or how alike two questions are.
pub trait SentenceEncoder: Send + Sync + Debug {
    /// A vector for each text, in order. Long texts are read as far as the model reaches.
    ///
    /// # Errors
    /// [`EncoderError`]: the encoder has stopped or cannot read a text.
    fn encode(&self, side: Side, texts: &[&str]) -> Result<Vec<Sense>, EncoderError>;

    /// As [`Self::encode`], of the shop's own texts: what is new is kept for the next start. Not for what shoppers write.
    ///
    /// # Errors
    /// As [`Self::encode`].
    fn remember(&self, side: Side, texts: &[&str]) -> Result<Vec<Sense>, EncoderError>;

    /// Drops from memory what was read lately but for the shop's own texts: a shopper who is forgotten leaves no vectors behind.
    fn forget(&self);

    /// What a cosine is multiplied by to make a score, and the score of there being no answer: log-odds are their difference.
    fn scale(&self) -> (f32, f32);

    /// The log-odds that each text answers the question, against there being no answer, both read together: surer than by vectors, and
    /// as much work again for each question. None where there is nothing to read them so.
    fn odds(&self, question: &str, texts: &[&str]) -> Option<Result<Vec<f32>, EncoderError>>;

    /// For each intent, in the order of `IntentKind::ALL`: a weight for each value of a message's vector, the same again for where
    /// something was looked for before, a weight for each of five flags, the bias. None where the encoder was not taught intents.
    fn intents(&self) -> Option<&[f32]>;

    /// The log-odds that a review, read as a question, praises; none where the encoder was not taught it.
    fn praise(&self, review: &Sense, language: Language) -> Option<f32>;
}
