//! What speaks for a passage: against the other passages, and for its being an answer at all.
//!
//! Both are linear; `models/train/pipeline/policies.py` fits the weights on `tests/eval/service_tuning.jsonl`, apart for shops
//! whose policies have example questions and for those whose policies have none. Called by `choose`.

use std::collections::HashSet;

use super::choose::Reading;
use super::index::{Index, Key, Place, Term};
use super::phrases::Kind;

const RANKING: [&str; 13] = [
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
];
/// Weights of [`Ranking`]: without example questions, with them.
const RANKING_WEIGHTS: [[f32; 13]; 2] = [
    [5.72, 4.16, 4.02, 2.75, 2.27, 0.77, 1.78, 0.69, 1.31, 2.16, -0.81, 3.59, 3.66],
    [6.89, 3.52, 2.12, 1.2, 0.69, 0.4, 2.33, 1.15, 1.84, 0.89, -0.61, 3.04, 2.59],
];

const DECIDING: [&str; 12] = [
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
];
/// Weights of [`Deciding`], then the bias: without example questions, with them.
const DECIDING_WEIGHTS: [[f32; 13]; 2] = [
    [3.88, 2.08, 0.79, -1.6, -1.12, 0.68, 1.94, 0.86, 0.31, -2.14, 0.51, -0.22, -5.36],
    [4.06, 1.49, -1.01, -2.3, -0.64, 0.31, -0.5, 0.54, 0.22, -1.59, -0.39, 0.32, -5.49],
];

/// Log-probabilities below this say the same.
const LEAST: f32 = -8.0;

/// What speaks for a passage against the others, each about 0–1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranking([f32; 13]);

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
        let likely_now = likely(read.resemblance.log_probability[at]);
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
        ])
    }

    /// Comparable within one question only.
    pub fn score(&self, examples: bool) -> f32 {
        self.0.iter().zip(RANKING_WEIGHTS[usize::from(examples)]).map(|(value, weight)| value * weight).sum()
    }

    pub fn named(&self) -> Vec<(&'static str, f32)> {
        RANKING.into_iter().zip(self.0).collect()
    }
}

/// What speaks for a passage's being an answer at all, each about 0–1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deciding([f32; 12]);

impl Deciding {
    /// `probability` is that of the passage, if any answers.
    pub fn new(read: &Reading, index: &Index, place: usize, ranking: &Ranking, probability: f32) -> Self {
        let share = Share::new(&read.terms, index, place);
        let flag = |condition: bool| f32::from(u8::from(condition));
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
        ])
    }

    pub fn probability(&self, examples: bool) -> f32 {
        let weights = DECIDING_WEIGHTS[usize::from(examples)];
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
