//! Which line of a listing, or of its reviews, answers a question about a product, and whether any does.
//!
//! Two linear steps over [`features`], fitted by `models/train/pipeline/evidence.py` on what `fit` writes: which line is the best
//! (listwise), and whether it answers (logistic). Pure; picks lines, never words them. Called by `inquire`.

mod features;
#[cfg(test)]
mod fit;

use std::borrow::Cow;

use self::features::{Asked, DECIDING, Features, RANKING, Scores};
use super::line::{Line, Source, Text};
use crate::domain::encoder::{SentenceEncoder, Side};
use crate::domain::matcher::{Matcher, Shelf};

/// A line with how well it answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Its place among the lines.
    pub place: usize,
    /// Higher is better; comparable within one question only.
    pub score: f32,
    /// Calibrated probability that it answers, 0–1.
    pub confidence: f32,
    /// Whether it is sure enough to be said to answer.
    pub speaks: bool,
    /// Whether it is sure enough to be quoted beside the best, as what buyers say beside what the shop says: two lines that say the same take from
    /// each other's share, so the best is left out of the count. Never without the encoder.
    pub is_quoted_beside: bool,
    /// Whether it is an attribute that the question asks for by its words; with the encoder, one that speaks.
    pub is_named: bool,
}

/// What there is to judge by beside the words, which decides the weights: the places of their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Word vectors.
    Words,
    /// The sentence encoder too.
    Senses,
    /// And the cross-encoder.
    Judged,
}

/// Weights of [`RANKING`], by [`Known`].
const RANKING_WEIGHTS: [[f32; RANKING.len()]; 3] = [
    [
        0.68, 0.61, 1.31, 0.85, 0.92, 0.05, 0.24, 0.07, 0.18, -0.46, -1.29, 0.05, 0.23, 0.64, 1.48, 0.07, 1.14, 0.83,
        -0.44, 0.26, 0.22, -0.12, 0.23, 0.09, -0.26, -0.63, 0.02, 0.87, 1.53, 0.0, 0.0, 0.0, 0.0,
    ],
    [
        0.42, 0.03, 0.25, 0.25, 0.4, -0.06, 0.15, 0.02, 0.02, -0.33, -0.86, -0.04, -0.33, 0.66, 0.81, 0.21, 1.34, 0.55,
        -0.25, 0.53, 0.34, 0.04, 0.36, 0.07, -0.31, -0.39, -0.04, 0.38, 0.8, 1.18, 1.74, 0.0, 0.0,
    ],
    [
        0.35, -0.04, -0.15, 0.07, 0.38, -0.17, 0.13, 0.01, -0.12, -0.28, -0.89, -0.09, -0.61, 0.85, 0.66, 0.2, 1.36,
        0.61, -0.24, 0.53, 0.34, -0.14, 0.11, -0.02, -0.39, -0.55, -0.14, 0.3, 0.62, 0.81, 1.05, 0.72, 1.21,
    ],
];
/// Weights of [`DECIDING`], then the bias, by [`Known`].
const DECIDING_WEIGHTS: [[f32; DECIDING.len() + 1]; 3] = [
    [
        3.87, 0.85, 0.63, 2.18, 0.67, 0.44, 0.04, -0.19, -0.07, -0.55, -0.86, -0.18, -0.07, -0.17, 0.0, 0.39, 0.0, 0.0,
        0.0, 0.0, 0.0, 0.0, 0.0, -3.12,
    ],
    [
        2.14, 0.05, 0.15, 0.59, 0.01, 0.31, -0.02, -0.35, 0.1, -0.3, -0.46, -0.22, -0.19, -0.13, 0.3, 0.05, 0.47, 1.51,
        0.23, 0.58, 0.0, 0.0, 0.0, -2.36,
    ],
    [
        2.06, 0.04, 0.11, 0.41, -0.05, 0.34, -0.19, -0.22, 0.07, -0.15, -0.52, -0.03, 0.29, -0.04, 0.36, -0.04, 0.79,
        1.46, 0.14, -0.12, 0.46, 0.88, -0.04, -2.92,
    ],
];
/// From this confidence a line is said to answer, by [`Known`].
const SPEAKS: [f32; 3] = [0.42, 0.55, 0.5];
/// With the encoder, from this one an attribute is one that the question asks for by its words.
const NAMED_SPEAKS: f32 = 0.45;
/// From this confidence that one of the few best answers they do, by [`Known`]: "what is the inside made of" may mean the line of the
/// material or that of the lining, and the hours of a battery may stand in three lines that take from each other's share.
const EITHER_SPEAKS: [f32; 3] = [0.6, 0.55, 0.5];
/// And those of them from this confidence, by [`Known`].
const MAY_SPEAK: [f32; 3] = [0.25, 0.1, 0.1];
/// What a line is worth at least that has word for word what is asked for, without the encoder.
const VERBATIM: f32 = 0.5;
/// With the encoder, from this confidence a line is quoted beside the best.
const BESIDE: f32 = 0.5;
/// So few of the best are counted together.
const FEW: usize = 3;
/// So many of the likeliest lines are read with the question.
const JUDGED: usize = 8;
/// So many parts of a line are looked at by themselves.
const MAX_PARTS: usize = 8;

