//! Why a product meets a request: one reason a pick, composed of the listing's own words.
//!
//! Never invents: every part is an attribute value, a number of the listing or a clause of its description.

use crate::domain::attribute::AttributeValue;
use crate::domain::language::Language;
use crate::domain::product::Product;
use crate::domain::search::{AttributeFilter, SearchQuery, Sort};
use crate::domain::wording::finding;

/// At most so many facts in one reason.
const MAX_FACTS: usize = 3;
/// The longest clause of a description that is quoted, in columns (a Han character is two).
const MAX_CLAUSE: usize = 90;

/// The reason for showing a product for a search, in a language; none when the listing holds nothing to say.
/// `place` is its position among the hits, from 0.
pub(super) fn reason(product: &Product, query: &SearchQuery, place: usize, language: Language) -> Option<String> {
    let filters = &query.filters;
    let mut facts: Vec<String> = Vec::new();
    for filter in &filters.attributes {
        push_new(&mut facts, met(product, filter, language));
    }
    for wish in &query.boosts {
        let filter = AttributeFilter { name: "feature".into(), value: wish.clone() };
        push_new(&mut facts, stated(product, &filter, language));
    }
    if place == 0 {
        push_new(&mut facts, finding::stands_out(language, query.sort).map(str::to_owned));
    }
    if (filters.price_max.is_some() || filters.price_min.is_some())
        && let Some(price) = product.price
    {
        push_new(&mut facts, Some(finding::within_budget(language, price)));
    }
    if facts.is_empty() {
        push_new(&mut facts, telling_clause(product, language));
    }
    if facts.is_empty() || matches!(query.sort, Sort::Rating) {
        push_new(&mut facts, finding::liked(language, product.rating, product.review_count));
    }
    facts.truncate(MAX_FACTS);
    let separator = if language == Language::Zh { "；" } else { "; " };
    (!facts.is_empty()).then(|| facts.join(separator))
}

fn push_new(facts: &mut Vec<String>, fact: Option<String>) {
    if let Some(fact) = fact.filter(|fact| !fact.trim().is_empty() && !facts.contains(fact)) {
        facts.push(fact);
    }
}

/// How a product meets a filter that was applied to it: the attribute that says so, else the clause that does.
fn met(product: &Product, filter: &AttributeFilter, language: Language) -> Option<String> {
    stated(product, filter, language).or_else(|| {
        let shown = product.show_attribute(&filter.name, language)?;
        (columns(&shown) <= MAX_CLAUSE).then(|| finding::meets(language, &filter.name, &shown))
    })
}

/// What the listing states of a wanted value, in its own words.
fn stated(product: &Product, filter: &AttributeFilter, language: Language) -> Option<String> {
    let wanted = filter.value.to_lowercase();
    let fits = |value: &&AttributeValue| {
        value.forms().iter().any(|form| !form.is_empty() && (form.contains(&wanted) || wanted.contains(form.as_str())))
    };
    if let Some(value) = product.attribute(&filter.name).iter().find(fits) {
        return Some(finding::meets(language, &filter.name, &value.show(language)));
    }
    let elsewhere = product.attributes.iter().find_map(|(name, values)| Some((name, values.iter().find(fits)?)));
    if let Some((name, value)) = elsewhere.filter(|(_, value)| !matches!(value, AttributeValue::Number(_))) {
        return Some(finding::meets(language, name, &value.show(language)));
    }
    let mut clauses = clauses(product.description.get(language));
    clauses.find(|clause| clause.to_lowercase().contains(&wanted) && !denies(clause)).map(str::to_owned)
}

/// The first clause of the description that says what the product is or has, rather than what it is not.
fn telling_clause(product: &Product, language: Language) -> Option<String> {
    let is_positive = |clause: &&str| !denies(clause);
    let all = || clauses(product.description.get(language));
    all().find(is_positive).or_else(|| all().next()).map(str::to_owned)
}

