//! From the words or numbers that point at products to the products.

use super::AssistantError;
use super::work::Work;
use crate::domain::identifier::Sku;
use crate::domain::product::Product;
use crate::domain::search::SearchQuery;
use crate::domain::target::Target;
use crate::domain::wording::chat;

/// How deep a name is sought for a product that the shopper has seen.
const DEPTH: usize = 200;

/// Products that were meant, and a sentence for each that could not be found.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub products: Vec<Product>,
    pub missing: Vec<String>,
}

impl Work<'_> {
    /// Looks the targets up: on the screen by place, then by name on the screen, then by name in the catalog.
    pub fn resolve(&self, targets: &[Target]) -> Result<Resolved, AssistantError> {
        let mut resolved = Resolved::default();
        for target in targets {
            match self.find(target)? {
                Ok(product) if resolved.products.iter().any(|known| known.sku == product.sku) => {}
                Ok(product) => resolved.products.push(product),
                Err(said) if resolved.missing.contains(&said) => {}
                Err(said) => resolved.missing.push(said),
            }
        }
        Ok(resolved)
    }

    /// Looks the targets up among what is in the cart; what is not there is looked up as anywhere.
    pub fn resolve_in_cart(&self, targets: &[Target]) -> Result<Resolved, AssistantError> {
        let in_cart = |sku: &Sku| self.session.cart.lines().iter().any(|line| line.sku == *sku);
        let mut known = Vec::with_capacity(targets.len());
        for target in targets {
            let Target::Named(name) = target else {
                known.push(target.clone());
                continue;
            };
            let query = SearchQuery { text: name.clone(), limit: DEPTH, ..SearchQuery::default() };
            let hit = self.snapshot.search(&query)?.hits.into_iter().find(|hit| in_cart(&hit.sku));
            let only = match self.session.cart.lines() {
                [line] => Some(line.sku.clone()),
                _ => None,
            };
            let sku = hit.map(|hit| hit.sku).or(only.filter(|_| name == self.message));
            known.push(sku.map_or_else(|| target.clone(), Target::Shown));
        }
        self.resolve(&known)
    }

    fn find(&self, target: &Target) -> Result<Result<Product, String>, AssistantError> {
        let shown = self.session.shown.len();
        Ok(match target {
            Target::Missing(number) => Err(chat::no_such_place(self.language, *number, shown)),
            Target::Shown(sku) => {
                self.snapshot.product(sku).cloned().ok_or_else(|| chat::no_such_product(self.language, sku.as_str()))
            }
            Target::Named(name) => {
                match self.at_an_end(name).map_or_else(|| self.by_name(name), |found| Ok(Some(found)))? {
                    Some(product) => Ok(product),
                    None => self.in_focus().ok_or_else(|| chat::no_such_product(self.language, name)),
                }
            }
        })
    }

    /// The product last spoken of: words that name no product ("the battery") are about it.
    fn in_focus(&self) -> Option<Product> {
        self.session.focus.as_ref().and_then(|sku| self.snapshot.product(sku)).cloned()
    }

    /// The cheapest or the dearest on the screen, when that is what the words say.
    fn at_an_end(&self, name: &str) -> Option<Product> {
        const CHEAPEST: [&str; 4] = ["最便宜", "最低价", "cheapest", "least expensive"];
        const DEAREST: [&str; 4] = ["最贵", "dearest", "most expensive", "priciest"];
        let said = name.to_lowercase();
        let says = |words: [&str; 4]| words.iter().any(|word| said.contains(word));
        let shown = self.session.shown.iter().filter_map(|sku| self.snapshot.product(sku));
        let priced = shown.filter_map(|product| Some((product.price?.minor, product)));
        let found = match (says(CHEAPEST), says(DEAREST)) {
            (true, false) => priced.min_by_key(|(price, _)| *price),
            (false, true) => priced.rev().max_by_key(|(price, _)| *price),
            _ => None,
        };
        found.map(|(_, product)| product.clone())
    }

    fn by_name(&self, name: &str) -> Result<Option<Product>, AssistantError> {
        let wanted = name.to_lowercase();
        let on_screen = self.session.shown.iter().filter_map(|sku| self.snapshot.product(sku)).find(|product| {
            let texts = || product.title.iter().chain(product.brand.iter()).map(str::to_lowercase);
            product.sku.as_str().eq_ignore_ascii_case(name)
                || texts().any(|text| !text.is_empty() && (text.contains(&wanted) || wanted.contains(&text)))
                || product.attributes.values().flatten().any(|value| value.forms().contains(&wanted))
        });
        if let Some(product) = on_screen {
            return Ok(Some(product.clone()));
        }
        if let Some(product) = self.snapshot.product(&name.into()) {
            return Ok(Some(product.clone()));
        }
        let query = SearchQuery { text: name.to_owned(), of_its_kind: true, limit: DEPTH, ..SearchQuery::default() };
        let found = self.snapshot.search(&query)?.hits;
        let cart = self.session.cart.lines().iter().map(|line| &line.sku);
        let near: Vec<&Sku> = self.session.shown.iter().chain(cart).chain(&self.session.saved).collect();
        let best = found.iter().find(|hit| near.contains(&&hit.sku)).or(found.first());
        let best = best.and_then(|hit| self.snapshot.product(&hit.sku));
        Ok(best.filter(|product| bears(product, name)).cloned())
    }
}

/// Whether a product may be meant by a name of several English words: it has at least half of them. What search finds for "Bramwick hot water
/// bottle" otherwise may be anything that holds water.
fn bears(product: &Product, name: &str) -> bool {
    let texts = product.title.iter().chain(product.brand.iter()).chain(product.category.iter());
    has_half(&texts.map(str::to_lowercase).collect::<Vec<_>>().join(" "), name)
}

fn has_half(text: &str, name: &str) -> bool {
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2).collect();
    if words.len() < 3 || !lower.is_ascii() {
        return true;
    }
    2 * words.iter().filter(|word| text.contains(*word)).count() >= words.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_several_words_is_not_borne_by_what_shares_none_of_them() {
        let jar = "焖烧罐 700 ml insulated food jar with spoon";
        assert!(!has_half(jar, "Bramwick hot water bottle"));
        assert!(has_half(jar, "the food jar with spoon") && has_half(jar, "jar") && has_half(jar, "焖烧罐"));
    }
}
