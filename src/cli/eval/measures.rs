//! What is measured besides understanding: service, groundedness, ranking, sentiment, aspects.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::summary::{Summary, Unit};
use super::{Args, Bench};
use crate::assemble::{self, Core, Shop};
use crate::assistant::{Input, Turn};
use crate::catalog::CatalogSnapshot;
use crate::config::locate;
use crate::domain::generator::{Job, Priority, ScoreRequest};
use crate::domain::identifier::ConversationId;
use crate::domain::sentiment::ReviewSentiment;
use crate::domain::session::Session;
use crate::evaluation::groundedness::{evidence, said, violations};
use crate::evaluation::service::{ServiceScores, ask_policies, ask_policies_in_chat, ask_products};
use crate::evaluation::sets::{Opinion, Sets};
use crate::evaluation::{aspects as aspect_scores, ranking};

/// Messages of one conversation.
const TURNS: usize = 6;
/// Conversations are made of at most so many messages.
const MESSAGES: usize = 1200;
/// Texts that a language model judges: it is much slower than the linear one.
const MODEL_TEXTS: usize = 200;
/// How long it may take for all of them.
const PATIENCE: Duration = Duration::from_secs(600);

/// Questions of policy and about products.
pub fn service(bench: &Bench, sets: &Sets, args: &Args, prints: bool, summary: &mut Summary) -> anyhow::Result<Value> {
    let mut found = Vec::new();
    let mut mistake = |text: String| {
        if args.mistakes && prints {
            eprintln!("{text}");
        }
    };
    let mut note = |path: &Path, what: &str, scores: ServiceScores| {
        let (what, name) = match what.strip_suffix(" in conversation") {
            Some(what) => (what, format!("{}, in conversation", stem(path))),
            None => (what, stem(path)),
        };
        if scores.answerable > 0 {
            summary.add(format!("{name}: {what} right ({})", scores.answerable), scores.right_share(), Unit::Share);
            if scores.any_right > scores.right {
                let measure = format!("{name}: right {what} among those quoted ({} quote two)", scores.two_quoted);
                summary.add(measure, scores.any_right_share(), Unit::Share);
            }
        }
        if scores.unanswerable > 0 {
            let measure = format!("{name}: unanswerable recognised ({})", scores.unanswerable);
            summary.add(measure, scores.recognised_share(), Unit::Share);
        }
        found.push(json!({"set": path, "kind": what, "scores": scores}));
    };
    if !sets.policies.is_empty() {
        let knowledge = assemble::load_policies(&bench.config, bench.encoder.clone())?;
        for (path, questions) in &sets.policies {
            note(path, "passage", ask_policies(&knowledge, questions, &mut mistake));
        }
    }
    if !(sets.products.is_empty() && sets.policies.is_empty()) {
        let shop = OpenShop::of(bench)?;
        for (path, questions) in &sets.policies {
            let scores =
                ask_policies_in_chat(&shop.shop.assistant, &path.display().to_string(), questions, &mut mistake)?;
            note(path, "passage in conversation", scores);
        }
        for (path, questions) in &sets.products {
            note(
                path,
                "evidence",
                ask_products(&shop.shop.assistant, &path.display().to_string(), questions, &mut mistake)?,
            );
        }
    }
    Ok(json!(found))
}

/// Conversations of the sets' own messages: whether a reply states what its turn has no evidence for, and how long turns take.
pub fn grounded(bench: &Bench, sets: &Sets, args: &Args, prints: bool, summary: &mut Summary) -> anyhow::Result<Value> {
    let messages: Vec<&str> = sets.messages.iter().map(|message| message.text.as_str()).take(MESSAGES).collect();
    if messages.is_empty() {
        return Ok(Value::Null);
    }
    let opened = OpenShop::of(bench)?;
    let shop = &opened.shop;
    let snapshot = shop.catalog.snapshot();
    let policies = policy_text(&locate(&bench.config.shop.policies));
    let bar = indicatif::ProgressBar::new(messages.len() as u64);
    let (mut turns, mut wrong, mut times) = (0usize, Vec::new(), Vec::new());
    for (number, said_by_shopper) in messages.chunks(TURNS).enumerate() {
        let conversation = ConversationId::new(format!("eval:{number}"));
        let mut session = Session::new(conversation.clone());
        for text in said_by_shopper {
            bar.inc(1);
            let input = Input::Message { text: (*text).to_owned(), about: None };
            let start = Instant::now();
            let turn = Turn { conversation: conversation.clone(), update: None, input };
            let outcome = shop.assistant.handle(&turn, &mut ())?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            let evidence = evidence(&snapshot, bench.config.shop.currency, &session, &outcome, &policies)?;
            let stated = violations(&snapshot, &evidence, &outcome);
            if !stated.is_empty() {
                if args.mistakes && prints {
                    eprintln!("UNGROUNDED {text} | {stated:?} | {}", said(&outcome));
                }
                wrong.push(json!({"text": text, "stated": stated}));
            }
            turns += 1;
            session = outcome.session;
        }
    }
    bar.finish_and_clear();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)];
    let share = 1.0 - wrong.len() as f64 / turns as f64;
    summary.add(format!("turns without an ungrounded fact ({turns})"), share, Unit::Share);
    summary.add("whole turn p50", at(0.5), Unit::Milliseconds);
    summary.add("whole turn p95", at(0.95), Unit::Milliseconds);
    Ok(json!({"turns": turns, "grounded": share, "wrong": wrong, "p50_ms": at(0.5), "p95_ms": at(0.95)}))
}

