//! The words of a catalog's titles, brands and categories, for what was mistyped or written in one.
//!
//! Never consulted for a word that a product has. Called by `score`.

use std::collections::HashMap;

use super::tokens::Tokenizer;

/// Shortest word that is corrected.
const MIN_LENGTH: usize = 4;
/// From this length on, two letters may be wrong.
const LONG_LENGTH: usize = 8;
/// At most so many corrections of one word.
const MAX_CORRECTIONS: usize = 4;

/// The words by length.
#[derive(Debug, Default)]
pub struct Spelling {
    by_length: HashMap<usize, Vec<(Vec<char>, u32)>>,
    frequency: HashMap<String, u32>,
}

impl Spelling {
    /// Learns the words and how many products have them.
    pub fn new(frequency: HashMap<String, u32>) -> Self {
        let mut by_length: HashMap<usize, Vec<(Vec<char>, u32)>> = HashMap::new();
        for (word, count) in &frequency {
            let letters: Vec<char> = word.chars().collect();
            if letters.len() >= MIN_LENGTH - 1 && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
                by_length.entry(letters.len()).or_default().push((letters, *count));
            }
        }
        for words in by_length.values_mut() {
            words.sort();
        }
        Self { by_length, frequency }
    }

    /// Whether any product has this word.
    pub fn knows(&self, token: &str) -> bool {
        self.frequency.contains_key(token)
    }

    /// The nearest words with the number of letters that differ: 1, for long words up to 2; the nearest and commonest first.
    pub fn nearest(&self, token: &str) -> Vec<(String, usize)> {
        let letters: Vec<char> = token.chars().collect();
        if letters.len() < MIN_LENGTH || !token.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Vec::new();
        }
        let limit = if letters.len() >= LONG_LENGTH { 2 } else { 1 };
        let mut found = Vec::new();
        for length in letters.len() - limit..=letters.len() + limit {
            for (word, count) in self.by_length.get(&length).map_or(&[] as &[_], Vec::as_slice) {
                if let Some(distance) = distance(&letters, word, limit) {
                    found.push((distance, std::cmp::Reverse(*count), word));
                }
            }
        }
        found.sort();
        let nearest = found.first().map_or(0, |(distance, ..)| *distance);
        let chosen = found.into_iter().take_while(|(distance, ..)| *distance == nearest).take(MAX_CORRECTIONS);
        chosen.map(|(distance, _, word)| (word.iter().collect(), distance)).collect()
    }

    /// Two words of the catalog that make up this one: `touchscreen` → `touch`, `screen`.
    pub fn split(&self, surface: &str, tokenizer: &Tokenizer) -> Option<(String, String)> {
        if surface.len() < 6 || !surface.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        let candidates = (3..=surface.len() - 3).filter_map(|at| {
            let (left, right) = (tokenizer.stem(&surface[..at]), tokenizer.stem(&surface[at..]));
            let count = *self.frequency.get(&left)?.min(self.frequency.get(&right)?);
            Some((count, left, right))
        });
        candidates.max().map(|(_, left, right)| (left, right))
    }
}

/// Edits from one word to the other, a swap of neighbours counting as one; nothing above the limit.
fn distance(left: &[char], right: &[char], limit: usize) -> Option<usize> {
    let width = right.len() + 1;
    let mut rows = vec![(0..width).collect::<Vec<usize>>()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, b) in right.iter().enumerate() {
            let change = rows[i][j] + usize::from(a != b);
            row[j + 1] = change.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                row[j + 1] = row[j + 1].min(rows[i - 1][j - 1] + 1);
            }
        }
        if row.iter().all(|cell| *cell > limit) {
            return None;
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().filter(|distance| *distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_words_come_first_and_short_words_stay() {
        let words = [("blanket", 3), ("blankets", 9), ("jacket", 5), ("bag", 7)];
        let spelling = Spelling::new(words.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect());
        assert_eq!(spelling.nearest("jakcet"), [("jacket".to_owned(), 1)]);
        assert_eq!(spelling.nearest("bgg"), []);
        assert_eq!(spelling.nearest("television"), []);
    }
}
