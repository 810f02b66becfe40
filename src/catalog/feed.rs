//! Reads product feeds line by line and reports every bad line; see `catalog/FEED.md`.
//!
//! Never stops at a bad line and never holds more than one line of the input. Called by `reload`, `source` and `catalog check`.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::Read;

use serde::Serialize;

use super::lines::{LineError, Lines};
use super::record::{FeedRecord, parse_record};
use crate::domain::identifier::Sku;
use crate::domain::money::Currency;

/// How a feed is read.
#[derive(Debug, Clone)]
pub struct FeedOptions {
    /// The currency of prices that name none.
    pub currency: Currency,
    /// A line longer than this many bytes is bad.
    pub max_line_bytes: usize,
    /// At most so many problems are kept; all are counted.
    pub kept_problems: usize,
}

impl Default for FeedOptions {
    fn default() -> Self {
        Self { currency: Currency::CNY, max_line_bytes: 1 << 20, kept_problems: 10_000 }
    }
}

/// One bad line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedProblem {
    /// Its number, from 1.
    pub line: u64,
    /// The field that is wrong, such as `price` or `attributes.colour`; none when the line as a whole is.
    pub field: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for FeedProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(formatter, "line {}: {field}: {}", self.line, self.reason),
            None => write!(formatter, "line {}: {}", self.line, self.reason),
        }
    }
}

/// What reading a feed showed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FeedReport {
    /// Lines that are not blank.
    pub lines: u64,
    /// Good products.
    pub products: u64,
    /// Bad lines.
    pub bad: u64,
    /// The bad lines, in order; the first of them when there are very many.
    pub problems: Vec<FeedProblem>,
    /// Why the input broke off, when it did; what follows is not known.
    pub truncated: Option<String>,
    /// How many products have a price in each currency.
    pub currencies: BTreeMap<String, u64>,
    /// How many products have no price.
    pub without_price: u64,
    /// Names of fields that the schema does not know, with how many products have them; their text is searched.
    pub unknown_fields: BTreeMap<String, u64>,
}

impl FeedReport {
    /// Whether every line is good and there is at least one.
    pub fn is_clean(&self) -> bool {
        self.bad == 0 && self.truncated.is_none() && self.products > 0
    }

    /// The first problem in words, or that there is none to name.
    pub fn first_problem(&self) -> String {
        match (self.problems.first(), &self.truncated) {
            (Some(problem), _) => problem.to_string(),
            (None, Some(reason)) => reason.clone(),
            (None, None) => "the feed is empty".into(),
        }
    }
}

/// The good products of a feed and the report on the rest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Feed {
    /// In the order of the feed.
    pub records: Vec<FeedRecord>,
    /// What was found.
    pub report: FeedReport,
}

/// Reads a feed, plain or gzip (told by its first bytes).
pub fn read_feed(input: impl Read, options: &FeedOptions) -> Feed {
    let mut feed = Feed::default();
    let mut seen: HashMap<Sku, u64> = HashMap::new();
    let mut lines = Lines::new(input, options.max_line_bytes);
    while let Some(next) = lines.next_line() {
        let report = &mut feed.report;
        let line = match next {
            Ok(line) => line,
            Err(LineError::Unreadable(reason)) => {
                report.truncated = Some(reason);
                break;
            }
            Err(LineError::Bad { line, reason }) => {
                report.lines += 1;
                note(report, options, FeedProblem { line, field: None, reason });
                continue;
            }
        };
        report.lines += 1;
        let record = match parse_record(&line.text, options.currency) {
            Ok(record) => record,
            Err(problem) => {
                note(report, options, FeedProblem { line: line.number, field: problem.field, reason: problem.reason });
                continue;
            }
        };
        if let Some(first) = seen.get(&record.product.sku) {
            let reason = format!("`{}` was given on line {first} already", record.product.sku);
            note(report, options, FeedProblem { line: line.number, field: Some("id".into()), reason });
            continue;
        }
        seen.insert(record.product.sku.clone(), line.number);
        report.products += 1;
        match record.product.price {
            Some(price) => *report.currencies.entry(price.currency.code().to_owned()).or_default() += 1,
            None => report.without_price += 1,
        }
        for name in &record.unknown_fields {
            *report.unknown_fields.entry(name.clone()).or_default() += 1;
        }
        feed.records.push(record);
    }
    feed
}

fn note(report: &mut FeedReport, options: &FeedOptions, problem: FeedProblem) {
    report.bad += 1;
    if report.problems.len() < options.kept_problems {
        report.problems.push(problem);
    }
}
