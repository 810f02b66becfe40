//! Which line of a listing, or of its reviews, answers a question about a product, and whether any does.
//!
//! Two linear steps over [`features`], fitted by `models/train/pipeline/evidence.py` on what `fit` writes: which line is the best
//! (listwise), and whether it answers (logistic). Pure; picks lines, never words them. Called by `inquire`.

mod features;
#[cfg(test)]
mod fit;

use self::features::{Asked, DECIDING, Features, RANKING, Scores};
use super::line::{Line, Text};
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
    /// Whether it is an attribute that the question asks for.
    pub is_named: bool,
}

/// Weights of [`RANKING`]: without the encoder, with it.
const RANKING_WEIGHTS: [[f32; RANKING.len()]; 2] = [
    [
        0.68, 0.61, 1.31, 0.85, 0.92, 0.05, 0.24, 0.07, 0.18, -0.46, -1.29, 0.05, 0.23, 0.64, 1.48, 0.07, 1.14, 0.83,
        -0.44, 0.26, 0.22, -0.12, 0.23, 0.09, -0.26, -0.63, 0.02, 0.87, 1.53, 0.0, 0.0,
    ],
    [
        0.75, 0.34, 0.68, 0.57, 0.59, -0.02, 0.34, -0.47, 0.04, -0.09, -0.9, -0.03, -0.32, 0.62, 0.88, 0.31, 1.27, 0.9,
        -0.32, 0.39, 0.45, -0.15, 0.22, -0.02, -0.51, -0.38, -0.01, 0.25, 0.61, 1.06, 1.63,
    ],
];
/// Weights of [`DECIDING`], then the bias: without the encoder, with it.
const DECIDING_WEIGHTS: [[f32; DECIDING.len() + 1]; 2] = [
    [
        3.87, 0.85, 0.63, 2.18, 0.67, 0.44, 0.04, -0.19, -0.07, -0.55, -0.86, -0.18, -0.07, -0.17, 0.0, 0.39, 0.0, 0.0,
        0.0, 0.0, -3.12,
    ],
    [
        3.09, 0.27, 0.32, 1.69, 0.62, 0.34, -0.22, -0.14, -0.53, -0.48, -0.4, -0.37, -0.4, -0.21, -0.14, 0.4, 0.62,
        1.42, -0.14, 0.18, -2.59,
    ],
];
/// From this confidence a line is said to answer: without the encoder, with it.
const SPEAKS: [f32; 2] = [0.42, 0.5];
/// What a line is worth at least that has word for word what is asked for, without the encoder.
const VERBATIM: f32 = 0.5;
/// Several lines that say the same take from each other's share. Without the encoder, from this confidence each, a few of them answer where it is likely enough
/// that any does.
const AGREES: f32 = 0.25;
const ANY_SPEAKS: f32 = 0.6;
const FEW: usize = 3;

/// The lines by how well they answer, best first. Their own order decides ties alone.
pub fn select(question: &str, lines: &[Line], encoder: Option<&dyn SentenceEncoder>) -> Vec<Choice> {
    let (found, is_sensed) = features(question, lines, encoder);
    let (ranks, decides) = (&RANKING_WEIGHTS[usize::from(is_sensed)], &DECIDING_WEIGHTS[usize::from(is_sensed)]);
    let scores: Vec<f32> = found.iter().map(|features| weighed(&features.ranking, ranks)).collect();
    let best = scores.iter().copied().fold(f32::MIN, f32::max);
    let all: f32 = scores.iter().map(|score| (score - best).exp()).sum();
    let mut choices: Vec<Choice> = scores
        .iter()
        .zip(&found)
        .enumerate()
        .map(|(place, (score, features))| {
            let deciding = features.deciding((score - best).exp() / all);
            let sum = weighed(&deciding, decides) + decides[DECIDING.len()];
            let least = if features.is_verbatim && !is_sensed { VERBATIM } else { 0.0 };
            let confidence = (1.0 / (1.0 + (-sum).exp())).max(least);
            Choice {
                place,
                score: *score,
                confidence,
                speaks: confidence >= SPEAKS[usize::from(is_sensed)],
                is_named: features.is_named,
            }
        })
        .collect();
    choices.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.place.cmp(&other.place)));
    let none: f32 = choices.iter().take(FEW).map(|choice| 1.0 - choice.confidence).product();
    if !is_sensed && 1.0 - none >= ANY_SPEAKS {
        choices.iter_mut().take(FEW).for_each(|choice| choice.speaks |= choice.confidence >= AGREES);
    }
    choices
}

/// What speaks for each line, and whether the encoder has read them.
fn features(question: &str, lines: &[Line], encoder: Option<&dyn SentenceEncoder>) -> (Vec<Features>, bool) {
    let texts: Vec<Text> = lines.iter().map(Text::new).collect();
    let matcher = Matcher::bundled();
    let shelf = Shelf::new(matcher, lines.iter().map(|line| ("", line.text.as_str())));
    let asked = matcher.ask(question);
    let meanings = Scores { of: shelf.scores(&asked), none: asked.none };
    let sensed = encoder.and_then(|encoder| sensed(question, lines, encoder));
    (Asked::new(question).features(lines, &texts, &meanings, sensed.as_ref()), sensed.is_some())
}

/// How well each line answers, as the encoder reads it; none where it fails, which is logged.
fn sensed(question: &str, lines: &[Line], encoder: &dyn SentenceEncoder) -> Option<Scores> {
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let read =
        encoder.encode(Side::Question, &[question]).and_then(|asked| Ok((asked, encoder.encode(Side::Text, &texts)?)));
    match read {
        Ok((asked, read)) => {
            let (scale, none) = encoder.scale();
            let asked = asked.first()?;
            Some(Scores { of: read.iter().map(|text| scale * asked.likeness(text)).collect(), none })
        }
        Err(error) => {
            tracing::error!(%error, "a question about a product is answered without the encoder");
            None
        }
    }
}

fn weighed(values: &[f32], weights: &[f32]) -> f32 {
    values.iter().zip(weights).map(|(value, weight)| value * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::super::line::Source;
    use super::*;

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
