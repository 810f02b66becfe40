//! From an intent to a search, and from one search to the next: how slots become limits and how limits replace each other.
//!
//! Pure; called by [`super::dialogue`].

use super::change::{Change, Limit};
use super::intent::{Intent, Understood};
use super::search::{AttributeFilter, Filters, SearchQuery, Sort};
use super::session::Session;
use super::wish::plain;

/// "Around 300" is taken as 300 give or take this share.
pub const NEAR: f64 = 0.2;

/// 799 is meant by 800.
const JUST_UNDER: f64 = 0.995;

/// Limits that hold for whatever is bought: a correction of the noun keeps them.
const GENERAL: [&str; 3] = ["audience", "colour", "season"];

/// A search for what the message says and nothing else. Where it tells a need without a noun, the kinds that meet it are searched, and
/// its other words only raise what has them.
pub fn fresh_query(understood: &Understood) -> SearchQuery {
    let Understood { intent, change, kinds, .. } = understood;
    let (price_min, price_max) = price_limits(intent);
    let is_need = intent.query.is_none() && intent.category.is_none() && !kinds.is_empty();
    let is_told = |filter: &&AttributeFilter| is_need && !matches!(filter.name.as_str(), "colour" | "size");
    SearchQuery {
        text: intent.query.clone().unwrap_or_default(),
        boosts: intent.attributes.iter().filter(is_told).map(|filter| filter.value.clone()).collect(),
        filters: Filters {
            categories: if is_need { kinds.clone() } else { intent.category.iter().cloned().collect() },
            brands: intent.brand.clone(),
            price_min,
            price_max,
            rating_min: change.rating_min,
            in_stock: change.in_stock,
            attributes: intent.attributes.iter().filter(|filter| !is_told(filter)).map(plain).collect(),
            exclude: intent.exclude.clone(),
            listed: false,
        },
        of_its_kind: true,
        sort: intent.sort.unwrap_or_default(),
        ..SearchQuery::default()
    }
}

/// The last search with the message's changes. A new product noun starts afresh with the old limits dropped, unless it only
/// narrows the old one or corrects it; a new value of colour, size, material, brand, season or audience replaces the old; features
/// and uses add up; what is excluded is no longer wanted, and the other way round; limits that are given up go.
pub fn refined_query(last: &SearchQuery, understood: &Understood) -> SearchQuery {
    let Understood { intent, change, .. } = understood;
    let mut query = SearchQuery { offset: 0, ..last.clone() };
    query.filters.listed = false;
    if let Some(noun) = &intent.query {
        let same_kind = intent.category.is_some() && last.filters.categories.iter().eq(intent.category.iter());
        if !is_narrower(noun, &last.text) && !same_kind {
            let fresh = fresh_query(understood);
            if !change.corrects {
                return fresh;
            }
            let mut filters = general(&last.filters);
            if change.likes {
                filters.attributes.clear();
            }
            query = SearchQuery { filters, ..fresh };
        }
        query.text.clone_from(noun);
        if intent.category.is_some() {
            query.filters.categories = intent.category.iter().cloned().collect();
        }
    }
    let filters = &mut query.filters;
    give_up(filters, change);
    limit_price(filters, intent);
    if !intent.brand.is_empty() {
        filters.brands = if change.adds { [&filters.brands[..], &intent.brand].concat() } else { intent.brand.clone() };
    }
    let let_in = |filter: &&AttributeFilter| last.filters.exclude.iter().any(|word| is_same(word, &filter.value));
    let wanted: Vec<AttributeFilter> =
        intent.attributes.iter().filter(|filter| !(change.adds && let_in(filter))).map(plain).collect();
    add_attributes(filters, &wanted, change.adds);
    for word in &intent.exclude {
        filters.attributes.retain(|filter| !filter.value.eq_ignore_ascii_case(word));
        filters.brands.retain(|brand| !brand.eq_ignore_ascii_case(word));
        if !filters.exclude.contains(word) {
            filters.exclude.push(word.clone());
        }
    }
    let is_wanted = |word: &String| intent.brand.contains(word) || wanted.iter().any(|filter| filter.value == *word);
    filters.exclude.retain(|word| !is_wanted(word));
    filters.in_stock |= change.in_stock;
    filters.rating_min = change.rating_min.or(filters.rating_min);
    query.sort = intent.sort.unwrap_or(last.sort);
    if intent.sort.is_none() && intent.query.is_some() {
        query.sort = Sort::Relevance;
    }
    query
}

