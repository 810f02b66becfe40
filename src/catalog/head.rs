//! The head noun of a request, and which products are of the kind that it names.
//!
//! A conversation shows only products whose title or category has the head noun or a word that stands for it: "Bluetooth headphones"
//! never brings a Bluetooth speaker. Called by `search` where the query asks for it.

use std::collections::HashSet;

use super::fold::fold;
use super::request::{RequestReader, Unit};
use super::spelling::Spelling;
use super::synonyms::Synonyms;
use super::tokens::{Grain, Tokenizer};
use crate::domain::language::is_han;
use crate::domain::product::Product;

/// Words after which an English request only says for whom, with what or where.
const AFTER_HEAD: &[&str] = &[
    "for", "with", "in", "of", "to", "that", "which", "without", "from", "by", "on", "under", "below", "about",
    "around", "and", "or",
];

/// At most so many words of a request are one name.
const MAX_WORDS: usize = 3;

/// Marks a stem among the words: what spelling finds is stems.
const STEM: char = '~';

/// The words of titles and categories by product, for looking up kinds.
pub struct Kinds {
    names: Vec<Names>,
}

/// A product's title and category: Latin words in the singular (stems would make a coated pan a coat), and the Chinese as written.
struct Names {
    words: HashSet<String>,
    text: String,
}

/// The head noun in all its forms: each form is words that must all be there.
#[derive(Debug, PartialEq)]
pub struct Head {
    forms: Vec<Vec<String>>,
}

impl Kinds {
    /// Reads the names of products, in their order.
    pub fn new(products: &[Product], tokenizer: &Tokenizer) -> Self {
        let names = products.iter().map(|product| {
            let texts = product.title.iter().chain(product.category.iter());
            let text = fold(&texts.collect::<Vec<_>>().join(" ; "));
            let latin =
                tokenizer.tokens(&text, Grain::Index).into_iter().filter(|token| !token.text.chars().all(is_han));
            let words = latin.flat_map(|token| [singular(&token.surface), format!("{STEM}{}", token.text)]);
            Names { words: words.collect(), text }
        });
        Self { names: names.collect() }
    }

    /// Whether a product is of the kind that the head names.
    pub fn is_of(&self, doc: u32, head: &Head) -> bool {
        let Some(names) = self.names.get(doc as usize) else { return false };
        let has = |word: &String| {
            if word.chars().any(is_han) { names_it(&names.text, word) } else { names.words.contains(word) }
        };
        head.forms.iter().any(|form| form.iter().all(has))
    }
}

/// Whether a name has a Chinese word that it does not deny and that is not the first part of another thing's name: neither 无糖茶 is of 糖
/// nor 咖啡因 of 咖啡; of a single character only where a compound ends in it: a 遮阳伞 is a 伞, a 伞车 is none.
fn names_it(text: &str, word: &str) -> bool {
    let is_single = word.chars().nth(1).is_none();
    let goes_on = |after: &str| is_single && after.starts_with(is_han);
    let denies = |before: &str| before.ends_with(['无', '不', '非', '免', '零']);
    let is_substance = |after: &str| after.starts_with('因');
    text.match_indices(word).any(|(start, _)| {
        let (before, after) = (&text[..start], &text[start + word.len()..]);
        !denies(before) && !is_substance(after) && !goes_on(after)
    })
}

impl Head {
    /// The head noun of a request: the last word, in English the last before `for`, `with` and the like; none without words.
    pub fn of(
        text: &str,
        requests: &RequestReader,
        tokenizer: &Tokenizer,
        synonyms: &Synonyms,
        spelling: &Spelling,
    ) -> Option<Self> {
        let folded = fold(text);
        let ends_in_han = folded.chars().rev().find(|c| c.is_alphanumeric()).is_some_and(is_han);
        let phrase = if ends_in_han { folded } else { before_prepositions(&folded) };
        let units = requests.units(&phrase);
        let last = units.last()?;
        let mut forms = vec![vec![singular(&last.surface)]];
        for start in units.len().saturating_sub(MAX_WORDS)..units.len() {
            let words: Vec<&str> = units[start..].iter().map(|unit| unit.surface.as_str()).collect();
            for joined in [words.join(" "), singular(&words.join(" ")), words.concat()] {
                forms.extend(synonyms.forms(&joined).iter().map(|other| words_of(other)));
            }
        }
        if !last.is_han() && !spelling.knows(&last.token) {
            forms.extend(spelling.nearest(&last.token).into_iter().map(|(stem, _)| vec![format!("{STEM}{stem}")]));
        }
        forms.extend(shorter_forms(last, tokenizer, synonyms));
        Some(Self { forms })
    }
}

