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

/// Searches, giving up wishes one after another (the last named first) until something is found; limits are never given up.
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

/// The wish whose loss finds most; none when there are no wishes left.
fn wish_to_give_up(snapshot: &CatalogSnapshot, query: &SearchQuery) -> Result<Option<usize>, CatalogError> {
    let mut best: Option<(usize, usize)> = None;
    for (index, filter) in query.filters.attributes.iter().enumerate().rev() {
        if !WISHES.contains(&filter.name.as_str()) {
            continue;
        }
        let mut without = query.clone();
        without.filters.attributes.remove(index);
        without.limit = 1;
        let total = snapshot.search(&without)?.total;
        if best.is_none_or(|(_, most)| total > most) {
            best = Some((index, total));
        }
    }
    Ok(best.map(|(index, _)| index))
}
