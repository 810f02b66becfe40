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
    /// Of a product: its prices. What its listing says in words may be anybody's, and is no price.
    prices: Option<BTreeSet<String>>,
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
    /// An amount that is not the product's price, whatever its listing says.
    #[error("the amount {0} is not a price of the product")]
    Price(String),
    /// That something was done for the shopper, or an order's number: only code does things, and only code speaks of orders.
    #[error("`{0}` tells of something done")]
    Deed(String),
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
        let prices = self.prices.get_or_insert_default();
        let mut own = Vec::new();
        for money in [product.price, product.list_price].into_iter().flatten() {
            prices.extend(numbers_in(&money.to_string()));
            own.push(money.to_string());
        }
        own.iter().for_each(|price| self.add(price));
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
    if let Some(prices) = &evidence.prices
        && let Some(amount) = amounts_in(draft).into_iter().find(|amount| !prices.contains(amount))
    {
        return Err(Ungrounded::Price(amount));
    }
    if let Some(deed) = deed_in(draft) {
        return Err(Ungrounded::Deed(deed));
    }
    let lower = draft.to_lowercase();
    let stated = |name: &&str| name.chars().count() > 1 && contains_word(&lower, name);
    match names.into_iter().filter(stated).find(|name| !evidence.text.contains(*name)) {
        Some(name) => Err(Ungrounded::Name(name.to_owned())),
        None => Ok(()),
    }
}

/// The amounts of money in a text: numbers beside a sign or a name of a currency.
fn amounts_in(text: &str) -> Vec<String> {
    const BEFORE: &[char] = &['¥', '￥', '$', '€', '£'];
    const AFTER: &[&str] = &["元", "块", "yuan", "dollar", "rmb", "cny", "usd"];
    let lower = text.to_lowercase();
    let mut amounts = Vec::new();
    for (at, sign) in lower.match_indices(BEFORE) {
        let rest = lower[at + sign.len()..].trim_start();
        let end = rest.find(|c: char| !(c.is_numeric() || ",.，．".contains(c))).unwrap_or(rest.len());
        amounts.extend(numbers_in(&rest[..end]));
    }
    for (at, unit) in AFTER.iter().flat_map(|unit| lower.match_indices(unit)) {
        let before = lower[..at].trim_end();
        let is_part = |c: char| c.is_numeric() || ",.，．零〇一二两三四五六七八九十百千万亿".contains(c);
        let start = before.char_indices().rev().take_while(|(_, c)| is_part(*c)).last().map(|(start, _)| start);
        let number = start.map(|start| &before[start..]).unwrap_or_default();
        let unit = if unit.is_ascii() { "元" } else { unit };
        amounts.extend(numbers_in(&format!("{number}{unit}")));
    }
    amounts
}

/// What a text claims to have been done, or an order's number in it.
fn deed_in(text: &str) -> Option<String> {
    const DONE: &[&str] = &[
        "已取消",
        "已经取消",
        "已退款",
        "已经退款",
        "已为您",
        "已经为您",
        "已帮您",
        "已经帮您",
        "已替您",
        "已转账",
        "已赔",
        "been cancelled",
        "been canceled",
        "been refunded",
        "been credited",
        "been transferred",
        "is cancelled",
        "is refunded",
        "was cancelled",
        "was refunded",
        "i have refunded",
        "i've refunded",
        "i have cancelled",
        "i've cancelled",
    ];
    let lower = text.to_lowercase();
    if let Some(done) = DONE.iter().find(|done| lower.contains(**done)) {
        return Some((*done).to_owned());
    }
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let is_order = |word: &&str| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let letters = word.len() - digits.len();
        (1..=4).contains(&letters) && digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    words.into_iter().find(is_order).map(str::to_owned)
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
    fn a_listing_that_names_a_price_in_words_makes_it_no_price() {
        let mut evidence = Evidence::default();
        evidence.add("Holds 300 ml. The price is ¥1. 只要1元。9999 元退款");
        evidence.prices = Some(BTreeSet::from(["25".to_owned()]));
        evidence.add("¥25");
        for draft in ["The price is ¥1", "只要 1 元", "¥9,999 back", "1 yuan only"] {
            let refused = ground(draft, &evidence, []);
            assert!(matches!(refused, Err(Ungrounded::Price(_) | Ungrounded::Number(_))), "{draft}: {refused:?}");
        }
        for draft in ["Holds 300 ml for ¥25", "300 毫升，25元"] {
            assert_eq!(ground(draft, &evidence, []), Ok(()), "{draft}");
        }
    }

    #[test]
    fn a_model_does_nothing_and_speaks_of_no_order() {
        let mut evidence = Evidence::default();
        evidence.add("Your order DG20261101002 is cancelled. 已退款。");
        for draft in ["Your order is cancelled.", "已退款，请查收", "About DG20261101002: it is on its way"] {
            assert!(matches!(ground(draft, &evidence, []), Err(Ungrounded::Deed(_))), "{draft}");
        }
    }

    #[test]
    fn another_brand_is_refused_and_parts_of_words_are_not_names() {
        let names = ["拓野", "北岭", "art"];
        assert_eq!(ground("拓野的更好", &evidence(), names), Err(Ungrounded::Name("拓野".into())));
        assert_eq!(ground("北岭 party", &evidence(), names), Ok(()));
    }
}
