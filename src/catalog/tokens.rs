//! Cuts text into the tokens that are indexed and searched.
//!
//! Chinese by jieba in search mode, English folded and stemmed; model numbers and sizes whole and in parts; a number with its
//! unit as one token in whatever language the unit is written (`15.6寸`, `15.6 inch`, `15.6"` → `15.6inch`). Never drops a word:
//! what does not matter in a request is the business of `request`. Called by `index` and `request`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jieba_rs::Jieba;
use rust_stemmers::{Algorithm, Stemmer};

use super::fold::fold;
use super::units::{decimal, measure, unit};
use crate::domain::language::is_han;

/// Plurals that no rule makes singular.
const IRREGULAR: &[(&str, &str)] = &[
    ("women", "woman"),
    ("men", "man"),
    ("children", "child"),
    ("childrens", "child"),
    ("womens", "woman"),
    ("mens", "man"),
    ("mice", "mouse"),
    ("knives", "knife"),
    ("shelves", "shelf"),
    ("scarves", "scarf"),
    ("kids", "kid"),
    ("teeth", "tooth"),
    ("feet", "foot"),
];

/// At most so many stems are remembered.
const MAX_STEMS: usize = 200_000;

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Folded, stemmed where English.
    pub text: String,
    /// The word as folded, before stemming.
    pub surface: String,
    /// Where it stands; tokens that overlap share a position.
    pub position: usize,
    /// Whether it is a part of a larger token at the same place, such as the `210` of `kx210`.
    pub part: bool,
}

/// Cuts text; cheap to clone.
#[derive(Clone)]
pub struct Tokenizer {
    jieba: Arc<Jieba>,
    stemmer: Arc<Stemmer>,
    /// Stems found before: a catalog repeats its words.
    stems: Arc<RwLock<HashMap<String, String>>>,
}

/// How finely Chinese is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// Words and the words within them, for indexing.
    Index,
    /// Words only, for requests.
    Query,
}

impl Tokenizer {
    /// A tokenizer that knows these words (brands, categories, synonyms) besides jieba's dictionary.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut jieba = Jieba::new();
        for word in words {
            for run in han_runs(&fold(word)) {
                if (2..=8).contains(&run.chars().count()) && !jieba.has_word(&run) {
                    jieba.add_word(&run, None, None);
                }
            }
        }
        Self { jieba: Arc::new(jieba), stemmer: Arc::new(Stemmer::create(Algorithm::English)), stems: Arc::default() }
    }

    /// The tokens of a text in order.
    pub fn tokens(&self, text: &str, grain: Grain) -> Vec<Token> {
        let folded = fold(text);
        let characters: Vec<char> = folded.chars().collect();
        let mut cut = Cut { tokenizer: self, grain, tokens: Vec::new(), position: 0, number: None };
        let mut at = 0;
        while at < characters.len() {
            let character = characters[at];
            let start = at;
            if is_han(character) {
                while at < characters.len() && is_han(characters[at]) {
                    at += 1;
                }
                cut.han(&characters[start..at].iter().collect::<String>());
            } else if character.is_alphanumeric() {
                while at < characters.len() && continues_word(&characters, at) {
                    at += 1;
                }
                cut.word(&characters[start..at].iter().collect::<String>());
            } else {
                if matches!(character, '"' | '″' | '”') {
                    cut.unit("\"");
                } else if character != ' ' {
                    cut.number = None;
                }
                at += 1;
            }
        }
        cut.tokens
    }

    /// The stem of a folded word.
    pub fn stem(&self, word: &str) -> String {
        if word.len() < 3 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return word.to_owned();
        }
        let known = self.stems.read().unwrap_or_else(PoisonError::into_inner).get(word).cloned();
        if let Some(stem) = known {
            return stem;
        }
        let stem = match IRREGULAR.iter().find(|(plural, _)| *plural == word) {
            Some((_, singular)) => (*singular).to_owned(),
            None if word.len() < 4 => word.to_owned(),
            None => self.stemmer.stem(word).into_owned(),
        };
        let mut stems = self.stems.write().unwrap_or_else(PoisonError::into_inner);
        if stems.len() < MAX_STEMS {
            stems.insert(word.to_owned(), stem.clone());
        }
        stem
    }

    /// Whether jieba would keep this Chinese word in one piece.
    pub fn is_word(&self, word: &str) -> bool {
        self.jieba.has_word(word)
    }
}

/// Each Han character and each pair of neighbours, for recall where words are cut differently.
pub fn grams(text: &str) -> Vec<String> {
    let mut grams = Vec::new();
    for run in han_runs(&fold(text)) {
        let characters: Vec<char> = run.chars().collect();
        grams.extend(characters.iter().map(char::to_string));
        grams.extend(characters.windows(2).map(|pair| pair.iter().collect::<String>()));
    }
    grams
}

/// The runs of Han characters of a text.
pub fn han_runs(text: &str) -> Vec<String> {
    text.split(|character| !is_han(character)).filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

fn continues_word(characters: &[char], at: usize) -> bool {
    let character = characters[at];
    if is_han(character) {
        return false;
    }
    if character.is_alphanumeric() {
        return true;
    }
    let between = characters.get(at + 1).is_some_and(|next| next.is_alphanumeric() && !is_han(*next));
    match character {
        '.' | '-' | '/' | '_' | '\'' | '’' | '*' | '&' => between,
        ',' => {
            let digits = |range: std::ops::Range<usize>| {
                characters.get(range).is_some_and(|part| part.iter().all(char::is_ascii_digit))
            };
            at > 0 && digits(at - 1..at) && digits(at + 1..at + 4) && !digits(at + 4..at + 5)
        }
        _ => false,
    }
}

struct Cut<'a> {
    tokenizer: &'a Tokenizer,
    grain: Grain,
    tokens: Vec<Token>,
    position: usize,
    /// The number just passed, which a unit may follow, with its position.
    number: Option<(String, usize)>,
}

