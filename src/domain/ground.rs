//! The check between a model's draft and a person: nothing that is not in the evidence gets through.
//!
//! Numbers (also written in Chinese numerals before a unit), prices, and the names of products and brands that the shop
//! knows must stand in the evidence of the turn. Pure. Called by `assistant` and
//! `backoffice` on every phrased text before any of it is shown.

use std::collections::BTreeSet;

use super::amount::numbers_in;
use super::product::Product;

/// Everything that a reply of this turn may state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    text: String,
    numbers: BTreeSet<String>,
}

/// What a draft states without evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ungrounded {
    /// A number, in digits.
    #[error("the number {0} is not in the evidence")]
    Number(String),
    /// A product's or brand's name.
    #[error("the name `{0}` is not in the evidence")]
    Name(String),
}

impl Evidence {
    /// Adds words that may be repeated: a passage, a title, the limits of a search.
    pub fn add(&mut self, text: &str) {
        self.numbers.extend(numbers_in(text));
        self.text.push('\n');
        self.text.push_str(&text.to_lowercase());
    }

    /// Adds every fact of a listing, in both languages.
    pub fn add_product(&mut self, product: &Product) {
        for text in [&product.title, &product.description, &product.category, &product.brand] {
            text.iter().for_each(|text| self.add(text));
        }
        for money in [product.price, product.list_price].into_iter().flatten() {
            self.add(&money.to_string());
        }
        for values in product.attributes.values().chain(product.variants.iter().flat_map(|it| it.attributes.values())) {
            for value in values {
                value.forms().iter().for_each(|form| self.add(form));
            }
        }
        let counts = [product.stock, product.review_count, product.sales].into_iter().flatten();
        counts.for_each(|count| self.add(&count.to_string()));
        if let Some(rating) = product.rating {
            self.add(&format!("{rating:.1}"));
        }
    }
}

/// Passes a draft, or names the first thing in it that has no evidence. `names` are the products and brands that the shop
/// knows, in lower case.
///
/// # Errors
/// [`Ungrounded`].
pub fn ground<'a>(
    draft: &str,
    evidence: &Evidence,
    names: impl IntoIterator<Item = &'a str>,
) -> Result<(), Ungrounded> {
    if let Some(number) = numbers_in(draft).into_iter().find(|number| !evidence.numbers.contains(number)) {
        return Err(Ungrounded::Number(number));
    }
    let lower = draft.to_lowercase();
    let stated = |name: &&str| name.chars().count() > 1 && contains_word(&lower, name);
    match names.into_iter().filter(stated).find(|name| !evidence.text.contains(*name)) {
        Some(name) => Err(Ungrounded::Name(name.to_owned())),
        None => Ok(()),
    }
}

/// Whether a name stands in a text, not as a part of a longer Latin word.
fn contains_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + name.len()..].chars().next();
        let joins = |outside: Option<char>, inside: Option<char>| {
            outside.is_some_and(|c| c.is_ascii_alphanumeric()) && inside.is_some_and(|c| c.is_ascii_alphanumeric())
        };
        !joins(before, name.chars().next()) && !joins(after, name.chars().next_back())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence() -> Evidence {
        let mut evidence = Evidence::default();
        evidence.add("北岭 羽绒服，充绒量 220 克，¥1,299，七天无理由退货");
        evidence
    }

    #[test]
    fn an_invented_price_is_refused_however_it_is_written() {
        for draft in ["只要 ¥1 哦", "现价999元", "一共三百块", "only $12.50", "３００元"] {
            assert!(matches!(ground(draft, &evidence(), []), Err(Ungrounded::Number(_))), "{draft}");
        }
    }

    #[test]
    fn what_the_evidence_says_passes_in_any_writing() {
        for draft in ["充绒量220克，价格1299元", "7 天内可退", "充绒量二百二十克"] {
            assert_eq!(ground(draft, &evidence(), []), Ok(()), "{draft}");
        }
    }

    #[test]
    fn another_brand_is_refused_and_parts_of_words_are_not_names() {
        let names = ["拓野", "北岭", "art"];
        assert_eq!(ground("拓野的更好", &evidence(), names), Err(Ungrounded::Name("拓野".into())));
        assert_eq!(ground("北岭 party", &evidence(), names), Ok(()));
    }
}
