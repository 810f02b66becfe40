//! How close what a question means is to passages and to example questions, though it shares no word with them.
//!
//! Immutable. Called by `index`.

use super::passage::Passage;
use crate::domain::matcher::{Matcher, Meaning, Shelf};

/// What the passages of one language and the questions that lead to them mean.
#[derive(Debug)]
pub(super) struct Meanings {
    shelf: Shelf,
    /// The example questions of each passage.
    asked: Vec<Vec<Meaning>>,
    /// Questions that no passage answers.
    not_covered: Vec<Meaning>,
}

/// How close a question comes to each passage.
#[derive(Debug, Clone)]
pub(super) struct Close {
    /// Log-probability of each passage, if one answers.
    pub log_probability: Vec<f32>,
    /// The log-odds that any passage answers.
    pub any: f32,
    /// The cosine with the nearest example question of each passage.
    pub nearest: Vec<f32>,
    /// The mean of the cosines with the few nearest ones.
    pub near: Vec<f32>,
    /// The cosine with the nearest question that no passage answers.
    pub nearest_not_covered: f32,
}

/// So many example questions are near.
const NEAR: usize = 5;

impl Meanings {
    pub fn new<'a>(passages: &[&Passage], not_covered: impl Iterator<Item = &'a str>) -> Self {
        let matcher = Matcher::bundled();
        let texts: Vec<(&str, String)> = passages
            .iter()
            .map(|passage| {
                let heading = passage.headings.last().map_or("", String::as_str);
                (heading, passage.with_heading())
            })
            .collect();
        let asked = passages.iter().map(|passage| passage.asked.iter().map(|asked| matcher.meaning(asked)).collect());
        Self {
            shelf: Shelf::new(matcher, texts.iter().map(|(heading, text)| (*heading, text.as_str()))),
            asked: asked.collect(),
            not_covered: not_covered.map(|question| matcher.meaning(question)).collect(),
        }
    }

    pub fn compare(&self, question: &str) -> Close {
        let asked = Matcher::bundled().ask(question);
        let scores = self.shelf.scores(&asked);
        let best = scores.iter().copied().fold(f32::MIN, f32::max);
        let all = scores.iter().map(|score| (score - best).exp()).sum::<f32>().ln() + best;
        let likeness = |other: &Meaning| asked.meaning.likeness(other).max(0.0);
        let (nearest, near) = self
            .asked
            .iter()
            .map(|examples| {
                let mut cosines: Vec<f32> = examples.iter().map(likeness).collect();
                cosines.sort_unstable_by(|one, other| other.total_cmp(one));
                let few = &cosines[..cosines.len().min(NEAR)];
                (few.first().copied().unwrap_or_default(), few.iter().sum::<f32>() / few.len().max(1) as f32)
            })
            .unzip();
        Close {
            log_probability: scores.iter().map(|score| score - all).collect(),
            any: all - asked.none,
            nearest,
            near,
            nearest_not_covered: self.not_covered.iter().map(likeness).fold(0.0, f32::max),
        }
    }
}
