//! Picks the one or two sentences of a passage that answer a question.
//!
//! They stand as they are in the file, in their order. Called by `choose`.

use super::index::{Entry, Term};
use super::phrases::Kind;
use crate::domain::language::Language;

/// The longest that two sentences together are quoted, in characters.
const MAX_QUOTED: usize = 260;

/// How much closeness counts beside what is asked for by name.
const CLOSE: f32 = 2.5;
/// A second sentence that adds at least this, and this share of what the first has, is quoted too.
const ADDS: f32 = 0.3;
const ADDS_SHARE: f32 = 0.4;

/// The one or two sentences that have most of what is asked, in their order; a list's opening goes with its item. `closeness`
/// is that of each sentence to the question.
pub(super) fn telling_sentences(entry: &Entry, terms: &[Term], closeness: &[f32], language: Language) -> String {
    let sentences = &entry.sentences;
    let has: Vec<Vec<bool>> =
        sentences.iter().map(|(_, keys)| terms.iter().map(|term| keys.contains(&term.key)).collect()).collect();
    let gain = |place: usize, besides: Option<usize>| -> f32 {
        let own = |at: usize| has[place][at] && !besides.is_some_and(|first| has[first][at]);
        let asked = |term: &Term| if term.kind == Some(Kind::Asked) { 1.5 } else { 1.0 };
        let sum: f32 =
            terms.iter().enumerate().filter(|(at, _)| own(*at)).map(|(_, term)| term.weight * asked(term)).sum();
        sum + CLOSE * closeness.get(place).copied().unwrap_or_default() + 0.05 / (1.0 + place as f32)
    };
    let best = |besides: Option<usize>| {
        (0..sentences.len())
            .filter(|place| Some(*place) != besides)
            .map(|place| (place, gain(place, besides)))
            .max_by(|(one, a), (other, b)| a.total_cmp(b).then(other.cmp(one)))
    };
    let Some((first, most)) = best(None) else { return String::new() };
    let mut chosen = vec![first];
    let second = best(Some(first)).filter(|(_, gain)| *gain > ADDS.max(ADDS_SHARE * most)).map(|(place, _)| place);
    let short = |place: &usize| sentences[*place].0.text.chars().count() < 14;
    let second = second.or_else(|| (short(&first) && first + 1 < sentences.len()).then_some(first + 1));
    chosen.extend(second);
    chosen.sort_unstable();
    let mut quoted: Vec<&str> = Vec::new();
    for place in chosen {
        let (sentence, _) = &sentences[place];
        for text in sentence.opening.as_deref().into_iter().chain([sentence.text.as_str()]) {
            let length: usize = quoted.iter().map(|text| text.chars().count()).sum();
            let fits = quoted.is_empty() || length + text.chars().count() <= MAX_QUOTED;
            if fits && !quoted.contains(&text) {
                quoted.push(text);
            }
        }
    }
    quoted.join(if language == Language::Zh { "" } else { " " })
}
