//! The sources become one: intents by a weighted mean of logarithms, a temperature fitted on held-out messages, spans by votes.

use super::span::Slot;
use crate::domain::intent::{IntentKind, IntentSource};

/// Number of intents.
pub const INTENTS: usize = IntentKind::ALL.len();

/// The language model's opinion of the intent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntentVote {
    /// What it says.
    pub intent: IntentKind,
    /// With what probability.
    pub probability: f32,
    /// The probabilities that are known, that one's too; what is missing from 1 belongs to the intents that have none.
    pub shares: [f32; INTENTS],
}

impl IntentVote {
    /// The vote of a model that tells no more than its choice.
    pub fn of(intent: IntentKind, probability: f32) -> Self {
        let mut shares = [0.0; INTENTS];
        shares[place_of(intent)] = probability;
        Self { intent, probability, shares }
    }
}

/// Where an intent stands in `IntentKind::ALL`.
pub fn place_of(intent: IntentKind) -> usize {
    IntentKind::ALL.iter().position(|kind| *kind == intent).unwrap_or(0)
}

/// How the sources are weighed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Of the guess among the linear opinions, 0–1; what is left of 1 is the prior's.
    pub guess: f32,
    /// Of the sentence encoder's opinion among them, 0–1.
    pub sense: f32,
    /// Of the linear opinions' logarithms.
    pub prior: f32,
    /// Of the model's logarithms.
    pub model: f32,
    /// Divides the mixed logarithms when the model spoke.
    pub temperature: f32,
    /// Divides the prior's logarithms when it did not.
    pub temperature_alone: f32,
    /// A span of the model against the scores of the tagger.
    pub span_vote: f32,
    /// What the model's silence takes from a span of the tagger.
    pub silence: f32,
}

/// Fitted by `daogou fit --weights` on the 1,411 held-out messages of the corpus, never on `tests/eval`. Over five folds, each judged with
/// weights fitted on the other four: mean −ln p of the intent is 0.65 without the language model and 0.54 with it; right 79.2 % and
/// 83.5 % (the language model alone: 80.3 %); calibration error 3.7 and 3.0 points.
pub const FITTED: Weights = Weights {
    guess: 0.4,
    sense: 0.0,
    prior: 1.0,
    model: 0.5,
    temperature: 1.6,
    temperature_alone: 1.0,
    span_vote: 2.0,
    silence: 0.5,
};

/// The same with the sentence encoder's opinion. Chosen on the same messages and on 1,820 questions to shops and about products by writers
/// of whom no source has learned, of which the corpus has few: with these weights and added questions that count half, 86.0 % of the messages
/// and 75 % of the questions are right (without the encoder 83.9 and 57 %), mean −ln p 0.44 and 0.77 (0.54 and 1.58). They count 0.3 now. The weight of
/// the language model and the temperature were fitted again to the encoder of the last training, on the messages alone: 86.2 %, 0.42.
pub const FITTED_WITH_SENSE: Weights =
    Weights { guess: 0.2, sense: 0.6, model: 0.25, temperature: 1.2, temperature_alone: 0.9, ..FITTED };

/// A judged intent.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The likeliest.
    pub intent: IntentKind,
    /// Its probability.
    pub confidence: f32,
    /// Who decided.
    pub source: IntentSource,
    /// The next best that are not hopeless, best first.
    pub alternatives: Vec<IntentKind>,
    /// The probability of every intent, whatever the rules say.
    pub shares: [f32; INTENTS],
}

/// Alternatives are offered above this probability.
const HOPELESS: f32 = 0.03;
/// At most so many.
const MAX_ALTERNATIVES: usize = 3;

/// Mixes the opinions. A rule's intent stands alone; the others only fill the alternatives.
pub fn judge(
    settled: Option<IntentKind>,
    prior: &[f32; INTENTS],
    model: Option<IntentVote>,
    weights: &Weights,
) -> Verdict {
    let mixed = mix(prior, model, weights);
    let mut order: Vec<usize> = (0..INTENTS).collect();
    order.sort_by(|a, b| mixed[*b].total_cmp(&mixed[*a]));
    let ranked = order.iter().map(|place| (IntentKind::ALL[*place], mixed[*place]));
    let best = IntentKind::ALL[order[0]];
    let intent = settled.unwrap_or(best);
    let alternatives = ranked.filter(|(kind, share)| *kind != intent && *share >= HOPELESS).map(|(kind, _)| kind);
    let alternatives = alternatives.take(MAX_ALTERNATIVES).collect();
    let first_of = |shares: &[f32; INTENTS]| {
        (0..INTENTS).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).map(|place| IntentKind::ALL[place])
    };
    let source = match (settled, model) {
        (Some(_), _) => IntentSource::Rules,
        (None, None) => IntentSource::Prior,
        (None, Some(vote)) if vote.intent == intent && first_of(prior) != Some(intent) => IntentSource::Model,
        (None, Some(vote)) if vote.intent != intent => IntentSource::Prior,
        _ => IntentSource::Fused,
    };
    let confidence = if settled.is_some() { 0.99 } else { mixed[order[0]] };
    Verdict { intent, confidence, source, alternatives, shares: mixed }
}

