//! The file of phrases: many ways to say one thing, in two languages, under one concept.
//!
//! Read once; never guessed. Called by `analysis`.

use std::collections::HashMap;

use super::KnowledgeError;

/// The phrases that come with daogou.
pub(super) const BUILT_IN: &str = include_str!("../../catalog/policies/phrases.txt");

/// What part a concept plays in a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// What the question is about.
    Subject,
    /// The kind of answer that is wanted: a duration, an amount, who pays.
    Asked,
    /// Some product; a rule that names none holds for all.
    Goods,
    /// Nothing that matters.
    Noise,
}

/// One concept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Concept {
    pub name: String,
    pub kind: Kind,
}

/// All concepts and their phrases as written.
#[derive(Debug, Clone, Default)]
pub(super) struct Phrases {
    pub concepts: Vec<Concept>,
    /// Phrase and the place of its concept.
    pub entries: Vec<(String, usize)>,
}

impl Phrases {
    /// Reads phrase files, each with the name that errors give it; later files add to earlier ones.
    pub fn parse<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, KnowledgeError> {
        let mut phrases = Self::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        for (path, text) in texts {
            let mut kind = Kind::Subject;
            for (index, line) in text.lines().enumerate() {
                let line = line.trim();
                let broken = |reason: String| KnowledgeError::Line { path: path.to_owned(), line: index + 1, reason };
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                    kind = kind_of(name).ok_or_else(|| broken(format!("unknown section `{name}`")))?;
                    continue;
                }
                let (name, list) =
                    line.split_once(':').ok_or_else(|| broken("`name: phrase, phrase` wanted".into()))?;
                let place = *places.entry(name.trim().to_owned()).or_insert_with(|| {
                    phrases.concepts.push(Concept { name: name.trim().to_owned(), kind });
                    phrases.concepts.len() - 1
                });
                let split = list.split([',', '，', '、']).map(str::trim).filter(|phrase| !phrase.is_empty());
                phrases.entries.extend(split.map(|phrase| (phrase.to_owned(), place)));
            }
        }
        Ok(phrases)
    }
}

fn kind_of(name: &str) -> Option<Kind> {
    Some(match name.trim() {
        "subject" => Kind::Subject,
        "asked" => Kind::Asked,
        "goods" => Kind::Goods,
        "noise" => Kind::Noise,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_adds_phrases_to_a_concept_that_is_known() {
        let own = "[subject]\nrefund: 退款, 银子回来\n";
        let phrases = Phrases::parse([("built-in", BUILT_IN), ("own.txt", own)]).expect("phrases");
        let place = |phrase: &str| phrases.entries.iter().find(|(entry, _)| entry == phrase).map(|(_, place)| *place);
        assert!(place("银子回来").is_some());
        assert_eq!(place("银子回来"), place("money back"));
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = Phrases::parse([("own.txt", "[subject]\nno colon here\n")]).expect_err("broken").to_string();
        assert!(error.starts_with("own.txt:2:"), "{error}");
    }
}
