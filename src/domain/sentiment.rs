//! Whether a review praises or complains: a calibrated linear model over its words, in Chinese and English, and what the sentence
//! encoder says of the whole, where there is one.
//!
//! Never looks at the stars. Called by `backoffice` for review analysis and by `assistant` for the verdict of buyers.
//! Trained by `models/train/pipeline/sentiment.py` on licensed and own text; `models/README.md` has its scores.

use std::sync::Arc;

use super::encoder::{SentenceEncoder, Side};
use super::language::Language;
use super::linear_text::{LinearText, LinearTextError};

/// The model that the program carries in itself.
const BUNDLED: &[u8] = include_bytes!("../../models/sentiment.bin");

/// What parts a Chinese review into clauses, besides blanks.
const CUTS: [char; 14] = ['，', '。', '！', '？', '；', ',', '!', '?', ';', '~', '…', '、', '.', '～'];
/// Past so many nats a clause's opinion is no stronger.
const PLAIN: f32 = 4.0;
/// What the first and the last clause count beside the mean of all.
const FIRST: f32 = 0.25;
const LAST: f32 = 0.1;
/// Makes the sum of the opinions log-odds.
const SCALE: f32 = 2.1;
/// What the log-odds of the words and those of the encoder count together, and what is added, for Chinese: fitted on the part of Online
/// Shopping 10 whose FNV-1a is 1 modulo 5. English is left to its words, which were learnt from such reviews.
const TOGETHER: [f32; 3] = [0.48, 0.47, 0.06];

/// A trained model of sentiment.
#[derive(Debug, Clone)]
pub struct ReviewSentiment {
    model: LinearText,
    encoder: Option<Arc<dyn SentenceEncoder>>,
}

impl ReviewSentiment {
    /// The one that the program carries.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn bundled() -> Result<Self, LinearTextError> {
        Self::load(BUNDLED)
    }

    /// Reads a model from the bytes of its file.
    ///
    /// # Errors
    /// [`LinearTextError`] when they are no linear model of the labels `negative` and `positive`, in this order.
    pub fn load(bytes: &[u8]) -> Result<Self, LinearTextError> {
        let model = LinearText::load(bytes)?;
        if model.labels() != ["negative", "positive"] {
            return Err(LinearTextError::Malformed("its labels are not negative and positive"));
        }
        Ok(Self { model, encoder: None })
    }

    /// Asks the encoder too, where there is one, about whole Chinese reviews.
    #[must_use]
    pub fn with_encoder(self, encoder: Option<Arc<dyn SentenceEncoder>>) -> Self {
        Self { encoder, ..self }
    }

    /// The probability that each review praises, 0–1: by its words, and by the encoder where there is one; one that fails is logged.
    pub fn praise(&self, reviews: &[&str]) -> Vec<f32> {
        let mut found: Vec<f32> = reviews.iter().map(|review| self.positive(review)).collect();
        let Some(encoder) = &self.encoder else { return found };
        let places: Vec<usize> = (0..reviews.len()).filter(|place| is_chinese(reviews[*place])).collect();
        let chinese: Vec<&str> = places.iter().map(|place| reviews[*place]).collect();
        match encoder.encode(Side::Question, &chinese) {
            Ok(senses) => {
                let [words, whole, bias] = TOGETHER;
                let odds = |share: f32| (share / (1.0 - share)).ln().clamp(-16.0, 16.0);
                for (place, sense) in places.into_iter().zip(senses) {
                    if let Some(sensed) = encoder.praise(&sense, Language::Zh) {
                        found[place] = logistic(words * odds(found[place]) + whole * sensed + bias);
                    }
                }
            }
            Err(error) => tracing::error!(%error, "reviews are judged without the encoder"),
        }
        found
    }

    /// The probability that a text praises by its words alone, 0–1.
    ///
    /// A Chinese review is also read clause by clause, each clause's log-odds bounded, so that one strong word does not outweigh
    /// three plain opinions: the model learnt from short opinions, and reviews are many of them. The weights were chosen on another
    /// part of the set than the scores in `models/README.md` are reported on.
    pub fn positive(&self, text: &str) -> f32 {
        if !is_chinese(text) {
            return logistic(self.odds(text, "en"));
        }
        let is_cut = |c: char| c.is_whitespace() || CUTS.contains(&c);
        let clauses = text.split(is_cut).filter(|clause| !clause.is_empty());
        let opinions: Vec<f32> = clauses.map(|clause| (self.odds(clause, "zh") / PLAIN).tanh()).collect();
        let (Some(first), Some(last)) = (opinions.first(), opinions.last()) else { return 0.5 };
        let mean = opinions.iter().sum::<f32>() / opinions.len() as f32;
        logistic(SCALE * (self.odds(text, "zh") / PLAIN + mean + FIRST * first + LAST * last))
    }

    /// ln of the probability of praise over that of complaint, within ±16.
    fn odds(&self, text: &str, language: &str) -> f32 {
        match self.model.probabilities(text, &[language])[..] {
            [negative, positive] => (positive / negative).ln().clamp(-16.0, 16.0),
            _ => 0.0,
        }
    }
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
}

fn logistic(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Line {
        text: String,
        positive: f32,
    }

    #[test]
    fn probabilities_equal_those_of_the_trainer() {
        let sentiment = ReviewSentiment::bundled().expect("model");
        let path = format!("{}/tests/data/sentiment_parity.jsonl", env!("CARGO_MANIFEST_DIR"));
        let lines = std::fs::read_to_string(path).expect("lines");
        let mut count = 0;
        for line in lines.lines() {
            let line: Line = serde_json::from_str(line).expect("line");
            let found = sentiment.positive(&line.text);
            assert!((found - line.positive).abs() < 1e-4, "{}: {found} {}", line.text, line.positive);
            count += 1;
        }
        assert!(count >= 200, "{count} lines");
    }

    #[test]
    fn one_strong_word_does_not_outweigh_three_plain_opinions() {
        let sentiment = ReviewSentiment::bundled().expect("model");
        let text = "房间很干净，服务很好，位置方便，就是早餐太难吃";
        assert!(sentiment.positive(text) > 0.5, "{}", sentiment.positive(text));
        assert!((sentiment.positive("。。。好") - sentiment.positive("好")).abs() < 0.2);
    }

    #[test]
    fn plain_praise_and_plain_complaint_are_told_apart() {
        let sentiment = ReviewSentiment::bundled().expect("model");
        for praise in ["质量很好，非常满意", "I love it, fits perfectly and so comfortable"] {
            assert!(sentiment.positive(praise) > 0.8, "{praise}: {}", sentiment.positive(praise));
        }
        for complaint in ["用了两天就坏了，客服不理人", "Very disappointed, poor quality, I returned it"] {
            assert!(sentiment.positive(complaint) < 0.2, "{complaint}: {}", sentiment.positive(complaint));
        }
    }

    #[test]
    fn a_model_of_other_labels_is_refused() {
        let intents = include_bytes!("../../models/intent-prior.bin");
        assert!(ReviewSentiment::load(intents).is_err());
    }
}
