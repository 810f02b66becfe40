//! Slots compared: what was found against what was labelled, exactly and by overlap.

use std::collections::BTreeMap;

use crate::assistant::understand::labelled::Labelled;
use crate::assistant::understand::message::Message;
use crate::assistant::understand::rules::Ruling;
use crate::assistant::understand::slots::fill;
use crate::domain::intent::{Intent, ItemRef};
use crate::domain::language::Language;

/// Counts of one kind of slot.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Found.
    pub found: usize,
    /// Labelled.
    pub labelled: usize,
    /// Found and labelled alike.
    pub exact: usize,
    /// Found values that overlap a labelled one of the same slot, each labelled one once.
    pub relaxed: usize,
}

impl Counts {
    /// Adds another's counts.
    pub fn add(&mut self, other: Self) {
        self.found += other.found;
        self.labelled += other.labelled;
        self.exact += other.exact;
        self.relaxed += other.relaxed;
    }

    /// Precision, recall and F1 of the exact matches.
    pub fn exact_scores(&self) -> (f64, f64, f64) {
        scores(self.exact, self.found, self.labelled)
    }

    /// Precision, recall and F1 of the overlapping matches.
    pub fn relaxed_scores(&self) -> (f64, f64, f64) {
        scores(self.relaxed, self.found, self.labelled)
    }
}

fn scores(right: usize, found: usize, labelled: usize) -> (f64, f64, f64) {
    let share = |total: usize| if total == 0 { 0.0 } else { right as f64 / total as f64 };
    let f1 = if found + labelled == 0 { 0.0 } else { 2.0 * right as f64 / (found + labelled) as f64 };
    (share(found), share(labelled), f1)
}

/// The values of an intent's slots that are words or numbers of the message; `sort` and `topic` are counted apart.
pub fn values(intent: &Intent) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    found.extend(intent.query.iter().map(|query| ("query", query.clone())));
    found.extend(intent.brand.iter().map(|brand| ("brand", brand.clone())));
    let prices = [("price_min", intent.price_min), ("price_max", intent.price_max), ("price_near", intent.price_near)];
    found.extend(prices.into_iter().filter_map(|(name, price)| Some((name, format!("{}", price?)))));
    found.extend(intent.attributes.iter().map(|filter| (filter.name.as_str(), filter.value.clone())));
    found.extend(intent.exclude.iter().map(|word| ("exclude", word.clone())));
    found.extend(intent.items.iter().map(|item| match item {
        ItemRef::Ordinal(place) => ("items", format!("#{place}")),
        ItemRef::Name(name) => ("items", name.clone()),
    }));
    found.extend(intent.order_id.iter().map(|id| ("order_id", id.clone())));
    found.extend(intent.quantity.iter().map(|quantity| ("quantity", quantity.to_string())));
    found.iter_mut().for_each(|(_, value)| *value = value.trim().to_lowercase());
    found
}

/// The intent that a label says.
pub fn labelled_intent(labelled: &Labelled) -> Intent {
    let message = Message::new(&labelled.text);
    let mut intent = Intent::of(labelled.intent, Language::detect(&labelled.text).unwrap_or_default());
    fill(&mut intent, &message, &labelled.spans, &Ruling::default());
    intent
}

/// Compares the slots of one message; counts by slot.
pub fn compare(found: &Intent, labelled: &Intent, text: &str) -> BTreeMap<String, Counts> {
    let text = text.to_lowercase();
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    let wanted = values(labelled);
    wanted.iter().for_each(|(slot, _)| counts.entry((*slot).to_owned()).or_default().labelled += 1);
    let mut open = vec![true; wanted.len()];
    let mut left = Vec::new();
    for (slot, value) in values(found) {
        let count = counts.entry(slot.to_owned()).or_default();
        count.found += 1;
        let same = (0..wanted.len()).find(|place| open[*place] && wanted[*place] == (slot, value.clone()));
        match same {
            Some(place) => {
                open[place] = false;
                count.exact += 1;
                count.relaxed += 1;
            }
            None => left.push((slot, value)),
        }
    }
    for (slot, value) in left {
        let is_like =
            |place: &usize| open[*place] && wanted[*place].0 == slot && overlaps(&text, &value, &wanted[*place].1);
        if let Some(place) = (0..wanted.len()).find(is_like) {
            open[place] = false;
            counts.entry(slot.to_owned()).or_default().relaxed += 1;
        }
    }
    counts
}

/// Whether two stretches of a text share a character; numbers and ordinals must be the same.
fn overlaps(text: &str, one: &str, other: &str) -> bool {
    if one.starts_with('#') || other.starts_with('#') {
        return false;
    }
    let ranges =
        |words: &str| text.match_indices(words).map(|(start, found)| start..start + found.len()).collect::<Vec<_>>();
    let others = ranges(other);
    !one.is_empty() && ranges(one).iter().any(|a| others.iter().any(|b| a.start < b.end && b.start < a.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::intent::IntentKind;

    #[test]
    fn an_overlap_counts_as_relaxed_only() {
        let mut labelled = Intent::of(IntentKind::Search, Language::En);
        labelled.query = Some("hiking boots".into());
        labelled.price_max = Some(120.0);
        let mut found = labelled.clone();
        found.query = Some("Boots".into());
        found.price_max = Some(12.0);
        let counts = compare(&found, &labelled, "hiking boots under 120");
        assert_eq!(counts["query"], Counts { found: 1, labelled: 1, exact: 0, relaxed: 1 });
        assert_eq!(counts["price_max"], Counts { found: 1, labelled: 1, exact: 0, relaxed: 1 });
    }
}
