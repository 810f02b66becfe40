//! Values of a feed's fields: of the right type, or a [`RecordProblem`] that names the field.
//!
//! Null counts as absent; nothing is guessed. Called by `record`.

use serde_json::{Map, Value};

use crate::domain::attribute::{AttributeValue, canonical_name};
use crate::domain::language::{Language, Localized};
use crate::domain::money::{Currency, Money};
use crate::domain::product::Attributes;

/// A field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordProblem {
    /// Which; none when the line is no JSON object.
    pub field: Option<String>,
    /// Why.
    pub reason: String,
}

/// What is read, or the field that is wrong.
pub(super) type Parsed<T> = Result<T, RecordProblem>;

/// A problem of a field.
pub(super) fn wrong(field: impl Into<String>, reason: impl Into<String>) -> RecordProblem {
    RecordProblem { field: Some(field.into()), reason: reason.into() }
}

/// A field of another type than is wanted.
pub(super) fn type_error(field: &str, wanted: &str, found: &Value) -> RecordProblem {
    wrong(field, format!("{wanted} is wanted, not {}", kind(found)))
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A field that is there and not null.
pub(super) fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// A text in one language, or an object with both.
pub(super) fn parse_text(object: &Map<String, Value>, name: &str, language: Language) -> Parsed<Localized> {
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

/// A trimmed text; none when blank.
pub(super) fn parse_string(object: &Map<String, Value>, name: &str) -> Parsed<Option<String>> {
    match field(object, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(other) => Err(type_error(name, "text", other)),
    }
}

/// An amount of money in major units, not negative.
pub(super) fn parse_price(object: &Map<String, Value>, name: &str, currency: Currency) -> Parsed<Option<Money>> {
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

/// A whole number, not negative.
pub(super) fn parse_count(object: &Map<String, Value>, name: &str) -> Parsed<Option<u32>> {
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

/// An object of attributes, under canonical names.
pub(super) fn parse_attributes(object: &Map<String, Value>, name: &str, language: Language) -> Parsed<Attributes> {
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

/// One value of an attribute; none for null or blank text.
pub(super) fn attribute_value(value: &Value, path: &str, language: Language) -> Parsed<Option<AttributeValue>> {
    Ok(match value {
        Value::Null => None,
        Value::Bool(flag) => Some(AttributeValue::Flag(*flag)),
        Value::Number(number) => Some(AttributeValue::Number(number.as_f64().unwrap_or_default())),
        Value::Array(_) => return Err(wrong(path, "a list within a list")),
        text => Some(text_of(text, path, language)?).filter(|text| !text.is_empty()).map(AttributeValue::Text),
    })
}
