//! How much a question resembles what is known to lead to a passage: its heading, its sentences and its example questions.
//!
//! Two views of the same vectors: multinomial naive Bayes over all that a passage has (McCallum & Nigam 1998), and the cosine
//! with its nearest single text. Immutable. Called by `choose`.

use super::vectors::{Vector, Vocabulary};

/// What a text leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeadsTo {
    /// The passage at a place.
    Passage(usize),
    /// No passage: a question of a theme that the policies leave out.
    Nothing(usize),
}

/// A text that leads to a passage, or to none.
pub(super) struct Document {
    pub leads_to: LeadsTo,
    pub features: Vec<String>,
}

/// What is known of all passages of one language.
#[derive(Debug, Default)]
pub(super) struct Likeness {
    vocabulary: Vocabulary,
    /// The texts that have a feature, with its weight in them.
    postings: Vec<Vec<(usize, f32)>>,
    /// The class of each text: the passages in order, then the themes that lead to none.
    classes: Vec<usize>,
    passages: usize,
    /// For each feature the classes that have it, with how much it speaks for them beyond `floors`.
    votes: Vec<Vec<(usize, f32)>>,
    /// What a feature speaks for a class that lacks it.
    floors: Vec<f32>,
}

/// How a question resembles each passage.
#[derive(Debug, Clone)]
pub(super) struct Resemblance {
    /// Log-probability of each passage given the question, if one answers.
    pub log_probability: Vec<f32>,
    /// The cosine with the nearest text of each passage.
    pub nearest: Vec<f32>,
    /// The log-odds that no passage answers, and the cosine with the nearest question that none does.
    pub not_covered: f32,
    pub nearest_not_covered: f32,
    /// The share of the question that no text has.
    pub unknown: f32,
}

/// What is added to every count.
const SMOOTHING: f32 = 0.05;
/// The logarithm for a class that no text leads to.
const EMPTY: f32 = -1e6;
/// Log-odds beyond this, either way, say the same.
const LEAST: f32 = -8.0;

impl Likeness {
    /// Learns from texts; passages are `0..passages`.
    pub fn new(documents: &[Document], passages: usize) -> Self {
        let class = |document: &Document| match document.leads_to {
            LeadsTo::Passage(place) => place,
            LeadsTo::Nothing(theme) => passages + theme,
        };
        let classes: Vec<usize> = documents.iter().map(class).collect();
        let count = classes.iter().map(|class| class + 1).max().unwrap_or_default().max(passages);
        let vocabulary = Vocabulary::new(documents.iter().map(|document| document.features.as_slice()));
        let mut postings: Vec<Vec<(usize, f32)>> = vec![Vec::new(); vocabulary.len()];
        let mut counts: Vec<Vec<(usize, f32)>> = vec![Vec::new(); vocabulary.len()];
        let mut totals = vec![0.0; count];
        for (place, document) in documents.iter().enumerate() {
            for (feature, weight) in vocabulary.weigh(&document.features).vector {
                postings[feature].push((place, weight));
                totals[classes[place]] += weight;
                match counts[feature].iter_mut().find(|(known, _)| *known == classes[place]) {
                    Some((_, sum)) => *sum += weight,
                    None => counts[feature].push((classes[place], weight)),
                }
            }
        }
        let size = vocabulary.len() as f32;
        let floor = |total: &f32| if *total > 0.0 { (SMOOTHING / (total + SMOOTHING * size)).ln() } else { EMPTY };
        let floors = totals.iter().map(floor).collect();
        counts.iter_mut().flatten().for_each(|(_, sum)| *sum = (1.0 + *sum / SMOOTHING).ln());
        Self { vocabulary, postings, classes, passages, votes: counts, floors }
    }

    /// Compares a question with everything known.
    pub fn compare(&self, features: &[String]) -> Resemblance {
        let weighed = self.vocabulary.weigh(features);
        let mut nearest = vec![0.0f32; self.floors.len()];
        for (place, cosine) in self.cosines(&weighed.vector) {
            let best = &mut nearest[self.classes[place]];
            *best = best.max(cosine);
        }
        let nearest_not_covered = nearest.drain(self.passages..).fold(0.0, f32::max);
        let mut log_probability = self.sums(&weighed.vector);
        let nothing: Vec<f32> = log_probability.drain(self.passages..).collect();
        let any = log_of_sum(&log_probability);
        log_probability.iter_mut().for_each(|sum| *sum -= any);
        let not_covered = if nothing.is_empty() { LEAST } else { (log_of_sum(&nothing) - any).clamp(LEAST, -LEAST) };
        Resemblance { log_probability, nearest, not_covered, nearest_not_covered, unknown: weighed.unknown }
    }

    /// A text's vector.
    pub fn vector(&self, features: &[String]) -> Vector {
        self.vocabulary.weigh(features).vector
    }

    fn cosines(&self, vector: &Vector) -> impl Iterator<Item = (usize, f32)> {
        let mut cosines = vec![0.0f32; self.classes.len()];
        for (feature, weight) in vector {
            for (place, other) in &self.postings[*feature] {
                cosines[*place] += weight * other;
            }
        }
        cosines.into_iter().enumerate().filter(|(_, cosine)| *cosine > 0.0)
    }

    /// Naive Bayes' sum of logarithms for each class.
    fn sums(&self, vector: &Vector) -> Vec<f32> {
        let all: f32 = vector.iter().map(|(_, weight)| weight).sum();
        let mut sums: Vec<f32> = self.floors.iter().map(|floor| all * floor).collect();
        for (feature, weight) in vector {
            for (class, vote) in &self.votes[*feature] {
                sums[*class] += weight * vote;
            }
        }
        sums
    }
}

fn log_of_sum(logs: &[f32]) -> f32 {
    let best = logs.iter().copied().fold(f32::MIN, f32::max);
    logs.iter().map(|log| (log - best).exp()).sum::<f32>().ln() + best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(leads_to: LeadsTo, text: &str) -> Document {
        Document { leads_to, features: features(text) }
    }

    fn features(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_question_resembles_the_passage_whose_examples_share_its_rare_words() {
        let likeness = Likeness::new(
            &[
                document(LeadsTo::Passage(0), "when does the refund arrive"),
                document(LeadsTo::Passage(0), "where is my money"),
                document(LeadsTo::Passage(1), "when does the parcel arrive"),
                document(LeadsTo::Nothing(0), "do you take bitcoin"),
            ],
            2,
        );
        let refund = likeness.compare(&features("when is the money here"));
        assert!(refund.log_probability[0] > refund.log_probability[1] && refund.nearest[0] > refund.nearest[1]);
        let sum: f32 = refund.log_probability.iter().map(|log| log.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-3, "probabilities add up: {sum}");
        let coin = likeness.compare(&features("do you take bitcoin here"));
        assert!(coin.not_covered > 0.0 && refund.not_covered < 0.0);
        assert!(coin.nearest_not_covered > coin.nearest[0].max(coin.nearest[1]));
        assert!(coin.unknown > 0.0);
    }
}
