//! One line of a listing or of its reviews, cut into what it says.
//!
//! Pure. Called by `select` and `inquire`.

use std::collections::{BTreeSet, HashMap};

use super::subject::{PATTERNS, subjects};
use crate::domain::language::is_han;

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// An attribute: `name: value`.
    Attribute,
    /// A selling point.
    Highlight,
    /// A sentence of the description.
    Description,
    /// A sentence of a buyer's review.
    Review,
    /// What another shopper answered.
    Answer,
}

/// One line that may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it stands.
    pub source: Source,
    /// Its words; of an attribute `name: value`.
    pub text: String,
}

/// A line cut into what it says.
pub(super) struct Text {
    pub lower: String,
    pub tokens: Vec<String>,
    pub words: BTreeSet<String>,
    pub subjects: BTreeSet<usize>,
    /// The attribute that it names.
    pub name: Option<String>,
    pub name_words: BTreeSet<String>,
    pub name_subjects: BTreeSet<usize>,
}

impl Text {
    pub fn new(line: &Line) -> Self {
        let lower = line.text.to_lowercase();
        let named = match line.source {
            Source::Attribute => lower.split([':', '：']).next().map(|name| name.trim().replace(' ', "_")),
            _ => PATTERNS
                .attribute_name
                .as_ref()
                .and_then(|pattern| Some(pattern.captures(&lower)?.get(1)?.as_str().to_owned())),
        };
        let plain = if named.is_some() {
            let words = lower.replace('_', " ");
            words
                .split(' ')
                .filter(|word| !["value", "unit"].contains(&word.trim_matches(|c: char| !c.is_alphanumeric())))
                .collect::<Vec<_>>()
                .join(" ")
        } else {
            lower.clone()
        };
        let tokens = tokens(&plain);
        let alone = plain.chars().filter(|character| is_han(*character)).map(String::from);
        let words: BTreeSet<String> = tokens.iter().cloned().chain(alone).collect();
        let name_words: BTreeSet<String> =
            named.iter().flat_map(|name| self::tokens(&name.replace('_', " "))).collect();
        let subjects = subjects(&lower, words.iter());
        let name_subjects = subjects_of_name(named.as_deref(), &name_words);
        Self { lower, tokens, words, subjects, name: named, name_words, name_subjects }
    }

    /// Okapi BM25 with the given weights for words.
    pub fn bm25(&self, weights: &HashMap<String, f32>, mean: f32) -> f32 {
        let norm = 1.2 * (0.4 + 0.6 * self.tokens.len() as f32 / mean);
        weights
            .iter()
            .map(|(word, weight)| (weight, self.tokens.iter().filter(|token| *token == word).count() as f32))
            .map(|(weight, count)| weight * count * 2.2 / (count + norm))
            .sum()
    }
}

fn subjects_of_name(name: Option<&str>, words: &BTreeSet<String>) -> BTreeSet<usize> {
    name.map(|name| subjects(name, words.iter())).unwrap_or_default()
}

/// Han characters that link, ask or judge, and say nothing of the subject.
const LINKING: &str = "的了吗呢吧啊呀哦么能会可以是不有没在和与或也都还就要想把被给让这那个一些很太较我你您它他她们什怎请啥咋得着过到用拿算再又只";

/// English words folded and stemmed, numbers, and pairs of neighbouring Han characters; one alone between those that only link stands
/// for itself.
pub(super) fn tokens(lower: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let mut run: Vec<char> = Vec::new();
    let end_word = |word: &mut String, tokens: &mut Vec<String>| {
        let taken = std::mem::take(word);
        let trimmed = taken.trim_end_matches('.');
        if !trimmed.is_empty() {
            tokens.push(stem(trimmed));
        }
    };
    let end_run = |run: &mut Vec<char>, tokens: &mut Vec<String>| {
        match run.as_slice() {
            [only] => tokens.push(only.to_string()),
            several => tokens.extend(several.windows(2).map(|pair| pair.iter().collect::<String>())),
        }
        run.clear();
    };
    for character in lower.chars() {
        let point = character == '.' && word.ends_with(|c: char| c.is_ascii_digit());
        if character.is_ascii_alphanumeric() || point {
            end_run(&mut run, &mut tokens);
            word.push(character);
            continue;
        }
        end_word(&mut word, &mut tokens);
        if is_han(character) && !LINKING.contains(character) {
            run.push(character);
        } else {
            end_run(&mut run, &mut tokens);
        }
    }
    end_word(&mut word, &mut tokens);
    end_run(&mut run, &mut tokens);
    tokens
}

/// A word without plural, `-ing`, `-ed` and a last `e` or `y`.
pub(super) fn stem(word: &str) -> String {
    let mut base = word.to_owned();
    if !base.is_ascii() {
        return base;
    }
    if base.len() > 3 {
        if let Some(rest) = base.strip_suffix("ies") {
            base = format!("{rest}y");
        } else if let Some(rest) = base.strip_suffix("es").filter(|rest| rest.ends_with(['s', 'x', 'z', 'h'])) {
            base = rest.to_owned();
        } else if base.ends_with('s') && !["ss", "us", "is"].iter().any(|end| base.ends_with(end)) {
            base.pop();
        }
    }
    for ending in ["ing", "ed"] {
        if let Some(rest) = base.strip_suffix(ending).filter(|rest| rest.len() > 2) {
            let bytes = rest.as_bytes();
            let last = bytes[bytes.len() - 1];
            let doubled = bytes.len() > 3 && bytes[bytes.len() - 2] == last && !b"ls".contains(&last);
            base = rest[..rest.len() - usize::from(doubled)].to_owned();
            break;
        }
    }
    if base.len() > 3 && base.ends_with('e') {
        base.pop();
    }
    if base.len() > 3 && base.ends_with('y') {
        base.pop();
        base.push('i');
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_names_itself_and_words_lose_their_endings() {
        let line = Line { source: Source::Attribute, text: "Item weight: 620 g".into() };
        let text = Text::new(&line);
        assert_eq!(text.name.as_deref(), Some("item_weight"));
        assert!(text.name_words.contains("weight") && text.words.contains("620"));
        assert_eq!(tokens("washing machines 1.5 防水"), ["wash", "machin", "1.5", "防水"]);
        assert_eq!(tokens("快走会不会闷"), ["快走", "闷"]);
    }
}
