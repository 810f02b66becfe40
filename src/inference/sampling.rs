//! From logits to a token: greedy or by temperature, under a grammar or not, with its log-probability.
//!
//! Called by the engine's thread only.

use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;

use super::grammar::GrammarState;
use super::lexicon::Lexicon;

/// How many of the likeliest tokens are shown to the grammar before all of them are: with 150,000 tokens the grammar takes
/// 12 ms to look at all, and the answer is nearly always among the first few.
const FIRST_LOOK: usize = 48;

/// A sampled token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampled {
    /// The token.
    pub token: LlamaToken,
    /// ln of its probability among all tokens, before the grammar and at temperature 1.
    pub logprob: f32,
}

/// A sequence's own way of sampling.
#[derive(Debug, Clone)]
pub struct Sampling {
    temperature: f32,
    state: u64,
}

impl Sampling {
    /// Greedy at a temperature of 0 or less; `seed` makes other temperatures repeatable.
    pub fn new(temperature: f32, seed: u32) -> Self {
        let temperature = if temperature.is_finite() { temperature.max(0.0) } else { 0.0 };
        Self { temperature, state: u64::from(seed) ^ 0x9e37_79b9_7f4a_7c15 }
    }

    /// Picks a token; `None` when the grammar allows none. Tokens that the lexicon bans are never picked.
    pub fn pick(&mut self, logits: &[f32], lexicon: &Lexicon, grammar: Option<&mut GrammarState>) -> Option<Sampled> {
        let token = match grammar {
            None if self.temperature == 0.0 => likeliest(logits, &lexicon.banned)?,
            None => self.draw(&candidates(logits, &lexicon.banned))?,
            Some(grammar) => self.pick_allowed(logits, lexicon, grammar)?,
        };
        let logit = logits.get(token.0 as usize).copied().unwrap_or(f32::NEG_INFINITY);
        Some(Sampled { token, logprob: logit - log_sum_exp(logits) })
    }

    /// Tries the token that would come without the grammar, and looks further only when it is refused.
    fn pick_allowed(&mut self, logits: &[f32], lexicon: &Lexicon, grammar: &mut GrammarState) -> Option<LlamaToken> {
        if self.temperature == 0.0 {
            let token = likeliest(logits, &lexicon.banned)?;
            if grammar.advance(token) {
                return Some(token);
            }
        }
        let mut candidates = candidates(logits, &lexicon.banned);
        if self.temperature > 0.0 {
            let token = self.draw(&candidates)?;
            if grammar.advance(token) {
                return Some(token);
            }
        }
        let token = self.draw_allowed(&mut candidates, lexicon, grammar)?;
        grammar.advance(token).then_some(token)
    }

    fn draw_allowed(
        &mut self,
        candidates: &mut Vec<LlamaTokenData>,
        lexicon: &Lexicon,
        grammar: &mut GrammarState,
    ) -> Option<LlamaToken> {
        if self.temperature == 0.0 && candidates.len() > FIRST_LOOK {
            candidates.select_nth_unstable_by(FIRST_LOOK, |one, other| other.logit().total_cmp(&one.logit()));
            let mut first = candidates[..FIRST_LOOK].to_vec();
            grammar.retain_allowed(&mut first, lexicon);
            if !first.is_empty() {
                return self.draw(&first);
            }
        }
        grammar.retain_allowed(candidates, lexicon);
        self.draw(candidates)
    }

    /// The likeliest token, or one drawn from the softmax at the temperature.
    fn draw(&mut self, candidates: &[LlamaTokenData]) -> Option<LlamaToken> {
        let best = candidates
            .iter()
            .max_by(|one, other| one.logit().total_cmp(&other.logit()).then(other.id().cmp(&one.id())))?;
        if self.temperature == 0.0 {
            return Some(best.id());
        }
        let weight = |data: &LlamaTokenData| f64::from((data.logit() - best.logit()) / self.temperature).exp();
        let total: f64 = candidates.iter().map(weight).sum();
        let mut left = uniform(&mut self.state) * total;
        for data in candidates {
            left -= f64::from((data.logit() - best.logit()) / self.temperature).exp();
            if left <= 0.0 {
                return Some(data.id());
            }
        }
        Some(best.id())
    }
}

