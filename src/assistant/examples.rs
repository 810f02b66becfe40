//! Requests that show what can be asked: made of what the shop sells, so that each of them finds something.

use std::collections::BTreeMap;

use crate::catalog::CatalogSnapshot;
use crate::domain::language::Language;
use crate::domain::money::Money;
use crate::domain::wording::chat;

/// Up to four requests in a language: the kinds of which the shop has most, one of them with a budget that most of its products
/// keep, and a question about its rules where it has any. A shop without kinds gets requests that any shop could.
pub fn examples(snapshot: &CatalogSnapshot, has_rules: bool, language: Language) -> Vec<String> {
    let mut kinds: BTreeMap<&str, Vec<Money>> = BTreeMap::new();
    for product in snapshot.products().iter().filter(|product| product.is_in_stock()) {
        let kind = product.category.get(language).rsplit(['>', '/']).next().unwrap_or_default().trim();
        if !kind.is_empty() {
            kinds.entry(kind).or_default().extend(product.price);
        }
    }
    let mut kinds: Vec<(&str, Vec<Money>)> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, prices)| std::cmp::Reverse(prices.len()));
    let mut examples = Vec::new();
    for (place, (kind, prices)) in kinds.iter_mut().take(3).enumerate() {
        let budget = if place == 1 { budget(prices) } else { None };
        examples.push(match (place, budget) {
            (1, Some(budget)) => chat::example_within(language, kind, &budget.to_string()),
            (0 | 1, _) => chat::example_best(language, kind),
            _ => chat::example_recommended(language, kind),
        });
    }
    if examples.is_empty() {
        return chat::examples(language).map(str::to_owned).to_vec();
    }
    if has_rules {
        examples.push(chat::example_rule(language).to_owned());
    }
    examples
}

/// A round amount that three of five prices keep.
fn budget(prices: &mut [Money]) -> Option<Money> {
    prices.sort_by_key(|price| price.minor);
    let price = prices.get(prices.len() * 3 / 5)?;
    let major = price.major();
    let step = 10f64.powf(major.max(1.0).log10().floor()) / 2.0;
    Money::from_major((major / step).ceil() * step, price.currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Currency;

    #[test]
    fn a_budget_is_round_and_most_keep_it() {
        let budget_of = |amounts: &[f64]| {
            let mut prices: Vec<Money> =
                amounts.iter().filter_map(|amount| Money::from_major(*amount, Currency::USD)).collect();
            budget(&mut prices).map(|budget| budget.to_string())
        };
        assert_eq!(budget_of(&[299.0, 459.0, 1299.0, 99.0, 359.0]).as_deref(), Some("$500"));
        assert_eq!(budget_of(&[12.5, 38.9]).as_deref(), Some("$40"));
        assert_eq!(budget_of(&[]), None);
    }
}
