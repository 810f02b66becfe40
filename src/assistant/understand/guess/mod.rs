//! The linear guess at the intent from words *and* from what the rules and the known words found in them: "⟨colour⟩ 的有吗" says
//! more than the colour. A second opinion beside the prior, which sees the letters alone.
//!
//! Multinomial logistic regression over hashed features. Pure; microseconds a message.

pub mod features;
pub mod fit;

use std::collections::HashMap;

use super::fuse::INTENTS;
use super::tagger::features::Seen;
use super::tagger::file::TaggerError;

const MAGIC: &[u8; 4] = b"DGGS";
/// Rises whenever the features change.
const VERSION: u32 = 1;

/// A fitted guess.
#[derive(Debug, Clone, Default)]
pub struct Guess {
    weights: HashMap<u32, Vec<(u8, f32)>>,
}

impl Guess {
    /// The probability of each intent, in the order of `IntentKind::ALL`. The intent that `seen` carries is not looked at.
    pub fn predict(&self, seen: &Seen<'_>) -> [f32; INTENTS] {
        let mut scores = [0.0f32; INTENTS];
        for feature in features::features(seen) {
            for (label, weight) in self.weights.get(&feature).into_iter().flatten() {
                scores[usize::from(*label)] += weight;
            }
        }
        softmax(scores)
    }

    /// Reads a guess.
    ///
    /// # Errors
    /// The bytes are not one, or one of another version.
    pub fn load(bytes: &[u8]) -> Result<Self, TaggerError> {
        let (head, mut rest) = bytes.split_at_checked(12).ok_or(TaggerError("cut short"))?;
        let scale = f32::from_le_bytes([head[8], head[9], head[10], head[11]]);
        if &head[..4] != MAGIC || head[4..8] != VERSION.to_le_bytes() || !(scale.is_finite() && scale > 0.0) {
            return Err(TaggerError("wrong magic or version of a guess"));
        }
        let mut weights = HashMap::new();
        while let Some((feature, tail)) = rest.split_at_checked(5) {
            let (pairs, tail) = tail.split_at_checked(2 * usize::from(feature[4])).ok_or(TaggerError("cut short"))?;
            let pairs = pairs.chunks_exact(2).map(|pair| (pair[0], f32::from(pair[1].cast_signed()) * scale));
            let pairs = pairs.filter(|(label, _)| usize::from(*label) < INTENTS).collect();
            weights.insert(u32::from_le_bytes([feature[0], feature[1], feature[2], feature[3]]), pairs);
            rest = tail;
        }
        if rest.is_empty() { Ok(Self { weights }) } else { Err(TaggerError("cut short")) }
    }

    /// The file's bytes: weights in steps of 1/127 of the largest, those that round to nothing dropped.
    pub fn to_bytes(&self) -> Vec<u8> {
        let largest = self.weights.values().flatten().map(|(_, weight)| weight.abs()).fold(1e-6, f32::max);
        let scale = largest / 127.0;
        let mut features: Vec<(u32, Vec<u8>)> = Vec::new();
        for (feature, weights) in &self.weights {
            let step = |weight: f32| (weight / scale).round().clamp(-127.0, 127.0) as i8;
            let kept = weights.iter().filter(|(_, weight)| step(*weight) != 0);
            let pairs: Vec<u8> = kept.flat_map(|(label, weight)| [*label, step(*weight).cast_unsigned()]).collect();
            if !pairs.is_empty() {
                features.push((*feature, pairs));
            }
        }
        features.sort_unstable();
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes(), &scale.to_le_bytes()].concat();
        for (feature, pairs) in features {
            bytes.extend_from_slice(&feature.to_le_bytes());
            bytes.push((pairs.len() / 2) as u8);
            bytes.extend_from_slice(&pairs);
        }
        bytes
    }
}

fn softmax(scores: [f32; INTENTS]) -> [f32; INTENTS] {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shares = scores.map(|score| (score - top).exp());
    let sum: f32 = shares.iter().sum();
    shares.map(|share| share / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_survives_its_file() {
        let guess = Guess { weights: HashMap::from([(5, vec![(1, 1.27), (3, -0.64)])]) };
        let bytes = guess.to_bytes();
        let read = Guess::load(&bytes).expect("guess");
        assert!((read.weights[&5][1].1 + 0.64).abs() < 0.01);
        assert!(Guess::load(&bytes[..bytes.len() - 1]).is_err());
        assert!(Guess::load(b"GGUF").is_err());
    }
}
