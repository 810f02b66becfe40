//! The categories and brands of a snapshot as word sequences, to see which of them a request names in full.
//!
//! A request for `phone` names the category `Phones` and not `Phone cases`. Called by `score`.

use std::collections::HashMap;

use super::tokens::{Grain, Tokenizer};

/// One category or brand.
#[derive(Debug)]
pub struct FullName {
    /// Its words, as tokens write them.
    pub tokens: Vec<String>,
    /// The products that have it.
    pub docs: Vec<u32>,
}

/// All of them, by their first word.
#[derive(Debug, Default)]
pub struct FullNames {
    by_first: HashMap<String, Vec<FullName>>,
}

impl FullNames {
    /// Learns names and their products; each part of a path such as `Home > Bedding` is a name.
    pub fn new<'a>(names: impl IntoIterator<Item = (&'a str, u32)>, tokenizer: &Tokenizer) -> Self {
        let mut docs_of: HashMap<Vec<String>, Vec<u32>> = HashMap::new();
        let mut cut: HashMap<&str, Vec<Vec<String>>> = HashMap::new();
        for (name, doc) in names {
            let sequences = cut.entry(name).or_insert_with(|| {
                let parts = name.split(['/', '>', '|', '、']).map(|part| sequence(part, tokenizer));
                parts.filter(|sequence| !sequence.is_empty()).collect()
            });
            for sequence in sequences.iter() {
                let docs = docs_of.entry(sequence.clone()).or_default();
                if docs.last() != Some(&doc) {
                    docs.push(doc);
                }
            }
        }
        let mut by_first: HashMap<String, Vec<FullName>> = HashMap::new();
        for (tokens, docs) in docs_of {
            by_first.entry(tokens[0].clone()).or_default().push(FullName { tokens, docs });
        }
        for names in by_first.values_mut() {
            names.sort_by(|a, b| a.tokens.cmp(&b.tokens));
        }
        Self { by_first }
    }

    /// The names that begin with a word.
    pub fn beginning(&self, token: &str) -> &[FullName] {
        self.by_first.get(token).map_or(&[], Vec::as_slice)
    }
}

fn sequence(name: &str, tokenizer: &Tokenizer) -> Vec<String> {
    let tokens = tokenizer.tokens(name, Grain::Query);
    tokens.into_iter().filter(|token| !token.part).map(|token| token.text).collect()
}
