//! Words that mean the same, within a language and across the two.
//!
//! Read from text files (`catalog/synonyms.txt` and `catalog/glossary.txt` are built in, a shop adds its own); never guessed. Called by `request` for
//! searching and by `values` for comparing attribute values.

use std::collections::{HashMap, HashSet};

use super::error::CatalogError;
use super::fold::fold;
use super::tokens::{Grain, Tokenizer};

/// The groups that come with daogou, with the names of their files.
pub const BUILT_IN: [(&str, &str); 2] = [
    ("catalog/synonyms.txt", include_str!("../../catalog/synonyms.txt")),
    ("catalog/glossary.txt", include_str!("../../catalog/glossary.txt")),
];

/// Longest entry, in tokens.
const MAX_TOKENS: usize = 4;

/// Entries and what each stands for.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    /// Folded entry → folded entries that may stand for it.
    forms: HashMap<String, Vec<String>>,
    /// Token sequence → token sequences that may stand for it.
    sequences: HashMap<Vec<String>, Vec<Vec<String>>>,
}

impl Synonyms {
    /// Reads groups from texts, each with the name that errors give it.
    pub fn parse<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, CatalogError> {
        let mut synonyms = Self::default();
        for (path, text) in texts {
            for (index, line) in text.lines().enumerate() {
                let line = line.split('#').next().unwrap_or_default().trim();
                if line.is_empty() {
                    continue;
                }
                synonyms.add_line(line).map_err(|reason| CatalogError::Synonyms {
                    path: path.to_owned(),
                    line: index + 1,
                    reason,
                })?;
            }
        }
        Ok(synonyms)
    }

    /// Every entry, for the tokenizer to know its words.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.forms.keys().map(String::as_str)
    }

    /// Prepares the entries for comparing with tokens.
    pub fn tokenized(mut self, tokenizer: &Tokenizer) -> Self {
        let sequence = |entry: &str| -> Vec<String> {
            let tokens = tokenizer.tokens(entry, Grain::Query);
            tokens.into_iter().filter(|token| !token.part).map(|token| token.text).collect()
        };
        let mut sequences: HashMap<Vec<String>, Vec<Vec<String>>> = HashMap::new();
        for (entry, others) in &self.forms {
            let key = sequence(entry);
            if key.is_empty() || key.len() > MAX_TOKENS {
                continue;
            }
            let targets = sequences.entry(key.clone()).or_default();
            targets
                .extend(others.iter().map(|other| sequence(other)).filter(|other| !other.is_empty() && *other != key));
        }
        for targets in sequences.values_mut() {
            targets.sort();
            targets.dedup();
        }
        self.sequences = sequences;
        self
    }

    /// What may stand for a folded text, without the text itself.
    pub fn forms(&self, folded: &str) -> &[String] {
        self.forms.get(folded).map_or(&[], Vec::as_slice)
    }

    /// What may stand for the longest entry at the start of these tokens: how many tokens it takes, and the sequences.
    pub fn at(&self, tokens: &[&str]) -> Option<(usize, &[Vec<String>])> {
        (1..=MAX_TOKENS.min(tokens.len())).rev().find_map(|length| {
            let key: Vec<String> = tokens[..length].iter().map(|token| (*token).to_owned()).collect();
            self.sequences.get(&key).map(|targets| (length, targets.as_slice()))
        })
    }

    fn add_line(&mut self, line: &str) -> Result<(), String> {
        let members = |part: &str| -> Vec<String> {
            let mut seen = HashSet::new();
            part.split([',', '，', '、'])
                .map(fold)
                .filter(|entry| !entry.is_empty() && seen.insert(entry.clone()))
                .collect()
        };
        if let Some((from, to)) = line.split_once("=>") {
            let (from, to) = (members(from), members(to));
            if from.is_empty() || to.is_empty() {
                return Err("`=>` wants words on both sides".into());
            }
            for entry in from {
                self.add(&entry, &to);
            }
            return Ok(());
        }
        let group = members(line);
        if group.len() < 2 {
            return Err(format!("`{line}` stands alone; a group is two or more, separated by commas"));
        }
        for entry in &group {
            self.add(entry, &group);
        }
        Ok(())
    }

    fn add(&mut self, entry: &str, others: &[String]) {
        let known = self.forms.entry(entry.to_owned()).or_default();
        for other in others {
            if other != entry && !known.contains(other) {
                known.push(other.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_go_both_ways_and_arrows_one_way() {
        let tokenizer = Tokenizer::new([]);
        let synonyms = Synonyms::parse([("test", "冬天, winter\nputer => computer # typo\n")]).expect("parsed");
        let synonyms = synonyms.tokenized(&tokenizer);
        assert_eq!(synonyms.forms("winter"), ["冬天"]);
        assert_eq!(synonyms.forms("computer"), [] as [&str; 0]);
        assert_eq!(synonyms.at(&["冬天", "x"]).map(|(length, _)| length), Some(1));
        let error = Synonyms::parse([("shop.txt", "\nalone\n")]).expect_err("a lone word").to_string();
        assert!(error.starts_with("shop.txt:2:"), "{error}");
    }

    #[test]
    fn the_built_in_files_are_sound() {
        let synonyms = Synonyms::parse(BUILT_IN).expect("parsed");
        assert!(synonyms.forms("羽绒服").contains(&"down jacket".to_owned()));
        assert!(synonyms.forms("dehumidifier").contains(&"除湿机".to_owned()));
        assert!(synonyms.forms("尤克里里").contains(&"ukulele".to_owned()));
    }
}
