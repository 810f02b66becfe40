//! The cart and the saved list of a shopper.

use serde::{Deserialize, Serialize};

use super::identifier::Sku;

/// At most so many pieces of one product.
pub const MAX_QUANTITY: u32 = 99;

/// One product in the cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// Which.
    pub sku: Sku,
    /// How many, from 1 to [`MAX_QUANTITY`].
    pub quantity: u32,
}

/// What a shopper means to buy, in the order of adding. Prices are not kept: they are the catalog's at the time of showing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cart {
    lines: Vec<CartLine>,
}

impl Cart {
    /// The lines.
    pub fn lines(&self) -> &[CartLine] {
        &self.lines
    }

    /// Adds pieces and returns how many there are of that product now.
    pub fn add(&mut self, sku: &Sku, quantity: u32) -> u32 {
        let quantity = quantity.max(1);
        if let Some(line) = self.lines.iter_mut().find(|line| &line.sku == sku) {
            line.quantity = line.quantity.saturating_add(quantity).min(MAX_QUANTITY);
            return line.quantity;
        }
        let quantity = quantity.min(MAX_QUANTITY);
        self.lines.push(CartLine { sku: sku.clone(), quantity });
        quantity
    }

    /// Takes a product out; whether it was in.
    pub fn remove(&mut self, sku: &Sku) -> bool {
        let before = self.lines.len();
        self.lines.retain(|line| &line.sku != sku);
        self.lines.len() < before
    }

    /// Empties the cart.
    pub fn clear(&mut self) {
        self.lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_product_is_one_line_and_never_more_than_the_limit() {
        let mut cart = Cart::default();
        assert_eq!(cart.add(&"A".into(), 2), 2);
        assert_eq!(cart.add(&"A".into(), 200), MAX_QUANTITY);
        assert_eq!(cart.lines().len(), 1);
        assert!(cart.remove(&"A".into()) && !cart.remove(&"A".into()));
    }
}