/// The likeliest `count` tokens besides the one that was taken, with their ln p.
pub fn runners_up(logits: &[f32], lexicon: &Lexicon, taken: Sampled, count: usize) -> Vec<(LlamaToken, f32)> {
    let mut found = candidates(logits, &lexicon.banned);
    found.retain(|data| data.id() != taken.token);
    let downward = |one: &LlamaTokenData, other: &LlamaTokenData| other.logit().total_cmp(&one.logit());
    if found.len() > count {
        found.select_nth_unstable_by(count, downward);
        found.truncate(count);
    }
    found.sort_unstable_by(downward);
    let logit = logits.get(taken.token.0 as usize).copied().unwrap_or(f32::NEG_INFINITY);
    let sum = logit - taken.logprob;
    found.iter().map(|data| (data.id(), data.logit() - sum)).collect()
}

/// The token of the largest logit, the first of equals.
fn likeliest(logits: &[f32], banned: &[bool]) -> Option<LlamaToken> {
    let mut best: Option<(usize, f32)> = None;
    for (id, (logit, banned)) in logits.iter().zip(banned).enumerate() {
        if !banned && logit.is_finite() && best.is_none_or(|(_, most)| *logit > most) {
            best = Some((id, *logit));
        }
    }
    best.map(|(id, _)| LlamaToken(id as i32))
}

fn candidates(logits: &[f32], banned: &[bool]) -> Vec<LlamaTokenData> {
    logits
        .iter()
        .zip(banned)
        .enumerate()
        .filter(|(_, (logit, banned))| !**banned && logit.is_finite())
        .map(|(id, (logit, _))| LlamaTokenData::new(LlamaToken(id as i32), *logit, 0.0))
        .collect()
}

/// ln Σ exp, without overflow.
pub fn log_sum_exp(logits: &[f32]) -> f32 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !max.is_finite() {
        return max;
    }
    max + logits.iter().map(|logit| (logit - max).exp()).sum::<f32>().ln()
}

/// Uniform in [0, 1): SplitMix64, <https://prng.di.unimi.it/splitmix64.c>.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banning(banned: &[bool]) -> Lexicon {
        Lexicon { banned: banned.to_vec(), ..Lexicon::default() }
    }

    #[test]
    fn greedy_takes_the_likeliest_that_is_not_banned() {
        let mut sampling = Sampling::new(0.0, 0);
        let logits = [0.0, 3.0, 1.0, f32::NEG_INFINITY];
        let sampled = sampling.pick(&logits, &banning(&[false, true, false, false]), None).unwrap();
        assert_eq!(sampled.token, LlamaToken(2));
        let expected = 1.0 - (1.0_f32 + 3.0_f32.exp() + 1.0_f32.exp()).ln();
        assert!((sampled.logprob - expected).abs() < 1e-5);
        assert_eq!(sampling.pick(&logits, &banning(&[true; 4]), None), None);
    }

    #[test]
    fn runners_up_are_the_likeliest_others_with_their_probabilities() {
        let logits = [0.4_f32.ln(), 0.3_f32.ln(), 0.2_f32.ln(), 0.1_f32.ln()];
        let lexicon = banning(&[false, false, true, false]);
        let taken = Sampling::new(0.0, 0).pick(&logits, &lexicon, None).unwrap();
        let others = runners_up(&logits, &lexicon, taken, 8);
        assert_eq!(others.iter().map(|(token, _)| token.0).collect::<Vec<_>>(), [1, 3]);
        assert!(others.iter().zip([0.3, 0.1]).all(|((_, logprob), wanted)| (logprob.exp() - wanted).abs() < 1e-5));
        assert_eq!(runners_up(&logits, &lexicon, taken, 1).len(), 1);
    }

    #[test]
    fn a_temperature_draws_in_proportion_and_a_seed_repeats() {
        let logits = [0.0, 3.0_f32.ln()];
        let draw = |seed| {
            let mut sampling = Sampling::new(1.0, seed);
            (0..4000).map(|_| sampling.pick(&logits, &banning(&[false; 2]), None).unwrap().token.0).collect::<Vec<_>>()
        };
        let drawn = draw(7);
        assert_eq!(drawn, draw(7));
        assert_ne!(drawn, draw(8));
        let share = drawn.iter().sum::<i32>() as f64 / 4000.0;
        assert!((share - 0.75).abs() < 0.03, "{share}");
    }
}
