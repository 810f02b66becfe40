//! Reasons in the model's words, where the model is trusted with them: each checked against its product's listing.
//!
//! All are asked for at once and join the engine's batch; one that comes late, or states what the listing does not, leaves the
//! composed reason in place.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::stream::read_along;
use super::work::Work;
use crate::catalog::CatalogSnapshot;
use crate::domain::generator::{Generation, GenerationRequest, Job, Priority};
use crate::domain::ground::{Evidence, Ungrounded, ground};
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::domain::product::Product;
use crate::domain::reply::{Block, Reply};
use crate::prompts::Value;

/// Tokens that a prompt may take, estimated.
const BUDGET: usize = 1536;
/// The longest reason, in tokens.
const MAX_TOKENS: usize = 80;

/// Puts the model's reasons on the cards of a reply, if it is trusted with them; the observer sees them grow.
pub(super) fn phrase_reasons(work: &mut Work<'_>, reply: &mut Reply) {
    if work.message.is_empty() || !work.parts.generator.is_trusted_with(Job::Reason) {
        return;
    }
    let deadline = Instant::now() + Duration::from_millis(work.parts.config.explain_ms);
    let skus: Vec<Sku> = reply.cards().map(|card| card.sku.clone()).collect();
    let running: Vec<Option<Generation>> = skus
        .iter()
        .map(|sku| {
            let request = request(work, work.snapshot.product(sku)?, deadline)?;
            let generator = work.parts.generator.as_ref();
            generator.generate(request).inspect_err(|error| tracing::info!(%error, "reason composed")).ok()
        })
        .collect();
    let snapshot = Arc::clone(&work.snapshot);
    for (sku, generation) in skus.iter().zip(running) {
        let (Some(product), Some(generation)) = (snapshot.product(sku), generation) else { continue };
        work.observer.draft(reply);
        let composed = reply.cards().find(|card| card.sku == *sku).and_then(|card| card.reason.clone());
        let observer = &mut *work.observer;
        let mut grown = |sure: Option<&str>| {
            if let Some(sure) = sure {
                set_reason(reply, sku, Some(format!("{} …", sure.trim_start_matches('"'))));
                observer.draft(reply);
            }
            observer.is_wanted()
        };
        let check = |text: &str| check(&snapshot, product, text);
        let phrased = read_along(generation, &check, &mut grown).map(|text| text.trim_matches('"').trim().to_owned());
        let phrased = phrased.filter(|text| match check(text) {
            Ok(()) => !text.is_empty(),
            Err(error) => {
                tracing::info!(sku = %product.sku, %error, "draft refused");
                false
            }
        });
        set_reason(reply, sku, phrased.or(composed));
    }
}

fn set_reason(reply: &mut Reply, sku: &Sku, reason: Option<String>) {
    let cards = reply.blocks.iter_mut().flat_map(|block| match block {
        Block::Products { cards } => cards.as_mut_slice(),
        _ => &mut [],
    });
    for card in cards.filter(|card| card.sku == *sku) {
        card.reason.clone_from(&reason);
    }
}

fn request(work: &Work<'_>, product: &Product, deadline: Instant) -> Option<GenerationRequest> {
    let values = vec![
        ("language", Value::from(language_name(work.language))),
        ("request", Value::from(work.message)),
        ("product", Value::Ranked(listing_lines(product, work.language))),
    ];
    let prompt = work.parts.prompts.fill(Job::Reason, values, BUDGET).ok()?;
    Some(prompt.request(MAX_TOKENS, Priority::Explain, deadline))
}

/// Whether a text states nothing beyond the listing.
fn check(snapshot: &CatalogSnapshot, product: &Product, text: &str) -> Result<(), Ungrounded> {
    let mut evidence = Evidence::default();
    evidence.add_product(product);
    let names: Vec<String> = snapshot.lexicon().brands.iter().map(|brand| brand.text.to_lowercase()).collect();
    ground(text, &evidence, names.iter().map(String::as_str))
}

/// What the prompts call a language.
pub(super) fn language_name(language: Language) -> &'static str {
    match language {
        Language::Zh => "Chinese",
        Language::En => "English",
    }
}

/// A listing as lines, the most important first.
fn listing_lines(product: &Product, language: Language) -> Vec<String> {
    let mut lines = vec![product.title.get(language).to_owned(), product.description.get(language).to_owned()];
    lines.extend(product.price.map(|price| price.to_string()));
    lines.extend(
        product
            .attributes
            .keys()
            .filter_map(|name| Some(format!("{name}: {}", product.show_attribute(name, language)?))),
    );
    lines.retain(|line| !line.is_empty());
    lines
}
