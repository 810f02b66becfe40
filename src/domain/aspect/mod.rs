//! What a review speaks of, clause by clause, and whether it praises or complains there.
//!
//! Pure. Aspects are found by words in Chinese and English (`words.txt`); the verdict on a clause is the linear sentiment model's,
//! with the review's own verdict behind it. Called by `backoffice` for review analysis.

mod clause;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

pub use self::clause::clauses;

use super::sentiment::ReviewSentiment;

/// What can be praised or complained of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Size and fit.
    Size,
    /// What it is made of.
    Material,
    /// Workmanship and how long it lasts.
    Quality,
    /// Comfort and feel.
    Comfort,
    /// Colour and design.
    Looks,
    /// How well it does what it is for.
    Performance,
    /// Use and set-up.
    Ease,
    /// Battery and charging.
    Power,
    /// Sound and noise.
    Sound,
    /// Screen and pictures.
    Picture,
    /// Smell and taste.
    Smell,
    /// Washing and care.
    Care,
    /// Weight and bulk.
    Weight,
    /// Price and value.
    Price,
    /// Delivery and packaging.
    Delivery,
    /// Service and returns.
    Service,
}

impl Aspect {
    /// Every aspect, in the order in which they are listed.
    pub const ALL: [Self; 16] = [
        Self::Size,
        Self::Material,
        Self::Quality,
        Self::Comfort,
        Self::Looks,
        Self::Performance,
        Self::Ease,
        Self::Power,
        Self::Sound,
        Self::Picture,
        Self::Smell,
        Self::Care,
        Self::Weight,
        Self::Price,
        Self::Delivery,
        Self::Service,
    ];

    fn named(name: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::from(name)).ok()
    }
}

/// The weight of a clause's own words against the review as a whole, in log-odds.
const OWN_WORDS: f32 = 1.0;
const WHOLE: f32 = 0.6;
/// A review as a whole is never surer than this.
const SUREST: f32 = 0.9;

/// One thing said of one aspect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mention<'t> {
    /// Of what.
    pub aspect: Aspect,
    /// The clause, as it was written.
    pub clause: &'t str,
    /// The probability that it praises, 0–1.
    pub praise: f32,
}

/// A word that gives an aspect away.
struct Sign {
    aspect: Aspect,
    word: String,
    /// Any ending may follow.
    is_open: bool,
}

struct Signs {
    zh: Vec<Sign>,
    en: Vec<Sign>,
}

static SIGNS: LazyLock<Signs> = LazyLock::new(|| read_signs(include_str!("words.txt")));

/// The aspects that a clause speaks of.
pub fn aspects_in(clause: &str) -> Vec<Aspect> {
    let lower = clause.to_lowercase();
    let found = |aspect: &Aspect| {
        let of = |sign: &&Sign| sign.aspect == *aspect;
        SIGNS.zh.iter().filter(of).any(|sign| lower.contains(&sign.word))
            || SIGNS.en.iter().filter(of).any(|sign| has_word(&lower, sign))
    };
    Aspect::ALL.into_iter().filter(found).collect()
}

/// What a review says of each aspect. `whole` is the probability that the review praises as a whole, by its stars where it has any;
/// it decides where a clause says little by itself.
pub fn mentions<'t>(text: &'t str, whole: f32, sentiment: &ReviewSentiment) -> Vec<Mention<'t>> {
    let mut found = Vec::new();
    for clause in clauses(text) {
        let aspects = aspects_in(clause);
        if aspects.is_empty() {
            continue;
        }
        let praise = verdict(clause, whole, sentiment);
        found.extend(aspects.into_iter().map(|aspect| Mention { aspect, clause, praise }));
    }
    found
}

/// The probability that a clause of a review praises; `whole` is that of the review.
pub fn verdict(clause: &str, whole: f32, sentiment: &ReviewSentiment) -> f32 {
    let odds = |share: f32| {
        let share = share.clamp(0.02, 0.98);
        (share / (1.0 - share)).ln()
    };
    let whole = whole.clamp(1.0 - SUREST, SUREST);
    let sum = OWN_WORDS * odds(sentiment.positive(clause)) + WHOLE * odds(whole);
    1.0 / (1.0 + (-sum).exp())
}

fn has_word(text: &str, sign: &Sign) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric();
    text.match_indices(&sign.word).any(|(start, word)| {
        let begins = !text[..start].chars().next_back().is_some_and(is_letter);
        let ends = sign.is_open || !text[start + word.len()..].chars().next().is_some_and(is_letter);
        begins && ends
    })
}

/// Reads `aspect language: words`, a line each; several English words that stand in quotes are one.
fn read_signs(text: &str) -> Signs {
    let mut signs = Signs { zh: Vec::new(), en: Vec::new() };
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((head, words)) = line.split_once(':') else { continue };
        let Some((name, language)) = head.split_once(' ') else { continue };
        let Some(aspect) = Aspect::named(name) else { continue };
        let list = if language == "zh" { &mut signs.zh } else { &mut signs.en };
        for (place, part) in words.split('"').enumerate() {
            let words: Vec<&str> = if place % 2 == 1 { vec![part] } else { part.split_whitespace().collect() };
            list.extend(words.into_iter().map(|word| Sign {
                aspect,
                word: word.trim_end_matches('*').to_owned(),
                is_open: word.ends_with('*'),
            }));
        }
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_aspect_has_words_in_both_languages_and_every_line_is_read() {
        for aspect in Aspect::ALL {
            for (name, signs) in [("zh", &SIGNS.zh), ("en", &SIGNS.en)] {
                assert!(signs.iter().any(|sign| sign.aspect == aspect), "{aspect:?} {name}");
            }
        }
        let lines = include_str!("words.txt").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(lines, 2 * Aspect::ALL.len());
        assert!(SIGNS.en.iter().any(|sign| sign.word == "true to size"));
    }

    #[test]
    fn a_review_that_praises_one_thing_and_blames_another_is_told_apart() {
        let sentiment = ReviewSentiment::bundled().expect("model");
        let text = "面料很舒服，手感不错，但是尺码偏小，穿着很紧，不推荐。";
        let found = mentions(text, 0.5, &sentiment);
        let of = |aspect| found.iter().find(|mention| mention.aspect == aspect).map(|mention| mention.praise > 0.5);
        assert_eq!((of(Aspect::Material), of(Aspect::Size)), (Some(true), Some(false)), "{found:?}");
        assert!(found.iter().all(|mention| text.contains(mention.clause)));
        let english = "Lovely fabric, but it runs small and the seams came apart after one wash.";
        let found = mentions(english, 0.5, &sentiment);
        let of = |aspect| found.iter().find(|mention| mention.aspect == aspect).map(|mention| mention.praise > 0.5);
        assert_eq!((of(Aspect::Material), of(Aspect::Quality)), (Some(true), Some(false)), "{found:?}");
    }

    #[test]
    fn words_are_whole_words() {
        assert_eq!(aspects_in("a benefit of this"), [], "fit is not in benefit");
        assert_eq!(aspects_in("the sizes vary"), [Aspect::Size]);
    }
}
