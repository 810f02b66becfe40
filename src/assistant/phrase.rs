//! Reasons in the model's words, where the model is trusted with them: each checked against its product's listing.
//!
//! All are asked for at once and join the engine's batch; one that comes late, or states what the listing does not, leaves the
//! composed reason in place.

use std::time::{Duration, Instant};

use super::work::Work;
use crate::domain::generator::{FinishReason, Generation, GenerationRequest, Job, Priority};
use crate::domain::ground::{Evidence, ground};
use crate::domain::language::Language;
use crate::domain::product::Product;
use crate::domain::reply::Card;
use crate::prompts::Value;

/// Tokens that a prompt may take, estimated.
const BUDGET: usize = 1536;
/// The longest reason, in tokens.
const MAX_TOKENS: usize = 80;

/// Puts the model's reasons on the cards, if it is trusted with them.
pub(super) fn phrase_reasons(work: &Work<'_>, cards: &mut [Card]) {
    let generator = work.parts.generator.as_ref();
    if work.message.is_empty() || !generator.is_trusted_with(Job::Reason) {
        return;
    }
    let deadline = Instant::now() + Duration::from_millis(work.parts.config.explain_ms);
    let running: Vec<Option<Generation>> = cards
        .iter()
        .map(|card| {
            let request = request(work, work.snapshot.product(&card.sku)?, deadline)?;
            generator.generate(request).inspect_err(|error| tracing::info!(%error, "reason composed")).ok()
        })
        .collect();
    for (card, generation) in cards.iter_mut().zip(running) {
        let Some(product) = work.snapshot.product(&card.sku) else { continue };
        if let Some(text) = generation.and_then(|generation| checked(work, product, generation)) {
            card.reason = Some(text);
        }
    }
}

fn request(work: &Work<'_>, product: &Product, deadline: Instant) -> Option<GenerationRequest> {
    let values = vec![
        ("language", Value::from(language_name(work.language))),
        ("request", Value::from(work.message)),
        ("product", Value::Ranked(listing_lines(product, work.language))),
    ];
    let prompt = work.parts.prompts.fill(Job::Reason, values, BUDGET).ok()?;
    Some(GenerationRequest {
        messages: prompt.messages,
        shared_messages: prompt.shared_messages,
        grammar: None,
        max_tokens: MAX_TOKENS,
        temperature: 0.0,
        seed: 0,
        priority: Priority::Explain,
        deadline,
    })
}

/// The finished sentence, if it came in time and whole, and states nothing beyond the listing.
fn checked(work: &Work<'_>, product: &Product, generation: Generation) -> Option<String> {
    let completion = generation.complete().ok().filter(|completion| completion.reason == FinishReason::Stop)?;
    let text = completion.text.trim().trim_matches('"').to_owned();
    let mut evidence = Evidence::default();
    evidence.add_product(product);
    let lexicon = work.snapshot.lexicon();
    let names: Vec<String> = lexicon.brands.iter().map(|brand| brand.text.to_lowercase()).collect();
    match ground(&text, &evidence, names.iter().map(String::as_str)) {
        Ok(()) if !text.is_empty() => Some(text),
        Ok(()) => None,
        Err(error) => {
            tracing::info!(sku = %product.sku, %error, "draft refused");
            None
        }
    }
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
