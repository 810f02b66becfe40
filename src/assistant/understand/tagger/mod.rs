//! The linear span tagger: which stretches of a message fill which slots, from words, known words and what the rules found.
//!
//! A linear chain with the labels of the usual begin/inside/outside scheme, decoded by Viterbi's algorithm; fitted by the averaged
//! structured perceptron (Collins 2002, "Discriminative training methods for hidden Markov models"). Pure; microseconds a message.

pub mod features;
pub mod file;
pub mod fit;
pub mod segment;

use std::collections::HashMap;
use std::ops::Range;

use self::features::Seen;
use super::message::Message;
use super::span::{Slot, Span};
use crate::domain::intent::IntentKind;

/// Outside, and begin and inside of each slot.
pub const LABELS: usize = 1 + 2 * Slot::ALL.len();
const OUTSIDE: usize = 0;

/// A fitted tagger.
#[derive(Debug, Clone, Default)]
pub struct Tagger {
    weights: HashMap<u32, Vec<(u8, f32)>>,
    transitions: Vec<f32>,
}

/// How another source votes on the labels: a slot for a range of characters, with a weight in the scale of the scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Vote {
    /// What is voted for.
    pub span: Span,
    /// How strongly.
    pub weight: f32,
}

impl Tagger {
    /// The spans of a message under its intent. Votes of other sources shift the scores; where a source that voted at all
    /// says nothing, `silence` is taken from every span.
    pub fn tag(&self, seen: &Seen<'_>, votes: &[Vote], silence: f32) -> Vec<Span> {
        let tokens = features::tokens(seen.message);
        let found = features::features(seen, &tokens);
        let mut scores: Vec<[f32; LABELS]> = found.iter().map(|features| self.emission(features)).collect();
        add_votes(&mut scores, &tokens, votes, silence);
        let labels = viterbi(&scores, &self.transitions, &allowed(seen.intent));
        let mut spans = spans_of(&tokens, &labels);
        for span in &mut spans {
            span.range = whole_code(seen.message, &span.range);
        }
        spans.dedup_by(|next, span| next.meets(&span.range));
        spans
    }

    /// The mean of this fit and another: where one was led astray by its messages the other may not be. Weights below `smallest`
    /// are dropped.
    pub fn mean(&self, other: &Self, smallest: f32) -> Self {
        let mut sums: HashMap<u32, [f32; LABELS]> = HashMap::new();
        for (feature, pairs) in self.weights.iter().chain(&other.weights) {
            let sum = sums.entry(*feature).or_insert([0.0; LABELS]);
            pairs.iter().for_each(|(label, weight)| sum[usize::from(*label)] += weight / 2.0);
        }
        let kept = sums.into_iter().map(|(feature, sum)| {
            let pairs = sum.iter().enumerate().filter(|(_, weight)| weight.abs() >= smallest);
            (feature, pairs.map(|(label, weight)| (label as u8, *weight)).collect::<Vec<_>>())
        });
        let weights = kept.filter(|(_, pairs)| !pairs.is_empty()).collect();
        let transitions = self.transitions.iter().zip(&other.transitions).map(|(a, b)| (a + b) / 2.0).collect();
        Self { weights, transitions }
    }

    fn emission(&self, features: &[u32]) -> [f32; LABELS] {
        let mut scores = [0.0; LABELS];
        for feature in features {
            for (label, weight) in self.weights.get(feature).into_iter().flatten() {
                scores[usize::from(*label)] += weight;
            }
        }
        scores
    }
}

fn add_votes(scores: &mut [[f32; LABELS]], tokens: &[Range<usize>], votes: &[Vote], silence: f32) {
    for Vote { span, weight } in votes {
        let Some(covered) = features::cover(tokens, span) else { continue };
        for token in covered.clone() {
            let label = if token == covered.start { begin(span.slot) } else { begin(span.slot) + 1 };
            scores[token][label] += weight;
        }
    }
    if silence > 0.0 {
        let mut is_spoken = vec![false; tokens.len()];
        for covered in votes.iter().filter_map(|vote| features::cover(tokens, &vote.span)) {
            is_spoken[covered].fill(true);
        }
        for (scores, _) in scores.iter_mut().zip(is_spoken).filter(|(_, spoken)| !spoken) {
            scores[OUTSIDE] += silence;
        }
    }
}

/// The label that begins a slot; the next continues it.
fn begin(slot: Slot) -> usize {
    1 + 2 * Slot::ALL.iter().position(|other| *other == slot).unwrap_or(0)
}

/// Which labels a message of this intent can have.
fn allowed(intent: IntentKind) -> [bool; LABELS] {
    let mut allowed = [false; LABELS];
    allowed[OUTSIDE] = true;
    for slot in Slot::ALL.into_iter().filter(|slot| slot.suits(intent)) {
        allowed[begin(slot)] = true;
        allowed[begin(slot) + 1] = true;
    }
    allowed
}

