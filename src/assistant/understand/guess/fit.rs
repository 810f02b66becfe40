//! Fits the guess: logistic regression by AdaGrad (Duchi et al. 2011) on labelled messages and copies with exchanged spans.

use std::collections::HashMap;

use super::{Guess, features, softmax};
use crate::assistant::understand::fuse::INTENTS;
use crate::assistant::understand::labelled::Labelled;
use crate::assistant::understand::message::Message;
use crate::assistant::understand::rules;
use crate::assistant::understand::tagger::features::Seen;
use crate::assistant::understand::tagger::fit::{Pool, Random, Recipe};
use crate::assistant::understand::vocabulary::Vocabulary;
use crate::domain::intent::IntentKind;

/// Size of a step.
const RATE: f32 = 0.08;
/// How much a weight is pulled to zero when its feature is seen.
const DECAY: f32 = 2e-5;

/// A feature is kept when one of its weights is this large; most of the others belong to one message only, and without them
/// the file is a sixth of its size for 0.2 points of accuracy.
const TELLING: f32 = 0.085;
/// Of the kept features, smaller weights are dropped.
const SMALLEST: f32 = 0.03;

struct Weights {
    now: [f32; INTENTS],
    squares: [f32; INTENTS],
}

/// Fits a guess. Rarer intents count for more. `report` is told the share of wrong guesses after each pass.
pub fn fit(
    messages: &[Labelled],
    vocabulary: &Vocabulary,
    recipe: &Recipe,
    mut report: impl FnMut(usize, f64),
) -> Guess {
    let mut random = Random::new(recipe.seed);
    let pool = Pool::new(messages);
    let mut weights: HashMap<u32, Box<Weights>> = HashMap::new();
    let mut order: Vec<usize> = (0..messages.len()).collect();
    let importance = importance(messages);
    for epoch in 0..recipe.epochs {
        random.shuffle(&mut order);
        let mut wrong = 0usize;
        for &index in &order {
            let copy = pool.exchange(&messages[index], recipe, &mut random);
            let labelled = if epoch % 2 == 0 { &messages[index] } else { &copy };
            let message = Message::new(&labelled.text);
            let ruling = rules::read(&message, &labelled.context);
            let mut known = vocabulary.find(&message);
            known.retain(|_| !random.chance(recipe.hidden / 2.0));
            let seen = Seen {
                message: &message,
                context: &labelled.context,
                intent: labelled.intent,
                known: &known,
                ruling: &ruling,
            };
            let found = features::features(&seen);
            let mut scores = [0.0f32; INTENTS];
            for weights in found.iter().filter_map(|feature| weights.get(feature)) {
                scores.iter_mut().zip(&weights.now).for_each(|(score, weight)| *score += weight);
            }
            let shares = softmax(scores);
            let place = place_of(labelled.intent);
            wrong += usize::from(shares.iter().any(|share| *share > shares[place]));
            let gradient: [f32; INTENTS] =
                std::array::from_fn(|label| (shares[label] - f32::from(u8::from(label == place))) * importance[place]);
            for feature in found {
                let empty = || Box::new(Weights { now: [0.0; INTENTS], squares: [1e-3; INTENTS] });
                let weights = weights.entry(feature).or_insert_with(empty);
                for (label, slope) in gradient.iter().enumerate().filter(|(_, slope)| slope.abs() > 1e-3) {
                    weights.squares[label] += slope * slope;
                    let step = RATE / weights.squares[label].sqrt();
                    weights.now[label] -= step * slope + DECAY * weights.now[label];
                }
            }
        }
        report(epoch + 1, wrong as f64 / messages.len().max(1) as f64);
    }
    let kept = weights.into_iter().filter_map(|(feature, weights)| {
        if weights.now.iter().all(|weight| weight.abs() < TELLING) {
            return None;
        }
        let pairs = weights.now.iter().enumerate().map(|(label, weight)| (label as u8, *weight));
        let pairs: Vec<(u8, f32)> = pairs.filter(|(_, weight)| weight.abs() >= SMALLEST).collect();
        (!pairs.is_empty()).then_some((feature, pairs))
    });
    Guess { weights: kept.collect() }
}

/// The square root of how much rarer an intent is than the mean.
fn importance(messages: &[Labelled]) -> [f32; INTENTS] {
    let mut counts = [0usize; INTENTS];
    messages.iter().for_each(|message| counts[place_of(message.intent)] += 1);
    let mean = messages.len() as f32 / INTENTS as f32;
    counts.map(|count| (mean / count.max(1) as f32).sqrt().clamp(0.5, 2.0))
}

fn place_of(intent: IntentKind) -> usize {
    IntentKind::ALL.iter().position(|kind| *kind == intent).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::understand::labelled;
    use crate::domain::session::Context;

    #[test]
    fn what_was_learnt_of_one_colour_holds_for_another() {
        let lines = "refine | 外套; shown 5 | 要[黑色](colour)的\nrefine | 外套; shown 5 | 要[白色](colour)的\n\
                     detail | 外套; shown 5 | [这个](items)重吗\ndetail | 外套; shown 5 | [第一个](items)防水吗\n";
        let vocabulary = Vocabulary::shared();
        let messages = labelled::read(lines).expect("lines");
        let guess = fit(&messages, &vocabulary, &Recipe { epochs: 20, ..Recipe::default() }, |_, _| {});
        let context = Context { query: Some("外套".into()), shown: 5 };
        let message = Message::new("紫色的");
        let (known, ruling) = (vocabulary.find(&message), rules::read(&message, &context));
        let seen =
            Seen { message: &message, context: &context, intent: IntentKind::Unclear, known: &known, ruling: &ruling };
        let shares = guess.predict(&seen);
        assert!(shares[place_of(IntentKind::Refine)] > 0.5, "{shares:?}");
    }
}
