//! Ranking by the model: in a conversation with a scripted model, and on the command line with a GGUF of random weights.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use daogou::assemble::{Core, Shop, open_catalog, shop_with_models};
use daogou::assistant::{Input, Outcome, Turn};
use daogou::domain::generator::Job;
use daogou::domain::identifier::ConversationId;
use daogou::domain::reply::Action;
use daogou::inference::scripted::Scripted;
use serde_json::Value;

use crate::shop::sample_config;
use crate::tiny_gguf::{Shape, TinyGguf};

fn shop_ranked_by(folder: &Path, model: Scripted) -> (Shop, Arc<Scripted>) {
    let mut config = sample_config(folder);
    config.store.forget_after_days = 0;
    let catalog = Arc::new(open_catalog(&config).expect("catalog"));
    let model = Arc::new(model);
    let core = Core { catalog, generator: Arc::clone(&model) as _, encoder: None };
    let shop = shop_with_models(&config, &folder.join("state"), core).expect("shop");
    (shop, model)
}

fn say(shop: &Shop, text: &str) -> Outcome {
    let input = Input::Message { text: text.into(), about: None };
    shop.assistant
        .handle(&Turn { conversation: ConversationId::from("me"), update: None, input }, &mut ())
        .expect("turn")
}

fn skus(outcome: &Outcome) -> Vec<String> {
    outcome.hits.iter().map(|hit| hit.sku.to_string()).collect()
}

#[test]
fn a_trusted_model_orders_a_conversations_hits_and_more_goes_on_in_its_order() {
    let folder = tempfile::tempdir().expect("folder");
    let (plain, _) = shop_ranked_by(folder.path(), Scripted::trusted_with(&[]));
    let lexical = say(&plain, "羽绒服");
    let favoured = {
        let snapshot = plain.catalog.snapshot();
        let more = say(&plain, "还有别的吗");
        let sku = &more.hits.last().expect("a second page").sku;
        snapshot.product(sku).expect("product").title.iter().next().expect("title").to_owned()
    };
    drop(plain);
    let folder = tempfile::tempdir().expect("folder");
    let model = Scripted::trusted_with(&[Job::Score]).scoring(&favoured, 8.0);
    let (shop, model) = shop_ranked_by(folder.path(), model);
    let first = say(&shop, "羽绒服");
    assert_eq!(first.hits[0].title, favoured, "{first:?}");
    assert_ne!(skus(&first), skus(&lexical));
    let asked = model.scorings();
    assert_eq!(asked.len(), 1, "one scoring for all candidates");
    assert!(asked[0].prefix.last().expect("a message").content.contains("羽绒服"));
    let mut seen = skus(&first);
    let input = Input::Press(Action::More);
    let turn = Turn { conversation: ConversationId::from("me"), update: None, input };
    for _ in 0..3 {
        let more = shop.assistant.handle(&turn, &mut ()).expect("turn");
        seen.extend(skus(&more));
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "no product is shown on two pages");
}

#[test]
fn where_the_shopper_wants_another_order_the_model_is_not_asked() {
    let folder = tempfile::tempdir().expect("folder");
    let (shop, model) = shop_ranked_by(folder.path(), Scripted::trusted_with(&[Job::Score]));
    let cheapest = say(&shop, "最便宜的羽绒服");
    assert!(cheapest.hits.len() > 1 && cheapest.hits.windows(2).all(|pair| pair[0].price <= pair[1].price));
    assert!(model.scorings().is_empty());
}

/// Twelve products in an order, and one query.
fn feed(folder: &Path, backwards: bool) -> std::path::PathBuf {
    let mut lines: Vec<String> = (0..12)
        .map(|number| {
            let text = ["warm", "light", "long", "blue"][number % 4];
            format!(
                r#"{{"id": "P{number:02}", "title": "{text} winter jacket {number}", "description": "{text} {text}"}}"#
            )
        })
        .collect();
    if backwards {
        lines.reverse();
    }
    let path = folder.join(format!("feed-{backwards}.jsonl"));
    std::fs::write(&path, lines.join("\n")).expect("feed");
    path
}

fn search(folder: &Path, model: &Path, rank: &str, arguments: &[&str]) -> Output {
    let config = folder.join("daogou.toml");
    std::fs::write(&config, format!("[model]\npath = {:?}\n", model.display().to_string())).expect("config");
    let queries = folder.join("queries.jsonl");
    std::fs::write(&queries, "{\"id\": 1, \"text\": \"winter jacket\"}\n").expect("queries");
    let data = folder.join("data");
    let output = Command::new(env!("CARGO_BIN_EXE_daogou"))
        .args(["search", "--rank", rank, "--queries"])
        .arg(&queries)
        .arg("--config")
        .arg(&config)
        .arg("--data-dir")
        .arg(&data)
        .args(arguments)
        .output()
        .expect("daogou runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn scores(output: &Output) -> BTreeMap<String, f64> {
    let line: Value = serde_json::from_slice(&output.stdout).expect("a line of JSON");
    let hits = line["hits"].as_array().expect("hits").clone();
    hits.iter()
        .map(|hit| (hit["sku"].as_str().expect("sku").to_owned(), hit["score"].as_f64().expect("score")))
        .collect()
}

#[test]
fn scores_of_a_gguf_do_not_depend_on_the_order_of_the_feed() {
    let folder = tempfile::tempdir().expect("folder");
    let model = folder.path().join("tiny.gguf");
    TinyGguf { context: 8192, ..TinyGguf::new(Shape::Qwen) }.write(&model);
    let feeds = [feed(folder.path(), false), feed(folder.path(), true)];
    let [one, other] = feeds.map(|feed| {
        scores(&search(folder.path(), &model, "model", &["--catalog", &feed.display().to_string(), "--weight", "1"]))
    });
    assert_eq!(one.len(), 10);
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (sku, score) in &one {
        assert!((score - other[sku]).abs() < 1e-3, "{sku}: {score} {}", other[sku]);
        assert!((0.0..=1.0).contains(score));
    }
    let distinct: std::collections::BTreeSet<String> = one.values().map(|score| format!("{score:.3}")).collect();
    assert!(distinct.len() > 1, "random weights tell candidates apart: {one:?}");
}

#[test]
fn an_untrusted_model_leaves_the_lexical_order_and_that_is_said() {
    let folder = tempfile::tempdir().expect("folder");
    let feed = feed(folder.path(), false).display().to_string();
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/daogou-compact.gguf");
    let by_model = search(folder.path(), &bundled, "model", &["--catalog", &feed]);
    let said = String::from_utf8_lossy(&by_model.stderr).into_owned();
    assert!(said.contains("not trusted to score") && said.contains("lexical"), "{said}");
    let lexical = search(folder.path(), &bundled, "lexical", &["--catalog", &feed]);
    assert_eq!(by_model.stdout, lexical.stdout);
}
