//! A product's description composed of its attributes: every word of substance is the listing's own.

use super::{list, pick};
use crate::domain::attribute::{AttributeValue, display_name};
use crate::domain::attribute_names::{chinese, split_unit};
use crate::domain::language::Language;
use crate::domain::product::Product;

/// What the product is made of, in this order.
const SUBSTANCE: &[&str] = &["material", "fill", "lining", "key_ingredient", "sole"];
/// Said in sentences of their own.
const OWN: &[&str] = &["feature", "audience", "season", "use", "colour", "size"];

/// A description in a language, of the attributes that the listing has; one sentence where it has none.
pub fn compose(product: &Product, language: Language) -> String {
    let mut sentences = vec![opening(product, language)];
    sentences.extend(substance(product, language));
    sentences.extend(values(product, "feature", language).map(|features| capital(&list(language, features))));
    sentences.extend(measures(product, language));
    sentences.extend(purpose(product, language));
    sentences.extend(choice(product, language));
    sentences.extend(rest(product, language));
    let stop = pick(language, "。", ". ");
    let text: String = sentences.iter().map(|sentence| format!("{sentence}{stop}")).collect();
    text.trim_end().to_owned()
}

/// The attributes as lines `name: value`, for a model to phrase.
pub fn attribute_lines(product: &Product, language: Language) -> Vec<String> {
    let colon = pick(language, "：", ": ");
    let mut lines = vec![format!("{}{colon}{}", pick(language, "名称", "name"), product.title.get(language))];
    for (name, text) in [("类别/category", &product.category), ("品牌/brand", &product.brand)] {
        let (zh, en) = name.split_once('/').unwrap_or((name, name));
        if !text.get(language).is_empty() {
            lines.push(format!("{}{colon}{}", if language == Language::Zh { zh } else { en }, text.get(language)));
        }
    }
    lines.extend(product.attributes.keys().filter_map(|name| {
        let values = values(product, name, language)?;
        Some(format!("{}{colon}{}", label(name, language), list(language, values)))
    }));
    lines
}

fn opening(product: &Product, language: Language) -> String {
    let (title, brand) = (product.title.get(language), product.brand.get(language));
    let is_named = brand.is_empty() || title.to_lowercase().contains(&brand.to_lowercase());
    match language {
        _ if is_named => title.to_owned(),
        Language::Zh => format!("{brand}{title}"),
        Language::En => format!("{title} by {brand}"),
    }
}

fn substance(product: &Product, language: Language) -> Option<String> {
    let part = |name: &&str| {
        let values = list(language, values(product, name, language)?);
        Some(match (*name, language) {
            ("material", Language::En) => format!("made of {values}"),
            (_, Language::Zh) => format!("{}为{values}", label(name, language)),
            (_, Language::En) => format!("{}: {values}", label(name, language)),
        })
    };
    joined(SUBSTANCE.iter().filter_map(part), language)
}

/// Numbers with their units.
fn measures(product: &Product, language: Language) -> Option<String> {
    let is_number = |values: &[AttributeValue]| values.iter().any(|value| matches!(value, AttributeValue::Number(_)));
    let wanted = product.attributes.iter().filter(|(name, values)| is_number(values) && !OWN.contains(&name.as_str()));
    let parts = wanted.filter_map(|(name, _)| {
        let values = list(language, values(product, name, language)?);
        Some(format!("{} {values}", label(name, language)))
    });
    joined(parts, language)
}

fn purpose(product: &Product, language: Language) -> Option<String> {
    let of = |name| values(product, name, language).map(|values| list(language, values));
    let parts = [
        of("audience").map(|whom| match language {
            Language::Zh => format!("适合{whom}"),
            Language::En if whom.eq_ignore_ascii_case("unisex") => whom,
            Language::En => format!("for {whom}"),
        }),
        of("season").map(|season| match language {
            Language::Zh => format!("{season}使用"),
            Language::En => format!("season: {season}"),
        }),
        of("use").map(|purpose| match language {
            Language::Zh => format!("用于{purpose}"),
            Language::En => format!("use: {purpose}"),
        }),
    ];
    joined(parts.into_iter().flatten(), language)
}

fn choice(product: &Product, language: Language) -> Option<String> {
    let of = |name| values(product, name, language).map(|values| list(language, values));
    let parts = [
        of("colour").map(|colours| match language {
            Language::Zh => format!("颜色有{colours}"),
            Language::En => format!("comes in {colours}"),
        }),
        of("size").map(|sizes| match language {
            Language::Zh => format!("尺码有 {sizes}"),
            Language::En => format!("sizes: {sizes}"),
        }),
    ];
    joined(parts.into_iter().flatten(), language)
}

/// What is left, as it stands.
fn rest(product: &Product, language: Language) -> Option<String> {
    let is_said = |name: &str| SUBSTANCE.contains(&name) || OWN.contains(&name);
    let wanted = product.attributes.iter().filter(|(name, _)| !is_said(name));
    let words = wanted.filter(|(_, values)| !values.iter().any(|value| matches!(value, AttributeValue::Number(_))));
    let parts = words.filter_map(|(name, all)| {
        let name = label(name, language);
        if all.len() == 1 && all[0] == AttributeValue::Flag(true) {
            return Some(name);
        }
        let values = list(language, all.iter().map(|value| value.show(language)));
        (!values.is_empty()).then(|| format!("{name}{}{values}", pick(language, "：", ": ")))
    });
    joined(parts, language)
}

/// The values of an attribute, numbers with the unit that its name ends with; none where the listing says nothing.
fn values(product: &Product, name: &str, language: Language) -> Option<Vec<String>> {
    let unit = split_unit(name, language).1;
    let show = |value: &AttributeValue| match (value, unit) {
        (AttributeValue::Number(_), Some(unit)) => format!("{} {unit}", value.show(language)),
        _ => value.show(language),
    };
    let shown: Vec<String> = product.attribute(name).iter().map(show).filter(|value| !value.is_empty()).collect();
    (!shown.is_empty()).then_some(shown)
}

fn label(name: &str, language: Language) -> String {
    let (plain, _) = split_unit(name, language);
    match language {
        Language::Zh => chinese(plain).map_or_else(|| display_name(plain, language), str::to_owned),
        Language::En => display_name(plain, language),
    }
}

fn joined(parts: impl Iterator<Item = String>, language: Language) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| capital(&parts.join(pick(language, "，", "; "))))
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
