//! Why a product meets a request: one reason a pick, composed of the listing's own words.
//!
//! Never invents: every part is an attribute value, a number of the listing or a clause of its description.

use crate::domain::attribute::AttributeValue;
use crate::domain::language::{Language, is_han};
use crate::domain::product::Product;
use crate::domain::search::{AttributeFilter, SearchQuery, Sort};
use crate::domain::wording::finding;

/// At most so many facts in one reason.
const MAX_FACTS: usize = 3;
/// With fewer facts than this the listing's own words say more.
const ENOUGH_FACTS: usize = 2;
/// Longer wishes are whole messages, which no listing states.
const MAX_WISH: usize = 24;
/// At most so many attributes stand for a listing without a description.
const MAX_ATTRIBUTES: usize = 3;
/// The longest clause of a description that is quoted, in columns (a Han character is two).
const MAX_CLAUSE: usize = 90;

/// The reason for showing a product for a search, in a language; none when the listing holds nothing to say.
/// `place` is its position among the hits, from 0.
pub(super) fn reason(
    product: &Product,
    query: &SearchQuery,
    place: usize,
    alike: Alike<'_>,
    language: Language,
) -> Option<String> {
    let filters = &query.filters;
    let mut facts: Vec<String> = Vec::new();
    for (place, filter) in filters.attributes.iter().enumerate() {
        let alternatives = || filters.attributes.iter().filter(|other| other.name == filter.name);
        match stated(product, filter, alike, language) {
            Some(fact) => push_new(&mut facts, Some(fact)),
            None if alternatives().all(|other| stated(product, other, alike, language).is_none()) => {
                let is_first = filters.attributes[..place].iter().all(|other| other.name != filter.name);
                push_new(&mut facts, listed(product, &filter.name, language).filter(|_| is_first));
            }
            None => {}
        }
    }
    for wish in query.boosts.iter().filter(|wish| columns(wish) <= MAX_WISH) {
        let filter = AttributeFilter { name: "feature".into(), value: wish.clone() };
        push_new(&mut facts, stated(product, &filter, alike, language));
    }
    if place == 0 {
        push_new(&mut facts, finding::stands_out(language, query.sort).map(str::to_owned));
    }
    if (filters.price_max.is_some() || filters.price_min.is_some())
        && let Some(price) = product.price
    {
        push_new(&mut facts, Some(finding::within_budget(language, price)));
    }
    if matches!(query.sort, Sort::Rating) {
        push_new(&mut facts, finding::liked(language, product.rating, product.review_count));
    }
    if facts.len() < ENOUGH_FACTS {
        let known = facts.join(" ");
        push_new(&mut facts, telling_clause(product, query, &known, language));
    }
    if facts.is_empty() {
        push_new(&mut facts, telling_attributes(product, language));
    }
    if facts.is_empty() {
        push_new(&mut facts, finding::liked(language, product.rating, product.review_count));
    }
    facts.truncate(MAX_FACTS);
    let separator = if language == Language::Zh { "；" } else { "; " };
    (!facts.is_empty()).then(|| facts.join(separator))
}

/// What may stand for a word, in either language.
pub(super) type Alike<'a> = &'a dyn Fn(&str) -> Vec<String>;

fn push_new(facts: &mut Vec<String>, fact: Option<String>) {
    if let Some(fact) = fact.filter(|fact| !fact.trim().is_empty() && !facts.contains(fact)) {
        facts.push(fact);
    }
}

/// All that a listing says of a property, where it is short and tells one product from another.
fn listed(product: &Product, name: &str, language: Language) -> Option<String> {
    let is_loose = matches!(name, "feature" | "use");
    let shown = product.show_attribute(name, language).filter(|_| !is_loose)?;
    (columns(&shown) <= MAX_CLAUSE).then(|| finding::meets(language, name, &shown))
}

/// What the listing states of a wanted value, in its own words: the value itself, a part of it, or what means the same.
fn stated(product: &Product, filter: &AttributeFilter, alike: Alike<'_>, language: Language) -> Option<String> {
    let mut wanted = vec![filter.value.to_lowercase()];
    wanted.extend(alike(&filter.value));
    let says = |text: &str| wanted.iter().any(|word| has_words(text, word));
    let whole = |value: &&AttributeValue| value.forms().iter().any(|form| says(form) && !denies(form));
    let part =
        |value: &&AttributeValue| value.forms().iter().any(|form| wanted.iter().any(|word| has_words(word, form)));
    let own = product.attribute(&filter.name);
    if let Some(value) = own.iter().find(whole).or_else(|| own.iter().find(part)) {
        return Some(finding::meets(language, &filter.name, &value.show(language)));
    }
    let elsewhere = product.attributes.iter().find_map(|(name, values)| Some((name, values.iter().find(whole)?)));
    if let Some((name, value)) = elsewhere.filter(|(_, value)| is_short(value, language)) {
        return Some(finding::meets(language, name, &value.show(language)));
    }
    let mut clauses = clauses(product.description.get(language));
    clauses.find(|clause| says(&clause.to_lowercase()) && !denies(clause)).map(str::to_owned)
}

/// Whether a listing states a word: of an attribute, or in a clause that does not deny it.
pub(super) fn states(product: &Product, word: &str, alike: Alike<'_>, language: Language) -> bool {
    let filter = AttributeFilter { name: "feature".into(), value: word.to_owned() };
    stated(product, &filter, alike, language).is_some() || has_words(&product.title.get(language).to_lowercase(), word)
}

