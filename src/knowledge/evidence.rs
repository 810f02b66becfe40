//! What speaks for a passage: against the other passages, and for its being an answer at all.
//!
//! Both are linear; `models/train/pipeline/policies.py` fits the weights on `tests/eval/service_tuning.jsonl`, with the encoder on
//! `service_weights.jsonl`, harder questions that became examples afterwards and the invented shops that it was not trained on; apart for shops
//! whose policies have example questions and for those whose policies have none. Called by `choose`.

use std::collections::HashSet;

use super::choose::Reading;
use super::index::{Index, Key, Place, Term};
use super::meanings::Close;
use super::phrases::Kind;

const RANKING: [&str; 19] = [
    "likely",
    "nearest",
    "lexical",
    "covered",
    "headed",
    "sentence",
    "likely_before",
    "topic",
    "likely_before_loose",
    "topic_loose",
    "likely_vague",
    "likely_before_vague",
    "topic_vague",
    "meaning",
    "meaning_nearest",
    "meaning_near",
    "sense",
    "sense_sentence",
    "sense_examples",
];
/// Weights of [`Ranking`], by [`Known::place`].
const RANKING_WEIGHTS: [[f32; 19]; 4] = [
    [3.27, 1.95, 1.69, 1.33, -0.56, 1.11, 1.78, 0.69, 1.31, 2.16, -0.81, 3.59, 3.66, 5.43, 0.0, 0.0, 0.0, 0.0, 0.0],
    [5.41, 2.43, -0.16, 1.17, -0.63, 0.34, 1.05, 0.86, 1.57, 0.65, -0.96, 2.18, 1.35, 3.56, 1.04, 1.91, 0.0, 0.0, 0.0],
    [1.08, 1.23, 1.15, 1.46, -0.83, 0.8, 1.78, 0.69, 1.31, 2.16, -0.81, 3.59, 3.66, 2.53, 0.0, 0.0, 3.24, 4.19, 0.0],
    [
        4.63, 1.47, -1.68, 0.49, -0.88, 0.26, 1.05, 0.86, 1.57, 0.65, -0.96, 2.18, 1.35, 0.98, 1.73, 0.45, 0.79, 0.67,
        4.81,
    ],
];

const DECIDING: [&str; 22] = [
    "share",
    "likely",
    "nearest",
    "not_covered",
    "nearest_not_covered",
    "unknown",
    "lexical",
    "covered",
    "headed",
    "strange_subject",
    "vague",
    "follows",
    "meaning",
    "meaning_nearest",
    "meaning_near",
    "meaning_any",
    "meaning_not_covered",
    "sense",
    "sense_any",
    "sense_sentence",
    "sense_examples",
    "sense_covered",
];
/// Weights of [`Deciding`], then the bias, by [`Known::place`].
const DECIDING_WEIGHTS: [[f32; 23]; 4] = [
    [
        3.68, 0.33, 0.17, -1.13, -0.3, 0.16, 0.25, 0.5, -0.19, -0.1, 0.22, 0.0, 0.94, 0.0, 0.0, 0.47, 0.6, 0.0, 0.0,
        0.0, 0.0, 0.0, -4.07,
    ],
    [
        3.56, 0.93, 0.8, 0.02, -1.76, -0.11, -0.73, 1.08, 0.19, -0.96, 0.23, 0.44, 0.73, -0.07, 0.88, 0.59, 0.01, 0.0,
        0.0, 0.0, 0.0, 0.0, -5.78,
    ],
    [
        3.52, 0.21, 0.54, -0.94, -0.82, -0.1, -0.14, 0.07, -0.04, -0.46, 0.2, 0.0, 0.98, 0.0, 0.0, 0.27, -0.19, 0.66,
        1.12, 1.38, 0.0, 0.0, -5.22,
    ],
    [
        3.72, 1.21, 0.57, -0.18, -1.2, 0.39, -0.68, 0.31, -0.18, -0.72, 0.11, 0.44, 0.17, 0.17, -0.47, 0.12, -0.5,
        -0.22, 0.64, -0.14, 0.7, 1.82, -6.91,
    ],
];

/// What there is to judge by beside the passages, which decides the weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// The shop's policies have example questions.
    pub examples: bool,
    /// A sentence encoder has read question and passages.
    pub encoder: bool,
}

impl Known {
    pub fn place(self) -> usize {
        usize::from(self.examples) + 2 * usize::from(self.encoder)
    }
}

/// Log-probabilities below this say the same.
const LEAST: f32 = -8.0;

/// What speaks for a passage against the others, each about 0–1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranking([f32; RANKING.len()]);

