//! A buyer's review of a product.

use serde::{Deserialize, Serialize};

use super::identifier::Sku;
use super::language::Language;

/// One review, as the feed gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Its id.
    pub id: String,
    /// Of which product.
    pub product_id: Sku,
    /// 1–5.
    pub rating: Option<u8>,
    /// The language of the text.
    pub lang: Language,
    /// What was written.
    pub text: String,
    /// When, such as `2026-09-01`.
    #[serde(default)]
    pub date: Option<String>,
    /// Whether the writer bought the product here.
    #[serde(default)]
    pub verified: bool,
}
