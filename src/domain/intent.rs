//! What a message means: an intent and its slots, the one object that understanding produces.

use serde::{Deserialize, Serialize};

use super::language::Language;
use super::search::{AttributeFilter, Sort};
pub use super::understood::{IntentSource, Understood};

/// What the shopper wants to happen. See `models/train/corpus/GUIDE.md` for where each begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum IntentKind {
    Search,
    Refine,
    More,
    Compare,
    Detail,
    Similar,
    Reviews,
    Recommend,
    CartAdd,
    CartRemove,
    CartShow,
    Save,
    Policy,
    OrderStatus,
    OrderChange,
    Complaint,
    Human,
    Privacy,
    Greet,
    Thanks,
    Smalltalk,
    OffTopic,
    Unclear,
}

impl IntentKind {
    /// All, in a fixed order.
    pub const ALL: [Self; 23] = [
        Self::Search,
        Self::Refine,
        Self::More,
        Self::Compare,
        Self::Detail,
        Self::Similar,
        Self::Reviews,
        Self::Recommend,
        Self::CartAdd,
        Self::CartRemove,
        Self::CartShow,
        Self::Save,
        Self::Policy,
        Self::OrderStatus,
        Self::OrderChange,
        Self::Complaint,
        Self::Human,
        Self::Privacy,
        Self::Greet,
        Self::Thanks,
        Self::Smalltalk,
        Self::OffTopic,
        Self::Unclear,
    ];

    /// Its name in prompts, output and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Refine => "refine",
            Self::More => "more",
            Self::Compare => "compare",
            Self::Detail => "detail",
            Self::Similar => "similar",
            Self::Reviews => "reviews",
            Self::Recommend => "recommend",
            Self::CartAdd => "cart_add",
            Self::CartRemove => "cart_remove",
            Self::CartShow => "cart_show",
            Self::Save => "save",
            Self::Policy => "policy",
            Self::OrderStatus => "order_status",
            Self::OrderChange => "order_change",
            Self::Complaint => "complaint",
            Self::Human => "human",
            Self::Privacy => "privacy",
            Self::Greet => "greet",
            Self::Thanks => "thanks",
            Self::Smalltalk => "smalltalk",
            Self::OffTopic => "off_topic",
            Self::Unclear => "unclear",
        }
    }

    /// The intent of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A product that the message points at.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ItemRef {
    /// The n-th product shown, from 1; −1 is the last.
    Ordinal(i32),
    /// A name or other words that point at a product ("这个", "Trail 2").
    Name(String),
}

/// An intent and its slots. Absent is absent; texts are copied from the message; amounts are in major units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// What is wanted.
    pub intent: IntentKind,
    /// The language of the message.
    pub lang: Language,
    /// The product wanted, in the shopper's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The catalog's category that the message names, as the catalog writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Brands wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "one_or_many")]
    pub brand: Vec<String>,
    /// At least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_min: Option<f64>,
    /// At most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_max: Option<f64>,
    /// Around.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_near: Option<f64>,
    /// The currency that was named, if any (ISO 4217).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Wanted properties by canonical name, in order of mention.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "by_name")]
    pub attributes: Vec<AttributeFilter>,
    /// Words for what is not wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// The order wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// Products pointed at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<ItemRef>,
    /// An order's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// What a question of policy or a change of an order is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// How many pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
}

impl Intent {
    /// An intent without slots.
    pub fn of(intent: IntentKind, lang: Language) -> Self {
        Self {
            intent,
            lang,
            query: None,
            category: None,
            brand: Vec::new(),
            price_min: None,
            price_max: None,
            price_near: None,
            currency: None,
            attributes: Vec::new(),
            exclude: Vec::new(),
            sort: None,
            items: Vec::new(),
            order_id: None,
            topic: None,
            quantity: None,
        }
    }

    /// The wanted values of one attribute.
    pub fn attribute(&self, name: &str) -> impl Iterator<Item = &str> {
        self.attributes.iter().filter(move |filter| filter.name == name).map(|filter| filter.value.as_str())
    }

    /// Whether the message limits a product by price, brand or property.
    pub fn has_limit(&self) -> bool {
        self.has_constraint() && (self.sort.is_none() || Self { sort: None, ..self.clone() }.has_constraint())
    }

    /// Whether the message limits or describes a product in any way.
    pub fn has_constraint(&self) -> bool {
        self.price_min.is_some()
            || self.price_max.is_some()
            || self.price_near.is_some()
            || self.sort.is_some()
            || self.category.is_some()
            || !self.brand.is_empty()
            || !self.attributes.is_empty()
            || !self.exclude.is_empty()
    }
}

/// A list of one is written as the one.
mod one_or_many {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }

    pub fn serialize<S: Serializer>(values: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        match values {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        Ok(match OneOrMany::deserialize(deserializer)? {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        })
    }
}

/// Attribute filters as an object: a name has a string, or a list of strings where it has several.
mod by_name {
    use std::collections::BTreeMap;

    use serde::ser::SerializeMap;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::AttributeFilter;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }

    pub fn serialize<S: Serializer>(filters: &[AttributeFilter], serializer: S) -> Result<S::Ok, S::Error> {
        let mut names: Vec<&str> = Vec::new();
        for filter in filters {
            if !names.contains(&filter.name.as_str()) {
                names.push(&filter.name);
            }
        }
        let mut map = serializer.serialize_map(Some(names.len()))?;
        for name in names {
            let values: Vec<&str> = filters.iter().filter(|f| f.name == name).map(|f| f.value.as_str()).collect();
            match values.as_slice() {
                [one] => map.serialize_entry(name, one)?,
                many => map.serialize_entry(name, many)?,
            }
        }
        map.end()
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AttributeFilter>, D::Error> {
        let map = BTreeMap::<String, OneOrMany>::deserialize(deserializer)?;
        Ok(map
            .into_iter()
            .flat_map(|(name, values)| {
                let values = match values {
                    OneOrMany::One(one) => vec![one],
                    OneOrMany::Many(many) => many,
                };
                values.into_iter().map(move |value| AttributeFilter { name: name.clone(), value })
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intent_survives_its_own_json() {
        let mut intent = Intent::of(IntentKind::Search, Language::Zh);
        intent.query = Some("羽绒服".into());
        intent.brand = vec!["北岭".into()];
        intent.items = vec![ItemRef::Ordinal(2), ItemRef::Name("这个".into())];
        intent.attributes =
            ["黑色", "白色"].map(|value| AttributeFilter { name: "colour".into(), value: value.into() }).to_vec();
        let json = serde_json::to_value(&intent).expect("json");
        assert_eq!(json["attributes"]["colour"], serde_json::json!(["黑色", "白色"]));
        assert_eq!(json["brand"], "北岭");
        assert!(json.get("price_max").is_none());
        assert_eq!(serde_json::from_value::<Intent>(json).expect("intent"), intent);
    }

    #[test]
    fn every_intent_has_its_own_name() {
        for kind in IntentKind::ALL {
            assert_eq!(IntentKind::from_name(kind.name()), Some(kind));
            assert_eq!(serde_json::to_value(kind).expect("json"), kind.name());
        }
    }
}
