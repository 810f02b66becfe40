//! Understanding measured source by source: the table, the charts, what was misunderstood.

use std::time::Instant;

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::{Args, Bench};
use crate::assistant::understand::Sources;
use crate::assistant::understand::labelled::Labelled;
use crate::domain::generator::Job;
use crate::evaluation::charts::{draw_intents, draw_reliability};
use crate::evaluation::slots::{labelled_intent, values};
use crate::evaluation::understanding::{Case, PARTS, Scores, by_slot, intent_f1, is_in, score};

impl Bench {
    /// What is understood of each message by some sources.
    pub fn cases<'l>(&self, sources: Sources, messages: &'l [Labelled]) -> Vec<Case<'l>> {
        let bar = indicatif::ProgressBar::new(messages.len() as u64);
        let cases = messages.iter().map(|labelled| {
            bar.inc(1);
            let start = Instant::now();
            let understood = self.understanding.understand_by(
                sources,
                &labelled.text,
                &labelled.context,
                &self.snapshot,
                self.generator.as_ref(),
            );
            Case { labelled, understood, ms: start.elapsed().as_secs_f64() * 1e3 }
        });
        let cases = cases.collect();
        bar.finish_and_clear();
        cases
    }
}

/// The sources measured, by name.
const SYSTEMS: [(&str, Sources); 5] = [
    ("rules and words", Sources { rules: true, linear: false, model: false }),
    ("linear models", Sources { rules: false, linear: true, model: false }),
    ("language model", Sources { rules: false, linear: false, model: true }),
    ("all but the language model", Sources { rules: true, linear: true, model: false }),
    ("all", Sources::ALL),
];

/// Measures every source alone and together, prints the table, draws the charts.
///
/// # Errors
/// A chart cannot be drawn.
pub fn measure(bench: &Bench, messages: &[Labelled], args: &Args) -> anyhow::Result<(Value, Scores)> {
    let has_model = bench.generator.is_trusted_with(Job::Parse);
    let mut table = score_table(&format!("{} messages, model {}", messages.len(), bench.name));
    let mut systems = Map::new();
    let mut shipped = Vec::new();
    for (name, sources) in SYSTEMS.into_iter().filter(|(_, sources)| has_model || !sources.model) {
        let cases = bench.cases(sources, messages);
        let scores = score(&cases.iter().collect::<Vec<_>>());
        table.add_row(row(name, &scores));
        systems.insert(name.into(), serde_json::to_value(&scores)?);
        shipped = cases;
    }
    let all: Vec<&Case<'_>> = shipped.iter().collect();
    let mut parts = Map::new();
    for part in PARTS.into_iter().skip(1) {
        let within = |case: &&&Case<'_>| is_in(part, case.labelled, case.labelled.part.as_deref() == Some("unseen"));
        let cases: Vec<&Case<'_>> = all.iter().filter(within).copied().collect();
        if !cases.is_empty() {
            let scores = score(&cases);
            table.add_row(row(&format!("  {part} ({})", cases.len()), &scores));
            parts.insert(part.into(), serde_json::to_value(&scores)?);
        }
    }
    println!("{table}");
    if let Some(folder) = &args.charts {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        draw_reliability(&all, &folder.join("reliability.svg"))?;
        draw_intents(&all, &folder.join("intents.svg"))?;
    }
    if args.mistakes {
        all.iter().for_each(|case| list_mistake(case));
    }
    let slots: Map<String, Value> = by_slot(&all)
        .into_iter()
        .map(|(slot, counts)| {
            let scores = json!({"labelled": counts.labelled, "exact": counts.exact_scores(), "relaxed": counts.relaxed_scores()});
            (slot, scores)
        })
        .collect();
    let intents: Map<String, Value> =
        intent_f1(&all).into_iter().map(|(kind, f1)| (kind.name().into(), json!(f1))).collect();
    let shipped = score(&all);
    Ok((json!({"systems": systems, "parts": parts, "slots": slots, "intent_f1": intents}), shipped))
}

fn score_table(title: &str) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header([
        title,
        "intent",
        "macro-F1",
        "slots P",
        "R",
        "F1",
        "F1 relaxed",
        "whole",
        "sort",
        "topic",
        "ECE",
        "p50 ms",
        "p95 ms",
    ]);
    table
}

fn row(name: &str, scores: &Scores) -> Vec<String> {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let (precision, recall, f1) = scores.slots_exact;
    let shares = [
        scores.accuracy,
        scores.macro_f1,
        precision,
        recall,
        f1,
        scores.slots_relaxed.2,
        scores.whole,
        scores.sort,
        scores.topic,
        scores.ece,
    ];
    let times = [scores.p50_ms, scores.p95_ms].map(|ms| format!("{ms:.1}"));
    std::iter::once(name.to_owned()).chain(shares.map(percent)).chain(times).collect()
}

fn list_mistake(case: &Case<'_>) {
    let wanted = labelled_intent(case.labelled);
    let found = &case.understood.intent;
    let (line, text) = (case.labelled.context.line(), &case.labelled.text);
    if found.intent != wanted.intent {
        let sure = case.understood.confidence;
        eprintln!("INTENT {} taken for {} ({sure:.2}) | {line} | {text}", wanted.intent.name(), found.intent.name());
        return;
    }
    let (has, wants) = (values(found), values(&wanted));
    let surplus: Vec<_> = has.iter().filter(|value| !wants.contains(value)).collect();
    let missing: Vec<_> = wants.iter().filter(|value| !has.contains(value)).collect();
    if !surplus.is_empty() || !missing.is_empty() {
        eprintln!("SLOTS {} | {text} | found {surplus:?} missed {missing:?}", wanted.intent.name());
    }
    if case.labelled.topic.is_some() && case.labelled.topic != found.topic {
        eprintln!("TOPIC {:?} taken for {:?} | {text}", case.labelled.topic, found.topic);
    }
}

/// Measures all sources together, without printing.
///
/// # Errors
/// The scores cannot be written as JSON.
pub fn shipped(bench: &Bench, messages: &[Labelled]) -> anyhow::Result<(Value, Scores)> {
    let cases = bench.cases(Sources::ALL, messages);
    let scores = score(&cases.iter().collect::<Vec<_>>());
    Ok((json!({"systems": {"all": serde_json::to_value(&scores)?}}), scores))
}
