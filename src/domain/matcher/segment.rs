//! Cuts a text into words as `models/train/pipeline/segment.py` does, which has the rules.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

const LONGEST: usize = 6;
const OFFSET: f64 = 20.0;
const STRANGE: f64 = 14.0;

/// Knows the Chinese words with how rare they are.
#[derive(Debug)]
pub(super) struct Segmenter {
    /// What a word costs.
    costs: HashMap<Box<str>, f64>,
}

impl Segmenter {
    /// Of Chinese words, the most used first.
    pub fn new(words: &[&str]) -> Self {
        let cost = |rank: usize| (rank as f64 + OFFSET).ln();
        Self { costs: words.iter().enumerate().map(|(rank, word)| (Box::from(*word), cost(rank))).collect() }
    }

    /// The words of a text, normalised.
    pub fn tokens(&self, text: &str) -> Vec<String> {
        let characters: Vec<char> = text.nfkc().collect::<String>().to_lowercase().replace('’', "'").chars().collect();
        let mut found = Vec::new();
        let mut at = 0;
        let run = |from: usize, is: fn(&char) -> bool| characters[from..].iter().take_while(|c| is(c)).count();
        while at < characters.len() {
            let start = at;
            if is_latin(&characters[at]) {
                at += run(at, is_latin);
                let tail = if characters.get(at) == Some(&'\'') { run(at + 1, is_latin) } else { 0 };
                let word: String = characters[start..at].iter().collect();
                if tail == 1 && characters[at + 1] == 't' && word.ends_with('n') {
                    let base = &word[..word.len() - 1];
                    found.push(full(base).to_owned());
                    found.push("not".to_owned());
                } else {
                    found.push(word);
                }
                at += if tail > 0 { tail + 1 } else { 0 };
            } else if characters[at].is_ascii_digit() {
                at += run(at, char::is_ascii_digit);
                if characters.get(at) == Some(&'.') && characters.get(at + 1).is_some_and(char::is_ascii_digit) {
                    at += 1 + run(at + 1, char::is_ascii_digit);
                }
                found.push(characters[start..at].iter().collect());
            } else if is_han(&characters[at]) {
                at += run(at, is_han);
                self.cut(&characters[start..at], &mut found);
            } else {
                at += 1;
            }
        }
        found
    }

    /// The words that cost least together.
    fn cut(&self, run: &[char], found: &mut Vec<String>) {
        let mut best: Vec<(f64, usize)> = vec![(0.0, 0)];
        for end in 1..=run.len() {
            let choices = (end.saturating_sub(LONGEST)..end).filter_map(|start| {
                let word: String = run[start..end].iter().collect();
                let strange = (end - start == 1).then_some(STRANGE);
                let cost = self.costs.get(word.as_str()).copied().or(strange)?;
                Some((best[start].0 + cost, start))
            });
            let least = choices.min_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            best.push(least.unwrap_or((f64::MAX, end - 1)));
        }
        let first = found.len();
        let mut end = run.len();
        while end > 0 {
            let start = best[end].1;
            found.push(run[start..end].iter().collect());
            end = start;
        }
        found[first..].reverse();
    }
}

/// What stands before "n't".
fn full(base: &str) -> &str {
    match base {
        "ca" => "can",
        "wo" => "will",
        "sha" => "shall",
        other => other,
    }
}

fn is_latin(character: &char) -> bool {
    character.is_ascii_lowercase()
}

fn is_han(character: &char) -> bool {
    matches!(character, '\u{4E00}'..='\u{9FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_negations_are_told_apart() {
        let segmenter = Segmenter::new(&["可以", "退货", "运费", "退货运费"]);
        let tokens = segmenter.tokens("Can't it's ＯＫ? 12.5kg 可以退货运费奭");
        assert_eq!(tokens, ["can", "not", "it", "ok", "12.5", "kg", "可以", "退货运费", "奭"]);
        assert!(segmenter.tokens("😀 … !").is_empty());
    }
}
