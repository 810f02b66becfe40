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

/// A vector in steps of one byte, for what is kept by the thousand: a quarter of the memory, cosines to about a thousandth.
#[derive(Debug, Clone, PartialEq)]
pub struct PackedSense {
    step: f32,
    steps: Box<[i8]>,
}

impl PackedSense {
    /// Of a step and the steps, as [`Self::parts`] gives them.
    pub fn of(step: f32, steps: Box<[i8]>) -> Self {
        Self { step, steps }
    }

    /// The step, and how many of it each value is.
    pub fn parts(&self) -> (f32, &[i8]) {
        (self.step, &self.steps)
    }

    /// The vector.
    pub fn sense(&self) -> Sense {
        Sense::new(self.steps.iter().map(|steps| f32::from(*steps) * self.step).collect())
    }

    /// The cosine, −1 to 1.
    pub fn likeness(&self, other: &Self) -> f32 {
        let pairs = self.steps.iter().zip(&other.steps);
        let product: i32 = pairs.map(|(one, other)| i32::from(*one) * i32::from(*other)).sum();
        product as f32 * self.step * other.step
    }
}

impl From<&Sense> for PackedSense {
    fn from(sense: &Sense) -> Self {
        let most = sense.0.iter().fold(0.0f32, |most, value| most.max(value.abs()));
        let step = most.max(1e-6) / f32::from(i8::MAX);
        Self { step, steps: sense.0.iter().map(|value| (value / step).round() as i8).collect() }
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

/// An encoder for tests.
#[cfg(test)]
pub mod stub {
    use super::*;

    /// Reads a text as a function says, on either side, and remembers nothing.
    #[derive(Debug)]
    pub struct Stub {
        /// The values, of any length.
        pub read: fn(&str) -> Vec<f32>,
        /// What [`SentenceEncoder::scale`] gives.
        pub scale: (f32, f32),
        /// What [`SentenceEncoder::intents`] gives.
        pub intents: Option<Vec<f32>>,
    }

    impl SentenceEncoder for Stub {
        fn encode(&self, _: Side, texts: &[&str]) -> Result<Vec<Sense>, EncoderError> {
            Ok(texts.iter().map(|text| Sense::new((self.read)(text))).collect())
        }
        fn remember(&self, side: Side, texts: &[&str]) -> Result<Vec<Sense>, EncoderError> {
            self.encode(side, texts)
        }
        fn forget(&self) {}
        fn scale(&self) -> (f32, f32) {
            self.scale
        }
        fn odds(&self, _: &str, _: &[&str]) -> Option<Result<Vec<f32>, EncoderError>> {
            None
        }
        fn intents(&self) -> Option<&[f32]> {
            self.intents.as_deref()
        }
        fn praise(&self, _: &Sense, _: Language) -> Option<f32> {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_vector_is_nearly_the_same() {
        let sense = |shift: f32| Sense::new((0..384).map(|at| (at as f32 * 0.37 + shift).sin()).collect());
        let (one, other) = (sense(0.0), sense(0.9));
        let (packed, packed_other) = (PackedSense::from(&one), PackedSense::from(&other));
        assert!((packed.likeness(&packed_other) - one.likeness(&other)).abs() < 2e-3);
        assert!((packed.sense().likeness(&one) - 1.0).abs() < 1e-3);
        let (step, steps) = packed.parts();
        assert_eq!(PackedSense::of(step, steps.into()), packed);
        assert_eq!(PackedSense::from(&Sense::new(vec![0.0; 3])).parts().1, [0, 0, 0]);
    }
}
