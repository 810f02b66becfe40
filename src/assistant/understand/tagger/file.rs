//! A tagger's file: `DGTG`, version, scale, transitions, then features by rising hash with their weights, one byte each.

use std::collections::HashMap;

use super::{LABELS, Tagger};

const MAGIC: &[u8; 4] = b"DGTG";
/// Rises whenever the features or the labels change.
pub const VERSION: u32 = 2;

/// Why bytes are not a tagger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a span tagger: {0}")]
pub struct TaggerError(pub &'static str);

impl Tagger {
    /// Reads a tagger.
    ///
    /// # Errors
    /// The bytes are not one, or one of another version.
    pub fn load(bytes: &[u8]) -> Result<Self, TaggerError> {
        let mut rest = bytes;
        if take(&mut rest, 4)? != MAGIC || take_u32(&mut rest)? != VERSION {
            return Err(TaggerError("wrong magic or version"));
        }
        let scale = f32::from_bits(take_u32(&mut rest)?);
        let count = take_u32(&mut rest)? as usize;
        if !(scale.is_finite() && scale > 0.0) || count > bytes.len() {
            return Err(TaggerError("an impossible header"));
        }
        let transitions = (0..LABELS * LABELS)
            .map(|_| take_u32(&mut rest).map(f32::from_bits))
            .collect::<Result<Vec<f32>, TaggerError>>()?;
        let mut weights = HashMap::with_capacity(count);
        for _ in 0..count {
            let feature = take_u32(&mut rest)?;
            let labels = usize::from(take(&mut rest, 1)?[0]);
            let pairs = take(&mut rest, 2 * labels)?.chunks_exact(2);
            let pairs = pairs.map(|pair| (pair[0], f32::from(pair[1].cast_signed()) * scale));
            let pairs: Vec<(u8, f32)> = pairs.filter(|(label, _)| usize::from(*label) < LABELS).collect();
            weights.insert(feature, pairs);
        }
        match rest {
            [] => Ok(Self { weights, transitions }),
            _ => Err(TaggerError("more bytes than features")),
        }
    }

    /// The file's bytes. Weights are rounded to 1/127 of the largest; those that round to nothing are dropped.
    pub fn to_bytes(&self) -> Vec<u8> {
        let largest = self.weights.values().flatten().map(|(_, weight)| weight.abs()).fold(1e-6, f32::max);
        let scale = largest / 127.0;
        let mut features: Vec<(u32, Vec<u8>)> = Vec::new();
        for (feature, weights) in &self.weights {
            let mut pairs = Vec::new();
            for (label, weight) in weights {
                let step = (weight / scale).round().clamp(-127.0, 127.0) as i8;
                if step != 0 {
                    pairs.extend([*label, step.cast_unsigned()]);
                }
            }
            if !pairs.is_empty() {
                features.push((*feature, pairs));
            }
        }
        features.sort_unstable();
        let mut bytes = Vec::new();
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&scale.to_bits().to_le_bytes());
        bytes.extend_from_slice(&(features.len() as u32).to_le_bytes());
        for place in 0..LABELS * LABELS {
            let weight = self.transitions.get(place).copied().unwrap_or(0.0);
            bytes.extend_from_slice(&weight.to_bits().to_le_bytes());
        }
        for (feature, pairs) in features {
            bytes.extend_from_slice(&feature.to_le_bytes());
            bytes.push((pairs.len() / 2) as u8);
            bytes.extend_from_slice(&pairs);
        }
        bytes
    }
}

fn take<'b>(rest: &mut &'b [u8], count: usize) -> Result<&'b [u8], TaggerError> {
    let (head, tail) = rest.split_at_checked(count).ok_or(TaggerError("cut short"))?;
    *rest = tail;
    Ok(head)
}

fn take_u32(rest: &mut &[u8]) -> Result<u32, TaggerError> {
    let bytes = take(rest, 4)?;
    Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tagger_survives_its_file() {
        let weights = HashMap::from([(7, vec![(1, 12.7), (2, -6.4)]), (9, vec![(3, 0.001)])]);
        let tagger = Tagger { weights, transitions: vec![0.5; LABELS * LABELS] };
        let bytes = tagger.to_bytes();
        let read = Tagger::load(&bytes).expect("tagger");
        assert_eq!(read.weights.len(), 1);
        assert!((read.weights[&7][1].1 + 6.4).abs() < 0.1);
        assert_eq!(read.transitions, tagger.transitions);
        assert!(Tagger::load(&bytes[..bytes.len() - 1]).is_err());
        assert!(Tagger::load(b"GGUF").is_err());
    }
}
