//! Candidates for a request: hard limits always hold, wishes where something meets them.

use crate::catalog::{CatalogError, CatalogSnapshot};
use crate::domain::language::is_han;
use crate::domain::product::Product;
use crate::domain::search::{AttributeFilter, Filters, Relaxation, SearchQuery, SearchResult};
use crate::domain::wish::WISHES;

/// How listings say that something is not in a product.
const ZH_FREE: [&str; 4] = ["无", "不含", "零", "0"];
const EN_FREE: [&str; 4] = ["{} free", "{}-free", "no {}", "no added {}"];

/// How many products are looked at for a stated absence.
const STATED_DEPTH: usize = 20;

/// What a request found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// The search that was carried out, to page through or refine; wishes that were given up are among its boosts.
    pub query: SearchQuery,
    /// The page.
    pub result: SearchResult,
    /// Wishes that nothing meets together with the rest.
    pub given_up: Vec<AttributeFilter>,
    /// Counted ways to loosen the limits, when nothing was found.
    pub relaxations: Vec<Relaxation>,
    /// Whether the shop has nothing of this kind, whatever the limits.
    pub not_carried: bool,
}

/// Searches; wishes that nothing of this kind in the shop meets are given up, one after another, until something is found. A wish
/// that something meets is a limit like any other, and limits are never given up.
pub(super) fn retrieve(snapshot: &CatalogSnapshot, wanted: &SearchQuery) -> Result<Found, CatalogError> {
    let mut query = sure(snapshot, wanted)?;
    let mut given_up: Vec<AttributeFilter> = Vec::new();
    loop {
        let result = snapshot.search(&query)?;
        if result.total > 0 {
            return Ok(Found { query, result, given_up, relaxations: Vec::new(), not_carried: false });
        }
        let Some(index) = wish_to_give_up(snapshot, &query)? else { break };
        let wish = query.filters.attributes.remove(index);
        query.boosts.push(wish.value.clone());
        given_up.push(wish);
        query = sure(snapshot, &query)?;
    }
    let not_carried = !wanted.text.is_empty() && !is_carried(snapshot, wanted)?;
    let mut relaxations = Vec::new();
    for offer in if not_carried { Vec::new() } else { snapshot.relaxations(wanted)? } {
        let query = sure(snapshot, &offer.query)?;
        let count = if query == offer.query { offer.count } else { snapshot.count(&query)? };
        relaxations.push(Relaxation { query, count, ..offer });
    }
    Ok(Found { query: wanted.clone(), result: SearchResult::default(), given_up: Vec::new(), relaxations, not_carried })
}

/// The search among what surely meets it, where there is any: what states the absence of what is not wanted, and what lists its
/// features and uses rather than mentions them somewhere.
fn sure(snapshot: &CatalogSnapshot, wanted: &SearchQuery) -> Result<SearchQuery, CatalogError> {
    let query = stated_absence(snapshot, wanted)?;
    let mut listed = query.clone();
    listed.filters.listed = true;
    let finds = !query.filters.attributes.is_empty() && !query.filters.listed && snapshot.count(&listed)? > 0;
    Ok(if finds { listed } else { query })
}

/// Where listings state the absence of what is not wanted ("caffeine free", "无糖"), only those that do are sure to be without it.
fn stated_absence(snapshot: &CatalogSnapshot, wanted: &SearchQuery) -> Result<SearchQuery, CatalogError> {
    let mut query = wanted.clone();
    for word in &wanted.filters.exclude {
        let is_han = word.chars().all(is_han);
        let forms =
            if is_han { ZH_FREE.map(|no| format!("{no}{word}")) } else { EN_FREE.map(|no| no.replace("{}", word)) };
        for value in forms {
            let filter = AttributeFilter { name: "feature".into(), value };
            if query.filters.attributes.contains(&filter) {
                break;
            }
            let mut sure = SearchQuery { limit: STATED_DEPTH, ..query.clone() };
            sure.filters.attributes.push(filter.clone());
            let hits = snapshot.search(&sure)?.hits;
            if hits.iter().filter_map(|hit| snapshot.product(&hit.sku)).any(|product| lists(product, &filter.value)) {
                query.filters.attributes.push(filter);
                break;
            }
        }
    }
    Ok(query)
}

/// Whether an attribute has exactly this value.
fn lists(product: &Product, value: &str) -> bool {
    let value = value.to_lowercase();
    product.attributes.values().flatten().any(|own| own.forms().contains(&value))
}

/// Whether the shop has anything of this kind, whatever the limits.
fn is_carried(snapshot: &CatalogSnapshot, wanted: &SearchQuery) -> Result<bool, CatalogError> {
    let filters = Filters { categories: wanted.filters.categories.clone(), ..Filters::default() };
    let kind =
        SearchQuery { text: wanted.text.clone(), of_its_kind: true, filters, limit: 1, ..SearchQuery::default() };
    Ok(snapshot.search(&kind)?.total > 0)
}

/// The first wish that no product of this kind meets, whatever the other limits; none when every wish is met by something.
fn wish_to_give_up(snapshot: &CatalogSnapshot, query: &SearchQuery) -> Result<Option<usize>, CatalogError> {
    for (index, filter) in query.filters.attributes.iter().enumerate() {
        if !WISHES.contains(&filter.name.as_str()) {
            continue;
        }
        let filters = Filters {
            categories: query.filters.categories.clone(),
            attributes: vec![filter.clone()],
            ..Filters::default()
        };
        let kind = SearchQuery {
            text: query.text.clone(),
            of_its_kind: query.of_its_kind,
            filters,
            limit: 1,
            ..SearchQuery::default()
        };
        if snapshot.search(&kind)?.total == 0 {
            return Ok(Some(index));
        }
    }
    Ok(None)
}