impl Ranking {
    /// `at` is the passage's place among those of the language, `topic` how likely its topic was spoken of before.
    pub fn new(read: &Reading, index: &Index, place: usize, at: usize, lexical: f32, topic: f32) -> Self {
        let share = Share::new(&read.terms, index, place);
        let likely = |log: f32| 1.0 - log.max(LEAST) / LEAST;
        let before = read.before.as_ref().map_or(0.0, |before| likely(before.log_probability[at]));
        let flag = |condition: bool| f32::from(u8::from(condition));
        let leans = read.before.is_some() || read.topic.is_some();
        let follows = flag(leans && read.follows && !read.vague);
        let vague = flag(leans && read.vague);
        let loose = flag(leans && !read.follows);
        let close = |value: &dyn Fn(&Close) -> f32| read.close.as_ref().map_or(0.0, value);
        let likely_now = likely(read.resemblance.log_probability[at]);
        let alike = read.sensed.as_ref().and_then(|sensed| sensed.alike.as_ref());
        Self([
            likely_now,
            read.resemblance.nearest[at],
            lexical / 4.0,
            share.covered,
            share.headed,
            share.sentence,
            before * follows,
            topic * follows,
            before * loose,
            topic * loose,
            likely_now * vague,
            before * vague,
            topic * vague,
            read.close.as_ref().map_or(likely_now, |close| likely(close.log_probability[at])),
            close(&|close| close.nearest[at]),
            close(&|close| close.near[at]),
            read.sensed.as_ref().map_or(0.0, |sensed| likely(sensed.log_probability[at])),
            read.sensed.as_ref().map_or(0.0, |sensed| likely(sensed.by_sentence[at])),
            alike.map_or(0.0, |alike| likely(alike.log_share[at])),
        ])
    }

    /// Comparable within one question only.
    pub fn score(&self, known: Known) -> f32 {
        self.0.iter().zip(RANKING_WEIGHTS[known.place()]).map(|(value, weight)| value * weight).sum()
    }

    pub fn named(&self) -> Vec<(&'static str, f32)> {
        RANKING.into_iter().zip(self.0).collect()
    }
}

/// What speaks for a passage's being an answer at all, each about 0–1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deciding([f32; DECIDING.len()]);

impl Deciding {
    /// `probability` is that of the passage, if any answers.
    pub fn new(read: &Reading, index: &Index, place: usize, ranking: &Ranking, probability: f32) -> Self {
        let share = Share::new(&read.terms, index, place);
        let flag = |condition: bool| f32::from(u8::from(condition));
        let alike = read.sensed.as_ref().and_then(|sensed| sensed.alike.as_ref());
        Self([
            probability,
            ranking.0[0],
            ranking.0[1],
            read.resemblance.not_covered / 4.0,
            read.resemblance.nearest_not_covered,
            read.resemblance.unknown,
            ranking.0[2],
            share.covered,
            share.headed,
            share.strange_subject,
            flag(read.vague),
            flag(read.follows && (read.before.is_some() || read.topic.is_some())),
            ranking.0[13],
            ranking.0[14],
            ranking.0[15],
            read.close.as_ref().map_or(0.0, |close| close.any.clamp(LEAST, -LEAST) / 4.0),
            read.close.as_ref().map_or(0.0, |close| close.nearest_not_covered),
            ranking.0[16],
            read.sensed.as_ref().map_or(0.0, |sensed| sensed.any.clamp(LEAST, -LEAST) / 4.0),
            ranking.0[17],
            ranking.0[18],
            alike.map_or(0.0, |alike| alike.covered.clamp(LEAST, -LEAST) / 4.0),
        ])
    }

    pub fn probability(&self, known: Known) -> f32 {
        let weights = DECIDING_WEIGHTS[known.place()];
        let sum: f32 = self.0.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        1.0 / (1.0 + (-sum - weights[DECIDING.len()]).exp())
    }

    pub fn named(&self) -> Vec<(&'static str, f32)> {
        DECIDING.into_iter().zip(self.0).collect()
    }
}

/// How much of a question a passage has, as shares of its weight.
struct Share {
    covered: f32,
    /// In its headings.
    headed: f32,
    /// In one sentence.
    sentence: f32,
    /// Subjects that no passage has.
    strange_subject: f32,
}

impl Share {
    fn new(terms: &[Term], index: &Index, place: usize) -> Self {
        let entry = index.entry(place);
        let counted = || terms.iter().filter(|term| !matches!(term.key, Key::Gram(_)));
        let has = |term: &Term| entry.places.get(&term.key);
        let (mut all, mut covered, mut headed) = (0.0, 0.0, 0.0);
        let mut strange_subject = 0.0;
        for term in counted() {
            if let Some(place) = has(term) {
                all += term.weight;
                covered += term.weight * in_text(place);
                headed += if place.heading + place.above > 0.0 { term.weight } else { 0.0 };
                continue;
            }
            all += term.missed;
            if term.kind == Some(Kind::Subject) && !term.known {
                strange_subject += term.missed;
            }
        }
        let shared =
            |keys: &HashSet<Key>| counted().filter(|term| keys.contains(&term.key)).map(|term| term.weight).sum();
        let sentence = entry.sentences.iter().map(|(_, keys)| shared(keys)).fold(0.0, f32::max);
        let share = |part: f32| if all > 0.0 { part / all } else { 0.0 };
        Self {
            covered: share(covered),
            headed: share(headed),
            sentence: share(sentence),
            strange_subject: share(strange_subject),
        }
    }
}

fn in_text(place: &Place) -> f32 {
    if place.heading + place.above + place.body > 0.0 { 1.0 } else { 0.8 }
}
