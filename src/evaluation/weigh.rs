//! Fits the weights of the sources on held-out messages: the likelihood of the labels over a small grid.

use crate::assistant::understand::fuse::{FITTED, INTENTS, IntentVote, Weights, blend, mix};
use crate::domain::intent::IntentKind;

/// What the sources said of one message.
#[derive(Debug, Clone)]
pub struct Opinions {
    /// The label.
    pub label: IntentKind,
    /// The prior's shares.
    pub prior: [f32; INTENTS],
    /// The guess's shares.
    pub guess: [f32; INTENTS],
    /// What the language model said, if it spoke.
    pub vote: Option<IntentVote>,
}

/// A fit of the weights.
#[derive(Debug, Clone, Copy)]
pub struct Weighed {
    /// The weights.
    pub weights: Weights,
    /// Mean −ln p of the labels.
    pub loss: f32,
    /// Share of right intents.
    pub accuracy: f32,
}

/// The weights under which the labels are likeliest, span votes left as they are.
pub fn weigh(opinions: &[Opinions]) -> Weighed {
    let mut best: Option<Weighed> = None;
    let steps = |low: usize, high: usize| (low..=high).map(|step| step as f32);
    for guess in steps(0, 5).map(|step| step / 5.0) {
        for model in steps(0, 6).map(|step| step / 4.0) {
            for temperature in steps(3, 12).map(|step| step / 5.0) {
                let weights = Weights { guess, model, temperature, temperature_alone: temperature, ..FITTED };
                let tried = judge(opinions, weights);
                if best.is_none_or(|best| tried.loss < best.loss) {
                    best = Some(tried);
                }
            }
        }
    }
    best.unwrap_or(judge(opinions, FITTED))
}

/// How given weights do.
pub fn judge(opinions: &[Opinions], weights: Weights) -> Weighed {
    let (mut loss, mut right) = (0.0f32, 0usize);
    for opinion in opinions {
        let shares = mix(&blend(&opinion.prior, &opinion.guess, weights.guess), opinion.vote, &weights);
        let place = IntentKind::ALL.iter().position(|kind| *kind == opinion.label).unwrap_or(0);
        loss -= shares[place].max(1e-6).ln();
        right += usize::from(shares.iter().all(|share| *share <= shares[place]));
    }
    let total = opinions.len().max(1) as f32;
    Weighed { weights, loss: loss / total, accuracy: right as f32 / total }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_that_is_right_gets_the_weight() {
        let shares =
            |kind: usize| std::array::from_fn(|place| if place == kind { 0.9 } else { 0.1 / (INTENTS - 1) as f32 });
        let opinions: Vec<Opinions> = (0..INTENTS)
            .map(|kind| Opinions {
                label: IntentKind::ALL[kind],
                prior: shares((kind + 1) % INTENTS),
                guess: shares(kind),
                vote: None,
            })
            .collect();
        let fitted = weigh(&opinions);
        assert!(fitted.weights.guess > 0.9 && fitted.accuracy > 0.99, "{fitted:?}");
    }
}
