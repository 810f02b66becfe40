//! A linear model over hashed character n-grams and words: how a text becomes features, and a model's file.
//!
//! Pure: takes bytes and texts, returns probabilities; never reads a file. `models/train/pipeline/linear.py` is its twin and
//! writes the files; `models/train/README.md` has the specification. The prior over intents and review sentiment use it.

use unicode_normalization::UnicodeNormalization;

const MAGIC: &[u8; 4] = b"DGLT";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 24;

/// Why bytes are not a linear model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinearTextError {
    /// Not the file that is expected.
    #[error("not a linear text model: {0}")]
    Malformed(&'static str),
}

/// A multinomial logistic model: a bias and a weight per bucket for each label, one byte a weight.
#[derive(Debug, Clone)]
pub struct LinearText {
    buckets: usize,
    longest: usize,
    fold_digits: bool,
    temperature: f32,
    labels: Vec<String>,
    bias: Vec<f32>,
    scales: Vec<f32>,
    steps: Vec<i8>,
}

impl LinearText {
    /// Reads a model from the bytes of its file.
    pub fn load(bytes: &[u8]) -> Result<Self, LinearTextError> {
        use LinearTextError::Malformed;
        let (head, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or(Malformed("too short"))?;
        if &head[..4] != MAGIC || word(head, 4) != VERSION {
            return Err(Malformed("wrong magic or version"));
        }
        let (buckets, labels) = (word(head, 8) as usize, word(head, 12) as usize);
        let (longest, fold_digits) = (usize::from(head[16]), head[17] != 0);
        let names = usize::from(u16::from_le_bytes([head[18], head[19]]));
        let temperature = f32::from_bits(word(head, 20));
        if buckets == 0 || labels < 2 || longest == 0 || !(temperature.is_finite() && temperature > 0.0) {
            return Err(Malformed("an impossible header"));
        }
        let (names, rest) = rest.split_at_checked(names).ok_or(Malformed("names cut short"))?;
        let names = std::str::from_utf8(names).map_err(|_| Malformed("names are not UTF-8"))?;
        let names: Vec<String> = names.lines().map(str::to_owned).collect();
        if names.len() != labels {
            return Err(Malformed("as many names as labels are wanted"));
        }
        let (bias, rest) = rest.split_at_checked(4 * labels).ok_or(Malformed("biases cut short"))?;
        let (scales, steps) = rest.split_at_checked(4 * labels).ok_or(Malformed("scales cut short"))?;
        if buckets.checked_mul(labels) != Some(steps.len()) {
            return Err(Malformed("weights of another size"));
        }
        Ok(Self {
            buckets,
            longest,
            fold_digits,
            temperature,
            labels: names,
            bias: floats(bias),
            scales: floats(scales),
            steps: steps.iter().map(|step| step.cast_signed()).collect(),
        })
    }

    /// The names of the labels, in the order of the probabilities.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The probability of each label for a text; `flags` are facts beside the text that the model was trained with.
    pub fn probabilities(&self, text: &str, flags: &[&str]) -> Vec<f32> {
        let text = normalised(text, self.fold_digits);
        let mut sums = vec![0f32; self.labels.len()];
        let grams = self.gram_buckets(&text, "c");
        self.add(&mut sums, &grams, share(grams.len()));
        if flags.contains(&CROSSED) {
            let crossed = self.gram_buckets(&text, "k");
            self.add(&mut sums, &crossed, share(crossed.len()));
        }
        let terms = self.term_buckets(&text);
        self.add(&mut sums, &terms, share(terms.len()));
        let facts = distinct(flags.iter().map(|flag| self.bucket("x", flag)).collect());
        self.add(&mut sums, &facts, 1.0);
        for ((sum, scale), bias) in sums.iter_mut().zip(&self.scales).zip(&self.bias) {
            *sum = (*sum * scale + bias) / self.temperature;
        }
        softmax(&mut sums);
        sums
    }

    fn gram_buckets(&self, text: &str, kind: &str) -> Vec<usize> {
        let padded: Vec<char> = format!(" {text} ").chars().collect();
        let mut buckets = Vec::with_capacity(padded.len() * self.longest);
        for length in 1..=self.longest {
            buckets.extend(padded.windows(length).map(|gram| self.bucket(kind, &gram.iter().collect::<String>())));
        }
        distinct(buckets)
    }

    fn term_buckets(&self, text: &str) -> Vec<usize> {
        let words: Vec<&str> = text
            .split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '\''))
            .filter(|word| !word.is_empty())
            .collect();
        let mut buckets: Vec<usize> = words.iter().map(|word| self.bucket("w", word)).collect();
        buckets.extend(words.windows(2).map(|pair| self.bucket("b", &pair.join(" "))));
        distinct(buckets)
    }

    fn bucket(&self, kind: &str, key: &str) -> usize {
        fnv1a(kind.bytes().chain(key.bytes())) as usize % self.buckets
    }

    fn add(&self, sums: &mut [f32], buckets: &[usize], value: f32) {
        let labels = self.labels.len();
        for bucket in buckets {
            for (sum, step) in sums.iter_mut().zip(&self.steps[bucket * labels..(bucket + 1) * labels]) {
                *sum += value * f32::from(*step);
            }
        }
    }
}

