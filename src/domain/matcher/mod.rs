//! How well a text answers a question though they share no word, and how alike two questions are: word vectors of both languages
//! with a learned pooling.
//!
//! Pure: takes bytes and texts, returns numbers; never reads a file. `models/train/pipeline/matcher.py` is its twin, has the formulas
//! and their sources, and writes `models/matcher.bin`. Called by `knowledge` and by the choice of lines in `assistant`.

mod file;
mod segment;
mod shelf;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use self::file::MatcherError;
pub use self::shelf::Shelf;

use self::file::Reader;
use self::segment::Segmenter;
use super::linear_text::fnv1a;

const BUNDLED: &[u8] = include_bytes!("../../../models/matcher.bin");

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| Matcher::load(BUNDLED).expect("the bundled matcher is whole"));

/// Which way a text is pooled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Question,
    Text,
}

/// Rows of bytes, each with its scale.
#[derive(Debug)]
struct Table {
    steps: Vec<i8>,
    scales: Vec<f32>,
}

/// What is added to a pooled vector: two layers with a GELU between.
#[derive(Debug)]
struct Layers {
    inner: Vec<f32>,
    inner_bias: Vec<f32>,
    outer: Vec<f32>,
    outer_bias: Vec<f32>,
}

/// Word vectors, the weights of words, and what was learned of pooling and comparing them.
#[derive(Debug)]
pub struct Matcher {
    width: usize,
    segmenter: Segmenter,
    places: HashMap<Box<str>, u32>,
    weights: Vec<f32>,
    vectors: Table,
    pairs: Table,
    near: Vec<f32>,
    question: Layers,
    text: Layers,
    scales: [f32; 3],
    /// What speaks for there being no answer, and the bias.
    none: Vec<f32>,
    none_bias: f32,
}

/// A text as places of words and buckets of pairs.
#[derive(Debug, Default, Clone)]
struct Read {
    words: Vec<u32>,
    pairs: Vec<usize>,
}

/// What a question means, as a vector of unit length.
#[derive(Debug, Clone)]
pub struct Meaning(Vec<f32>);

impl Meaning {
    /// The cosine of two questions, −1 to 1.
    pub fn likeness(&self, other: &Self) -> f32 {
        dot(&self.0, &other.0)
    }
}

/// A question, ready to be compared.
#[derive(Debug, Clone)]
pub struct Asked {
    /// As a whole.
    pub meaning: Meaning,
    /// The words, of unit length, one after the other.
    words: Vec<f32>,
    weights: Vec<f32>,
    /// The score of there being no answer, on the scale of [`Shelf::scores`].
    pub none: f32,
}

impl Matcher {
    /// The one that the program ships.
    pub fn bundled() -> &'static Self {
        &MATCHER
    }

    /// Reads a matcher from the bytes of its file.
    ///
    /// # Errors
    /// [`MatcherError`]: the bytes are of something else, or cut short.
    pub fn load(bytes: &[u8]) -> Result<Self, MatcherError> {
        let (head, mut rest) = Reader::open(bytes)?;
        let names = rest.text(head.names)?;
        let words: Vec<&str> = names.split('\n').collect();
        if words.len() != head.words || head.english > head.words {
            return Err(MatcherError("as many words as the header says are wanted"));
        }
        let places = words.iter().zip(0..).map(|(word, place)| (Box::from(*word), place)).collect();
        let (width, hidden) = (head.width, head.hidden);
        let weights = rest.floats(head.words)?;
        let vectors = Table { scales: rest.floats(head.words)?, steps: rest.steps(head.words * width)? };
        let pairs = Table { scales: rest.floats(head.buckets)?, steps: rest.steps(head.buckets * width)? };
        let near = rest.floats(width * width)?;
        let mut layers = || {
            Ok(Layers {
                inner: rest.floats(hidden * width)?,
                inner_bias: rest.floats(hidden)?,
                outer: rest.floats(width * hidden)?,
                outer_bias: rest.floats(width)?,
            })
        };
        let (question, text) = (layers()?, layers()?);
        let scales = rest.floats(3)?;
        let (none, none_bias) = (rest.floats(width)?, rest.floats(1)?[0]);
        rest.end()?;
        let segmenter = Segmenter::new(&words[head.english..]);
        let scales = [scales[0], scales[1], scales[2]];
        Ok(Self { width, segmenter, places, weights, vectors, pairs, near, question, text, scales, none, none_bias })
    }

    /// Makes a question ready.
    pub fn ask(&self, question: &str) -> Asked {
        let read = self.read(question);
        let words = read.words.iter().flat_map(|word| self.near(*word)).collect();
        let weights = read.words.iter().map(|word| self.weights[*word as usize]).collect();
        let meaning = Meaning(self.pooled(&read, Side::Question));
        let none = dot(&meaning.0, &self.none) + self.none_bias;
        Asked { meaning, words, weights, none }
    }

    /// What a question means as a whole, for comparing it with others.
    pub fn meaning(&self, question: &str) -> Meaning {
        Meaning(self.pooled(&self.read(question), Side::Question))
    }

    fn read(&self, text: &str) -> Read {
        let tokens = self.segmenter.tokens(text);
        let mut read = Read::default();
        let mut keys: Vec<String> = tokens.windows(2).map(|pair| pair.join(" ")).collect();
        for token in tokens {
            match self.places.get(token.as_str()) {
                Some(place) => read.words.push(*place),
                None => keys.push(token),
            }
        }
        let buckets = self.pairs.scales.len();
        read.pairs = keys.iter().map(|key| fnv1a(key.bytes()) as usize % buckets).collect();
        read.pairs.sort_unstable();
        read.pairs.dedup();
        read
    }

    /// A text as one vector of unit length.
    fn pooled(&self, read: &Read, side: Side) -> Vec<f32> {
        let mut sum = vec![0.0; self.width];
        let mut total = 0.0;
        for word in &read.words {
            let weight = self.weights[*word as usize];
            self.vectors.add(*word as usize, weight, &mut sum);
            total += weight;
        }
        sum.iter_mut().for_each(|value| *value /= total.max(1e-6));
        let share = 1.0 / read.pairs.len().max(1) as f32;
        read.pairs.iter().for_each(|pair| self.pairs.add(*pair, share, &mut sum));
        to_unit(&mut sum);
        let layers = if side == Side::Question { &self.question } else { &self.text };
        let mut found = layers.apply(&sum);
        found.iter_mut().zip(&sum).for_each(|(value, own)| *value += own);
        to_unit(&mut found);
        found
    }

    /// A word's vector as words are compared one by one, of unit length.
    fn near(&self, word: u32) -> Vec<f32> {
        let mut vector = vec![0.0; self.width];
        self.vectors.add(word as usize, 1.0, &mut vector);
        let mut found = vec![0.0; self.width];
        for (value, row) in vector.iter().zip(self.near.chunks_exact(self.width)) {
            found.iter_mut().zip(row).for_each(|(sum, weight)| *sum += value * weight);
        }
        to_unit(&mut found);
        found
    }
}

