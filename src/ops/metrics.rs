//! What is counted, in Prometheus' words. Names begin with `daogou_`; units are base units.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::assistant::Outcome;
use crate::domain::generator::TokenTotals;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TurnLabels {
    intent: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabels {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    method: &'static str,
    outcome: &'static str,
}

/// What is read off the running shop when metrics are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ShopView {
    /// The catalog generation.
    pub generation: u64,
    /// Its products.
    pub products: usize,
    /// Since it became current.
    pub catalog_age_s: u64,
    /// Requests that wait for the model or run on it.
    pub model_queue: usize,
    /// What the model read and wrote since the start.
    pub tokens: TokenTotals,
}

/// The metrics of one process.
pub struct Metrics {
    registry: Registry,
    turns: Family<TurnLabels, Counter>,
    stages: Family<StageLabels, Histogram, fn() -> Histogram>,
    answers: Histogram,
    calls: Family<CallLabels, Counter>,
    call_time: Histogram,
    waiting: Gauge,
    model_queue: Gauge,
    generation: Gauge,
    products: Gauge,
    catalog_age: Gauge,
    model_time: Counter<f64, AtomicU64>,
    tokens: Family<[(&'static str, &'static str); 1], Counter>,
    tokens_per_second: Gauge<f64, AtomicU64>,
    cache_reuse: Gauge<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Metrics that stand at zero.
    pub fn new() -> Self {
        let fast: fn() -> Histogram = || Histogram::new(exponential_buckets(0.0005, 2.5, 12));
        let metrics = Self {
            registry: Registry::with_prefix("daogou"),
            turns: Family::default(),
            stages: Family::new_with_constructor(fast),
            answers: Histogram::new(exponential_buckets(0.025, 2.0, 12)),
            calls: Family::default(),
            call_time: Histogram::new(exponential_buckets(0.005, 2.5, 10)),
            waiting: Gauge::default(),
            model_queue: Gauge::default(),
            generation: Gauge::default(),
            products: Gauge::default(),
            catalog_age: Gauge::default(),
            model_time: Counter::default(),
            tokens: Family::default(),
            tokens_per_second: Gauge::default(),
            cache_reuse: Gauge::default(),
        };
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("turns", "Turns by intent and outcome", self.turns.clone());
        registry.register_with_unit("stage", "Time of each stage of a turn", Unit::Seconds, self.stages.clone());
        registry.register_with_unit(
            "answer",
            "From an update's arrival to the end of its reply",
            Unit::Seconds,
            self.answers.clone(),
        );
        registry.register("telegram_calls", "Bot API calls by method and outcome", self.calls.clone());
        registry.register_with_unit(
            "telegram_call",
            "Time of Bot API calls except long polls",
            Unit::Seconds,
            self.call_time.clone(),
        );
        registry.register("updates_waiting", "Updates that wait or are being answered", self.waiting.clone());
        registry.register("model_queue", "Requests that wait for the model or run on it", self.model_queue.clone());
        registry.register("catalog_generation", "The catalog generation that is sold from", self.generation.clone());
        registry.register("catalog_products", "Products in it", self.products.clone());
        registry.register_with_unit("catalog_age", "Since it became current", Unit::Seconds, self.catalog_age.clone());
        registry.register_with_unit(
            "model_time",
            "Time that generations took, from admission to the last token",
            Unit::Seconds,
            self.model_time.clone(),
        );
        registry.register(
            "model_tokens",
            "Tokens of generations: prompt, cached of those, completion",
            self.tokens.clone(),
        );
        registry.register(
            "model_tokens_per_second",
            "Tokens read anew or written, by the time of generations, since the start",
            self.tokens_per_second.clone(),
        );
        registry.register(
            "model_cache_reuse_ratio",
            "Part of the prompts' tokens that came from the cache, since the start",
            self.cache_reuse.clone(),
        );
        self
    }

    /// Counts a turn whose reply was delivered.
    pub fn turn(&self, outcome: &Outcome, took: Duration) {
        let intent = match &outcome.understood {
            Some(understood) => understood.intent.intent.name().to_owned(),
            None => "button".to_owned(),
        };
        let result = match (&outcome.handoff, &outcome.reply) {
            (Some(_), _) => "handoff",
            (None, Some(_)) => "answered",
            (None, None) => "silent",
        };
        self.turns.get_or_create(&TurnLabels { intent, outcome: result }).inc();
        for (stage, ms) in outcome.timings.iter() {
            self.stages.get_or_create(&StageLabels { stage }).observe(ms / 1e3);
        }
        self.answers.observe(took.as_secs_f64());
    }

