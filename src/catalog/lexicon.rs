//! The names that a catalog uses, for understanding requests: categories, brands, attribute values, nouns of titles.
//!
//! Plain data with the canonical owner of every name; never guesses a name that no product has. Called by `assistant`.

use std::collections::{BTreeMap, HashMap};

use super::schema::kind_of;
use super::tokens::{Grain, Tokenizer};
use crate::domain::attribute::AttributeValue;
use crate::domain::language::Localized;
use crate::domain::product::Product;

/// At most so many values of one attribute, the commonest first.
const MAX_VALUES: usize = 400;
/// Longest attribute value that is a name, in characters.
const MAX_VALUE_CHARS: usize = 24;
/// At most so many nouns.
const MAX_NOUNS: usize = 4000;

/// One name with its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As the feed writes it.
    pub text: String,
    /// The owner's canonical name: its Chinese name where there is one, else the English.
    pub canonical: String,
    /// How many products have it.
    pub products: usize,
}

/// The names of one catalog generation, the commonest first.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// Kinds of product, in every language given.
    pub categories: Vec<Name>,
    /// Makers.
    pub brands: Vec<Name>,
    /// Values by canonical attribute name, in every language given, variants included.
    pub attributes: BTreeMap<String, Vec<Name>>,
    /// Words of titles that two or more products have, folded, English in the singular as written.
    pub nouns: Vec<Name>,
}

impl Lexicon {
    /// Gathers the names of products.
    pub fn new(products: &[Product], tokenizer: &Tokenizer) -> Self {
        let mut categories = Counter::default();
        let mut brands = Counter::default();
        let mut attributes: BTreeMap<String, Counter> = BTreeMap::new();
        let mut nouns: HashMap<String, usize> = HashMap::new();
        for product in products {
            match product.category.is_empty() {
                false => categories.add_localized(&product.category),
                true => kind_of(product).into_iter().for_each(|kind| categories.add(kind, kind)),
            }
            brands.add_localized(&product.brand);
            let variants = product.variants.iter().map(|variant| &variant.attributes);
            for (name, values) in std::iter::once(&product.attributes).chain(variants).flatten() {
                for value in values {
                    if let AttributeValue::Text(text) = value {
                        attributes.entry(name.clone()).or_default().add_localized(text);
                    }
                }
            }
            let mut words: Vec<String> = product
                .title
                .iter()
                .flat_map(|title| tokenizer.tokens(title, Grain::Query))
                .filter(|token| !token.part && token.surface.chars().nth(1).is_some())
                .filter(|token| !token.surface.contains(|character: char| character.is_ascii_digit()))
                .map(|token| token.surface)
                .collect();
            words.sort_unstable();
            words.dedup();
            words.into_iter().for_each(|word| *nouns.entry(word).or_default() += 1);
        }
        let nouns = nouns.into_iter().filter(|(_, count)| *count > 1).map(|(word, products)| Name {
            canonical: word.clone(),
            text: word,
            products,
        });
        Self {
            categories: categories.names(usize::MAX),
            brands: brands.names(usize::MAX),
            attributes: attributes.into_iter().map(|(name, counter)| (name, counter.names(MAX_VALUES))).collect(),
            nouns: sorted(nouns.collect(), MAX_NOUNS),
        }
    }
}

#[derive(Default)]
struct Counter {
    counts: HashMap<(String, String), usize>,
}

impl Counter {
    fn add(&mut self, text: &str, canonical: &str) {
        if !text.trim().is_empty() && text.chars().count() <= MAX_VALUE_CHARS * 2 {
            *self.counts.entry((text.trim().to_owned(), canonical.trim().to_owned())).or_default() += 1;
        }
    }

    fn add_localized(&mut self, text: &Localized) {
        let canonical = text.iter().next().unwrap_or_default().to_owned();
        text.iter().for_each(|form| self.add(form, &canonical));
    }

    fn names(self, limit: usize) -> Vec<Name> {
        let names = self.counts.into_iter().map(|((text, canonical), products)| Name { text, canonical, products });
        sorted(names.collect(), limit)
    }
}

fn sorted(mut names: Vec<Name>, limit: usize) -> Vec<Name> {
    names.sort_by(|a, b| b.products.cmp(&a.products).then_with(|| a.text.cmp(&b.text)));
    names.truncate(limit);
    names
}
