//! One immutable generation of the catalog: products, reviews, and everything needed to search them.
//!
//! Never changes once made; whoever holds one sees the same products for as long as they hold it. Made by `reload`, asked by
//! `assistant`, `backoffice` and `cli`.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use super::error::CatalogError;
use super::feed::{FeedOptions, FeedReport};
use super::head::{Head, Kinds};
use super::index::ProductIndex;
use super::lexicon::Lexicon;
use super::limits::{Comparer, Numbers};
use super::names::FullNames;
use super::postings::PostingsReader;
use super::record::FeedRecord;
use super::request::RequestReader;
use super::schema::kind_of;
use super::score::Scorer;
use super::source::{Contents, Source};
use super::spelling::Spelling;
use super::synonyms::Synonyms;
use super::tokens::Tokenizer;
use super::values::Values;
use super::weights::Weights;
use crate::domain::identifier::{Generation, Sku};
use crate::domain::language::is_han;
use crate::domain::money::Currency;
use crate::domain::product::Product;
use crate::domain::review::Review;

/// A generation of the catalog.
pub struct CatalogSnapshot {
    generation: Generation,
    digest: String,
    products: Vec<Product>,
    numbers: Vec<Numbers>,
    by_sku: HashMap<Sku, u32>,
    reviews: HashMap<Sku, Vec<Review>>,
    values: Values,
    kinds: Kinds,
    lexicon: Lexicon,
    tokenizer: Tokenizer,
    synonyms: Synonyms,
    requests: RequestReader,
    spelling: Spelling,
    names: FullNames,
    postings: PostingsReader,
    weights: Weights,
}

impl CatalogSnapshot {
    /// Reads and indexes a source in memory, keeping nothing on disk: for a single run, and for tests.
    pub fn in_memory(source: &Source, options: &FeedOptions) -> Result<(Self, FeedReport), CatalogError> {
        let contents = source.read(options)?;
        let report = contents.feed.report.clone();
        if contents.feed.records.is_empty() {
            return Err(CatalogError::EmptyFeed { path: source.feed.clone(), reason: report.first_problem() });
        }
        Ok((Self::build(contents, Generation(1), None)?, report))
    }

    /// Indexes what was read, in a folder or in memory.
    pub fn build(contents: Contents, generation: Generation, folder: Option<&Path>) -> Result<Self, CatalogError> {
        let prepared = Prepared::new(contents);
        let index = ProductIndex::build(folder, &prepared.records, &prepared.tokenizer)?;
        index.verify(&prepared.skus()).map_err(|reason| CatalogError::Damaged { generation, reason })?;
        Self::assemble(prepared, index, generation)
    }

    /// Opens the index that was built from what was read.
    pub fn open(contents: Contents, generation: Generation, folder: &Path) -> Result<Self, CatalogError> {
        let prepared = Prepared::new(contents);
        let index = ProductIndex::open(folder, &prepared.skus())
            .map_err(|reason| CatalogError::Damaged { generation, reason })?;
        Self::assemble(prepared, index, generation)
    }

    fn assemble(prepared: Prepared, index: ProductIndex, generation: Generation) -> Result<Self, CatalogError> {
        let Prepared { records, tokenizer, synonyms, reviews, digest } = prepared;
        let products: Vec<Product> = records.into_iter().map(|record| record.product).collect();
        let weights = Weights::default();
        let postings = PostingsReader::new(&index, &weights)?;
        let kinds = |product: &Product| kind_of(product).into_iter().map(str::to_owned).collect();
        let names = products.iter().enumerate().flat_map(|(doc, product)| {
            kind_of(product).into_iter().chain(product.brand.iter()).map(move |name| (name, doc as u32))
        });
        let names = FullNames::new(names, &tokenizer);
        let (values, kinds, lexicon) = thread::scope(|scope| {
            let values = scope.spawn(|| Values::new(&products, kinds, &tokenizer));
            let kinds = scope.spawn(|| Kinds::new(&products, &tokenizer));
            let lexicon = Lexicon::new(&products, &tokenizer);
            let values = values.join().unwrap_or_else(|panic| resume_unwind(panic));
            (values, kinds.join().unwrap_or_else(|panic| resume_unwind(panic)), lexicon)
        });
        let mut known = postings.han_words()?;
        known.extend(synonyms.entries().filter(|entry| entry.chars().all(is_han)).map(str::to_owned));
        Ok(Self {
            names,
            generation,
            digest,
            numbers: products.iter().map(numbers_of).collect(),
            by_sku: products.iter().enumerate().map(|(doc, product)| (product.sku.clone(), doc as u32)).collect(),
            reviews,
            values,
            kinds,
            lexicon,
            synonyms,
            requests: RequestReader::new(tokenizer.clone(), known),
            spelling: Spelling::new(postings.vocabulary()?),
            tokenizer,
            postings,
            weights,
            products,
        })
    }