/// The flag under which n-grams are counted once more, apart: the same words mean something else in that case.
pub const CROSSED: &str = "context";

/// The form in which texts are hashed: NFKC, lower case, single spaces, and with `fold_digits` every ASCII digit a 0.
fn normalised(text: &str, fold_digits: bool) -> String {
    let folded = text.nfkc().collect::<String>().to_lowercase();
    let spaced = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    if fold_digits { spaced.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect() } else { spaced }
}

/// FNV-1a, 32 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>).
pub(super) fn fnv1a(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn distinct(mut buckets: Vec<usize>) -> Vec<usize> {
    buckets.sort_unstable();
    buckets.dedup();
    buckets
}

/// What each of so many features is worth, so that a long text weighs as much as a short one.
fn share(count: usize) -> f32 {
    1.0 / (count.max(1) as f32).sqrt()
}

fn softmax(scores: &mut [f32]) {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - top).exp();
        sum += *score;
    }
    for score in scores.iter_mut() {
        *score /= sum;
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|chunk| f32::from_bits(word(chunk, 0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two labels, four buckets, no weights but a bias.
    fn tiny() -> Vec<u8> {
        let mut bytes = b"DGLT".to_vec();
        for number in [VERSION, 4, 2] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend([2, 1]);
        bytes.extend(3u16.to_le_bytes());
        bytes.extend(1.0f32.to_le_bytes());
        bytes.extend(b"a\nb");
        for number in [0.0f32, 3f32.ln(), 1.0, 1.0] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend([0u8; 8]);
        bytes
    }

    #[test]
    fn a_bias_alone_gives_its_odds() {
        let model = LinearText::load(&tiny()).expect("model");
        let found = model.probabilities("你好 there", &[CROSSED]);
        assert_eq!(model.labels(), ["a", "b"]);
        assert!((found[1] - 0.75).abs() < 1e-6, "{found:?}");
    }

    #[test]
    fn damaged_files_are_refused() {
        let whole = tiny();
        for length in [0, 10, 23, 26, 40, whole.len() - 1] {
            assert!(LinearText::load(&whole[..length]).is_err(), "{length}");
        }
        assert!(LinearText::load(&[whole.as_slice(), &[0]].concat()).is_err());
    }

    #[test]
    fn texts_are_folded_before_hashing() {
        assert_eq!(normalised("  ＡＢ\t12 Ｃ\n", true), "ab 00 c");
        assert_eq!(normalised("Ａ1", false), "a1");
        assert_eq!(fnv1a("foobar".bytes()), 0xbf9c_f968);
    }
}
