//! Reads buyers' reviews, one JSON object a line, and reports every bad line.
//!
//! Called by `source`.

use std::collections::HashMap;
use std::io::Read;

use serde_json::{Map, Value};

use super::feed::FeedProblem;
use super::lines::{LineError, Lines};
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::review::Review;

/// Longest line, in bytes.
const MAX_LINE_BYTES: usize = 1 << 20;

/// The good reviews by product, and what was wrong with the rest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reviews {
    /// In the order of the file.
    pub by_product: HashMap<Sku, Vec<Review>>,
    /// How many are good.
    pub count: usize,
    /// The bad lines.
    pub problems: Vec<FeedProblem>,
}

/// Reads reviews, plain or gzip. `id` is the line's number where absent; `star` is read as `rating`.
pub fn read_reviews(input: impl Read) -> Reviews {
    let mut reviews = Reviews::default();
    let mut lines = Lines::new(input, MAX_LINE_BYTES);
    while let Some(next) = lines.next_line() {
        let (number, parsed) = match next {
            Ok(line) => (line.number, parse_review(&line.text, line.number)),
            Err(LineError::Bad { line, reason }) => (line, Err((None, reason))),
            Err(LineError::Unreadable(reason)) => {
                reviews.problems.push(FeedProblem { line: 0, field: None, reason: format!("breaks off {reason}") });
                break;
            }
        };
        match parsed {
            Ok(review) => {
                reviews.count += 1;
                reviews.by_product.entry(review.product_id.clone()).or_default().push(review);
            }
            Err((field, reason)) => reviews.problems.push(FeedProblem { line: number, field, reason }),
        }
    }
    reviews
}

type Wrong = (Option<String>, String);

fn parse_review(line: &str, number: u64) -> Result<Review, Wrong> {
    let object: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| (None, format!("no JSON object: {error}")))?;
    let wrong = |field: &str, reason: &str| (Some(field.to_owned()), reason.to_owned());
    let name = |field: &str| match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(wrong(field, "text or a number is wanted")),
    };
    let text = match object.get("text") {
        Some(Value::String(text)) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => return Err(wrong("text", "missing, blank or no text")),
    };
    let rating = match name("rating")?.or(name("star")?) {
        None => None,
        Some(rating) => match rating.parse::<f64>() {
            Ok(stars) if (0.0..=5.0).contains(&stars) => Some(stars.round() as u8),
            _ => return Err(wrong("rating", &format!("`{rating}` is not between 1 and 5"))),
        },
    };
    let lang = match name("lang")?.as_deref() {
        Some("zh") => Language::Zh,
        Some("en") => Language::En,
        _ => Language::detect(&text).unwrap_or_default(),
    };
    Ok(Review {
        id: name("id")?.unwrap_or_else(|| number.to_string()),
        product_id: Sku::new(name("product_id")?.ok_or_else(|| wrong("product_id", "missing"))?),
        rating,
        lang,
        text,
        date: name("date")?,
        verified: object.get("verified").and_then(Value::as_bool).unwrap_or(false),
    })
}