/// The best sequence of labels; a slot is continued only where it was begun (Viterbi 1967).
fn viterbi(scores: &[[f32; LABELS]], transitions: &[f32], allowed: &[bool; LABELS]) -> Vec<usize> {
    let labels: Vec<usize> = (0..LABELS).filter(|label| allowed[*label]).collect();
    let mut best = [f32::NEG_INFINITY; LABELS];
    let mut back: Vec<[u8; LABELS]> = Vec::with_capacity(scores.len());
    for (token, scores) in scores.iter().enumerate() {
        let mut next = [f32::NEG_INFINITY; LABELS];
        let mut from = [0u8; LABELS];
        for &label in &labels {
            let continues = label != OUTSIDE && label % 2 == 0;
            if token == 0 {
                if !continues {
                    next[label] = scores[label];
                }
                continue;
            }
            let froms = labels.iter().filter(|&&old| !continues || old == label || old + 1 == label);
            for &old in froms {
                let score = best[old] + transitions.get(old * LABELS + label).copied().unwrap_or(0.0);
                if score > next[label] {
                    (next[label], from[label]) = (score, old as u8);
                }
            }
            next[label] += scores[label];
        }
        best = next;
        back.push(from);
    }
    let Some(&last) = labels.iter().max_by(|a, b| best[**a].total_cmp(&best[**b])) else { return Vec::new() };
    let mut path = vec![last; scores.len()];
    for token in (1..scores.len()).rev() {
        path[token - 1] = usize::from(back[token][path[token]]);
    }
    path
}

fn spans_of(tokens: &[Range<usize>], labels: &[usize]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (token, &label) in tokens.iter().zip(labels).filter(|(_, label)| **label != OUTSIDE) {
        let slot = Slot::ALL[(label - 1) / 2];
        match spans.last_mut() {
            Some(span) if label % 2 == 0 && span.slot == slot => span.range.end = token.end,
            _ => spans.push(Span::new(slot, token.clone())),
        }
    }
    spans
}

/// A range that cuts a code of letters, digits and hyphens, such as HPN-101, takes all of it.
fn whole_code(message: &Message, range: &Range<usize>) -> Range<usize> {
    let letters = message.chars();
    let joins = |at: usize| {
        let is_part = |at: usize| letters.get(at).is_some_and(char::is_ascii_alphanumeric);
        is_part(at) || letters.get(at) == Some(&'-') && at > 0 && is_part(at - 1) && is_part(at + 1)
    };
    let (mut start, mut end) = (range.start, range.end);
    while start > 0 && joins(start) && joins(start - 1) {
        start -= 1;
    }
    while end > start && joins(end) && joins(end - 1) {
        end += 1;
    }
    let code = letters.get(start..end).unwrap_or_default();
    let is_code = code.contains(&'-') && code.iter().any(char::is_ascii_digit);
    if is_code { start..end } else { range.clone() }
}

/// The labels of a message's tokens for its spans.
fn labels_of(tokens: &[Range<usize>], spans: &[Span]) -> Vec<usize> {
    let mut labels = vec![OUTSIDE; tokens.len()];
    for span in spans {
        let Some(covered) = features::cover(tokens, span) else { continue };
        for token in covered.clone() {
            labels[token] = if token == covered.start { begin(span.slot) } else { begin(span.slot) + 1 };
        }
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_labels_are_the_same_thing() {
        let message = Message::new("黑色羽绒服 size 10");
        let tokens = features::tokens(&message);
        let spans = vec![Span::new(Slot::Colour, 0..2), Span::new(Slot::Query, 2..5), Span::new(Slot::Size, 6..13)];
        assert_eq!(spans_of(&tokens, &labels_of(&tokens, &spans)), spans);
    }

    #[test]
    fn the_mean_of_two_fits_has_what_both_know() {
        let one = Tagger { weights: HashMap::from([(7, vec![(1, 2.0)])]), transitions: vec![1.0; LABELS * LABELS] };
        let weights = HashMap::from([(7, vec![(1, -1.0), (2, 0.01)]), (9, vec![(3, 4.0)])]);
        let mean = one.mean(&Tagger { weights, transitions: vec![0.0; LABELS * LABELS] }, 0.02);
        assert_eq!(mean.weights, HashMap::from([(7, vec![(1, 0.5)]), (9, vec![(3, 2.0)])]));
        assert!(mean.transitions.iter().all(|weight| *weight == 0.5));
    }

    #[test]
    fn a_code_is_never_cut() {
        let message = Message::new("how much is HPN-101, in well-known blue 3-5");
        let whole = |range: Range<usize>| message.words(&whole_code(&message, &range));
        assert_eq!(whole(16..19), "HPN-101");
        assert_eq!(whole(12..15), "HPN-101");
        assert_eq!(whole(24..28), "well", "a word of two is no code");
        assert_eq!(whole(0..3), "how");
    }

    #[test]
    fn a_slot_is_continued_only_where_it_was_begun() {
        let mut scores = [[0.0; LABELS]; 3];
        scores[0][begin(Slot::Query) + 1] = 9.0;
        scores[1][begin(Slot::Colour)] = 1.0;
        scores[2][begin(Slot::Colour) + 1] = 1.0;
        let labels = viterbi(&scores, &[], &[true; LABELS]);
        assert_eq!(&labels[1..], [begin(Slot::Colour), begin(Slot::Colour) + 1]);
        assert_ne!(labels[0], begin(Slot::Query) + 1);
    }
}
