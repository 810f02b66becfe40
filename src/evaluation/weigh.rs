//! Fits the weights of the sources on held-out messages: the likelihood of the labels over a small grid.

use crate::assistant::understand::fuse::{FITTED, INTENTS, IntentVote, Weights, blend, mix, place_of};
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
    /// The sentence encoder's shares, if there is one.
    pub sense: Option<[f32; INTENTS]>,
    /// What the language model said, if it spoke.
    pub vote: Option<IntentVote>,
}

/// Weights, and how well they do.
#[derive(Debug, Clone, Copy)]
pub struct Weighed {
    /// The weights.
    pub weights: Weights,
    /// On what they were judged by.
    pub scores: Scores,
}

/// How well messages were understood.
#[derive(Debug, Clone, Copy)]
pub struct Scores {
    /// Mean −ln p of the labels.
    pub loss: f32,
    /// Share of right intents.
    pub accuracy: f32,
    /// Expected calibration error over ten bins of the confidence.
    pub ece: f32,
}

/// The weights under which the labels are likeliest, span votes left as they are.
pub fn weigh(opinions: &[Opinions]) -> Weighed {
    let mut best: Option<Weighed> = None;
    let steps = |low: usize, high: usize| (low..=high).map(|step| step as f32);
    let senses = if opinions.iter().any(|opinion| opinion.sense.is_some()) { 5 } else { 0 };
    let models = if opinions.iter().any(|opinion| opinion.vote.is_some()) { 8 } else { 0 };
    for (guess, sense) in steps(0, 5).flat_map(|guess| steps(0, senses).map(move |sense| (guess / 5.0, sense / 5.0))) {
        for model in steps(0, models).map(|step| step / 4.0).filter(|_| guess + sense <= 1.0) {
            for temperature in steps(3, 12).map(|step| step / 5.0) {
                let weights = Weights { guess, sense, model, temperature, temperature_alone: temperature, ..FITTED };
                let tried = judge(opinions, weights);
                if best.is_none_or(|best| tried.scores.loss < best.scores.loss) {
                    best = Some(tried);
                }
            }
        }
    }
    best.unwrap_or(judge(opinions, FITTED))
}

/// How well weights do on messages that they were not fitted on: fitted on four fifths and judged on the fifth, five times over.
pub fn weigh_crosswise(opinions: &[Opinions]) -> Scores {
    const FOLDS: usize = 5;
    let mut outcomes = Vec::new();
    for fold in 0..FOLDS {
        let part = |is_judged: bool| -> Vec<Opinions> {
            let chosen = opinions.iter().enumerate().filter(|(index, _)| (index % FOLDS == fold) == is_judged);
            chosen.map(|(_, opinion)| opinion.clone()).collect()
        };
        let weights = weigh(&part(false)).weights;
        outcomes.extend(part(true).iter().map(|opinion| Outcome::of(opinion, &weights)));
    }
    Scores::of(&outcomes)
}

/// How given weights do.
pub fn judge(opinions: &[Opinions], weights: Weights) -> Weighed {
    let outcomes: Vec<Outcome> = opinions.iter().map(|opinion| Outcome::of(opinion, &weights)).collect();
    Weighed { weights, scores: Scores::of(&outcomes) }
}

/// What became of one message: the label's probability, that of the likeliest intent, and whether they are the same.
struct Outcome {
    label: f32,
    best: f32,
    is_right: bool,
}

impl Outcome {
    fn of(opinion: &Opinions, weights: &Weights) -> Self {
        let shares = blend(&opinion.prior, &opinion.guess, opinion.sense.as_ref(), weights);
        let shares = mix(&shares, opinion.vote, weights);
        let label = shares[place_of(opinion.label)];
        let best = shares.iter().copied().fold(0.0, f32::max);
        Self { label, best, is_right: label >= best }
    }
}

impl Scores {
    fn of(outcomes: &[Outcome]) -> Self {
        let total = outcomes.len().max(1) as f32;
        let loss = outcomes.iter().map(|outcome| -outcome.label.max(1e-6).ln()).sum::<f32>() / total;
        let accuracy = outcomes.iter().filter(|outcome| outcome.is_right).count() as f32 / total;
        let mut gaps = [0.0f32; 10];
        for outcome in outcomes {
            gaps[((outcome.best * 10.0) as usize).min(9)] += outcome.best - f32::from(u8::from(outcome.is_right));
        }
        Self { loss, accuracy, ece: gaps.iter().map(|gap| gap.abs()).sum::<f32>() / total }
    }
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
                sense: None,
                vote: None,
            })
            .collect();
        let fitted = weigh(&opinions);
        assert!(fitted.weights.guess > 0.9 && fitted.scores.accuracy > 0.99, "{fitted:?}");
        let crosswise = weigh_crosswise(&opinions);
        assert!(crosswise.accuracy > 0.99 && crosswise.loss < 1.0, "{crosswise:?}");
    }
}
