//! `daogou bench`: how long a turn takes, stage by stage, for one shopper and for several at once.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context;
use comfy_table::Table;
use comfy_table::presets::UTF8_BORDERS_ONLY;
use serde_json::json;

use super::Common;
use crate::assemble;
use crate::assistant::{Assistant, Input, Timings, Turn};
use crate::domain::identifier::ConversationId;

/// What a shopper says in a round, a conversation in either language.
const ROUNDS: [[&str; 6]; 2] = [
    ["我想买一款适合冬天穿的羽绒服", "别超过八百", "换成黑色", "第二款内胆是什么材质的", "还有别的吗", "对比前两款"],
    [
        "noise cancelling headphones under 1500",
        "anything cheaper?",
        "is the first one wireless",
        "compare the first two",
        "show me backpacks for a 15 inch laptop",
        "more please",
    ],
];

/// Clock ticks a second in `/proc`, the same on every Linux that this runs on (`man 5 proc`, `sysconf(_SC_CLK_TCK)`).
const TICKS: f64 = 100.0;

/// Measures how long turns take, for one shopper and for several at once.
///
/// Scripted conversations, half of them Chinese, run against the loaded catalog (the sample shop where nothing was
/// loaded) with the configured model. Each number of shoppers runs for the given number of turns; the first round warms up and is not counted.
/// Also says how many milliseconds of processor time a turn took over all threads (Linux): cores times 1000 divided by that is what the
/// machine allows at most.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Shoppers at once, one or more runs.
    #[arg(long, value_delimiter = ',', default_values_t = [1usize, 8])]
    shoppers: Vec<usize>,
    /// Turns counted in each run.
    #[arg(long, default_value_t = 240)]
    turns: usize,
    /// Rules and lexical search only.
    #[arg(long)]
    no_model: bool,
    /// Engines of the model side by side, instead of the configured number.
    #[arg(long, value_name = "N")]
    engines: Option<u32>,
    /// Prints JSON instead of tables.
    #[arg(long)]
    json: bool,
}

struct Run {
    shoppers: usize,
    seconds: f64,
    /// Of the processor, over all threads; none where the system does not say.
    cpu_seconds: Option<f64>,
    stages: BTreeMap<String, Vec<f64>>,
}

/// Measures and prints.
///
/// # Errors
/// The shop cannot be assembled, or a turn failed.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let mut config = common.load_config()?;
    config.model.engines = args.engines.or(config.model.engines);
    let state = tempfile::tempdir()?;
    let shop = assemble::shop_with_state(&config, &state.path().join("state"), args.no_model)?;
    let model = shop.generator.describe();
    let mut runs = Vec::new();
    for shoppers in &args.shoppers {
        runs.push(measure(&shop.assistant, (*shoppers).max(1), args.turns)?);
    }
    if args.json {
        let runs: Vec<_> = runs.iter().map(as_json).collect();
        println!("{}", serde_json::to_string_pretty(&json!({ "model": model, "runs": runs }))?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("model: {} on {}", model.name, model.device);
    for run in &runs {
        print_run(run);
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(assistant: &Assistant, shoppers: usize, turns: usize) -> anyhow::Result<Run> {
    let rounds = turns.div_ceil(shoppers * ROUNDS[0].len()).max(1);
    let converse = |shopper: usize, round: usize| -> anyhow::Result<Vec<Timings>> {
        let conversation = ConversationId::new(format!("bench:{shoppers}:{shopper}:{round}"));
        ROUNDS[(shopper + round) % ROUNDS.len()]
            .iter()
            .map(|text| {
                let input = Input::Message { text: (*text).to_owned(), about: None };
                let turn = Turn { conversation: conversation.clone(), update: None, input };
                Ok(assistant.handle(&turn, &mut ())?.timings)
            })
            .collect()
    };
    for round in 0..ROUNDS.len() {
        converse(usize::MAX / 2, round)?;
    }
    let (start, cpu) = (Instant::now(), cpu_seconds());
    let timings = std::thread::scope(|scope| {
        let running: Vec<_> = (0..shoppers)
            .map(|shopper| {
                let converse = &converse;
                scope.spawn(move || {
                    (0..rounds).map(|round| converse(shopper, round)).collect::<anyhow::Result<Vec<_>>>()
                })
            })
            .collect();
        let joined = running.into_iter().map(|thread| thread.join().ok().context("a shopper's thread panicked")?);
        joined.collect::<anyhow::Result<Vec<_>>>()
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let cpu_seconds = cpu.zip(cpu_seconds()).map(|(before, after)| after - before);
    let mut stages: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for timing in timings.into_iter().flatten().flatten() {
        for (stage, ms) in timing.iter() {
            stages.entry(stage.to_owned()).or_default().push(ms);
        }
    }
    stages.values_mut().for_each(|all| all.sort_by(f64::total_cmp));
    Ok(Run { shoppers, seconds, cpu_seconds, stages })
}

/// The processor time of this process so far.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in brackets may hold blanks; user and system time are the 14th and 15th fields.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

/// The value below which this share of the sorted values lies.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(place.saturating_sub(1)).copied().unwrap_or_default()
}

impl Run {
    fn turns(&self) -> usize {
        self.stages.get("total").map_or(0, Vec::len)
    }

    fn per_second(&self) -> f64 {
        self.turns() as f64 / self.seconds
    }

    fn cpu_ms(&self) -> Option<f64> {
        self.cpu_seconds.map(|seconds| seconds * 1e3 / self.turns().max(1) as f64)
    }
}

fn as_json(run: &Run) -> serde_json::Value {
    let stages: BTreeMap<&String, _> = run
        .stages
        .iter()
        .map(|(stage, ms)| {
            (stage, json!({ "n": ms.len(), "p50_ms": percentile(ms, 0.5), "p95_ms": percentile(ms, 0.95) }))
        })
        .collect();
    json!({ "shoppers": run.shoppers, "turns": run.turns(), "turns_per_s": run.per_second(), "cpu_ms_per_turn": run.cpu_ms(), "stages": stages })
}

fn print_run(run: &Run) {
    let cpu = run.cpu_ms().map_or_else(String::new, |ms| format!(", {ms:.1} ms of processor time a turn"));
    println!("\n{} at once: {} turns, {:.1} turns/s{cpu}", run.shoppers, run.turns(), run.per_second());
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY).set_header(["stage", "n", "p50 ms", "p95 ms"]);
    for (stage, ms) in &run.stages {
        let print = |share| format!("{:.1}", percentile(ms, share));
        table.add_row([stage.clone(), ms.len().to_string(), print(0.5), print(0.95)]);
    }
    println!("{table}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!((percentile(&sorted, 0.5), percentile(&sorted, 0.95)), (2.0, 4.0));
        assert_eq!(percentile(&[], 0.5), 0.0);
    }
}