/// Whether a clause says what the product is not, or for whom it is not.
fn denies(clause: &str) -> bool {
    const STARTS: &[&str] =
        &["不", "没有", "无", "未", "非", "not ", "no ", "isn't", "without", "doesn't", "can't", "cannot"];
    const INSIDE: &[&str] = &["不适合", "不建议", "不推荐", "不能", "没有", " not ", " no ", "without "];
    let lower = clause.to_lowercase();
    STARTS.iter().any(|start| lower.starts_with(start)) || INSIDE.iter().any(|inside| lower.contains(inside))
}

/// The sentences of a text that are short enough to quote, else their first clauses.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    sentences(text).flat_map(|sentence| {
        let parts: Vec<&str> = if columns(sentence) <= MAX_CLAUSE {
            vec![sentence]
        } else {
            sentence.split(['，', ';', '；', ',']).map(str::trim).filter(|part| columns(part) <= MAX_CLAUSE).collect()
        };
        parts.into_iter().filter(|part| part.chars().count() > 3)
    })
}

/// The sentences of a text, without their full stops; a point inside a number ends nothing.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut rest = text.char_indices().peekable();
    while let Some((index, character)) = rest.next() {
        let followed_by_blank = rest.peek().is_none_or(|(_, next)| next.is_whitespace());
        let ends = matches!(character, '。' | '！' | '？' | '\n')
            || (matches!(character, '.' | '!' | '?') && followed_by_blank);
        if ends {
            pieces.push(text[start..index].trim());
            start = index + character.len_utf8();
        }
    }
    pieces.push(text[start..].trim());
    pieces.into_iter().filter(|piece| !piece.is_empty())
}

fn columns(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Localized;
    use crate::domain::search::Filters;

    fn jacket() -> Product {
        let text = |zh: &str, en: &str| AttributeValue::Text(Localized::both(zh, en));
        Product {
            sku: "DJ-1".into(),
            title: Localized::both("轻薄羽绒服", "Light down jacket"),
            description: Localized::both(
                "90%白鹅绒，充绒量 120 克。不可机洗。",
                "90% goose down, 120 g fill. Not machine washable.",
            ),
            category: Localized::both("羽绒服", "Down jackets"),
            brand: Localized::both("北岭", "Norridge"),
            price: crate::domain::money::Money::from_major(299.0, crate::domain::money::Currency::CNY),
            list_price: None,
            stock: Some(3),
            attributes: [
                ("season".to_owned(), vec![text("冬季", "winter")]),
                ("colour".to_owned(), vec![text("黑色", "black")]),
            ]
            .into(),
            variants: Vec::new(),
            rating: Some(4.6),
            review_count: Some(12),
            sales: None,
            added: None,
            image: None,
            url: None,
        }
    }

    fn query(attributes: &[(&str, &str)], price_max: Option<f64>) -> SearchQuery {
        let attributes = attributes
            .iter()
            .map(|(name, value)| AttributeFilter { name: (*name).into(), value: (*value).into() })
            .collect();
        SearchQuery {
            text: "羽绒服".into(),
            filters: Filters { attributes, price_max, ..Filters::default() },
            ..SearchQuery::default()
        }
    }

    #[test]
    fn a_reason_names_what_meets_the_request_in_the_shoppers_language() {
        let wanted = query(&[("season", "冬天"), ("colour", "黑")], Some(300.0));
        let zh = reason(&jacket(), &wanted, 1, Language::Zh).expect("reason");
        assert_eq!(zh, "季节：冬季；颜色：黑色；¥299，在预算内");
        let en = reason(&jacket(), &query(&[("colour", "black")], None), 1, Language::En).expect("reason");
        assert_eq!(en, "colour: black");
    }

    #[test]
    fn without_limits_the_listing_speaks() {
        let zh = reason(&jacket(), &query(&[], None), 1, Language::Zh).expect("reason");
        assert_eq!(zh, "90%白鹅绒，充绒量 120 克");
    }

    #[test]
    fn a_point_inside_a_number_ends_no_sentence() {
        let all: Vec<&str> = sentences("Weighs 1.5 kg. Folds flat! 很轻。").collect();
        assert_eq!(all, ["Weighs 1.5 kg", "Folds flat", "很轻"]);
    }
}
