//! Candidates for a request: hard limits always hold, wishes where something meets them.

use crate::catalog::{CatalogError, CatalogSnapshot};
use crate::domain::refinement::WISHES;
use crate::domain::search::{AttributeFilter, Filters, Relaxation, SearchQuery, SearchResult};

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
    let mut query = wanted.clone();
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
    }
    let not_carried = !wanted.text.is_empty() && !is_carried(snapshot, wanted)?;
    let relaxations = if not_carried { Vec::new() } else { snapshot.relaxations(wanted)? };
    Ok(Found { query: wanted.clone(), result: SearchResult::default(), given_up: Vec::new(), relaxations, not_carried })
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