/// The weighted mean of the linear opinions' logarithms: the prior's, the guess's and, where it has one, the sentence encoder's.
pub fn blend(
    prior: &[f32; INTENTS],
    guess: &[f32; INTENTS],
    sense: Option<&[f32; INTENTS]>,
    weights: &Weights,
) -> [f32; INTENTS] {
    let sensed = if sense.is_some() { weights.sense } else { 0.0 };
    softmax(std::array::from_fn(|place| {
        let log = |opinion: &[f32; INTENTS]| opinion[place].max(1e-6).ln();
        (1.0 - weights.guess - sensed) * log(prior) + weights.guess * log(guess) + sensed * sense.map_or(0.0, log)
    }))
}

/// The mixed distribution.
pub fn mix(prior: &[f32; INTENTS], model: Option<IntentVote>, weights: &Weights) -> [f32; INTENTS] {
    let Some(vote) = model else {
        return softmax(prior.map(|share| share.max(1e-6).ln() / weights.temperature_alone));
    };
    let unknown = |place: &usize| vote.shares[*place] <= 0.0;
    let said: f32 = vote.shares.iter().sum();
    let left = (1.0 - said).max(1e-3) / (0..INTENTS).filter(unknown).map(|place| prior[place]).sum::<f32>().max(1e-6);
    let logarithms = std::array::from_fn(|place| {
        let model = if unknown(&place) { left * prior[place] } else { vote.shares[place].min(0.999) };
        (weights.prior * prior[place].max(1e-6).ln() + weights.model * model.max(1e-5).ln()) / weights.temperature
    });
    softmax(logarithms)
}

/// Logarithms as shares that sum to 1.
pub fn softmax(logarithms: [f32; INTENTS]) -> [f32; INTENTS] {
    let top = logarithms.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shares = logarithms.map(|value| (value - top).exp());
    let sum: f32 = shares.iter().sum();
    shares.map(|share| share / sum)
}

/// Slots that the rules own wherever they speak: the model may not move a limit of price or an order's number.
pub fn is_owned_by_rules(slot: Slot) -> bool {
    slot.is_price() || slot == Slot::OrderId
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prior(shares: &[(IntentKind, f32)]) -> [f32; INTENTS] {
        let mut prior = [0.001; INTENTS];
        for (kind, share) in shares {
            prior[place_of(*kind)] = *share;
        }
        prior
    }

    #[test]
    fn a_sure_model_outweighs_a_doubtful_prior() {
        let prior = prior(&[(IntentKind::Search, 0.5), (IntentKind::Refine, 0.45)]);
        let vote = IntentVote::of(IntentKind::Refine, 0.98);
        let verdict = judge(None, &prior, Some(vote), &FITTED);
        assert_eq!((verdict.intent, verdict.source), (IntentKind::Refine, IntentSource::Model));
        let unsure = IntentVote::of(IntentKind::OffTopic, 0.3);
        assert_eq!(judge(None, &prior, Some(unsure), &FITTED).intent, IntentKind::Search);
    }

    #[test]
    fn what_the_model_holds_second_likeliest_counts() {
        let prior = prior(&[(IntentKind::Search, 0.35), (IntentKind::Policy, 0.3), (IntentKind::Complaint, 0.3)]);
        let mut vote = IntentVote::of(IntentKind::OffTopic, 0.4);
        assert_eq!(judge(None, &prior, Some(vote), &FITTED).intent, IntentKind::Search);
        vote.shares[place_of(IntentKind::Complaint)] = 0.35;
        assert_eq!(judge(None, &prior, Some(vote), &FITTED).intent, IntentKind::Complaint);
    }

    #[test]
    fn a_rule_stands_and_the_others_become_alternatives() {
        let prior = prior(&[(IntentKind::Policy, 0.9)]);
        let verdict = judge(Some(IntentKind::Human), &prior, None, &FITTED);
        assert_eq!((verdict.intent, verdict.source), (IntentKind::Human, IntentSource::Rules));
        assert_eq!(verdict.alternatives, [IntentKind::Policy]);
    }
}
