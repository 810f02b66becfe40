//! Texts among which a question's answer is sought.

use std::collections::HashMap;

use super::{Asked, Matcher, Side, dot};

/// Texts, ready to be compared with questions. Immutable.
#[derive(Debug)]
pub struct Shelf {
    width: usize,
    scales: [f32; 3],
    /// Every word that stands in any text once, of unit length, one after the other.
    words: Vec<f32>,
    texts: Vec<Text>,
}

#[derive(Debug)]
struct Text {
    pooled: Vec<f32>,
    words: Vec<usize>,
    /// None when the heading has no word.
    heading: Option<Vec<f32>>,
    heading_words: Vec<usize>,
}

impl Shelf {
    /// Of texts, each after its heading, which may be empty; what the heading says should stand in the text too.
    pub fn new<'a>(matcher: &Matcher, texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut known: HashMap<u32, usize> = HashMap::new();
        let mut words = Vec::new();
        let mut places = |read: &[u32]| -> Vec<usize> {
            read.iter()
                .map(|word| {
                    let next = known.len();
                    *known.entry(*word).or_insert_with(|| {
                        words.extend(matcher.near(*word));
                        next
                    })
                })
                .collect()
        };
        let texts = texts
            .into_iter()
            .map(|(heading, text)| {
                let (heading, text) = (matcher.read(heading), matcher.read(text));
                Text {
                    pooled: matcher.pooled(&text, Side::Text),
                    words: places(&text.words),
                    heading: (!heading.words.is_empty()).then(|| matcher.pooled(&heading, Side::Text)),
                    heading_words: places(&heading.words),
                }
            })
            .collect();
        Self { width: matcher.width, scales: matcher.scales, words, texts }
    }

    /// How well each text answers a question, in order: log-probabilities against each other and [`Asked::none`], up to a constant.
    pub fn scores(&self, asked: &Asked) -> Vec<f32> {
        let known = self.words.len() / self.width;
        let cosines: Vec<f32> = asked
            .words
            .chunks_exact(self.width)
            .flat_map(|word| self.words.chunks_exact(self.width).map(move |other| dot(word, other)))
            .collect();
        let total = asked.weights.iter().sum::<f32>().max(1e-6);
        let nearest = |places: &[usize]| {
            let best = |row: &[f32]| places.iter().map(|place| row[*place]).fold(0.0, f32::max);
            let rows = cosines.chunks_exact(known.max(1));
            rows.zip(&asked.weights).map(|(row, weight)| weight * best(row)).sum::<f32>() / total
        };
        let whole = &asked.meaning.0;
        let score = |text: &Text| {
            let heading = text.heading.as_ref().map_or(0.0, |heading| dot(whole, heading));
            self.scales[0] * (2.0 * dot(whole, &text.pooled) + heading)
                + self.scales[1] * nearest(&text.words)
                + self.scales[2] * nearest(&text.heading_words)
        };
        self.texts.iter().map(score).collect()
    }
}