/// Whether a value is words that fit into a reason.
fn is_short(value: &AttributeValue, language: Language) -> bool {
    matches!(value, AttributeValue::Text(_)) && columns(&value.show(language)) <= MAX_CLAUSE
}

/// Whether a text has words, Latin ones whole but for their endings; one letter or digit is no word.
fn has_words(text: &str, words: &str) -> bool {
    let latin = |character: char| character.is_alphanumeric() && !is_han(character);
    let is_word = words.chars().count() > 1 || words.chars().all(is_han) && !words.is_empty();
    let stem = stem(words);
    is_word
        && text.match_indices(stem).any(|(start, _)| {
            let before = text[..start].chars().next_back().is_some_and(latin);
            let rest = &text[start + stem.len()..];
            let ending: String = rest.chars().take_while(|character| latin(*character)).collect();
            let is_ending = ending.is_empty() || stem.len() > 3 && ENDINGS.contains(&ending.as_str());
            !(before && words.starts_with(latin)) && (is_ending || !stem.ends_with(latin))
        })
}

const ENDINGS: [&str; 8] = ["s", "es", "e", "er", "ed", "ing", "y", "ers"];

/// An English word without its ending, where enough of it is left.
fn stem(word: &str) -> &str {
    let endings = ["ing", "ers", "ed", "es", "er", "e", "s"];
    let shorter = endings.iter().find_map(|ending| word.strip_suffix(ending)).filter(|stem| stem.len() > 4);
    if word.is_ascii() { shorter.unwrap_or(word) } else { word }
}

/// The clause of the description that shares most with the request, else the first that says what the product is or has, rather
/// than what it is not. What `known` says already is left out.
fn telling_clause(product: &Product, query: &SearchQuery, known: &str, language: Language) -> Option<String> {
    let asked = query.filters.attributes.iter().map(|filter| filter.value.as_str());
    let asked: String =
        asked.chain(query.boosts.iter().map(String::as_str)).collect::<Vec<_>>().join(" ").to_lowercase();
    let all: Vec<&str> = clauses(product.description.get(language)).filter(|clause| !known.contains(clause)).collect();
    let positive: Vec<&str> = all.iter().copied().filter(|clause| !denies(clause)).collect();
    let shared = |clause: &str| shared_words(&clause.to_lowercase(), &asked);
    let best = positive.iter().copied().rev().max_by_key(|clause| shared(clause));
    best.or_else(|| all.first().copied()).map(str::to_owned)
}

/// How many words, or pairs of Chinese characters, of a request a clause has.
fn shared_words(clause: &str, asked: &str) -> usize {
    let characters: Vec<char> = asked.chars().collect();
    let pairs = characters.windows(2).filter(|pair| pair.iter().copied().all(is_han));
    let pairs = pairs.filter(|pair| clause.contains(&pair.iter().collect::<String>())).count();
    let words = asked.split(|c: char| !c.is_alphanumeric() || is_han(c)).filter(|word| word.len() > 3);
    pairs + words.filter(|word| has_words(clause, word)).count()
}

/// A few short attributes, for a listing without a description.
fn telling_attributes(product: &Product, language: Language) -> Option<String> {
    let named = product.attributes.iter().filter(|(_, values)| values.iter().all(|value| is_short(value, language)));
    let shown = named.filter_map(|(name, _)| {
        let value = product.show_attribute(name, language).filter(|value| columns(value) <= MAX_CLAUSE / 2)?;
        Some(finding::meets(language, name, &value))
    });
    let shown: Vec<String> = shown.take(MAX_ATTRIBUTES).collect();
    (!shown.is_empty()).then(|| shown.join(if language == Language::Zh { "；" } else { "; " }))
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
            sentence
                .split([';', '；', '，'])
                .flat_map(|part| part.split(", "))
                .map(str::trim)
                .filter(|part| columns(part) <= MAX_CLAUSE)
                .collect()
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
        let alike = |word: &str| if word == "冬天" { vec!["冬季".to_owned()] } else { Vec::new() };
        let zh = reason(&jacket(), &wanted, 1, &alike, Language::Zh).expect("reason");
        assert_eq!(zh, "季节：冬季；颜色：黑色；¥299，在预算内");
        let en =
            reason(&jacket(), &query(&[("colour", "black")], None), 1, &|_| Vec::new(), Language::En).expect("reason");
        assert_eq!(en, "colour: black; 90% goose down, 120 g fill");
    }

    #[test]
    fn a_letter_inside_a_word_meets_nothing() {
        let mut jacket = jacket();
        jacket.attributes.insert("size".into(), vec![AttributeValue::Text(Localized::of(Language::En, "M"))]);
        let en =
            reason(&jacket, &query(&[("use", "commute")], None), 1, &|_| Vec::new(), Language::En).expect("reason");
        assert_eq!(en, "90% goose down, 120 g fill");
    }

    #[test]
    fn without_limits_the_listing_speaks() {
        let zh = reason(&jacket(), &query(&[], None), 1, &|_| Vec::new(), Language::Zh).expect("reason");
        assert_eq!(zh, "90%白鹅绒，充绒量 120 克");
    }

    #[test]
    fn a_point_inside_a_number_ends_no_sentence() {
        let all: Vec<&str> = sentences("Weighs 1.5 kg. Folds flat! 很轻。").collect();
        assert_eq!(all, ["Weighs 1.5 kg", "Folds flat", "很轻"]);
    }
}
