//! Searches a snapshot: lexical score, hard limits, order, page and total; and products like a given one.
//!
//! Never loosens a limit; `relax` says what loosening would find. Called by `assistant` and `cli`.

use std::cmp::Ordering;

use super::error::CatalogError;
use super::limits::Numbers;
use super::score::{MEET_ANY, MEET_OF_BEST, Scored};
use super::snapshot::CatalogSnapshot;
use crate::domain::identifier::Sku;
use crate::domain::language::Localized;
use crate::domain::search::{Filters, Hit, SearchQuery, SearchResult, Sort};

/// In any order but relevance, what scores less than this share of the best is left out: the cheapest laptop is no laptop sleeve.
const SORTED_SHARE: f32 = 0.35;
/// What is sold out counts a little less.
const SOLD_OUT: f32 = 0.9;
/// How much what buyers think moves a score: enough to decide between what meets a request about as well (the best and the worst
/// rated of a kind are some 2 % apart), never enough to pass what meets it better. What has no rating stays where it is.
const THOUGHT: f32 = 0.1;

impl CatalogSnapshot {
    /// The hits of a search, best first, with how many there are in all. Scores depend on query and product alone; ties are in
    /// the order of ids. Without words in the text everything that the filters let through is found, best rated first.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchResult, CatalogError> {
        let mut found = self.candidates(query)?;
        let limits = self.comparer().limits(&query.filters);
        found.retain(|scored| limits.admits(scored.doc));
        let total = found.len();
        let order = |a: &Scored, b: &Scored| self.compare(query.sort, a, b);
        let end = query.offset.saturating_add(query.limit).min(total);
        if end < total && end > 0 {
            found.select_nth_unstable_by(end - 1, order);
            found.truncate(end);
        }
        found.truncate(end);
        found.sort_unstable_by(order);
        let page = found.into_iter().skip(query.offset);
        let hits =
            page.map(|scored| Hit { sku: self.products()[scored.doc as usize].sku.clone(), score: scored.score });
        Ok(SearchResult { hits: hits.collect(), total, generation: self.generation() })
    }

    /// How many products a search finds.
    pub fn count(&self, query: &SearchQuery) -> Result<usize, CatalogError> {
        let candidates = self.candidates(query)?;
        let limits = self.comparer().limits(&query.filters);
        Ok(candidates.iter().filter(|scored| limits.admits(scored.doc)).count())
    }

    /// The products most like this one, itself left out: of its kind where there are others, by the words of its title and kind.
    pub fn similar(&self, sku: &Sku, limit: usize) -> Result<Vec<Hit>, CatalogError> {
        let Some(product) = self.product(sku) else { return Ok(Vec::new()) };
        let texts = |text: &Localized| text.iter().map(str::to_owned).collect::<Vec<_>>();
        let text = [texts(&product.category), texts(&product.title)].concat().join(" ; ");
        let found = self.scorer().score(&text, &[], MEET_ANY)?.unwrap_or_default();
        let alike = |categories: Vec<String>| -> Vec<Hit> {
            let filters = Filters { categories, in_stock: true, ..Filters::default() };
            let limits = self.comparer().limits(&filters);
            let admitted = found.iter().filter(|scored| limits.admits(scored.doc));
            let hit =
                |scored: &Scored| Hit { sku: self.products()[scored.doc as usize].sku.clone(), score: scored.score };
            admitted.map(hit).filter(|hit| hit.sku != *sku).collect()
        };
        let mut hits = alike(texts(&product.category));
        if hits.is_empty() {
            hits = alike(Vec::new());
        }
        let price = product.price.map(|price| price.major().max(1.0));
        for hit in &mut hits {
            let other = self.product(&hit.sku).and_then(|product| product.price).map(|price| price.major().max(1.0));
            if let (Some(price), Some(other)) = (price, other) {
                hit.score /= 1.0 + 0.3 * (price / other).ln().abs() as f32;
            }
        }
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.sku.cmp(&b.sku)));
        hits.truncate(limit);
        Ok(hits)
    }

    /// What meets the text, whatever the filters say, in the order of products.
    pub(super) fn candidates(&self, query: &SearchQuery) -> Result<Vec<Scored>, CatalogError> {
        let scorer = self.scorer();
        let mut found = match scorer.score(&query.text, &query.boosts, MEET_OF_BEST)? {
            Some(found) => found,
            None => {
                let wishes = scorer.wishes(&query.boosts)?;
                let scores = self.numbers().iter().zip(wishes).enumerate();
                return Ok(scores
                    .map(|(doc, (numbers, wish))| Scored { doc: doc as u32, score: wish + quality(numbers) })
                    .collect());
            }
        };
        if query.of_its_kind
            && query.filters.categories.is_empty()
            && let Some(head) = self.head(&query.text)
        {
            found.retain(|scored| self.kinds().is_of(scored.doc, &head));
        }
        for scored in &mut found {
            let Some(numbers) = self.numbers().get(scored.doc as usize) else { continue };
            scored.score *= 1.0 + THOUGHT * (thought(numbers) - UNRATED) / BEST_RATING;
            if !numbers.in_stock {
                scored.score *= SOLD_OUT;
            }
        }
        if query.sort != Sort::Relevance {
            let least = SORTED_SHARE * found.iter().map(|scored| scored.score).fold(0.0, f32::max);
            found.retain(|scored| scored.score >= least);
        }
        Ok(found)
    }

    fn compare(&self, sort: Sort, a: &Scored, b: &Scored) -> Ordering {
        let (left, right) = (&self.numbers()[a.doc as usize], &self.numbers()[b.doc as usize]);
        let by = match sort {
            Sort::Relevance => Ordering::Equal,
            Sort::PriceAsc => known_first(left.price, right.price, |a, b| a.total_cmp(b)),
            Sort::PriceDesc => known_first(left.price, right.price, |a, b| b.total_cmp(a)),
            Sort::Rating => known_first(left.rating, right.rating, |a, b| b.total_cmp(a))
                .then_with(|| right.reviews.cmp(&left.reviews)),
            Sort::Newest => known_first(left.added, right.added, |a, b| b.cmp(a)),
            Sort::Sales => known_first(left.sales, right.sales, |a, b| b.cmp(a)),
        };
        by.then_with(|| b.score.total_cmp(&a.score)).then_with(|| a.doc.cmp(&b.doc))
    }
}

const BEST_RATING: f32 = 5.0;
/// What is expected of a product before anyone has rated it, as much as that many reviews count.
const UNRATED: f32 = 4.0;
const EXPECTED_REVIEWS: f32 = 10.0;

/// The rating to be expected: the mean of the reviews and of what is expected beforehand.
fn thought(numbers: &Numbers) -> f32 {
    let reviews = numbers.reviews.unwrap_or(0) as f32;
    numbers
        .rating
        .map_or(UNRATED, |rating| (rating * reviews + UNRATED * EXPECTED_REVIEWS) / (reviews + EXPECTED_REVIEWS))
}

/// Between 0 and 1 by rating; what is sold out comes after.
fn quality(numbers: &Numbers) -> f32 {
    thought(numbers) / BEST_RATING * if numbers.in_stock { 1.0 } else { SOLD_OUT / 2.0 }
}

fn known_first<T>(left: Option<T>, right: Option<T>, order: impl Fn(&T, &T) -> Ordering) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => order(&left, &right),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}
