//! One line of a feed into a product, or the field that is wrong and why.
//!
//! Never guesses: a value of the wrong type is an error; only what the schema leaves open (unknown fields, null) passes.
//! Called by `feed`.

use serde_json::{Map, Value};
use time::Date;
use time::macros::format_description;

use super::fields::{
    Parsed, RecordProblem, attribute_value, field, kind, parse_attributes, parse_count, parse_price, parse_string,
    parse_text, type_error, wrong,
};
use crate::domain::attribute::canonical_name;
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::money::Currency;
use crate::domain::product::{Product, Variant};

/// Longest id, in bytes.
const MAX_ID_BYTES: usize = 128;
/// Most text taken from unknown fields, in bytes.
const MAX_EXTRA_BYTES: usize = 4096;

/// Fields of the schema.
const KNOWN_FIELDS: &[&str] = &[
    "id",
    "title",
    "description",
    "category",
    "brand",
    "price",
    "list_price",
    "currency",
    "stock",
    "attributes",
    "variants",
    "rating",
    "review_count",
    "sales",
    "added",
    "image",
    "url",
    "lang",
];

/// A product with what the feed said beyond the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedRecord {
    /// The product.
    pub product: Product,
    /// Text of unknown fields (model, EAN, keywords …), to be searched only.
    pub extra: String,
    /// The names of these fields.
    pub unknown_fields: Vec<String>,
}

/// Reads one line. `currency` is that of prices that name none.
pub fn parse_record(line: &str, currency: Currency) -> Parsed<FeedRecord> {
    let value: Value = serde_json::from_str(line)
        .map_err(|error| RecordProblem { field: None, reason: format!("no JSON: {}", brief(&error)) })?;
    let Value::Object(object) = value else {
        return Err(RecordProblem { field: None, reason: format!("an object is wanted, not {}", kind(&value)) });
    };
    let sku = parse_id(&object)?;
    let language = parse_language(&object)?;
    let currency = match field(&object, "currency") {
        None => currency,
        Some(Value::String(code)) => code.parse().map_err(|error| wrong("currency", format!("{error}")))?,
        Some(other) => return Err(type_error("currency", "a code such as CNY", other)),
    };
    let title = parse_text(&object, "title", language)?;
    if title.is_empty() {
        return Err(wrong("title", "missing or blank"));
    }
    let (extra, unknown_fields) = gather_unknown(&object);
    let product = Product {
        sku,
        title,
        description: parse_text(&object, "description", language)?,
        category: parse_text(&object, "category", language)?,
        brand: parse_text(&object, "brand", language)?,
        price: parse_price(&object, "price", currency)?,
        list_price: parse_price(&object, "list_price", currency)?,
        stock: parse_count(&object, "stock")?,
        attributes: parse_attributes(&object, "attributes", language)?,
        variants: parse_variants(&object, currency, language)?,
        rating: parse_rating(&object)?,
        review_count: parse_count(&object, "review_count")?,
        sales: parse_count(&object, "sales")?,
        added: parse_date(&object)?,
        image: parse_string(&object, "image")?,
        url: parse_string(&object, "url")?,
    };
    Ok(FeedRecord { product, extra, unknown_fields })
}

/// serde_json's message without its line number, which is always 1 here.
fn brief(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line ").next().unwrap_or(&message).to_owned() + &format!(" at column {}", error.column())
}

fn parse_id(object: &Map<String, Value>) -> Parsed<Sku> {
    let id = match field(object, "id") {
        None => return Err(wrong("id", "missing")),
        Some(Value::String(id)) => id.trim().to_owned(),
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => number.to_string(),
        Some(other @ Value::Number(_)) => return Err(wrong("id", format!("a whole number is wanted, not {other}"))),
        Some(other) => return Err(type_error("id", "text or a whole number", other)),
    };
    if id.is_empty() {
        return Err(wrong("id", "blank"));
    }
    if id.len() > MAX_ID_BYTES {
        return Err(wrong("id", format!("{} bytes are more than {MAX_ID_BYTES}", id.len())));
    }
    if id.chars().any(char::is_control) {
        return Err(wrong("id", "holds control characters"));
    }
    Ok(Sku::new(id))
}

fn parse_language(object: &Map<String, Value>) -> Parsed<Language> {
    match field(object, "lang") {
        None => Ok(field(object, "title").and_then(Value::as_str).and_then(Language::detect).unwrap_or_default()),
        Some(Value::String(code)) => match code.to_ascii_lowercase().split(['-', '_']).next() {
            Some("zh") => Ok(Language::Zh),
            Some("en") => Ok(Language::En),
            _ => Err(wrong("lang", format!("`{code}` is neither zh nor en"))),
        },
        Some(other) => Err(type_error("lang", "zh or en", other)),
    }
}

fn parse_rating(object: &Map<String, Value>) -> Parsed<Option<f32>> {
    let Some(value) = field(object, "rating") else { return Ok(None) };
    let Value::Number(number) = value else { return Err(type_error("rating", "a number", value)) };
    match number.as_f64() {
        Some(rating) if (0.0..=5.0).contains(&rating) => Ok(Some(rating as f32)),
        _ => Err(wrong("rating", format!("{number} is not between 0 and 5"))),
    }
}

