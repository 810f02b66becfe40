//! One line a measure, one column a model.

use comfy_table::Table;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use serde_json::{Map, Value, json};

use crate::evaluation::understanding::Scores;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A share of 0–1, shown in percent.
    Share,
    /// A score of 0–1, shown as it is.
    Score,
    /// Milliseconds; less is better.
    Milliseconds,
    /// A share of 0–1 of which less is better.
    Error,
}

/// The measures of one model, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    lines: Vec<(String, f64, Unit)>,
}

impl Summary {
    /// Adds a measure.
    pub fn add(&mut self, measure: impl Into<String>, value: f64, unit: Unit) {
        self.lines.push((measure.into(), value, unit));
    }

    /// Adds those of understanding.
    pub fn understanding(&mut self, scores: &Scores) {
        self.add("intent accuracy", scores.accuracy, Unit::Share);
        self.add("intent macro-F1", scores.macro_f1, Unit::Share);
        self.add("slots F1, equal", scores.slots_exact.2, Unit::Share);
        self.add("slots F1, overlapping", scores.slots_relaxed.2, Unit::Share);
        self.add("whole message right", scores.whole, Unit::Share);
        self.add("calibration error (ECE)", scores.ece, Unit::Error);
        self.add("understanding p50", scores.p50_ms, Unit::Milliseconds);
        self.add("understanding p95", scores.p95_ms, Unit::Milliseconds);
    }
}

/// The models side by side; with two, how the second differs.
pub fn table(summaries: &[(String, Summary)]) -> Table {
    let mut table = Table::new();
    let mut header = vec!["measure".to_owned()];
    header.extend(summaries.iter().map(|(name, _)| name.clone()));
    if summaries.len() == 2 {
        header.push("difference".into());
    }
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header(header);
    let Some((_, first)) = summaries.first() else { return table };
    for (measure, value, unit) in &first.lines {
        let others = summaries[1..].iter().map(|(_, other)| find(other, measure));
        let others: Vec<Option<f64>> = others.collect();
        let mut row = vec![measure.clone(), print(*value, *unit)];
        row.extend(others.iter().map(|other| other.map_or_else(|| "–".into(), |other| print(other, *unit))));
        row.extend(others.iter().map(|other| other.map_or_else(String::new, |other| signed(other - value, *unit))));
        table.add_row(row);
    }
    table
}

/// `{"model": {"measure": value}}`.
pub fn json(summaries: &[(String, Summary)]) -> Value {
    let of = |summary: &Summary| -> Map<String, Value> {
        summary.lines.iter().map(|(measure, value, _)| (measure.clone(), json!(value))).collect()
    };
    Value::Object(summaries.iter().map(|(name, summary)| (name.clone(), Value::Object(of(summary)))).collect())
}

fn find(summary: &Summary, measure: &str) -> Option<f64> {
    summary.lines.iter().find(|(name, ..)| name == measure).map(|(_, value, _)| *value)
}

fn print(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share | Unit::Error => format!("{:.1} %", value * 100.0),
        Unit::Score => format!("{value:.3}"),
        Unit::Milliseconds => format!("{value:.1} ms"),
    }
}

fn signed(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share | Unit::Error => format!("{:+.1}", value * 100.0),
        Unit::Score => format!("{value:+.3}"),
        Unit::Milliseconds => format!("{value:+.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_models_stand_side_by_side_with_their_difference() {
        let mut one = Summary::default();
        one.add("intent accuracy", 0.9, Unit::Share);
        one.add("only here", 0.5, Unit::Score);
        let mut other = Summary::default();
        other.add("intent accuracy", 0.85, Unit::Share);
        let text = table(&[("a".into(), one), ("b".into(), other)]).to_string();
        let line = text.lines().find(|line| line.contains("intent accuracy")).expect("a line");
        assert!(line.contains("90.0 %") && line.contains("85.0 %") && line.contains("-5.0"), "{line}");
        assert!(text.lines().any(|line| line.contains("only here") && line.contains('–')), "{text}");
    }
}
