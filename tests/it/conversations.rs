//! Held conversations: every transcript in `tests/conversations/` against the sample shop and the bundled model.
//!
//! A transcript is JSON Lines: first `{"about", "lang"}`, then a turn a line, `{"say": TEXT}` or `{"press": ACTION}` with what must
//! hold of its outcome; see `check` for the assertions. Wording is never asserted beyond what cannot vary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use daogou::assistant::{Assistant, Input, Outcome, Turn};
use daogou::domain::identifier::{ConversationId, Sku};
use daogou::domain::product::Product;
use daogou::domain::reply::{Action, Block};
use serde_json::Value;

use crate::shop::sample_shop;

fn transcripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversations");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("tests/conversations").map(|entry| entry.expect("entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    paths
}

#[test]
fn every_transcript_holds() {
    let shop = sample_shop();
    let mut failures = Vec::new();
    let mut turns = 0;
    for path in transcripts() {
        let name = path.file_stem().expect("name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("transcript");
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        assert!(
            lines.next().is_some_and(|line| line.contains("\"about\"")),
            "{name}: the first line says what it is about"
        );
        let mut firsts: Vec<Option<Sku>> = Vec::new();
        for (place, line) in lines.enumerate() {
            turns += 1;
            let expected: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}"));
            let outcome = take(&shop.assistant, &name, &expected);
            firsts.push(outcome.hits.first().map(|hit| hit.sku.clone()));
            for problem in check(&shop.assistant, &expected, &outcome, &firsts) {
                failures.push(format!("{name} turn {}: {} — {problem}", place + 1, expected["say"]));
            }
        }
    }
    println!("{turns} turns");
    assert!(failures.is_empty(), "{} broken:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn there_are_forty_transcripts_in_both_languages() {
    let names: Vec<String> =
        transcripts().iter().map(|path| path.file_stem().expect("name").to_string_lossy().into()).collect();
    let count = |prefix: &str| names.iter().filter(|name| name.starts_with(prefix)).count();
    assert!(names.len() >= 40 && count("zh") >= 20 && count("en") >= 20, "{names:?}");
}

fn take(assistant: &Assistant, name: &str, expected: &Value) -> Outcome {
    let input = match expected.get("press") {
        Some(action) => Input::Press(serde_json::from_value::<Action>(action.clone()).expect("action")),
        None => {
            let about = expected.get("card").map(|sku| Sku::new(sku.as_str().expect("a card's product")));
            Input::Message { text: expected["say"].as_str().expect("say or press").to_owned(), about }
        }
    };
    let turn = Turn { conversation: ConversationId::new(format!("transcript:{name}")), update: None, input };
    assistant.handle(&turn, &mut ()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What does not hold, one sentence a broken assertion.
fn check(assistant: &Assistant, expected: &Value, outcome: &Outcome, firsts: &[Option<Sku>]) -> Vec<String> {
    let mut broken = Vec::new();
    let object = expected.as_object().expect("a turn is an object");
    for (key, wanted) in object {
        let problem = match key.as_str() {
            "say" | "press" | "card" | "note" => None,
            "intent" => check_intent(wanted, outcome),
            "slots" => check_slots(wanted, outcome),
            "lang" => differs(wanted, &outcome.reply.as_ref().map_or(Value::Null, |reply| reply.lang.code().into())),
            "hits" => check_hits(assistant, wanted, outcome),
            "no_hits" => (outcome.hits.is_empty() != *wanted).then(|| format!("{} hits", outcome.hits.len())),
            "relaxations" => differs(wanted, &(!outcome.session.relaxations.is_empty()).into()),
            "block" => check_blocks(wanted, outcome),
            "text_any" => {
                let text = whole_text(outcome);
                let found = strings(wanted).iter().any(|part| text.contains(part));
                (!found).then(|| format!("none of {wanted} in: {text}"))
            }
            "text_all" => {
                let text = whole_text(outcome);
                strings(wanted).iter().find(|part| !text.contains(*part)).map(|part| format!("no {part} in: {text}"))
            }
            "text_none" => {
                let text = whole_text(outcome);
                strings(wanted).iter().find(|part| text.contains(*part)).map(|part| format!("{part} in: {text}"))
            }
            "cart" => {
                let cart: BTreeMap<String, u32> =
                    outcome.session.cart.lines().iter().map(|line| (line.sku.to_string(), line.quantity)).collect();
                differs(wanted, &serde_json::to_value(cart).expect("cart"))
            }
            "saved" => differs(wanted, &serde_json::to_value(&outcome.session.saved).expect("saved")),
            "handoff" => {
                let reason =
                    outcome.handoff.as_ref().map(|handoff| serde_json::to_value(handoff.reason).expect("reason"));
                match wanted {
                    Value::Bool(any) => (*any != reason.is_some()).then(|| format!("handoff is {reason:?}")),
                    exact => differs(exact, &reason.unwrap_or_default()),
                }
            }
            "focus" => differs(wanted, &serde_json::to_value(&outcome.session.focus).expect("focus")),
            "same_first_as" => {
                let turn = wanted.as_u64().expect("a turn's number") as usize;
                (firsts.last() != firsts.get(turn - 1)).then(|| format!("first hits {firsts:?}"))
            }
            other => panic!("unknown assertion `{other}`"),
        };
        broken.extend(problem.map(|problem| format!("{key}: {problem}")));
    }
    let snapshot = assistant.parts().catalog.snapshot();
    for offer in &outcome.session.relaxations {
        let total = snapshot.search(&offer.query).expect("a search").total;
        if total != offer.count || total == 0 {
            broken.push(format!("relaxation {:?} promises {} and finds {total}", offer.change, offer.count));
        }
    }
    broken
}

fn differs(wanted: &Value, found: &Value) -> Option<String> {
    (wanted != found).then(|| format!("wanted {wanted}, found {found}"))
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().map(|one| one.as_str().expect("text").to_owned()).collect(),
        one => vec![one.as_str().expect("text").to_owned()],
    }
}

fn check_intent(wanted: &Value, outcome: &Outcome) -> Option<String> {
    let found = outcome.understood.as_ref().map_or("none", |understood| understood.intent.intent.name());
    (!strings(wanted).iter().any(|name| name == found)).then(|| format!("wanted {wanted}, found {found}"))
}

/// Every wanted key holds: texts by mutual containment without case, the rest exactly.
fn check_slots(wanted: &Value, outcome: &Outcome) -> Option<String> {
    let found = serde_json::to_value(&outcome.understood.as_ref()?.intent).expect("intent");
    let problems: Vec<String> = wanted
        .as_object()?
        .iter()
        .filter(|(key, value)| !slot_fits(value, found.get(*key).unwrap_or(&Value::Null)))
        .map(|(key, value)| format!("{key}: wanted {value}, found {}", found.get(key).unwrap_or(&Value::Null)))
        .collect();
    (!problems.is_empty()).then(|| problems.join("; "))
}

fn slot_fits(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            wanted.iter().all(|(key, value)| slot_fits(value, found.get(key).unwrap_or(&Value::Null)))
        }
        (Value::Array(wanted), found) => wanted.iter().all(|one| slot_fits(one, found)),
        (one, Value::Array(found)) => found.iter().any(|it| slot_fits(one, it)),
        (Value::Number(wanted), Value::Number(found)) => wanted.as_f64() == found.as_f64(),
        (Value::String(wanted), Value::String(found)) => {
            let (wanted, found) = (wanted.to_lowercase(), found.to_lowercase());
            found.contains(&wanted) || wanted.contains(&found)
        }
        (wanted, found) => wanted == found,
    }
}