fn parse_date(object: &Map<String, Value>) -> Parsed<Option<Date>> {
    let text = match field(object, "added") {
        None => return Ok(None),
        Some(Value::String(text)) => text,
        Some(other) => return Err(type_error("added", "a date such as 2026-09-01", other)),
    };
    let day: String = text.trim().chars().take(10).collect();
    Date::parse(&day, format_description!("[year]-[month]-[day]"))
        .map(Some)
        .map_err(|_| wrong("added", format!("`{text}` is no date such as 2026-09-01")))
}

fn parse_variants(object: &Map<String, Value>, currency: Currency, language: Language) -> Parsed<Vec<Variant>> {
    let items = match field(object, "variants") {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(other) => return Err(type_error("variants", "a list", other)),
    };
    let mut variants = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let within = |problem: RecordProblem| RecordProblem {
            field: Some(format!("variants[{index}].{}", problem.field.unwrap_or_default())),
            reason: problem.reason,
        };
        let Value::Object(parts) = item else {
            return Err(type_error(&format!("variants[{index}]"), "an object", item));
        };
        variants.push(parse_variant(parts, currency, language).map_err(within)?);
    }
    Ok(variants)
}

/// Plain fields beside `sku`, `stock`, `price` are attributes too: `{"sku": …, "colour": "black", "size": "L"}`.
fn parse_variant(parts: &Map<String, Value>, currency: Currency, language: Language) -> Parsed<Variant> {
    let sku = match field(parts, "sku").or(field(parts, "id")) {
        Some(Value::String(sku)) if !sku.trim().is_empty() => Sku::new(sku.trim()),
        Some(Value::Number(number)) if number.is_u64() => Sku::new(number.to_string()),
        Some(other) => return Err(type_error("sku", "text", other)),
        None => return Err(wrong("sku", "missing")),
    };
    let mut attributes = parse_attributes(parts, "attributes", language)?;
    for (name, value) in parts {
        if ["sku", "id", "stock", "price", "currency", "attributes", "image", "url"].contains(&name.as_str()) {
            continue;
        }
        if let Some(value) = attribute_value(value, name, language)? {
            attributes.entry(canonical_name(name)).or_default().push(value);
        }
    }
    Ok(Variant { sku, stock: parse_count(parts, "stock")?, price: parse_price(parts, "price", currency)?, attributes })
}

/// The searchable text of fields that the schema does not know, and their names. Addresses and nested objects are left out.
fn gather_unknown(object: &Map<String, Value>) -> (String, Vec<String>) {
    let mut extra = String::new();
    let mut names = Vec::new();
    for (name, value) in object {
        if KNOWN_FIELDS.contains(&name.as_str()) {
            continue;
        }
        names.push(name.clone());
        let items = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in items {
            let text = match item {
                Value::String(text) if !text.contains("://") => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => continue,
            };
            if !text.trim().is_empty() && extra.len() + text.len() < MAX_EXTRA_BYTES {
                extra.push_str(text.trim());
                extra.push('\n');
            }
        }
    }
    (extra, names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::attribute::AttributeValue;
    use crate::domain::language::Localized;

    fn problem(line: &str) -> (String, String) {
        let problem = parse_record(line, Currency::CNY).expect_err(line);
        (problem.field.unwrap_or_default(), problem.reason)
    }

    #[test]
    fn wrong_types_name_the_field() {
        for (line, field) in [
            (r#"{"id": "a"}"#, "title"),
            (r#"{"id": 1.5, "title": "x"}"#, "id"),
            (r#"{"id": "a", "title": 7}"#, "title"),
            (r#"{"id": "a", "title": "x", "price": "12"}"#, "price"),
            (r#"{"id": "a", "title": "x", "price": -3}"#, "price"),
            (r#"{"id": "a", "title": "x", "stock": 1.5}"#, "stock"),
            (r#"{"id": "a", "title": "x", "rating": 6}"#, "rating"),
            (r#"{"id": "a", "title": "x", "added": "soon"}"#, "added"),
            (r#"{"id": "a", "title": "x", "attributes": {"colour": {"fr": "noir"}}}"#, "attributes.colour.fr"),
            (r#"{"id": "a", "title": "x", "variants": [{"stock": 1}]}"#, "variants[0].sku"),
            (r#"[1]"#, ""),
            (r#"{"id": "a", "#, ""),
        ] {
            assert_eq!(problem(line).0, field, "{line}");
        }
    }

    #[test]
    fn foreign_fields_pass_and_their_text_is_kept() {
        let line = r#"{"id": 7, "title": "羽绒服", "price": null, "model": "KX-210", "ean": 123, "attributes": {"颜色": ["黑", null]}}"#;
        let record = parse_record(line, Currency::CNY).expect("record");
        assert_eq!(record.product.sku.as_str(), "7");
        assert_eq!(record.extra, "KX-210\n123\n");
        assert_eq!(record.product.attribute("colour"), [AttributeValue::Text(Localized::of(Language::Zh, "黑"))]);
    }
}
