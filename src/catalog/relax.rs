//! What loosening one limit of a search would find, counted in the index.
//!
//! Never loosens two limits where one is enough, and never offers what finds nothing. Called by `assistant`.

use super::error::CatalogError;
use super::limits::EITHER;
use super::score::Scored;
use super::snapshot::CatalogSnapshot;
use crate::domain::search::{AttributeFilter, Filters, Relaxation, RelaxationChange, SearchQuery};

/// At most so many are offered.
const MAX_OFFERED: usize = 4;
/// A price step that exceeds the limit by more than this is worth less than giving up another limit.
const NEAR: f64 = 1.5;

impl CatalogSnapshot {
    /// Ways to loosen each limit singly that find something, the most useful first, at most four: a slightly different price,
    /// then attributes, stock, rating, brand and exclusions by how much they find, then a far price, and the category last.
    pub fn relaxations(&self, query: &SearchQuery) -> Result<Vec<Relaxation>, CatalogError> {
        let candidates = self.candidates(query)?;
        let before = self.admitted(query, &candidates);
        let mut offers: Vec<(u8, Relaxation)> = Vec::new();
        for (rank, change, loosened) in self.loosened(query, &candidates) {
            let is_same_kind = change != RelaxationChange::Category;
            let count = if is_same_kind { self.admitted(&loosened, &candidates) } else { self.count(&loosened)? };
            if count > before {
                offers.push((rank, Relaxation { change, query: loosened, count }));
            }
        }
        if offers.is_empty() {
            offers = self.several_loosened(query, &candidates).into_iter().map(|offer| (0, offer)).collect();
        }
        offers.sort_by(|(a, left), (b, right)| a.cmp(b).then(right.count.cmp(&left.count)));
        Ok(offers.into_iter().map(|(_, offer)| offer).take(MAX_OFFERED).collect())
    }

    /// Two limits given up together, or all of them, where giving up one finds nothing.
    fn several_loosened(&self, query: &SearchQuery, candidates: &[Scored]) -> Vec<Relaxation> {
        let singly: Vec<(u8, RelaxationChange, SearchQuery)> = self
            .loosened(query, candidates)
            .into_iter()
            .filter(|(_, change, _)| {
                !matches!(change, RelaxationChange::PriceMax { .. } | RelaxationChange::PriceMin { .. })
            })
            .filter(|(_, change, _)| *change != RelaxationChange::Category)
            .collect();
        let mut offers = Vec::new();
        for (place, (_, first, loosened)) in singly.iter().enumerate() {
            for (_, second, _) in &singly[place + 1..] {
                let again = self.loosened(loosened, candidates).into_iter().find(|(_, change, _)| change == second);
                let Some((_, _, query)) = again else { continue };
                let count = self.admitted(&query, candidates);
                let change = RelaxationChange::Several { changes: vec![first.clone(), second.clone()] };
                offers.push(Relaxation { change, query, count });
            }
        }
        offers.retain(|offer| offer.count > 0);
        offers.sort_by_key(|offer| std::cmp::Reverse(offer.count));
        offers.truncate(MAX_OFFERED - 1);
        let filters = Filters { categories: query.filters.categories.clone(), ..Filters::default() };
        let freed = SearchQuery { offset: 0, filters, ..query.clone() };
        let count = self.admitted(&freed, candidates);
        if count > 0 && singly.len() > 1 && offers.iter().all(|offer| offer.query.filters != freed.filters) {
            offers.push(Relaxation { change: RelaxationChange::All, query: freed, count });
        }
        offers
    }

    fn admitted(&self, query: &SearchQuery, candidates: &[Scored]) -> usize {
        let limits = self.comparer().limits(&query.filters);
        candidates.iter().filter(|scored| limits.admits(scored.doc)).count()
    }

