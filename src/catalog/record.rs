//! One line of a feed into a product, or the field that is wrong and why.
//!
//! Never guesses: a value of the wrong type is an error; only what the schema leaves open (unknown fields, null) passes.
//! Called by `feed`.

use serde_json::{Map, Value};
use time::Date;
use time::macros::format_description;

use crate::domain::attribute::{AttributeValue, canonical_name};
use crate::domain::identifier::Sku;
use crate::domain::language::{Language, Localized};
use crate::domain::money::{Currency, Money};
use crate::domain::product::{Attributes, Product, Variant};

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

/// A field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordProblem {
    /// Which; none when the line is no JSON object.
    pub field: Option<String>,
    /// Why.
    pub reason: String,
}

type Parsed<T> = Result<T, RecordProblem>;

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

fn wrong(field: impl Into<String>, reason: impl Into<String>) -> RecordProblem {
    RecordProblem { field: Some(field.into()), reason: reason.into() }
}

fn type_error(field: &str, wanted: &str, found: &Value) -> RecordProblem {
    wrong(field, format!("{wanted} is wanted, not {}", kind(found)))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// serde_json's message without its line number, which is always 1 here.
fn brief(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line ").next().unwrap_or(&message).to_owned() + &format!(" at column {}", error.column())
}

/// A field that is there and not null.
fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
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

fn parse_text(object: &Map<String, Value>, name: &str, language: Language) -> Parsed<Localized> {
    match field(object, name) {
        None => Ok(Localized::default()),
        Some(value) => text_of(value, name, language),
    }
}

fn text_of(value: &Value, name: &str, language: Language) -> Parsed<Localized> {
    match value {
        Value::String(text) if text.trim().is_empty() => Ok(Localized::default()),
        Value::String(text) => Ok(Localized::of(language, text.trim())),
        Value::Object(parts) => {
            let mut localized = Localized::default();
            for (code, part) in parts {
                let text = match part {
                    Value::Null => continue,
                    Value::String(text) if text.trim().is_empty() => continue,
                    Value::String(text) => Some(text.trim().to_owned()),
                    other => return Err(type_error(&format!("{name}.{code}"), "text", other)),
                };
                match code.as_str() {
                    "zh" => localized.zh = text,
                    "en" => localized.en = text,
                    _ => return Err(wrong(format!("{name}.{code}"), "only zh and en are known")),
                }
            }
            Ok(localized)
        }
        other => Err(type_error(name, "text, or an object with zh and en,", other)),
    }
}

fn parse_string(object: &Map<String, Value>, name: &str) -> Parsed<Option<String>> {
    match field(object, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(other) => Err(type_error(name, "text", other)),
    }
}

fn parse_price(object: &Map<String, Value>, name: &str, currency: Currency) -> Parsed<Option<Money>> {
    let amount = match field(object, name) {
        None => return Ok(None),
        Some(Value::Number(number)) => number.as_f64().unwrap_or(f64::NAN),
        Some(other) => return Err(type_error(name, "a number", other)),
    };
    if amount < 0.0 {
        return Err(wrong(name, format!("{amount} is negative")));
    }
    Money::from_major(amount, currency).map(Some).ok_or_else(|| wrong(name, format!("{amount} is no price")))
}

fn parse_count(object: &Map<String, Value>, name: &str) -> Parsed<Option<u32>> {
    let Some(value) = field(object, name) else { return Ok(None) };
    let Value::Number(number) = value else { return Err(type_error(name, "a whole number", value)) };
    let amount = number.as_f64().unwrap_or(f64::NAN);
    if amount < 0.0 {
        return Err(wrong(name, format!("{number} is negative")));
    }
    if amount.fract() != 0.0 || amount > f64::from(u32::MAX) {
        return Err(wrong(name, format!("a whole number up to {} is wanted, not {number}", u32::MAX)));
    }
    Ok(Some(amount as u32))
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

fn parse_attributes(object: &Map<String, Value>, name: &str, language: Language) -> Parsed<Attributes> {
    let mut attributes = Attributes::new();
    let parts = match field(object, name) {
        None => return Ok(attributes),
        Some(Value::Object(parts)) => parts,
        Some(other) => return Err(type_error(name, "an object", other)),
    };
    for (key, value) in parts {
        let path = format!("{name}.{key}");
        if key.trim().is_empty() {
            return Err(wrong(name, "an attribute has a blank name"));
        }
        let values = match value {
            Value::Array(items) => items
                .iter()
                .map(|item| attribute_value(item, &path, language))
                .collect::<Parsed<Vec<Option<AttributeValue>>>>()?,
            one => vec![attribute_value(one, &path, language)?],
        };
        let values: Vec<AttributeValue> = values.into_iter().flatten().collect();
        if !values.is_empty() {
            attributes.entry(canonical_name(key)).or_default().extend(values);
        }
    }
    Ok(attributes)
}

fn attribute_value(value: &Value, path: &str, language: Language) -> Parsed<Option<AttributeValue>> {
    Ok(match value {
        Value::Null => None,
        Value::Bool(flag) => Some(AttributeValue::Flag(*flag)),
        Value::Number(number) => Some(AttributeValue::Number(number.as_f64().unwrap_or_default())),
        Value::Array(_) => return Err(wrong(path, "a list within a list")),
        text => Some(text_of(text, path, language)?).filter(|text| !text.is_empty()).map(AttributeValue::Text),
    })
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
