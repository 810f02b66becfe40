//! The values of categories, brands and attributes of a snapshot, and comparing them with what a shopper named.
//!
//! Compares whole words in English and characters in Chinese; a value that denies (`不防水`, `non-stick free of PFOA`) is not a
//! match. Called by `limits` and `lexicon`.

use std::collections::{BTreeMap, HashMap};

use super::docset::DocSet;
use super::fold::fold;
use super::texts::Texts;
use super::tokens::Tokenizer;
use crate::domain::attribute::AttributeValue;
use crate::domain::language::is_han;
use crate::domain::product::{Attributes, Product};

/// What stands right before a word that is denied.
const DENIALS: &[&str] = &["不", "非", "无", "免", "未", "不含", "没有", "non ", "not ", "no ", "without ", "zero "];

/// English words that deny what follows within two words.
const DENYING_WORDS: &[&str] = &["no", "not", "without", "non", "isnt", "lack", "lacks", "never"];
/// Chinese words that deny what follows within a few characters.
const DENYING_HAN: &[&str] = &["没有", "不含", "不带", "不支持", "并非", "不是", "不具备", "不能"];

/// What denies the word right before it: `家用太大`, `chicken free`.
const DENYING_AFTER: &[&str] =
    &["free", "太大", "太小", "太重", "太吵", "太薄", "太厚", "不够", "不行", "不宜", "不推荐", "不建议"];

/// Chinese words that deny all that follows in their clause.
const ADVISING_AGAINST: &[&str] = &["不适合", "不建议", "不宜", "不推荐", "不能用于", "不适用"];

/// The values of one attribute, category or brand, with the products that have them.
#[derive(Debug, Default)]
pub struct Column {
    /// Normal forms.
    values: Texts,
    /// The products that have each.
    docs: Vec<Vec<u32>>,
    /// The products that have any value.
    pub present: DocSet,
}

/// All columns of a snapshot.
#[derive(Debug, Default)]
pub struct Values {
    /// The kinds of product.
    pub category: Column,
    /// The makers.
    pub brand: Column,
    /// By canonical attribute name, variants' values included.
    pub attributes: BTreeMap<String, Column>,
    /// Normal titles, by product.
    pub titles: Texts,
    /// Normal descriptions, by product.
    pub descriptions: Texts,
}

impl Values {
    /// Gathers the values of products; `kinds` says what kind a product is.
    pub fn new(products: &[Product], kinds: impl Fn(&Product) -> Vec<String>, tokenizer: &Tokenizer) -> Self {
        let size = products.len();
        let (mut category, mut brand) = (ColumnBuilder::default(), ColumnBuilder::default());
        let mut attributes: BTreeMap<String, ColumnBuilder> = BTreeMap::new();
        let mut values = Self::default();
        let join = |texts: Vec<&str>| -> String {
            let normal: Vec<String> = texts.into_iter().map(|text| normal(text, tokenizer)).collect();
            normal.join("\u{1}")
        };
        for (doc, product) in products.iter().enumerate() {
            let doc = doc as u32;
            for kind in kinds(product) {
                category.add(normal(&kind, tokenizer), doc);
            }
            for name in product.brand.iter() {
                brand.add(normal(name, tokenizer), doc);
            }
            let variants = product.variants.iter().map(|variant| &variant.attributes);
            for (name, form) in std::iter::once(&product.attributes).chain(variants).flat_map(forms) {
                attributes.entry(name).or_default().add(normal(&form, tokenizer), doc);
            }
            values.titles.push(&join(product.title.iter().collect()));
            values.descriptions.push(&join(product.description.iter().collect()));
        }
        values.category = category.build(size);
        values.brand = brand.build(size);
        values.attributes = attributes.into_iter().map(|(name, column)| (name, column.build(size))).collect();
        values
    }
}

impl Column {
    /// The products with a value that `fits`, among those that hold one of the words.
    pub fn matching(&self, words: &[String], size: usize, fits: impl Fn(&str, &str) -> bool) -> DocSet {
        let mut found = DocSet::new(size);
        for word in words {
            for index in self.values.holding(word).filter(|index| fits(self.values.get(*index), word)) {
                self.docs[index].iter().for_each(|doc| found.insert(*doc));
            }
        }
        found
    }
}