fn before_prepositions(folded: &str) -> String {
    let words: Vec<&str> = folded.split_whitespace().collect();
    let end = words.iter().skip(1).position(|word| AFTER_HEAD.contains(word)).map_or(words.len(), |place| place + 1);
    words[..end].join(" ")
}

/// A Chinese compound that no synonym knows is also of the kind of its last word: 登山鞋 is a 鞋, 无线耳机 an 耳机.
fn shorter_forms(last: &Unit, tokenizer: &Tokenizer, synonyms: &Synonyms) -> Vec<Vec<String>> {
    if !last.is_han() || last.token.chars().count() < 3 || !synonyms.forms(&last.token).is_empty() {
        return Vec::new();
    }
    let tail: String = last.token.chars().skip(last.token.chars().count() - 2).collect();
    if !tokenizer.is_word(&tail) {
        return Vec::new();
    }
    let others = synonyms.forms(&tail).iter().map(|other| words_of(other));
    std::iter::once(vec![tail.clone()]).chain(others).collect()
}

fn words_of(name: &str) -> Vec<String> {
    name.split_whitespace().map(singular).collect()
}

/// An English noun's singular by its ending, the last word of a phrase only; anything else as it is.
fn singular(word: &str) -> String {
    let ends = |ending: &str| word.len() > ending.len() + 2 && word.ends_with(ending);
    if !word.is_ascii() {
        return word.to_owned();
    }
    if ends("ies") {
        return format!("{}y", &word[..word.len() - 3]);
    }
    if ["ches", "shes", "xes", "sses"].iter().any(|ending| ends(ending)) {
        return word[..word.len() - 2].to_owned();
    }
    if ends("s") && !word.ends_with("ss") && !word.ends_with("us") {
        return word[..word.len() - 1].to_owned();
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_character_is_the_kind_only_at_the_end_of_a_compound() {
        assert!(names_it("遮阳伞 黑色", "伞") && names_it("童帽", "帽") && names_it("防水羽绒服", "羽绒"));
        assert!(!names_it("婴儿轻便伞车 可登机", "伞"));
    }

    fn head(text: &str) -> Option<Head> {
        let tokenizer = Tokenizer::new([]);
        let synonyms =
            Synonyms::parse([("test", "耳机, headphones, earbuds\n")]).expect("parsed").tokenized(&tokenizer);
        let spelling = Spelling::new(std::collections::HashMap::from([("headphon".to_owned(), 3)]));
        Head::of(text, &RequestReader::new(tokenizer.clone(), HashSet::new()), &tokenizer, &synonyms, &spelling)
    }

    fn first(text: &str) -> String {
        head(text).expect("head").forms[0].join(" ")
    }

    #[test]
    fn the_head_is_the_last_word_before_what_it_is_for() {
        assert_eq!(first("蓝牙耳机"), "耳机");
        assert_eq!(first("wireless earbuds for running"), "earbud");
        assert_eq!(first("a phone case with a stand"), "case");
        assert_eq!(head(""), None);
    }

    #[test]
    fn what_means_the_same_is_of_the_same_kind() {
        let forms = head("bluetooth earbuds").expect("head").forms;
        assert!(forms.contains(&vec!["耳机".to_owned()]), "{forms:?}");
        let misspelt = head("wireless hedphones").expect("head").forms;
        assert!(misspelt.contains(&vec!["~headphon".to_owned()]), "{misspelt:?}");
    }
}