    /// Its number.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// SHA-256 of the files it was made from.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Every product, in the order of ids.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The product with this id.
    pub fn product(&self, sku: &Sku) -> Option<&Product> {
        self.products.get(*self.by_sku.get(sku)? as usize)
    }

    /// A product's reviews in the order of the file.
    pub fn reviews(&self, sku: &Sku) -> &[Review] {
        self.reviews.get(sku).map_or(&[], Vec::as_slice)
    }

    /// The names that the catalog uses.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The currency that most prices are in; filters are in its major units.
    pub fn currency(&self) -> Option<Currency> {
        let mut counts: HashMap<Currency, usize> = HashMap::new();
        for price in self.products.iter().filter_map(|product| product.price) {
            *counts.entry(price.currency).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(currency, count)| (*count, *currency)).map(|(currency, _)| currency)
    }

    /// What may stand for a word: its synonyms in both languages, folded.
    pub fn synonyms_of(&self, word: &str) -> &[String] {
        self.synonyms.forms(&super::fold::fold(word))
    }

    /// The head noun of a request in all its forms.
    pub(super) fn head(&self, text: &str) -> Option<Head> {
        Head::of(text, &self.requests, &self.tokenizer, &self.synonyms, &self.spelling)
    }

    pub(super) fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    pub(super) fn scorer(&self) -> Scorer<'_> {
        Scorer {
            postings: &self.postings,
            requests: &self.requests,
            tokenizer: &self.tokenizer,
            synonyms: &self.synonyms,
            names: &self.names,
            spelling: &self.spelling,
            weights: &self.weights,
        }
    }

    pub(super) fn comparer(&self) -> Comparer<'_> {
        Comparer { values: &self.values, numbers: &self.numbers, synonyms: &self.synonyms, tokenizer: &self.tokenizer }
    }

    pub(super) fn numbers(&self) -> &[Numbers] {
        &self.numbers
    }
}

/// What was read, in the order of ids, with the tokenizer that knows its names.
struct Prepared {
    records: Vec<FeedRecord>,
    tokenizer: Tokenizer,
    synonyms: Synonyms,
    reviews: HashMap<Sku, Vec<Review>>,
    digest: String,
}

impl Prepared {
    fn new(contents: Contents) -> Self {
        let mut records = contents.feed.records;
        records.sort_by(|a, b| a.product.sku.cmp(&b.product.sku));
        let names = records.iter().flat_map(|record| record.product.brand.iter());
        let tokenizer = Tokenizer::new(names);
        let synonyms = contents.synonyms.tokenized(&tokenizer);
        Self { records, tokenizer, synonyms, reviews: contents.reviews.by_product, digest: contents.digest }
    }

    fn skus(&self) -> Vec<&Sku> {
        self.records.iter().map(|record| &record.product.sku).collect()
    }
}

fn numbers_of(product: &Product) -> Numbers {
    Numbers {
        price: product.price.map(|price| price.major()),
        rating: product.rating,
        in_stock: product.is_in_stock(),
        added: product.added.map(|date| date.to_julian_day()),
        sales: product.sales,
        reviews: product.review_count,
    }
}
