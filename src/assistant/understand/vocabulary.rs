//! Words whose meaning is known without judgement: the catalog's own names and a lexicon that shops share.
//!
//! Finds the longest of them in a message, without a segmenter; Latin words are matched whole, in the singular too. Never
//! decides between two meanings; `fuse` does.

use std::collections::HashMap;
use std::ops::Range;

use super::message::{Message, is_latin};
use super::span::Slot;
use crate::catalog::{Lexicon, Name};

/// What a known word names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sense {
    /// A category of the catalog.
    Category,
    /// A brand of the catalog.
    Brand,
    /// The value of an attribute.
    Value(Slot),
    /// A kind of product, or a word of titles.
    Noun,
}

/// One meaning of one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// What it names.
    pub sense: Sense,
    /// The name that the catalog goes by; the word itself for words that shops share.
    pub canonical: String,
    /// Whether the word is the catalog's own.
    pub is_own: bool,
}

/// A known word in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<'v> {
    /// Where.
    pub range: Range<usize>,
    /// What it can mean, the catalog's own meanings first.
    pub meanings: &'v [Meaning],
}

/// All known words.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    words: HashMap<String, Vec<Meaning>>,
    longest: usize,
}

const SHARED: [(&str, &str); 2] = [(include_str!("words/zh.txt"), " "), (include_str!("words/en.txt"), ", ")];

impl Vocabulary {
    /// The words that shops share, and those of a catalog.
    pub fn new(lexicon: &Lexicon) -> Self {
        let mut vocabulary = Self::default();
        let own = |sense: Sense, name: &Name| (sense, name.text.clone(), name.canonical.clone());
        let mut names: Vec<(Sense, String, String)> = Vec::new();
        names.extend(lexicon.categories.iter().map(|name| own(Sense::Category, name)));
        names.extend(lexicon.brands.iter().map(|name| own(Sense::Brand, name)));
        for (attribute, values) in &lexicon.attributes {
            let slot = Slot::from_name(attribute).filter(|slot| slot.is_attribute()).unwrap_or(Slot::Feature);
            let is_telling = |name: &&Name| slot != Slot::Feature || name.text.chars().count() > 1;
            names.extend(values.iter().filter(is_telling).map(|name| own(Sense::Value(slot), name)));
        }
        for (sense, text, canonical) in names {
            for form in std::iter::once(folded(&text)).chain(singulars(&folded(&text))) {
                vocabulary.add(&form, Meaning { sense, canonical: canonical.clone(), is_own: true });
            }
        }
        vocabulary.add_shared();
        for name in &lexicon.nouns {
            let meaning = Meaning { sense: Sense::Noun, canonical: name.canonical.clone(), is_own: true };
            if !vocabulary.words.contains_key(&folded(&name.text)) {
                vocabulary.add(&name.text, meaning);
            }
        }
        vocabulary
    }

    /// Only the words that shops share.
    pub fn shared() -> Self {
        let mut vocabulary = Self::default();
        vocabulary.add_shared();
        vocabulary
    }