/// How likely it is that one of the best lines answers, 0–1.
pub fn any_answers(choices: &[Choice]) -> f32 {
    1.0 - choices.iter().take(FEW).map(|choice| 1.0 - choice.confidence).product::<f32>()
}

/// The lines by how well they answer, best first. Their own order decides ties alone.
pub fn select(question: &str, lines: &[Line], encoder: Option<&dyn SentenceEncoder>) -> Vec<Choice> {
    let question = in_its_words(question, lines);
    let (found, known) = features(&question, lines, encoder);
    let is_sensed = known != Known::Words;
    let decides = &DECIDING_WEIGHTS[known as usize];
    let scores = ranked(&found, known);
    let best = scores.iter().copied().fold(f32::MIN, f32::max);
    let all: f32 = scores.iter().map(|score| (score - best).exp()).sum();
    let without_best = (all - 1.0).max(f32::MIN_POSITIVE);
    let confident = |features: &Features, share: f32| {
        let sum = weighed(&features.deciding(share), decides) + decides[DECIDING.len()];
        1.0 / (1.0 + (-sum).exp())
    };
    let mut choices: Vec<Choice> = scores
        .iter()
        .zip(&found)
        .enumerate()
        .map(|(place, (score, features))| {
            let least = if features.is_verbatim && !is_sensed { VERBATIM } else { 0.0 };
            let power = (score - best).exp();
            let confidence = confident(features, power / all).max(least);
            let beside = confident(features, (power / without_best).min(1.0));
            Choice {
                place,
                score: *score,
                confidence,
                speaks: confidence >= SPEAKS[known as usize],
                is_quoted_beside: is_sensed && beside >= BESIDE,
                is_named: features.is_named && (!is_sensed || confidence >= NAMED_SPEAKS),
            }
        })
        .collect();
    choices.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.place.cmp(&other.place)));
    let any = any_answers(&choices);
    let is_settled = is_sensed && choices.first().is_some_and(|best| best.speaks);
    if !is_settled && any >= EITHER_SPEAKS[known as usize] {
        choices.iter_mut().take(FEW).for_each(|choice| choice.speaks |= choice.confidence >= MAY_SPEAK[known as usize]);
    }
    choices
}

/// What shoppers call it, and the attribute by whose name listings have it.
const CALLED: [(&str, &str); 3] = [("内胆", "内里"), ("里料", "内里"), ("内衬", "内里")];

/// A question in the listing's own word for an attribute, where no line has the shopper's.
fn in_its_words<'a>(question: &'a str, lines: &[Line]) -> Cow<'a, str> {
    let meant = CALLED.iter().find(|(called, name)| {
        let is_named = |line: &Line| line.source == Source::Attribute && line.text.starts_with(name);
        question.contains(called) && lines.iter().any(is_named) && !lines.iter().any(|line| line.text.contains(called))
    });
    meant.map_or(Cow::Borrowed(question), |(called, name)| Cow::Owned(question.replace(called, name)))
}

/// What speaks for each line, and what it was judged by.
fn features(question: &str, lines: &[Line], encoder: Option<&dyn SentenceEncoder>) -> (Vec<Features>, Known) {
    let texts: Vec<Text> = lines.iter().map(Text::new).collect();
    let matcher = Matcher::bundled();
    let shelf = Shelf::new(matcher, lines.iter().map(|line| ("", line.text.as_str())));
    let asked = matcher.ask(question);
    let meanings = Scores { of: shelf.scores(&asked), none: asked.none };
    let sensed = encoder.and_then(|encoder| sensed(question, lines, encoder));
    let mut found = Asked::new(question).features(lines, &texts, &meanings, sensed.as_ref());
    let Some(encoder) = encoder.filter(|_| sensed.is_some()) else { return (found, Known::Words) };
    let scores = ranked(&found, Known::Senses);
    let mut places: Vec<usize> = (0..lines.len()).collect();
    places.sort_by(|one, other| scores[*other].total_cmp(&scores[*one]).then(one.cmp(other)));
    places.truncate(JUDGED);
    let read: Vec<&str> = places.iter().map(|place| lines[*place].text.as_str()).collect();
    match encoder.odds(question, &read) {
        Some(Ok(of)) => {
            features::judge(&mut found, &places, &Scores { of, none: 0.0 });
            (found, Known::Judged)
        }
        Some(Err(error)) => {
            tracing::error!(%error, "a question about a product is answered without the cross-encoder");
            (found, Known::Senses)
        }
        None => (found, Known::Senses),
    }
}

