//! Cards: the facts of a product, copied from one generation, with what can be done with it.

use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::product::Product;
use crate::domain::reply::{Action, Card, Choice};
use crate::domain::wording::listing;

/// A product's card at a place of a list, from 1.
pub(super) fn card(product: &Product, ordinal: usize, reason: Option<String>, language: Language) -> Card {
    let sku = || product.sku.clone();
    let mut choices = vec![
        Choice::new(listing::details_button(language), Action::Detail { sku: sku() }),
        Choice::new(listing::similar_button(language), Action::Similar { sku: sku() }),
        Choice::new(listing::reviews_button(language), Action::Reviews { sku: sku() }),
        Choice::new(listing::save_button(language), Action::Save { sku: sku() }),
    ];
    if product.is_in_stock() {
        choices.push(Choice::new(listing::cart_button(language), Action::CartAdd { sku: sku() }));
    }
    Card {
        ordinal,
        sku: sku(),
        title: product.title.get(language).to_owned(),
        brand: product.brand.get(language).to_owned(),
        price: product.price,
        list_price: product.list_price,
        rating: product.rating,
        review_count: product.review_count,
        stock: product.stock,
        reason,
        image: product.image.clone(),
        url: product.url.clone(),
        choices,
    }
}

/// At most so many products are set beside one.
const BESIDE: usize = 2;

/// Offers with each card to set its product beside others: those of the list, else those that were listed before.
pub(super) fn offer_comparisons(cards: &mut [Card], before: &[Sku], language: Language) {
    let listed: Vec<Sku> = cards.iter().map(|card| card.sku.clone()).chain(before.iter().cloned()).collect();
    for card in cards {
        let others = listed.iter().filter(|sku| **sku != card.sku).take(BESIDE).cloned();
        let skus: Vec<Sku> = std::iter::once(card.sku.clone()).chain(others).collect();
        let after = card.choices.iter().position(|choice| matches!(choice.action, Action::Similar { .. }));
        if let Some(after) = after.filter(|_| skus.len() > 1) {
            let compare = Choice::new(listing::compare_with_others_button(language), Action::Compare { skus });
            card.choices.insert(after + 1, compare);
        }
    }
}

/// The buttons below a list of cards: compare the first few, show more.
pub(super) fn list_choices(cards: &[Card], has_more: bool, language: Language) -> Vec<Choice> {
    let mut choices = Vec::new();
    if cards.len() > 1 {
        let skus: Vec<Sku> = cards.iter().take(BESIDE + 1).map(|card| card.sku.clone()).collect();
        choices.push(Choice::new(listing::compare_button(language, skus.len()), Action::Compare { skus }));
    }
    if has_more {
        choices.push(Choice::new(listing::more_button(language), Action::More));
    }
    choices
}