    fn loosened(&self, query: &SearchQuery, candidates: &[Scored]) -> Vec<(u8, RelaxationChange, SearchQuery)> {
        let filters = &query.filters;
        let mut loosened = Vec::new();
        let mut with = |rank: u8, change: RelaxationChange, loosen: &dyn Fn(&mut SearchQuery)| {
            let mut query = SearchQuery { offset: 0, ..query.clone() };
            query.filters.listed = false;
            loosen(&mut query);
            loosened.push((rank, change, query));
        };
        if filters.price_min.is_some() || filters.price_max.is_some() {
            let mut prices = self.prices_but_for_price(query, candidates);
            prices.sort_by(f64::total_cmp);
            if let Some((most, dearer)) =
                filters.price_max.and_then(|most| Some((most, prices.iter().find(|price| **price > most)?)))
            {
                let to = step_up(*dearer);
                let rank = if to <= most * NEAR { 0 } else { 2 };
                with(rank, RelaxationChange::PriceMax { to }, &|query| query.filters.price_max = Some(to));
            }
            if let Some((least, cheaper)) =
                filters.price_min.and_then(|least| Some((least, prices.iter().rev().find(|price| **price < least)?)))
            {
                let to = step_down(*cheaper);
                let rank = if to * NEAR >= least { 0 } else { 2 };
                with(rank, RelaxationChange::PriceMin { to }, &|query| query.filters.price_min = Some(to));
            }
            with(3, RelaxationChange::Price, &|query| {
                query.filters.price_min = None;
                query.filters.price_max = None;
            });
        }
        for (index, filter) in filters.attributes.iter().enumerate() {
            let alike = |other: &AttributeFilter| {
                other == filter || EITHER.contains(&filter.name.as_str()) && other.name == filter.name
            };
            if filters.attributes[..index].iter().any(alike) {
                continue;
            }
            let values: Vec<&str> =
                filters.attributes.iter().filter(|other| alike(other)).map(|other| other.value.as_str()).collect();
            let filter = AttributeFilter { name: filter.name.clone(), value: values.join(" / ") };
            with(1, RelaxationChange::Attribute { filter }, &|query| query.filters.attributes.retain(|it| !alike(it)));
        }
        for (index, word) in filters.exclude.iter().enumerate() {
            with(2, RelaxationChange::Exclude { word: word.clone() }, &|query| {
                query.filters.exclude.remove(index);
            });
        }
        if filters.in_stock {
            with(1, RelaxationChange::Stock, &|query| query.filters.in_stock = false);
        }
        if filters.rating_min.is_some() {
            with(1, RelaxationChange::Rating, &|query| query.filters.rating_min = None);
        }
        if !filters.brands.is_empty() {
            with(1, RelaxationChange::Brand, &|query| query.filters.brands.clear());
        }
        if !filters.categories.is_empty() {
            with(4, RelaxationChange::Category, &|query| query.filters.categories.clear());
        }
        loosened
    }

    fn prices_but_for_price(&self, query: &SearchQuery, candidates: &[Scored]) -> Vec<f64> {
        let limits = self.comparer().limits(&query.filters);
        let others = candidates.iter().filter(|scored| limits.admits_but_price(scored.doc));
        others.filter_map(|scored| self.numbers().get(scored.doc as usize)?.price).collect()
    }
}

/// The next round amount: two digits and then a nought or five.
fn step_up(price: f64) -> f64 {
    let unit = unit(price);
    (price / unit).ceil() * unit
}

fn step_down(price: f64) -> f64 {
    let unit = unit(price);
    (price / unit).floor() * unit
}

fn unit(price: f64) -> f64 {
    let digits = price.max(1.0).log10().floor();
    (10f64.powf(digits) / 20.0).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_step_to_round_amounts() {
        assert_eq!((step_up(312.0), step_down(312.0)), (315.0, 310.0));
        assert_eq!((step_up(9.9), step_up(1299.0), step_up(46.85)), (10.0, 1300.0, 47.0));
    }
}