/// The earlier search that a message goes back to: the last one for the noun that it names, else the one before the last.
pub fn earlier_query(session: &Session, intent: &Intent) -> Option<SearchQuery> {
    let named = [intent.query.as_deref(), intent.category.as_deref()];
    let named: Vec<&str> = named.into_iter().flatten().collect();
    if named.is_empty() {
        return session.earlier.last().cloned();
    }
    let fits = |query: &&SearchQuery| {
        named.iter().any(|name| {
            is_narrower(name, &query.text)
                || query.filters.categories.iter().any(|kind| kind.eq_ignore_ascii_case(name))
        })
    };
    session.search.iter().chain(session.earlier.iter().rev()).find(fits).cloned()
}

/// Takes out the limits that the message gives up, by name or by value.
fn give_up(filters: &mut Filters, change: &Change) {
    for limit in &change.dropped {
        match limit {
            Limit::Price => (filters.price_min, filters.price_max) = (None, None),
            Limit::Brand => filters.brands.clear(),
            Limit::Rating => filters.rating_min = None,
            Limit::Attribute(name) => filters.attributes.retain(|filter| filter.name != *name),
            Limit::All => {
                *filters = Filters { categories: std::mem::take(&mut filters.categories), ..Filters::default() }
            }
        }
    }
    for word in &change.released {
        filters.exclude.retain(|excluded| !is_same(excluded, word));
        if !change.adds {
            filters.attributes.retain(|filter| !is_same(&filter.value, word));
            filters.brands.retain(|brand| !is_same(brand, word));
        }
    }
}

fn limit_price(filters: &mut Filters, intent: &Intent) {
    match price_limits(intent) {
        (Some(low), Some(high)) => (filters.price_min, filters.price_max) = (Some(low), Some(high)),
        (Some(low), None) => {
            filters.price_min = Some(low);
            filters.price_max = filters.price_max.filter(|high| *high > low);
        }
        (None, Some(high)) => {
            filters.price_max = Some(high);
            filters.price_min = filters.price_min.filter(|low| *low <= high * (1.0 - NEAR));
        }
        (None, None) => {}
    }
}

/// The limits that a correction of the noun keeps.
fn general(filters: &Filters) -> Filters {
    Filters {
        price_min: filters.price_min,
        price_max: filters.price_max,
        in_stock: filters.in_stock,
        attributes: filters.attributes.iter().filter(|it| GENERAL.contains(&it.name.as_str())).cloned().collect(),
        ..Filters::default()
    }
}

/// Whether two words are the same but for case and for a part that either leaves out.
fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    !one.is_empty() && !other.is_empty() && (one.contains(&other) || other.contains(&one))
}