impl Cut<'_> {
    fn push(&mut self, text: String, surface: String, position: usize, part: bool) {
        self.tokens.push(Token { text, surface, position, part });
    }

    fn plain(&mut self, word: &str, part: bool) {
        let stem = self.tokenizer.stem(word);
        let position = self.position;
        self.push(stem, word.to_owned(), position, part);
    }

    /// Joins a unit to the number before it.
    fn unit(&mut self, name: &str) -> bool {
        let Some((number, position)) = self.number.take() else { return false };
        let Some(unit) = unit(name) else { return false };
        let joined = number + unit;
        self.push(joined.clone(), joined, position, true);
        true
    }

    fn han(&mut self, run: &str) {
        if self.number.is_some() {
            let names = (1..=3).rev().filter_map(|length| run.char_indices().nth(length).map(|(end, _)| &run[..end]));
            if let Some(name) = std::iter::once(run).chain(names).find(|name| unit(name).is_some()) {
                let rest = run[name.len()..].to_owned();
                self.unit(name);
                if self.grain == Grain::Index {
                    self.plain(name, true);
                    self.position += 1;
                }
                if !rest.is_empty() {
                    self.han(&rest);
                }
                return;
            }
        }
        self.number = None;
        let jieba = self.tokenizer.jieba.clone();
        let words = match self.grain {
            Grain::Index => jieba.cut_for_search(run, true),
            Grain::Query => jieba.cut(run, true),
        };
        let base = self.position;
        for word in words {
            self.push(word.word.to_owned(), word.word.to_owned(), base + word.start, false);
        }
        self.position = base + run.chars().count();
    }

    fn word(&mut self, chunk: &str) {
        let chunk = chunk.replace('’', "'");
        if let Some(alternatives) = split_list(&chunk) {
            for alternative in alternatives {
                self.word(alternative);
            }
            return;
        }
        let chunk = chunk.strip_suffix("'s").unwrap_or(&chunk).replace([',', '\''], "");
        if let Some(number) = decimal(&chunk) {
            self.plain(&number, false);
            self.number = Some((number, self.position));
            self.position += 1;
            return;
        }
        if self.unit(&chunk) {
            self.plain(&chunk, false);
            self.position += 1;
            return;
        }
        self.number = None;
        if let Some((number, unit)) = measure(&chunk) {
            let joined = number.clone() + unit;
            let position = self.position;
            self.push(joined.clone(), joined, position, false);
            self.plain(&number, true);
            if chunk.ends_with(char::is_alphabetic) && format!("{number}{unit}") != chunk {
                self.plain(&chunk, true);
            }
            self.position += 1;
            return;
        }
        let parts: Vec<&str> = chunk.split(['-', '.', '_', '&']).filter(|part| !part.is_empty()).collect();
        if parts.len() < 2 {
            self.plain(&chunk, false);
            self.position += 1;
            return;
        }
        let whole: String = parts.concat();
        self.plain(&whole, false);
        for part in parts {
            match measure(part) {
                Some((number, unit)) => {
                    let joined = number + unit;
                    let position = self.position;
                    self.push(joined.clone(), joined, position, true);
                }
                None => self.plain(&decimal(part).unwrap_or_else(|| part.to_owned()), true),
            }
            self.position += 1;
        }
    }
}

/// The members of `6/8/10`, `laptop/notebook`, `200*230cm`.
fn split_list(chunk: &str) -> Option<impl Iterator<Item = &str>> {
    chunk.contains(['/', '*']).then(|| chunk.split(['/', '*']).filter(|part| !part.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, grain: Grain) -> Vec<String> {
        Tokenizer::new(["雪岭"]).tokens(text, grain).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn model_numbers_are_kept_whole_and_in_parts() {
        assert_eq!(texts("KX-210", Grain::Index), ["kx210", "kx", "210"]);
        assert_eq!(texts("Xerox 006R90321", Grain::Index), ["xerox", "006r90321"]);
        assert_eq!(texts("6/8/10 Wheels", Grain::Index), ["6", "8", "10", "wheel"]);
    }

    #[test]
    fn sizes_meet_across_units_names() {
        for text in ["15.6寸", "15.6 inch", "15.6\"", "15.6英寸", "15.60 inches"] {
            assert!(texts(text, Grain::Index).contains(&"15.6inch".to_owned()), "{text}");
        }
        assert!(texts("120ml", Grain::Index).contains(&"120ml".to_owned()));
        assert!(texts("120毫升", Grain::Index).contains(&"120ml".to_owned()));
    }

    #[test]
    fn chinese_is_cut_into_words_and_brands_stay_whole() {
        assert_eq!(texts("雪岭羽绒服", Grain::Query), ["雪岭", "羽绒服"]);
        assert!(texts("雪岭羽绒服", Grain::Index).contains(&"羽绒".to_owned()));
        assert_eq!(grams("羽绒服 X"), ["羽", "绒", "服", "羽绒", "绒服"]);
    }

    #[test]
    fn plurals_and_possessives_meet() {
        assert_eq!(texts("Women's jackets", Grain::Index), texts("woman jacket", Grain::Index));
        assert_eq!(texts("Batteries", Grain::Index), texts("battery", Grain::Index));
    }
}
