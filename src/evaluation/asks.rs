//! Fits the weights of `assistant::asks_shop`: logistic regression on messages about goods and questions to the shop.

use crate::assistant::asks_shop::Heard;

/// A message with what was heard in it, and whether it asks the shop.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What is weighed.
    pub heard: Heard,
    /// Whether it asks the shop and the passage answers.
    pub asks: bool,
}

/// A weight for each of [`Heard::values`], then the bias.
pub type Weights = [f32; 4];

const STEPS: usize = 4000;
const RATE: f32 = 0.05;
/// Draws the weights to 0.
const L2: f32 = 0.002;

/// The weights under which the cases are likeliest, by Adam (Kingma and Ba 2015).
pub fn fit(cases: &[Case]) -> Weights {
    let (mut weights, mut first, mut second) = ([0.0f32; 4], [0.0f32; 4], [0.0f32; 4]);
    for step in 1..=STEPS as i32 {
        let mut slope = [0.0f32; 4];
        for case in cases {
            let missed = probability(&weights, &case.heard) - f32::from(u8::from(case.asks));
            values(&case.heard).iter().zip(&mut slope).for_each(|(value, slope)| *slope += missed * value);
        }
        for place in 0..weights.len() {
            let penalty = if place + 1 < weights.len() { L2 * weights[place] } else { 0.0 };
            let slope = slope[place] / cases.len().max(1) as f32 + penalty;
            first[place] = 0.9 * first[place] + 0.1 * slope;
            second[place] = 0.999 * second[place] + 0.001 * slope * slope;
            let (mean, square) =
                (first[place] / (1.0 - 0.9f32.powi(step)), second[place] / (1.0 - 0.999f32.powi(step)));
            weights[place] -= RATE * mean / (square.sqrt() + 1e-8);
        }
    }
    weights
}

/// Of the questions and of the other messages, the shares that weights take for questions from a probability on.
pub fn taken(weights: &Weights, cases: &[Case], from: f32) -> (f32, f32) {
    let share = |asks: bool| {
        let own = cases.iter().filter(|case| case.asks == asks);
        let taken = own.clone().filter(|case| probability(weights, &case.heard) >= from).count();
        taken as f32 / own.count().max(1) as f32
    };
    (share(true), share(false))
}

fn values(heard: &Heard) -> Weights {
    let [answered, odds, form] = heard.values();
    [answered, odds, form, 1.0]
}

fn probability(weights: &Weights, heard: &Heard) -> f32 {
    let sum: f32 = values(heard).iter().zip(weights).map(|(value, weight)| value * weight).sum();
    1.0 / (1.0 + (-sum).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::understand::fuse::{INTENTS, place_of};
    use crate::domain::intent::{Intent, IntentKind, IntentSource, Understood};
    use crate::domain::language::Language;

    #[test]
    fn what_tells_questions_from_wishes_gets_the_weight() {
        let case = |answered: f32, policy: f32, asks: bool| {
            let mut shares = vec![0.001; INTENTS];
            shares[place_of(IntentKind::Policy)] = policy;
            shares[place_of(IntentKind::Search)] = 0.5;
            let intent = Intent::of(IntentKind::Search, Language::En);
            let source = IntentSource::Fused;
            let understood = Understood { source, shares, ..Understood::surely(intent) };
            Case { heard: Heard::new(&understood, "a bed", answered).expect("about goods"), asks }
        };
        // What a passage says decides; what understanding holds likely is noise.
        let cases: Vec<Case> =
            (0..40).map(|number| case([0.1, 0.9][number % 2], [0.05, 0.4][number / 2 % 2], number % 2 == 1)).collect();
        let weights = fit(&cases);
        assert!(weights[0] > 0.5 && weights[1].abs() < 0.2, "{weights:?}");
        assert_eq!(taken(&weights, &cases, 0.5), (1.0, 0.0));
    }
}