    /// Counts a turn that failed.
    pub fn failed_turn(&self) {
        self.turns.get_or_create(&TurnLabels { intent: "unknown".into(), outcome: "failed" }).inc();
    }

    /// Counts a Bot API call.
    pub fn call(&self, method: &'static str, outcome: &'static str, took: Duration) {
        self.calls.get_or_create(&CallLabels { method, outcome }).inc();
        if method != "getUpdates" {
            self.call_time.observe(took.as_secs_f64());
        }
    }

    /// Notes how many updates wait.
    pub fn waiting(&self, updates: usize) {
        self.waiting.set(i64::try_from(updates).unwrap_or(i64::MAX));
    }

    /// The metrics as OpenMetrics text.
    ///
    /// # Errors
    /// Formatting failed.
    pub fn text(&self, view: ShopView) -> Result<String, std::fmt::Error> {
        let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.generation.set(number(view.generation));
        self.products.set(number(view.products as u64));
        self.catalog_age.set(number(view.catalog_age_s));
        self.model_queue.set(number(view.model_queue as u64));
        let TokenTotals { prompt, cached, completion, ms } = view.tokens;
        // Counted by the engine: brought here as they stand.
        let seconds = ms as f64 / 1e3;
        self.model_time.inner().store(seconds.to_bits(), Ordering::Relaxed);
        for (kind, count) in [("prompt", prompt), ("cached", cached), ("completion", completion)] {
            self.tokens.get_or_create(&[("kind", kind)]).inner().store(count, Ordering::Relaxed);
        }
        let per = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        self.tokens_per_second.set(per((prompt.saturating_sub(cached) + completion) as f64, seconds));
        self.cache_reuse.set(per(cached as f64, prompt as f64));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// OpenMetrics text in the older text format (version 0.0.4), for whoever does not ask for the newer one: counters are declared by
/// their whole name, and there are neither units nor an end.
pub fn in_text_format(openmetrics: &str) -> String {
    let counters: Vec<&str> =
        openmetrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter")).collect();
    let mut text = String::with_capacity(openmetrics.len());
    for line in openmetrics.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("UNIT" | "EOF"), ..) => continue,
            (Some("#"), Some(kind @ ("HELP" | "TYPE")), Some(name), Some(rest)) if counters.contains(&name) => {
                text.push_str(&format!("# {kind} {name}_total {rest}\n"));
            }
            _ => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_text_format_declares_counters_by_their_whole_name() {
        let metrics = Metrics::new();
        metrics.failed_turn();
        let text = in_text_format(&metrics.text(ShopView::default()).expect("text"));
        assert!(text.contains("# TYPE daogou_turns_total counter\ndaogou_turns_total{intent"), "{text}");
        assert!(text.contains("# TYPE daogou_answer_seconds histogram\n"), "{text}");
        assert!(!text.contains("# EOF") && !text.contains("# UNIT") && text.ends_with('\n'), "{text}");
    }

    #[test]
    fn tokens_are_counters_and_their_rates_gauges() {
        let tokens = TokenTotals { prompt: 300, cached: 200, completion: 50, ms: 500 };
        let text = Metrics::new().text(ShopView { tokens, ..ShopView::default() }).expect("text");
        for line in [
            "daogou_model_tokens_total{kind=\"completion\"} 50",
            "daogou_model_time_seconds_total 0.5",
            "daogou_model_tokens_per_second 300.0",
            "daogou_model_cache_reuse_ratio 0.6",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }

    #[test]
    fn metrics_are_named_counted_and_end_as_openmetrics_wants() {
        let metrics = Metrics::new();
        metrics.call("sendMessage", "flood", Duration::from_millis(20));
        metrics.failed_turn();
        let text = metrics.text(ShopView { generation: 7, ..ShopView::default() }).expect("text");
        assert!(text.contains("daogou_telegram_calls_total{method=\"sendMessage\",outcome=\"flood\"} 1"), "{text}");
        assert!(text.contains("daogou_turns_total{intent=\"unknown\",outcome=\"failed\"} 1"), "{text}");
        assert!(text.contains("daogou_catalog_generation 7") && text.ends_with("# EOF\n"), "{text}");
    }
}