    fn add_shared(&mut self) {
        for (text, separator) in SHARED {
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let Some((name, words)) = line.split_once(": ") else { continue };
                let sense = match Slot::from_name(name) {
                    Some(Slot::Brand) => Sense::Brand,
                    Some(slot) => Sense::Value(slot),
                    None => Sense::Noun,
                };
                for word in words.split(separator) {
                    self.add(word, Meaning { sense, canonical: word.to_owned(), is_own: false });
                }
            }
        }
    }

    fn add(&mut self, word: &str, meaning: Meaning) {
        let word = folded(word);
        let length = word.chars().count();
        if length == 0 || length > 40 || word.chars().all(|c| c.is_ascii_digit() || c == '.') {
            return;
        }
        self.longest = self.longest.max(length + 1);
        let meanings = self.words.entry(word).or_default();
        if !meanings.iter().any(|known| known.sense == meaning.sense) {
            meanings.push(meaning);
        }
    }

    /// The meanings of a word.
    pub fn meanings(&self, word: &str) -> &[Meaning] {
        let word = folded(word);
        let found = self.words.get(&word);
        let found = found.or_else(|| singulars(&word).into_iter().find_map(|singular| self.words.get(&singular)));
        found.map_or(&[], Vec::as_slice)
    }

    /// Whether a word, or its last part, names a kind of product, here or in shops in general, and nothing else of this catalog's.
    pub fn names_a_kind(&self, word: &str) -> bool {
        let message = Message::new(word);
        let tails = (0..message.len()).filter(|start| message.is_boundary(*start) && message.len() - start > 1);
        let is_kind = |meanings: &[Meaning]| {
            let mut own = meanings.iter().filter(|meaning| meaning.is_own);
            let is_noun = |meaning: &Meaning| matches!(meaning.sense, Sense::Category | Sense::Noun);
            let is_category = |meaning: &Meaning| meaning.is_own && meaning.sense == Sense::Category;
            meanings.iter().any(is_category) || meanings.iter().any(is_noun) && own.all(is_noun)
        };
        let tails = tails.map(|start| message.folded_words(&(start..message.len())));
        let mut meanings = tails.filter(|tail| !tail.starts_with(' ')).map(|tail| self.meanings(&tail));
        meanings.find(|meanings| !meanings.is_empty()).is_some_and(is_kind)
    }

    /// The known words of a message: at each place the longest, and none within a longer one.
    pub fn find(&self, message: &Message) -> Vec<Known<'_>> {
        let mut found: Vec<Known<'_>> = Vec::new();
        let mut covered = 0;
        for start in (0..message.len()).filter(|start| message.is_boundary(*start)) {
            let longest = (start + self.longest + 2).min(message.len());
            let ends = (start + 1..=longest).rev().filter(|end| *end > covered && message.is_boundary(*end));
            for end in ends {
                let word = message.folded_words(&(start..end));
                let meanings = if word.starts_with(' ') || word.ends_with(' ') { &[] } else { self.meanings(&word) };
                if !meanings.is_empty() {
                    found.push(Known { range: start..end, meanings });
                    covered = end;
                    break;
                }
            }
        }
        found
    }
}

fn folded(word: &str) -> String {
    Message::new(word).folded().to_owned()
}

/// What a Latin word may be the plural of.
fn singulars(word: &str) -> Vec<String> {
    let mut found = Vec::new();
    if word.chars().count() < 4 || !word.ends_with('s') || !word.chars().rev().nth(1).is_some_and(is_latin) {
        return found;
    }
    found.extend(word.strip_suffix("ies").map(|stem| format!("{stem}y")));
    found.extend(word.strip_suffix("es").map(str::to_owned));
    found.extend(word.strip_suffix('s').map(str::to_owned));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        let name = |text: &str, canonical: &str| Name { text: text.into(), canonical: canonical.into(), products: 3 };
        Lexicon {
            categories: vec![name("Down jackets", "羽绒服"), name("羽绒服", "羽绒服")],
            brands: vec![name("Cenvoxa", "岑讯"), name("岑讯", "岑讯")],
            attributes: [("colour".to_owned(), vec![name("墨黑", "墨黑")])].into(),
            nouns: vec![name("长焦", "长焦")],
        }
    }

    #[test]
    fn the_longest_known_words_are_found() {
        let vocabulary = Vocabulary::new(&lexicon());
        let message = Message::new("想要cenvoxa墨黑色长款羽绒服 down jacket");
        let found: Vec<(String, Sense)> = vocabulary
            .find(&message)
            .iter()
            .map(|known| (message.words(&known.range), known.meanings[0].sense))
            .collect();
        let wanted = [
            ("cenvoxa", Sense::Brand),
            ("墨黑", Sense::Value(Slot::Colour)),
            ("长款", Sense::Value(Slot::Feature)),
            ("羽绒服", Sense::Category),
            ("down jacket", Sense::Category),
        ];
        for (word, sense) in wanted {
            assert!(found.contains(&(word.to_owned(), sense)), "{word}: {found:?}");
        }
    }

    #[test]
    fn latin_words_are_never_found_inside_others() {
        let message = Message::new("a tinned thing");
        assert!(Vocabulary::shared().find(&message).iter().all(|known| message.is_whole(&known.range)));
        assert_eq!(Vocabulary::shared().meanings("jackets")[0].canonical, "jacket");
    }
}