/// Search on folders of queries with graded products.
pub fn rankings(bench: &Bench, sets: &Sets, summary: &mut Summary) -> anyhow::Result<Value> {
    let mut found = Vec::new();
    let generator = bench.generator.as_ref();
    let candidates = bench.config.assistant.rank_candidates;
    for (path, set) in &sets.rankings {
        let mut shop = bench.config.clone();
        shop.shop.feed.clone_from(&set.feed);
        shop.shop.reviews = "".into();
        let source = assemble::configured_source(&shop);
        let (snapshot, _) = CatalogSnapshot::in_memory(&source, &assemble::load_options(&shop).feed)?;
        let can_score = bench.prompts.scoring(Job::Score, vec![("request", "?".into())], 4096).is_ok();
        let model = can_score.then_some((generator, &bench.prompts));
        let bar = indicatif::ProgressBar::new(set.queries.len() as u64);
        let scores = ranking::measure(set, &snapshot, model, candidates, || bar.inc(1))?;
        bar.finish_and_clear();
        let name = stem(path);
        let all = scores.all;
        summary.add(format!("{name}: nDCG@10 lexical, all ({})", all.queries), all.lexical, Unit::Score);
        if scores.hopeless > 0 {
            let measure = format!("{name}: the same with {} queries without a relevant product as 0", scores.hopeless);
            summary.add(measure, scores.all_with_hopeless, Unit::Score);
        }
        if let (Some(weight), Some(mixed)) = (scores.weight, scores.reported.mixed) {
            let (fitted, reported) = (scores.fitted, scores.reported);
            let half = |what: &str, queries| format!("{name}: nDCG@10 {what} ({queries})");
            summary.add(half("lexical, half fitted on", fitted.queries), fitted.lexical, Unit::Score);
            summary.add(
                half("with the model, half fitted on", fitted.queries),
                fitted.mixed.unwrap_or_default(),
                Unit::Score,
            );
            summary.add(half("lexical, other half", reported.queries), reported.lexical, Unit::Score);
            summary.add(half("with the model, other half", reported.queries), mixed, Unit::Score);
            summary.add(format!("{name}: fitted weight of the model"), f64::from(weight), Unit::Score);
            if scores.unscored > 0 {
                let count = scores.unscored as f64 / (all.queries as f64).max(1.0);
                summary.add(format!("{name}: queries too long for the model"), count, Unit::Error);
            }
            let ms = scores.scoring_p50_ms.unwrap_or_default();
            summary.add(format!("{name}: scoring {candidates} candidates p50"), ms, Unit::Milliseconds);
        }
        let is_trusted = generator.is_trusted_with(Job::Score);
        found.push(json!({"set": path, "trusted": is_trusted, "scores": scores}));
    }
    Ok(json!(found))
}

