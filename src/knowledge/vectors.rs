//! Turns what a text has (concepts, words, runs of characters) into weighted vectors: the rarer, the heavier.
//!
//! Term frequency is dampened, inverse document frequency smoothed, length normalised to one, as in scikit-learn's
//! `TfidfVectorizer(sublinear_tf=True)`. Immutable. Called by `likeness`.

use std::collections::HashMap;

/// A vector: places of the vocabulary with their weights.
pub(super) type Vector = Vec<(usize, f32)>;

/// What stands in the documents, and how rare it is.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    places: HashMap<String, usize>,
    rarity: Vec<f32>,
    /// The rarity of what no document has.
    unknown: f32,
}

/// A text as a vector, with what no document has.
#[derive(Debug, Default)]
pub(super) struct Weighted {
    pub vector: Vector,
    /// The share of it, 0–1, that no document has.
    pub unknown: f32,
}

impl Vocabulary {
    /// Learns what the documents have.
    pub fn new<'a>(documents: impl Iterator<Item = &'a [String]>) -> Self {
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut counts: Vec<(u32, usize)> = Vec::new();
        let mut size = 0;
        for document in documents {
            size += 1;
            for feature in document {
                let place = match places.get(feature) {
                    Some(place) => *place,
                    None => {
                        places.insert(feature.clone(), counts.len());
                        counts.push((0, 0));
                        counts.len() - 1
                    }
                };
                if counts[place].1 != size {
                    counts[place] = (counts[place].0 + 1, size);
                }
            }
        }
        let rarity = |count: f32| ((1.0 + size as f32) / (1.0 + count)).ln() + 1.0;
        Self { places, rarity: counts.iter().map(|(count, _)| rarity(*count as f32)).collect(), unknown: rarity(0.0) }
    }

    pub fn len(&self) -> usize {
        self.rarity.len()
    }

    /// Weighs a text, to length one together with what no document has.
    pub fn weigh(&self, features: &[String]) -> Weighted {
        let mut sorted: Vec<&String> = features.iter().collect();
        sorted.sort_unstable();
        let mut vector = Vector::new();
        let mut strange = 0.0;
        for same in sorted.chunk_by(|one, other| one == other) {
            let feature = same[0];
            let weight = (1.0 + (same.len() as f32).ln()) * emphasis(feature);
            match self.places.get(feature) {
                Some(place) => vector.push((*place, weight * self.rarity[*place])),
                None => strange += (weight * self.unknown).powi(2),
            }
        }
        vector.sort_unstable_by_key(|(place, _)| *place);
        let squares = vector.iter().map(|(_, weight)| weight * weight).sum::<f32>() + strange;
        let length = squares.sqrt().max(f32::MIN_POSITIVE);
        vector.iter_mut().for_each(|(_, weight)| *weight /= length);
        Weighted { vector, unknown: strange / squares.max(f32::MIN_POSITIVE) }
    }
}

/// The cosine of two vectors of length one.
pub(super) fn cosine(one: &Vector, other: &Vector) -> f32 {
    let (mut sum, mut at) = (0.0, 0);
    for (place, weight) in one {
        while other.get(at).is_some_and(|(next, _)| next < place) {
            at += 1;
        }
        if let Some((_, same)) = other.get(at).filter(|(next, _)| next == place) {
            sum += weight * same;
        }
    }
    sum
}

/// How much a kind of feature counts, by its first letter: see [`super::analysis::Analyzer::features`].
fn emphasis(feature: &str) -> f32 {
    match feature.as_bytes().first() {
        Some(b'k') => CONCEPT,
        Some(b'c' | b'h') => LETTERS,
        _ => 1.0,
    }
}

const CONCEPT: f32 = 2.0;
const LETTERS: f32 = 0.6;

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &[&str]) -> Vec<Vec<String>> {
        words.iter().map(|text| text.split(' ').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn what_is_rare_weighs_more_and_what_is_strange_is_told() {
        let documents = texts(&["the refund", "the parcel", "the card"]);
        let vocabulary = Vocabulary::new(documents.iter().map(Vec::as_slice));
        let weighed = vocabulary.weigh(&texts(&["the refund"])[0]);
        assert!(weighed.vector[1].1 > weighed.vector[0].1 && weighed.unknown == 0.0);
        assert!((cosine(&weighed.vector, &weighed.vector) - 1.0).abs() < 1e-4);
        let parcel = vocabulary.weigh(&texts(&["a parcel"])[0]);
        assert!(cosine(&weighed.vector, &parcel.vector) < 0.1);
        let strange = vocabulary.weigh(&texts(&["the drone"])[0]);
        assert!(strange.unknown > 0.5 && strange.vector.len() == 1);
    }
}
