//! What is searched for, what is found, and how a search that finds nothing may be relaxed.

use serde::{Deserialize, Serialize};

use super::identifier::{Generation, Sku};

/// The order of hits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// By score.
    #[default]
    Relevance,
    /// Cheapest first; products without a price last.
    PriceAsc,
    /// Dearest first.
    PriceDesc,
    /// Best rated first.
    Rating,
    /// Newest first.
    Newest,
    /// Most sold first.
    Sales,
}

/// One condition on one attribute: any of the words fits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AttributeFilter {
    /// Canonical name; `feature` and `use` are also sought in the texts of a product.
    pub name: String,
    /// The wanted value in the shopper's words.
    pub value: String,
}

/// Limits that a hit must meet. Amounts are in major units of the catalog's currency. They are never relaxed in silence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// One of these categories, in any of their names.
    pub categories: Vec<String>,
    /// One of these brands, in any of their names.
    pub brands: Vec<String>,
    /// At least this price.
    pub price_min: Option<f64>,
    /// At most this price.
    pub price_max: Option<f64>,
    /// At least this rating.
    pub rating_min: Option<f32>,
    /// Only what can be bought.
    pub in_stock: bool,
    /// All of these.
    pub attributes: Vec<AttributeFilter>,
    /// None of these words in brand, category, attributes or title.
    pub exclude: Vec<String>,
    /// Whether features and uses must be listed as such: in an attribute or the title, not only in a description.
    pub listed: bool,
}

impl Filters {
    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One search over a catalog generation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchQuery {
    /// What is wanted, in the shopper's words; empty: everything that the filters let through.
    pub text: String,
    /// Whether a hit's title or category must have the head noun of `text`, or a word that stands for it; a category among the
    /// filters says the same.
    pub of_its_kind: bool,
    /// Words that raise the score of what has them, without limiting: soft wishes.
    pub boosts: Vec<String>,
    /// Hard limits.
    pub filters: Filters,
    /// The order.
    pub sort: Sort,
    /// How many hits to skip.
    pub offset: usize,
    /// How many hits to return.
    pub limit: usize,
}

/// Stands for what is looked for where only limits were named.
const ANYTHING: &str = "商品";

impl SearchQuery {
    /// What is looked for in few words: the noun, else the kinds, else the wishes.
    pub fn subject(&self) -> String {
        let wishes = || self.filters.attributes.iter().map(|filter| filter.value.as_str());
        match (self.text.is_empty(), self.filters.categories.is_empty()) {
            (false, _) => self.text.clone(),
            (true, false) => self.filters.categories.join(" "),
            (true, true) => {
                let words: Vec<&str> = wishes().chain(self.filters.brands.iter().map(String::as_str)).collect();
                if words.is_empty() && !self.filters.is_empty() { ANYTHING.into() } else { words.join(" ") }
            }
        }
    }
}

/// One product found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// Which.
    pub sku: Sku,
    /// Higher is better; comparable within one search only.
    pub score: f32,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SearchResult {
    /// The page asked for.
    pub hits: Vec<Hit>,
    /// How many products there are in all.
    pub total: usize,
    /// From which generation.
    pub generation: Generation,
}

/// One way to loosen a search, with what it would find.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Relaxation {
    /// What is loosened.
    pub change: RelaxationChange,
    /// The loosened search.
    pub query: SearchQuery,
    /// How many products it finds, counted in the index.
    pub count: usize,
}

/// What a relaxation gives up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "drop")]
pub enum RelaxationChange {
    /// Up to this price instead, in major units.
    PriceMax {
        /// The new limit.
        to: f64,
    },
    /// From this price instead, in major units.
    PriceMin {
        /// The new limit.
        to: f64,
    },
    /// Any price.
    Price,
    /// Any brand.
    Brand,
    /// Any category.
    Category,
    /// One attribute filter less.
    Attribute {
        /// The filter given up.
        filter: AttributeFilter,
    },
    /// One exclusion less.
    Exclude {
        /// The word no longer excluded.
        word: String,
    },
    /// Also what is sold out.
    Stock,
    /// Any rating.
    Rating,
    /// Several of these at once.
    Several {
        /// Which.
        changes: Vec<RelaxationChange>,
    },
    /// Every limit but the kind of product.
    All,
}
