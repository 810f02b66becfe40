//! From an intent to a search, and from one search to the next: how slots become limits and how limits replace each other.
//!
//! Pure; called by [`super::dialogue`].

use super::intent::Intent;
use super::search::{AttributeFilter, Filters, SearchQuery, Sort};

/// "Around 300" is taken as 300 give or take this share.
pub const NEAR: f64 = 0.2;

/// Attributes that name a wish rather than a measurable limit: where nothing of the kind in the shop meets one it is given up, and
/// that is said.
pub const WISHES: [&str; 4] = ["season", "use", "audience", "feature"];

/// A search for what the intent says and nothing else.
pub fn fresh_query(intent: &Intent) -> SearchQuery {
    let (price_min, price_max) = price_limits(intent);
    SearchQuery {
        text: intent.query.clone().unwrap_or_default(),
        filters: Filters {
            categories: intent.category.iter().cloned().collect(),
            brands: intent.brand.clone(),
            price_min,
            price_max,
            attributes: intent.attributes.clone(),
            exclude: intent.exclude.clone(),
            ..Filters::default()
        },
        of_its_kind: true,
        sort: intent.sort.unwrap_or_default(),
        ..SearchQuery::default()
    }
}

/// The last search with the intent's changes. A new product noun starts afresh with the old limits dropped, unless it only
/// narrows the old one; a new value of colour, size, material, brand, season or audience replaces the old; features and uses add up;
/// what is excluded is no longer wanted, and the other way round.
pub fn refined_query(last: &SearchQuery, intent: &Intent) -> SearchQuery {
    if let Some(noun) = &intent.query
        && !is_narrower(noun, &last.text)
    {
        let same_kind = intent.category.is_some() && last.filters.categories.iter().eq(intent.category.iter());
        if !same_kind {
            return fresh_query(intent);
        }
    }
    let mut query = SearchQuery { offset: 0, ..last.clone() };
    let filters = &mut query.filters;
    if let Some(noun) = &intent.query {
        query.text.clone_from(noun);
        if let Some(category) = &intent.category {
            filters.categories = vec![category.clone()];
        }
    }
    let (price_min, price_max) = price_limits(intent);
    match (price_min, price_max) {
        (Some(_), Some(_)) => (filters.price_min, filters.price_max) = (price_min, price_max),
        (Some(low), None) => {
            filters.price_min = Some(low);
            filters.price_max = filters.price_max.filter(|high| *high > low);
        }
        (None, Some(high)) => {
            filters.price_max = Some(high);
            filters.price_min = filters.price_min.filter(|low| *low < high);
        }
        (None, None) => {}
    }
    if !intent.brand.is_empty() {
        filters.brands.clone_from(&intent.brand);
    }
    replace_attributes(filters, &intent.attributes);
    for word in &intent.exclude {
        filters.attributes.retain(|filter| !filter.value.eq_ignore_ascii_case(word));
        filters.brands.retain(|brand| !brand.eq_ignore_ascii_case(word));
        if !filters.exclude.contains(word) {
            filters.exclude.push(word.clone());
        }
    }
    filters
        .exclude
        .retain(|word| !intent.brand.contains(word) && !intent.attributes.iter().any(|filter| filter.value == *word));
    query.sort = intent.sort.unwrap_or(last.sort);
    if intent.sort.is_none() && intent.query.is_some() {
        query.sort = Sort::Relevance;
    }
    query
}

fn replace_attributes(filters: &mut Filters, wanted: &[AttributeFilter]) {
    let adds_up = |name: &str| matches!(name, "feature" | "use");
    for filter in wanted {
        if !adds_up(&filter.name) {
            filters.attributes.retain(|old| old.name != filter.name || wanted.contains(old));
        }
    }
    for filter in wanted {
        if !filters.attributes.contains(filter) {
            filters.attributes.push(filter.clone());
        }
    }
}

fn price_limits(intent: &Intent) -> (Option<f64>, Option<f64>) {
    match intent.price_near {
        Some(near) if intent.price_min.is_none() && intent.price_max.is_none() => {
            (Some((near * (1.0 - NEAR)).floor()), Some((near * (1.0 + NEAR)).ceil()))
        }
        _ => (intent.price_min, intent.price_max),
    }
}

/// Whether the new noun is the old one with more or fewer words.
fn is_narrower(noun: &str, old: &str) -> bool {
    let (noun, old) = (noun.to_lowercase(), old.to_lowercase());
    !old.is_empty() && (noun.contains(&old) || old.contains(&noun))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::intent::IntentKind;
    use crate::domain::language::Language;

    fn attribute(name: &str, value: &str) -> AttributeFilter {
        AttributeFilter { name: name.into(), value: value.into() }
    }

    fn last() -> SearchQuery {
        SearchQuery {
            text: "外套".into(),
            filters: Filters {
                price_min: Some(200.0),
                attributes: vec![attribute("colour", "黑色"), attribute("feature", "防水")],
                ..Filters::default()
            },
            offset: 5,
            ..SearchQuery::default()
        }
    }

    #[test]
    fn a_new_colour_replaces_the_old_and_features_add_up() {
        let mut intent = Intent::of(IntentKind::Refine, Language::Zh);
        intent.attributes = vec![attribute("colour", "白色"), attribute("feature", "带帽")];
        let query = refined_query(&last(), &intent);
        assert_eq!(
            query.filters.attributes,
            [attribute("feature", "防水"), attribute("colour", "白色"), attribute("feature", "带帽")]
        );
        assert_eq!((query.text.as_str(), query.offset), ("外套", 0));
    }

    #[test]
    fn a_lower_ceiling_drops_a_floor_above_it() {
        let mut intent = Intent::of(IntentKind::Refine, Language::Zh);
        intent.price_max = Some(150.0);
        let filters = refined_query(&last(), &intent).filters;
        assert_eq!((filters.price_min, filters.price_max), (None, Some(150.0)));
    }

    #[test]
    fn another_product_starts_afresh() {
        let mut intent = Intent::of(IntentKind::Refine, Language::Zh);
        intent.query = Some("帐篷".into());
        assert_eq!(refined_query(&last(), &intent).filters, Filters::default());
    }

    #[test]
    fn what_is_excluded_is_no_longer_wanted() {
        let mut intent = Intent::of(IntentKind::Refine, Language::Zh);
        intent.exclude = vec!["黑色".into()];
        let filters = refined_query(&last(), &intent).filters;
        assert_eq!(filters.attributes, [attribute("feature", "防水")]);
        assert_eq!(filters.exclude, ["黑色"]);
    }

    #[test]
    fn around_is_a_range() {
        let mut intent = Intent::of(IntentKind::Search, Language::Zh);
        intent.price_near = Some(300.0);
        let filters = fresh_query(&intent).filters;
        assert_eq!((filters.price_min, filters.price_max), (Some(240.0), Some(360.0)));
    }
}