/// Folded, English words stemmed, everything but letters and digits as single blanks: what values are compared in.
pub fn normal(text: &str, tokenizer: &Tokenizer) -> String {
    let mut normal = String::new();
    let folded = fold(text);
    let mut word = String::new();
    let flush = |word: &mut String, normal: &mut String| {
        if !word.is_empty() {
            if !normal.is_empty() && !normal.ends_with(' ') {
                normal.push(' ');
            }
            normal.push_str(&tokenizer.stem(word));
            word.clear();
        }
    };
    let characters: Vec<char> = folded.chars().collect();
    for (at, character) in characters.iter().copied().enumerate() {
        let digit =
            |index: Option<usize>| index.and_then(|index| characters.get(index)).is_some_and(char::is_ascii_digit);
        if is_han(character) {
            flush(&mut word, &mut normal);
            normal.push(character);
        } else if character.is_alphanumeric() || character == '.' && digit(at.checked_sub(1)) && digit(Some(at + 1)) {
            word.push(character);
        } else if character == '\'' {
        } else {
            flush(&mut word, &mut normal);
            if !normal.is_empty() && !normal.ends_with(' ') {
                normal.push(' ');
            }
        }
    }
    flush(&mut word, &mut normal);
    normal.trim_end().to_owned()
}

/// Whether a normal text holds normal words that it does not deny.
pub fn affirms(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + words.len()..]);
        let latin = |character: char| character.is_alphanumeric() && !is_han(character);
        let starts = !words.starts_with(latin) || !before.ends_with(latin);
        let ends = !words.ends_with(latin) || !after.starts_with(latin);
        starts && ends && !is_denied(before, after)
    })
}

/// Whether a word is denied by what stands around it: right before it, or up to two words before (`without active noise
/// cancelling`, `没有主动降噪`).
fn is_denied(before: &str, after: &str) -> bool {
    let fails = |denial: &&str| after.trim_start().starts_with(*denial);
    if DENIALS.iter().any(|denial| before.ends_with(denial)) || DENYING_AFTER.iter().any(fails) {
        return true;
    }
    let words = before.trim_end().rsplit(' ').take(3);
    let latin = words.into_iter().any(|word| DENYING_WORDS.contains(&word));
    let near: String = before.chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect();
    let clause = before.rsplit(' ').next().unwrap_or_default();
    let advised_against = ADVISING_AGAINST.iter().any(|denial| clause.contains(denial));
    latin || advised_against || DENYING_HAN.iter().any(|denial| near.contains(denial))
}

/// Whether a value is exactly the wanted one, alone or as a member of a list such as `S / M / L` or `36-42 码`.
pub fn is_member(value: &str, wanted: &str) -> bool {
    let bare = |text: &str| -> String {
        let text = text.trim().trim_end_matches(['码', '号', '寸', '米']);
        text.trim_start_matches("eu ").trim_start_matches("us ").trim_start_matches("uk ").replace(' ', "")
    };
    bare(value) == bare(wanted) || value.split(' ').any(|part| bare(part) == bare(wanted))
}

fn forms(attributes: &Attributes) -> impl Iterator<Item = (String, String)> {
    attributes.iter().flat_map(|(name, values)| {
        values.iter().flat_map(move |value| {
            let mut forms = value.forms();
            match value {
                AttributeValue::Flag(true) => forms = vec![name.replace('_', " ")],
                AttributeValue::Flag(false) => forms = vec!["no".into()],
                _ if forms.iter().any(|form| YES.contains(&form.as_str())) => forms.push(name.replace('_', " ")),
                _ => {}
            }
            forms.into_iter().map(|form| (name.clone(), form)).collect::<Vec<_>>()
        })
    })
}

/// Values that say of an attribute only that it is there: `waterproof: yes`.
const YES: &[&str] = &["yes", "y", "true", "是", "有", "支持"];

#[derive(Default)]
struct ColumnBuilder {
    values: HashMap<String, Vec<u32>>,
}

impl ColumnBuilder {
    fn add(&mut self, value: String, doc: u32) {
        if value.is_empty() {
            return;
        }
        let docs = self.values.entry(value).or_default();
        if docs.last() != Some(&doc) {
            docs.push(doc);
        }
    }

    fn build(self, size: usize) -> Column {
        let mut values: Vec<_> = self.values.into_iter().collect();
        values.sort();
        let mut column = Column { present: DocSet::new(size), ..Column::default() };
        for (value, docs) in values {
            column.values.push(&value);
            docs.iter().for_each(|doc| column.present.insert(*doc));
            column.docs.push(docs);
        }
        column
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_deny_are_no_match() {
        assert!(affirms("防水 面料", "防水") && !affirms("不防水", "防水"));
        assert!(affirms("slip on", "slip") && !affirms("non slip", "slip"));
        assert!(!affirms("fragrance free", "fragrance"));
        assert!(!affirms("infrared", "red"));
        assert!(!affirms("without active noise cancel", "noise cancel") && !affirms("没有主动降噪", "降噪"));
        assert!(!affirms("适合仰睡 不适合需要支撑的颈椎人群", "颈椎"));
        assert!(affirms("无线 主动降噪", "降噪") && affirms("not heavy at all but noise cancel", "noise cancel"));
    }

    #[test]
    fn sizes_are_members_of_lists() {
        assert!(is_member("s m l", "m") && is_member("eu 42", "42") && is_member("42码", "42"));
        assert!(!is_member("xl", "l") && !is_member("142", "42"));
    }
}
