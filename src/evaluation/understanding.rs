//! Understanding measured on labelled messages: intents, slots, calibration and time, by language and by part.

use std::collections::BTreeMap;

use serde::Serialize;

use super::slots::{Counts, compare, labelled_intent};
use crate::assistant::understand::labelled::Labelled;
use crate::domain::intent::{IntentKind, Understood};
use crate::domain::language::Language;

/// One message, what was found and how long it took.
#[derive(Debug, Clone)]
pub struct Case<'l> {
    /// The label.
    pub labelled: &'l Labelled,
    /// What was understood.
    pub understood: Understood,
    /// In milliseconds.
    pub ms: f64,
}

/// The scores of one part of a set.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Scores {
    /// Messages.
    pub messages: usize,
    /// Share of right intents, 0–1.
    pub accuracy: f64,
    /// Mean F1 over the intents that the labels have.
    pub macro_f1: f64,
    /// Precision, recall and F1 of slots that are equal.
    pub slots_exact: (f64, f64, f64),
    /// The same, of slots that overlap.
    pub slots_relaxed: (f64, f64, f64),
    /// Share of messages with every slot equal and the intent right.
    pub whole: f64,
    /// Share of right `sort` among the messages where either side has one.
    pub sort: f64,
    /// Share of right `topic` among the labelled ones.
    pub topic: f64,
    /// Expected calibration error over ten bins (Guo et al. 2017).
    pub ece: f64,
    /// Median milliseconds.
    pub p50_ms: f64,
    /// 95th percentile of milliseconds.
    pub p95_ms: f64,
}

/// The parts that are reported, by name.
pub const PARTS: [&str; 5] = ["all", "zh", "en", "with context", "unseen"];

/// Whether a message belongs to a part. `is_unseen` says that no lexicon has its noun or brand.
pub fn is_in(part: &str, labelled: &Labelled, is_unseen: bool) -> bool {
    let language = || Language::detect(&labelled.text).unwrap_or_default();
    match part {
        "zh" => language() == Language::Zh,
        "en" => language() == Language::En,
        "with context" => labelled.context.query.is_some(),
        "unseen" => is_unseen,
        _ => true,
    }
}

/// Scores the cases of one part.
pub fn score(cases: &[&Case<'_>]) -> Scores {
    let total = cases.len().max(1) as f64;
    let is_right = |case: &&&Case<'_>| case.understood.intent.intent == case.labelled.intent;
    let (mut sort, mut topic) = ((0usize, 0usize), (0usize, 0usize));
    let mut slots = Counts::default();
    let mut whole = 0usize;
    for case in cases {
        let labelled = labelled_intent(case.labelled);
        let found = &case.understood.intent;
        let mut here = Counts::default();
        compare(found, &labelled, &case.labelled.text).into_values().for_each(|counts| here.add(counts));
        slots.add(here);
        whole +=
            usize::from(here.exact == here.found && here.exact == here.labelled && found.intent == labelled.intent);
        let sort_found = found.sort.map(|sort| serde_json::to_value(sort).unwrap_or_default());
        let sort_wanted = case.labelled.sort.as_ref().map(|sort| serde_json::Value::from(sort.as_str()));
        if sort_found.is_some() || sort_wanted.is_some() {
            sort = (sort.0 + usize::from(sort_found == sort_wanted), sort.1 + 1);
        }
        if case.labelled.topic.is_some() {
            topic = (topic.0 + usize::from(found.topic == case.labelled.topic), topic.1 + 1);
        }
    }
    let share = |(right, total): (usize, usize)| if total == 0 { 1.0 } else { right as f64 / total as f64 };
    let mut times: Vec<f64> = cases.iter().map(|case| case.ms).collect();
    times.sort_by(f64::total_cmp);
    let at =
        |share: f64| times.get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1))).copied();
    Scores {
        messages: cases.len(),
        accuracy: cases.iter().filter(is_right).count() as f64 / total,
        macro_f1: macro_f1(cases),
        slots_exact: slots.exact_scores(),
        slots_relaxed: slots.relaxed_scores(),
        whole: whole as f64 / total,
        sort: share(sort),
        topic: share(topic),
        ece: calibration_error(cases),
        p50_ms: at(0.5).unwrap_or_default(),
        p95_ms: at(0.95).unwrap_or_default(),
    }
}

