//! A product of the catalog and what can be asked of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::attribute::AttributeValue;
use super::identifier::Sku;
use super::language::{Language, Localized};
use super::money::Money;

/// Attributes by canonical name (see [`super::attribute::canonical_name`]); each has one or more values.
pub type Attributes = BTreeMap<String, Vec<AttributeValue>>;

/// One product, as the feed gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// Its id, unique in a generation.
    pub sku: Sku,
    /// Its name.
    pub title: Localized,
    /// What the shop says of it; may be empty.
    pub description: Localized,
    /// The kind of product; may be empty.
    pub category: Localized,
    /// The maker; may be empty.
    pub brand: Localized,
    /// What it costs; none: to be asked.
    pub price: Option<Money>,
    /// The price before a reduction.
    pub list_price: Option<Money>,
    /// Pieces left; none: not tracked, sold as available.
    pub stock: Option<u32>,
    /// What it is like.
    pub attributes: Attributes,
    /// Sizes and colours that can be ordered.
    pub variants: Vec<Variant>,
    /// Mean rating, 0–5.
    pub rating: Option<f32>,
    /// Number of reviews.
    pub review_count: Option<u32>,
    /// Pieces sold.
    pub sales: Option<u32>,
    /// When it came to the shop.
    pub added: Option<time::Date>,
    /// A path beside the feed, or an address.
    pub image: Option<String>,
    /// Its page.
    pub url: Option<String>,
}

/// One size or colour of a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// Its own id.
    pub sku: Sku,
    /// Pieces left.
    pub stock: Option<u32>,
    /// Its price where it differs from the product's.
    pub price: Option<Money>,
    /// What sets it apart, such as colour and size.
    pub attributes: Attributes,
}

impl Product {
    /// Whether it can be bought: stock above zero or not tracked.
    pub fn is_in_stock(&self) -> bool {
        self.stock != Some(0)
    }

    /// The values of an attribute by canonical name; empty when the listing does not say.
    pub fn attribute(&self, name: &str) -> &[AttributeValue] {
        self.attributes.get(name).map_or(&[], Vec::as_slice)
    }

    /// An attribute's values as one text, separated as the language does; nothing when the listing does not say.
    pub fn show_attribute(&self, name: &str, language: Language) -> Option<String> {
        let values: Vec<String> = self.attribute(name).iter().map(|value| value.show(language)).collect();
        let separator = if language == Language::Zh { "、" } else { ", " };
        (!values.is_empty()).then(|| values.join(separator))
    }
}
