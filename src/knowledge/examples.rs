//! How alike a question is to the example questions of each passage, and to those that nothing answers, as the sentence encoder reads them.
//!
//! A kernel density over the vectors: the mean of e^(κ (cosine − 1)) over the examples, so that a few that say nearly the same outweigh
//! many that speak of the same thing. Immutable. Called by `senses`.

use std::ops::Range;

use super::passage::Passage;
use crate::domain::encoder::{EncoderError, PackedSense, Sense, SentenceEncoder, Side};

/// κ: alone, from 20 to 45, it finds 94 to 96 % of the passages of `tests/eval/service_weights.jsonl` and `service_held_out.jsonl`.
const SHARPNESS: f32 = 30.0;

/// The vectors of example questions.
#[derive(Debug)]
pub(super) struct Examples {
    /// Those of the passages, passage by passage, then those that nothing answers.
    asked: Vec<PackedSense>,
    of: Vec<Range<usize>>,
}

/// How alike a question is to them.
#[derive(Debug, Clone)]
pub(super) struct Alike {
    /// The logarithm of each passage's share of the density.
    pub log_share: Vec<f32>,
    /// The log-odds of the likeliest passage's density against that of the questions that nothing answers; zero where there are none.
    pub covered: f32,
}

impl Examples {
    /// A passage's heading counts as one of its examples, so that a passage without any has one. None where no passage has examples of its own.
    ///
    /// # Errors
    /// The encoder cannot read them.
    pub fn new<'a>(
        encoder: &dyn SentenceEncoder,
        passages: &[&'a Passage],
        not_covered: impl Iterator<Item = &'a str>,
    ) -> Result<Option<Self>, EncoderError> {
        if passages.iter().all(|passage| passage.asked.is_empty()) {
            return Ok(None);
        }
        let mut texts: Vec<&str> = Vec::new();
        let mut of = Vec::with_capacity(passages.len());
        for passage in passages {
            let start = texts.len();
            texts.extend(passage.headings.last().map(String::as_str));
            texts.extend(passage.asked.iter().map(String::as_str));
            of.push(start..texts.len());
        }
        texts.extend(not_covered);
        let asked = encoder.remember(Side::Question, &texts)?;
        Ok(Some(Self { asked: asked.iter().map(PackedSense::from).collect(), of }))
    }

    /// Of a question's vector.
    pub fn compare(&self, question: &Sense) -> Alike {
        let question = PackedSense::from(question);
        let density = |asked: &[PackedSense]| {
            let each = asked.iter().map(|other| (SHARPNESS * (question.likeness(other) - 1.0)).exp());
            (each.sum::<f32>() / asked.len().max(1) as f32).max(f32::MIN_POSITIVE)
        };
        let densities: Vec<f32> = self.of.iter().map(|of| density(&self.asked[of.clone()])).collect();
        let all: f32 = densities.iter().sum();
        let best = densities.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let open = &self.asked[self.of.last().map_or(0, |last| last.end)..];
        let covered = if open.is_empty() { 0.0 } else { (best / density(open)).ln() };
        Alike { log_share: densities.iter().map(|density| (density / all).ln()).collect(), covered }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::encoder::stub::Stub;
    use crate::knowledge::passage::cut;

    #[test]
    fn a_question_is_like_those_of_its_passage_or_like_those_that_nothing_answers() {
        let encoder = Stub {
            read: |text| ["pay", "long", "park"].map(|word| f32::from(u8::from(text.contains(word)))).to_vec(),
            scale: (1.0, 0.0),
            intents: None,
        };
        let mut passages = cut("returns.en.md", "## Postage\nWe do.\n\n## Time\n30 days.\n");
        let cut: Vec<&Passage> = passages.iter().collect();
        assert!(Examples::new(&encoder, &cut, std::iter::once("park?")).expect("read").is_none());
        passages[0].asked.push("who has to pay".into());
        passages[1].asked.push("how long have i got".into());
        let cut: Vec<&Passage> = passages.iter().collect();
        let examples = Examples::new(&encoder, &cut, std::iter::once("can i park there")).expect("read").expect("some");
        let of = |text: &str| examples.compare(&encoder.encode(Side::Question, &[text]).expect("read")[0]);
        let asked = of("do i pay");
        assert!(asked.log_share[0] > -0.1 && asked.log_share[1] < -2.0 && asked.covered > 5.0, "{asked:?}");
        assert!(of("where to park").covered < -5.0);
    }
}
