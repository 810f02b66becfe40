//! What changed between two sets of products.
//!
//! Called by `reload`, `backoffice` and `catalog diff`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::identifier::Sku;
use crate::domain::product::Product;

/// Products by what happened to them, in the order of ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CatalogDiff {
    /// Only in the new set.
    pub added: Vec<Sku>,
    /// In both, and what differs.
    pub changed: Vec<Change>,
    /// Only in the old set.
    pub removed: Vec<Sku>,
}

/// One product that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which.
    pub sku: Sku,
    /// The fields of the feed that differ, such as `price`.
    pub fields: Vec<&'static str>,
}

impl CatalogDiff {
    /// Compares two sets; a later product of the same id counts.
    pub fn between<'a>(old: impl IntoIterator<Item = &'a Product>, new: impl IntoIterator<Item = &'a Product>) -> Self {
        let mut old: BTreeMap<&Sku, &Product> = old.into_iter().map(|product| (&product.sku, product)).collect();
        let new: BTreeMap<&Sku, &Product> = new.into_iter().map(|product| (&product.sku, product)).collect();
        let mut diff = Self::default();
        for (sku, product) in new {
            match old.remove(sku) {
                None => diff.added.push(sku.clone()),
                Some(former) if former == product => {}
                Some(former) => {
                    diff.changed.push(Change { sku: sku.clone(), fields: changed_fields(former, product) });
                }
            }
        }
        diff.removed = old.into_keys().cloned().collect();
        diff
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

fn changed_fields(old: &Product, new: &Product) -> Vec<&'static str> {
    let fields = [
        ("title", old.title != new.title),
        ("description", old.description != new.description),
        ("category", old.category != new.category),
        ("brand", old.brand != new.brand),
        ("price", old.price != new.price),
        ("list_price", old.list_price != new.list_price),
        ("stock", old.stock != new.stock),
        ("attributes", old.attributes != new.attributes),
        ("variants", old.variants != new.variants),
        ("rating", old.rating != new.rating),
        ("review_count", old.review_count != new.review_count),
        ("sales", old.sales != new.sales),
        ("added", old.added != new.added),
        ("image", old.image != new.image),
        ("url", old.url != new.url),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