fn ranked(found: &[Features], known: Known) -> Vec<f32> {
    found.iter().map(|features| weighed(&features.ranking, &RANKING_WEIGHTS[known as usize])).collect()
}

/// How well each line answers, as the encoder reads it; none where it fails, which is logged.
fn sensed(question: &str, lines: &[Line], encoder: &dyn SentenceEncoder) -> Option<Scores> {
    let parts: Vec<Vec<String>> = lines.iter().map(parts).collect();
    let texts: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
    let read =
        encoder.encode(Side::Question, &[question]).and_then(|asked| Ok((asked, encoder.encode(Side::Text, &texts)?)));
    match read {
        Ok((asked, read)) => {
            let (scale, none) = encoder.scale();
            let asked = asked.first()?;
            let mut scores = read.iter().map(|text| scale * asked.likeness(text));
            let best = |parts: &Vec<String>| scores.by_ref().take(parts.len()).fold(f32::MIN, f32::max);
            Some(Scores { of: parts.iter().map(best).collect(), none })
        }
        Err(error) => {
            tracing::error!(%error, "a question about a product is answered without the encoder");
            None
        }
    }
}

/// A line whole and what the shop says in it one by one: values of an attribute without its name, parts of a sentence. One of them
/// answers as well as a line of its own would.
fn parts(line: &Line) -> Vec<String> {
    let whole = line.text.as_str();
    let (is_value, said) = match line.source {
        Source::Attribute => {
            (true, whole.split_once('：').or_else(|| whole.split_once(": ")).map_or("", |(_, said)| said))
        }
        Source::Description | Source::Highlight => (false, whole),
        Source::Review | Source::Answer => (false, ""),
    };
    let cut = said.split(['，', '、', '；', ';']).flat_map(|part| part.split(", ")).map(str::trim);
    let parts: Vec<String> = cut.filter(|part| !part.is_empty()).take(MAX_PARTS).map(str::to_owned).collect();
    let several = (is_value || parts.len() > 1).then_some(parts).into_iter().flatten();
    std::iter::once(whole.to_owned()).chain(several).collect()
}

fn weighed(values: &[f32], weights: &[f32]) -> f32 {
    values.iter().zip(weights).map(|(value, weight)| value * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::encoder::stub::Stub;

    #[test]
    fn what_buyers_say_is_quoted_beside_what_the_shop_says_of_the_same_and_nothing_else_is() {
        let socks = lines(&[
            (Source::Attribute, "colour: grey"),
            (Source::Description, "Cold wool cycle, do not tumble dry."),
            (Source::Review, "Never tumble dry these, mine shrank."),
            (Source::Review, "Warm on a long walk."),
        ]);
        let speaks_of_drying = |text: &str| {
            let value = f32::from(u8::from(text.contains("dry")));
            vec![value, 1.0 - value]
        };
        let encoder = Stub { read: speaks_of_drying, scale: (20.0, 12.0), intents: None };
        let found = select("can they go in the tumble dryer", &socks, Some(&encoder));
        let mut quoted: Vec<usize> =
            found.iter().filter(|choice| choice.is_quoted_beside).map(|choice| choice.place).collect();
        quoted.sort_unstable();
        assert_eq!(quoted, [1, 2]);
        let unaided = select("can they go in the tumble dryer", &socks, None);
        assert!(unaided.iter().all(|choice| !choice.is_quoted_beside));
    }

    fn lines(texts: &[(Source, &str)]) -> Vec<Line> {
        texts.iter().map(|(source, text)| Line { source: *source, text: (*text).into() }).collect()
    }

    #[test]
    fn the_line_that_speaks_of_the_question_comes_first_in_either_language() {
        let jacket = lines(&[
            (Source::Attribute, "colour: black"),
            (Source::Attribute, "weight: 620 g"),
            (Source::Description, "Do not machine wash; wipe the shell with a damp cloth."),
            (Source::Review, "It arrived in two days."),
        ]);
        assert_eq!(select("can I put it in the washing machine?", &jacket, None)[0].place, 2);
        assert_eq!(select("how heavy is it", &jacket, None)[0].place, 1);
        let zh = lines(&[
            (Source::Attribute, "颜色：黑色"),
            (Source::Description, "不可机洗，用湿布擦拭表面"),
            (Source::Review, "物流很快"),
        ]);
        let best = select("能机洗吗", &zh, None)[0];
        assert!(best.place == 1 && best.speaks);
    }

    #[test]
    fn what_no_line_speaks_of_is_not_said_to_be_answered() {
        let cup = lines(&[(Source::Attribute, "colour: blue"), (Source::Description, "A mug of glazed stoneware.")]);
        assert!(select("is there a bluetooth app for it?", &cup, None).iter().all(|choice| !choice.speaks));
    }
}