impl Table {
    /// Adds `factor` times a row.
    fn add(&self, row: usize, factor: f32, sum: &mut [f32]) {
        let factor = factor * self.scales[row];
        let steps = &self.steps[row * sum.len()..(row + 1) * sum.len()];
        sum.iter_mut().zip(steps).for_each(|(value, step)| *value += factor * f32::from(*step));
    }
}

impl Layers {
    fn apply(&self, vector: &[f32]) -> Vec<f32> {
        let inner: Vec<f32> = linear(&self.inner, &self.inner_bias, vector).map(gelu).collect();
        linear(&self.outer, &self.outer_bias, &inner).collect()
    }
}

fn linear<'a>(weights: &'a [f32], bias: &'a [f32], vector: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
    weights.chunks_exact(vector.len()).zip(bias).map(|(row, bias)| dot(row, vector) + bias)
}

/// The tanh form of GELU (Hendrycks & Gimpel 2016, arXiv:1606.08415).
fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh())
}

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn to_unit(vector: &mut [f32]) {
    let length = dot(vector, vector).sqrt().max(1e-12);
    vector.iter_mut().for_each(|value| *value /= length);
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        question: String,
        heading: String,
        text: String,
        score: f32,
        none: f32,
        likeness: f32,
    }

    #[test]
    fn scores_are_those_of_the_training_program() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/matcher_parity.jsonl");
        let cases = std::fs::read_to_string(path).expect("cases");
        let matcher = Matcher::bundled();
        for line in cases.lines() {
            let case: Case = serde_json::from_str(line).expect("a case");
            let asked = matcher.ask(&case.question);
            let shelf =
                Shelf::new(matcher, [(case.heading.as_str(), format!("{} {}", case.heading, case.text).as_str())]);
            let score = shelf.scores(&asked)[0];
            assert!((score - case.score).abs() < 0.02, "{line}: {score}");
            assert!((asked.none - case.none).abs() < 0.02, "{line}: {}", asked.none);
            let likeness = asked.meaning.likeness(&matcher.meaning(&case.text));
            assert!((likeness - case.likeness).abs() < 0.005, "{line}: {likeness}");
        }
    }

    #[test]
    fn a_question_finds_the_text_that_shares_no_word_with_it() {
        let matcher = Matcher::bundled();
        let shelf = Shelf::new(
            matcher,
            [
                ("", "Refunds go back to the card that you paid with within five working days."),
                ("", "Parcels are handed to the courier within two days."),
                ("", "The warranty covers faults of material for two years."),
            ],
        );
        for (question, right) in [("when do i get my money", 0), ("who pays if a defect shows up next year", 2)] {
            let scores = shelf.scores(&matcher.ask(question));
            let best = (0..3).max_by(|one, other| scores[*one].total_cmp(&scores[*other]));
            assert_eq!(best, Some(right), "{question}: {scores:?}");
        }
    }

    #[test]
    fn what_is_not_a_matcher_is_refused() {
        assert!(Matcher::load(b"nothing of the kind").is_err());
        assert!(Matcher::load(&BUNDLED[..BUNDLED.len() - 1]).is_err());
        let more = [BUNDLED, b"."].concat();
        assert!(Matcher::load(&more).is_err());
    }
}