/// F1 of each intent that the labels have.
pub fn intent_f1(cases: &[&Case<'_>]) -> BTreeMap<IntentKind, f64> {
    let mut counts: BTreeMap<IntentKind, (usize, usize, usize)> = BTreeMap::new();
    for case in cases {
        let (wanted, found) = (case.labelled.intent, case.understood.intent.intent);
        counts.entry(wanted).or_default().0 += 1;
        counts.entry(found).or_default().1 += 1;
        counts.entry(wanted).or_default().2 += usize::from(wanted == found);
    }
    counts.retain(|_, (labelled, ..)| *labelled > 0);
    counts
        .into_iter()
        .map(|(kind, (labelled, found, right))| (kind, 2.0 * right as f64 / (labelled + found) as f64))
        .collect()
}

fn macro_f1(cases: &[&Case<'_>]) -> f64 {
    let scores = intent_f1(cases);
    scores.values().sum::<f64>() / scores.len().max(1) as f64
}

/// Counts by slot over all cases.
pub fn by_slot(cases: &[&Case<'_>]) -> BTreeMap<String, Counts> {
    let mut total: BTreeMap<String, Counts> = BTreeMap::new();
    for case in cases {
        let labelled = labelled_intent(case.labelled);
        for (slot, counts) in compare(&case.understood.intent, &labelled, &case.labelled.text) {
            total.entry(slot).or_default().add(counts);
        }
    }
    total
}

/// Cases by their confidence in ten equal bins: number, mean confidence, share of right intents.
pub fn reliability(cases: &[&Case<'_>]) -> Vec<(usize, f64, f64)> {
    let mut bins = vec![(0usize, 0.0, 0.0); 10];
    for case in cases {
        let confidence = f64::from(case.understood.confidence);
        let bin = &mut bins[((confidence * 10.0) as usize).min(9)];
        let right = case.understood.intent.intent == case.labelled.intent;
        *bin = (bin.0 + 1, bin.1 + confidence, bin.2 + f64::from(u8::from(right)));
    }
    let mean = |(count, confidence, right): (usize, f64, f64)| {
        let number = count.max(1) as f64;
        (count, confidence / number, right / number)
    };
    bins.into_iter().map(mean).collect()
}

/// Expected calibration error over the ten bins of [`reliability`].
pub fn calibration_error(cases: &[&Case<'_>]) -> f64 {
    let total = cases.len().max(1) as f64;
    reliability(cases).into_iter().map(|(count, sure, right)| (sure - right).abs() * count as f64 / total).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::understand::labelled;
    use crate::domain::intent::{Intent, IntentSource};

    #[test]
    fn scores_count_what_is_right() {
        let lines = labelled::read("search | - | [帐篷](query)\ngreet | - | 你好\n").expect("lines");
        let understood = |kind: IntentKind, query: Option<&str>, confidence: f32| {
            let mut intent = Intent::of(kind, Language::Zh);
            intent.query = query.map(str::to_owned);
            Understood { confidence, source: IntentSource::Fused, ..Understood::surely(intent) }
        };
        let cases = [
            Case { labelled: &lines[0], understood: understood(IntentKind::Search, Some("帐篷"), 1.0), ms: 1.0 },
            Case { labelled: &lines[1], understood: understood(IntentKind::Thanks, None, 0.5), ms: 3.0 },
        ];
        let scores = score(&cases.iter().collect::<Vec<_>>());
        assert_eq!((scores.accuracy, scores.macro_f1, scores.whole), (0.5, 0.5, 0.5));
        assert_eq!(scores.slots_exact, (1.0, 1.0, 1.0));
        assert!((scores.ece - 0.25).abs() < 1e-9);
    }
}