fn check_hits(assistant: &Assistant, wanted: &Value, outcome: &Outcome) -> Option<String> {
    let snapshot = assistant.parts().catalog.snapshot();
    let products: Vec<&Product> = outcome.hits.iter().filter_map(|hit| snapshot.product(&hit.sku)).collect();
    let mut problems = Vec::new();
    for (key, value) in wanted.as_object().expect("hits is an object") {
        let each = |fits: &dyn Fn(&Product) -> bool| {
            products.iter().find(|product| !fits(product)).map(|product| format!("{key} {value}: not {}", product.sku))
        };
        let price = |product: &Product| product.price.map(|price| price.major());
        problems.extend(match key.as_str() {
            "min" => (products.len() < value.as_u64().expect("min") as usize)
                .then(|| format!("only {} hits", products.len())),
            "max" => {
                (products.len() > value.as_u64().expect("max") as usize).then(|| format!("{} hits", products.len()))
            }
            "category" => each(&|product| {
                strings(value)
                    .iter()
                    .any(|name| product.category.iter().any(|category| category.eq_ignore_ascii_case(name)))
            }),
            "brand" => each(&|product| {
                product.brand.iter().any(|brand| strings(value).iter().any(|name| brand.eq_ignore_ascii_case(name)))
            }),
            "price_max" => each(&|product| price(product).is_some_and(|price| price <= value.as_f64().expect("price"))),
            "price_min" => each(&|product| price(product).is_some_and(|price| price >= value.as_f64().expect("price"))),
            "in_stock" => each(&|product| product.is_in_stock() == value.as_bool().expect("in_stock")),
            "attributes" => value.as_object().expect("attributes").iter().find_map(|(name, word)| {
                let word = word.as_str().expect("word").to_lowercase();
                each(&|product| {
                    let variants =
                        product.variants.iter().flat_map(|variant| variant.attributes.get(name).into_iter().flatten());
                    product
                        .attribute(name)
                        .iter()
                        .chain(variants)
                        .any(|it| it.forms().iter().any(|form| form.contains(&word)))
                })
            }),
            "none_with" => each(&|product| {
                let mut texts: Vec<String> =
                    product.title.iter().chain(product.brand.iter()).map(str::to_lowercase).collect();
                texts.extend(product.attributes.values().flatten().flat_map(|it| it.forms()));
                !strings(value).iter().any(|word| texts.iter().any(|text| text.contains(&word.to_lowercase())))
            }),
            "includes" => strings(value)
                .iter()
                .find(|sku| products.iter().all(|product| product.sku.as_str() != sku.as_str()))
                .map(|sku| {
                    format!("{sku} is missing among {:?}", outcome.hits.iter().map(|hit| &hit.sku).collect::<Vec<_>>())
                }),
            "excludes" => each(&|product| !strings(value).iter().any(|sku| product.sku.as_str() == sku)),
            "sorted" => {
                let keys: Vec<f64> =
                    products.iter().map(|product| sort_key(product, value.as_str().expect("sort"))).collect();
                (!keys.is_sorted()).then(|| format!("not sorted {value}: {keys:?}"))
            }
            other => panic!("unknown assertion on hits `{other}`"),
        });
    }
    (!problems.is_empty()).then(|| problems.join("; "))
}

fn sort_key(product: &Product, order: &str) -> f64 {
    match order {
        "price_asc" => product.price.map_or(f64::INFINITY, |price| price.major()),
        "price_desc" => product.price.map_or(f64::INFINITY, |price| -price.major()),
        "rating" => -f64::from(product.rating.unwrap_or_default()),
        "sales" => -f64::from(product.sales.unwrap_or_default()),
        "newest" => -product.added.map_or(0.0, |date| f64::from(date.to_julian_day())),
        other => panic!("unknown order `{other}`"),
    }
}

fn check_blocks(wanted: &Value, outcome: &Outcome) -> Option<String> {
    let name = |block: &Block| serde_json::to_value(block).expect("block")["block"].as_str().expect("kind").to_owned();
    let found: Vec<String> = outcome.reply.iter().flat_map(|reply| reply.blocks.iter().map(name)).collect();
    strings(wanted).iter().find(|kind| !found.contains(kind)).map(|kind| format!("no {kind} among {found:?}"))
}

fn whole_text(outcome: &Outcome) -> String {
    outcome.reply.as_ref().map(|reply| reply.plain_text()).unwrap_or_default()
}
