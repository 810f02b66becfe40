//! Attribute names as shops write them, their canonical forms, and attribute values.

use serde::{Deserialize, Serialize};

use super::attribute_names::{chinese, split_unit};
use super::language::{Language, Localized};

/// Canonical names that requests can speak of, with the names that feeds and people use for them.
const KNOWN: &[(&str, &str, &str, &[&str])] = &[
    ("colour", "颜色", "colour", &["color", "colours", "colors", "product_colour", "产品颜色", "配色", "花色"]),
    ("size", "尺码", "size", &["sizes", "尺寸", "规格", "大小", "鞋码", "适用床尺寸", "码数"]),
    ("material", "材质", "material", &["materials", "fabric", "面料", "材料", "主材质", "布料", "clothing_material"]),
    ("season", "季节", "season", &["适用季节", "seasons"]),
    ("use", "用途", "use", &["usage", "适用场景", "场景", "场合", "occasion", "适用场合"]),
    ("audience", "适用人群", "audience", &["gender", "人群", "性别", "适用对象", "target_audience", "for", "适合人群"]),
    ("feature", "特点", "feature", &["features", "功能", "特性", "卖点", "style", "风格"]),
];

/// The canonical form of an attribute name: one of `colour`, `size`, `material`, `season`, `use`, `audience`, `feature`, or the
/// name itself in lower case with blanks as `_`.
pub fn canonical_name(name: &str) -> String {
    let plain = name.trim().to_lowercase().replace([' ', '-'], "_");
    KNOWN
        .iter()
        .find(|(canonical, zh, _, others)| *canonical == plain || *zh == plain || others.contains(&plain.as_str()))
        .map_or(plain, |(canonical, ..)| (*canonical).to_owned())
}

/// How a canonical name is shown: translated where known, else with `_` as blanks; the unit that it ends with in brackets.
pub fn display_name(canonical: &str, language: Language) -> String {
    if let Some((_, zh, en, _)) = KNOWN.iter().find(|(name, ..)| *name == canonical) {
        return if language == Language::Zh { (*zh).to_owned() } else { (*en).to_owned() };
    }
    let (name, unit) = split_unit(canonical, language);
    let plain = || name.replace('_', " ");
    match (language, unit) {
        (Language::Zh, None) => chinese(name).map_or_else(plain, str::to_owned),
        (Language::Zh, Some(unit)) => format!("{}（{unit}）", chinese(name).map_or_else(plain, str::to_owned)),
        (Language::En, None) => plain(),
        (Language::En, Some(unit)) => format!("{} ({unit})", plain()),
    }
}

/// One value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Yes or no.
    Flag(bool),
    /// A number in whatever unit the attribute's name says.
    Number(f64),
    /// Words.
    Text(Localized),
}

impl AttributeValue {
    /// The value as shown in a language; numbers without superfluous decimals.
    pub fn show(&self, language: Language) -> String {
        match (self, language) {
            (Self::Flag(true), Language::Zh) => "是".into(),
            (Self::Flag(false), Language::Zh) => "否".into(),
            (Self::Flag(true), Language::En) => "yes".into(),
            (Self::Flag(false), Language::En) => "no".into(),
            (Self::Number(number), _) => format!("{number}"),
            (Self::Text(text), _) => text.get(language).to_owned(),
        }
    }

    /// Every way in which the value is written, in lower case, for matching.
    pub fn forms(&self) -> Vec<String> {
        match self {
            Self::Flag(flag) => vec![flag.to_string()],
            Self::Number(number) => vec![format!("{number}")],
            Self::Text(text) => text.iter().map(str::to_lowercase).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_feeds_and_people_meet_in_one() {
        for name in ["Color", "颜色", "product colour", "colour"] {
            assert_eq!(canonical_name(name), "colour");
        }
        assert_eq!(canonical_name("Battery Hours"), "battery_hours");
        assert_eq!(display_name("battery_hours", Language::En), "battery (hours)");
        assert_eq!(display_name("weight_g", Language::Zh), "重量（克）");
        assert_eq!(display_name("skin_type", Language::En), "skin type");
    }
}