/// Praise told from complaint by words alone, as it ships with the encoder, and by the language model where it has a prompt for that.
pub fn sentiment(bench: &Bench, sets: &Sets, summary: &mut Summary) -> anyhow::Result<Value> {
    let linear = ReviewSentiment::bundled()?;
    let shipped = linear.clone().with_encoder(bench.encoder.clone());
    let mut found = Vec::new();
    for (path, texts) in &sets.opinions {
        let judged = |texts: &[&Opinion], model: &ReviewSentiment| {
            let of: Vec<&str> = texts.iter().map(|text| text.text.as_str()).collect();
            let right =
                texts.iter().zip(model.praise(&of)).filter(|(text, praise)| (*praise >= 0.5) == text.is_praise());
            right.count() as f64 / texts.len().max(1) as f64
        };
        let accuracy = |texts: &[&Opinion]| judged(texts, &linear);
        let all: Vec<&Opinion> = texts.iter().collect();
        let held_out: Vec<&Opinion> = texts.iter().filter(|text| text.is_held_out()).collect();
        let (name, whole, fifth) = (stem(path), accuracy(&all), accuracy(&held_out));
        summary.add(format!("{name}: sentiment by words, all ({})", all.len()), whole, Unit::Share);
        summary.add(format!("{name}: sentiment by words, the fixed fifth ({})", held_out.len()), fifth, Unit::Share);
        let with_encoder = bench.encoder.as_ref().map(|_| judged(&held_out, &shipped));
        if let Some(share) = with_encoder {
            summary.add(
                format!("{name}: sentiment as shipped, the fixed fifth ({})", held_out.len()),
                share,
                Unit::Share,
            );
        }
        let few: Vec<&Opinion> =
            held_out.iter().step_by(held_out.len().div_ceil(MODEL_TEXTS).max(1)).copied().collect();
        let by_model = by_model(bench, &few);
        if let Some(by_model) = by_model {
            let count = few.len();
            summary.add(format!("{name}: sentiment by the model, of the fifth ({count})"), by_model, Unit::Share);
            summary.add(format!("{name}: the linear model on the same ({count})"), accuracy(&few), Unit::Share);
        }
        found.push(json!({
            "set": path, "texts": all.len(), "accuracy": whole, "held_out": held_out.len(), "held_out_accuracy": fifth,
            "held_out_shipped": with_encoder.unwrap_or(fifth),
            "model_texts": by_model.map(|_| few.len()), "model_accuracy": by_model,
        }));
    }
    Ok(json!(found))
}

fn by_model(bench: &Bench, texts: &[&Opinion]) -> Option<f64> {
    let prompt = bench.prompts.scoring(Job::Sentiment, Vec::new(), 2048).ok()?;
    let scores = bench.generator.score(ScoreRequest {
        prefix: prompt.prefix,
        candidates: texts.iter().map(|text| text.text.chars().take(800).collect()).collect(),
        positive: prompt.positive,
        negative: prompt.negative,
        priority: Priority::Background,
        deadline: Instant::now() + PATIENCE,
    });
    let scores = scores.inspect_err(|error| eprintln!("sentiment by the model: {error}")).ok()?;
    let right = scores.iter().zip(texts).filter(|(score, text)| (**score >= 0.0) == text.is_praise()).count();
    Some(right as f64 / texts.len().max(1) as f64)
}

/// Aspects of reviews.
pub fn aspects(sets: &Sets, summary: &mut Summary) -> anyhow::Result<Value> {
    let linear = ReviewSentiment::bundled()?;
    let mut found = Vec::new();
    for (path, labels) in &sets.aspects {
        let scores = aspect_scores::measure(labels, &linear);
        let (name, judged) = (stem(path), scores.judged.max(1) as f64);
        let named = scores.named as f64 / scores.labels.max(1) as f64;
        summary.add(format!("{name}: aspects that have a name here ({})", scores.labels), named, Unit::Share);
        summary.add(format!("{name}: polarity right ({})", scores.judged), scores.right as f64 / judged, Unit::Share);
        summary.add(format!("{name}: polarity, mean of both sides"), scores.balanced, Unit::Share);
        found.push(json!({"set": path, "scores": scores}));
    }
    Ok(json!(found))
}

/// The whole shop with the bench's model, its state forgotten at the end.
struct OpenShop {
    shop: Shop,
    _folder: tempfile::TempDir,
}

impl OpenShop {
    fn of(bench: &Bench) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut config = bench.config.clone();
        config.store.forget_after_days = 0;
        if !config.data_dir.join("catalog/CURRENT").is_file() {
            config.data_dir = folder.path().to_owned();
        }
        let catalog = Arc::new(assemble::open_catalog(&config)?);
        let core = Core { catalog, generator: Arc::clone(&bench.generator), encoder: bench.encoder.clone() };
        let state = folder.path().join("state");
        let shop = assemble::shop_with_models(&config, &state, core)?;
        Ok(Self { shop, _folder: folder })
    }
}

fn policy_text(folder: &Path) -> String {
    let Ok(entries) = std::fs::read_dir(folder) else { return String::new() };
    entries.flatten().filter_map(|entry| std::fs::read_to_string(entry.path()).ok()).collect()
}

/// A set's short name.
fn stem(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.trim_end_matches(".gz").trim_end_matches(".jsonl").to_owned()
}