fn add_attributes(filters: &mut Filters, wanted: &[AttributeFilter], besides: bool) {
    let adds_up = |name: &str| besides || matches!(name, "feature" | "use");
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
            (Some((near * (1.0 - NEAR) * JUST_UNDER).floor()), Some((near * (1.0 + NEAR)).ceil()))
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
        let query = refined_query(&last(), &Understood::surely(intent));
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
        let filters = refined_query(&last(), &Understood::surely(intent)).filters;
        assert_eq!((filters.price_min, filters.price_max), (None, Some(150.0)));
    }

    #[test]
    fn another_product_starts_afresh() {
        let mut intent = Intent::of(IntentKind::Refine, Language::Zh);
        intent.query = Some("帐篷".into());
        assert_eq!(refined_query(&last(), &Understood::surely(intent)).filters, Filters::default());
    }

    #[test]
    fn what_is_excluded_is_no_longer_wanted() {
        let mut intent = Intent::of(IntentKind::Refine, Language::Zh);
        intent.exclude = vec!["黑色".into()];
        let filters = refined_query(&last(), &Understood::surely(intent)).filters;
        assert_eq!(filters.attributes, [attribute("feature", "防水")]);
        assert_eq!(filters.exclude, ["黑色"]);
    }

    #[test]
    fn around_is_a_range() {
        let mut intent = Intent::of(IntentKind::Search, Language::Zh);
        intent.price_near = Some(300.0);
        let filters = fresh_query(&Understood::surely(intent)).filters;
        assert_eq!((filters.price_min, filters.price_max), (Some(238.0), Some(360.0)));
    }

    fn changed(change: Change, say: impl FnOnce(&mut Intent)) -> SearchQuery {
        let mut intent = Intent::of(IntentKind::Refine, Language::Zh);
        say(&mut intent);
        refined_query(&last(), &Understood { change, ..Understood::surely(intent) })
    }

    #[test]
    fn limits_given_up_go_and_the_others_stay() {
        let dropped = vec![Limit::Attribute("colour")];
        let filters = changed(Change { dropped, ..Change::default() }, |_| {}).filters;
        assert_eq!(filters.attributes, [attribute("feature", "防水")]);
        assert_eq!(filters.price_min, Some(200.0));
        let all = changed(Change { dropped: vec![Limit::All], ..Change::default() }, |_| {});
        assert_eq!((all.filters, all.text.as_str()), (Filters::default(), "外套"));
        let released = vec!["黑色".to_owned()];
        let filters = changed(Change { released, ..Change::default() }, |_| {}).filters;
        assert_eq!(filters.attributes, [attribute("feature", "防水")]);
    }

    #[test]
    fn what_is_wanted_besides_does_not_replace() {
        let change = Change { released: vec!["白色".into()], adds: true, ..Change::default() };
        let filters = changed(change, |intent| intent.attributes = vec![attribute("colour", "白色")]).filters;
        assert_eq!(filters.attributes.iter().filter(|filter| filter.name == "colour").count(), 2);
    }

    #[test]
    fn a_corrected_noun_keeps_price_and_colour() {
        let change = Change { corrects: true, ..Change::default() };
        let query = changed(change, |intent| intent.query = Some("帐篷".into()));
        assert_eq!((query.text.as_str(), query.filters.price_min), ("帐篷", Some(200.0)));
        assert_eq!(query.filters.attributes, [attribute("colour", "黑色")]);
    }

    #[test]
    fn a_need_is_searched_among_the_kinds_that_meet_it() {
        let mut intent = Intent::of(IntentKind::Search, Language::Zh);
        intent.attributes = vec![attribute("use", "脖子疼"), attribute("colour", "白色")];
        let query = fresh_query(&Understood { kinds: vec!["枕头".into()], ..Understood::surely(intent) });
        assert_eq!(query.filters.categories, ["枕头"]);
        assert_eq!(
            (query.filters.attributes, query.boosts),
            (vec![attribute("colour", "白色")], vec!["脖子疼".to_owned()])
        );
    }

    #[test]
    fn going_back_finds_the_last_search_of_that_noun() {
        let mut session = Session::default();
        for text in ["外套", "帐篷", "茶叶"] {
            session.look_for(SearchQuery { text: text.into(), ..SearchQuery::default() });
        }
        let mut intent = Intent::of(IntentKind::Refine, Language::Zh);
        assert_eq!(earlier_query(&session, &intent).map(|query| query.text), Some("帐篷".into()));
        intent.query = Some("外套".into());
        assert_eq!(earlier_query(&session, &intent).map(|query| query.text), Some("外套".into()));
        intent.query = Some("沙发".into());
        assert_eq!(earlier_query(&session, &intent), None);
    }
}
