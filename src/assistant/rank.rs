//! The model's opinion of the candidates: pointwise scores mixed with the lexical ones.
//!
//! Each candidate is scored alone, so that its place depends neither on the order of the others nor on who asks. Lexical order
//! is kept where there is no trusted model, where the weight is zero, or where the shopper asked for another order.

use std::time::{Duration, Instant};

use super::work::Work;
use crate::domain::generator::{Job, Priority, ScoreRequest, TextGenerator};
use crate::domain::product::Product;
use crate::domain::search::{Hit, SearchQuery, Sort};
use crate::prompts::{Prompts, Value};

/// Tokens that the prompt up to the candidate may take, estimated.
const SCORE_BUDGET: usize = 1024;

/// Orders the hits of a search by the mixed score.
pub(super) fn rank(work: &Work<'_>, request: &str, query: &SearchQuery, hits: Vec<Hit>) -> Vec<Hit> {
    let weight = work.parts.config.rank_weight;
    let generator = work.parts.generator.as_ref();
    if weight <= 0.0 || query.sort != Sort::Relevance || hits.len() < 2 || !generator.is_trusted_with(Job::Score) {
        return hits;
    }
    let products: Vec<&Product> = hits.iter().filter_map(|hit| work.snapshot.product(&hit.sku)).collect();
    let deadline = Instant::now() + Duration::from_millis(work.parts.config.explain_ms);
    match model_scores(generator, &work.parts.prompts, request, &products, Priority::Explain, deadline) {
        Some(scores) if scores.len() == hits.len() => mix(hits, &scores, weight),
        _ => hits,
    }
}

/// The log-odds of "relevant" of each product for a request; none when the model is too slow or refuses.
pub fn model_scores(
    generator: &dyn TextGenerator,
    prompts: &Prompts,
    request: &str,
    products: &[&Product],
    priority: Priority,
    deadline: Instant,
) -> Option<Vec<f32>> {
    let prompt = prompts
        .scoring(Job::Score, vec![("request", Value::from(request))], SCORE_BUDGET)
        .inspect_err(|error| tracing::warn!(%error, "no prompt to score with"))
        .ok()?;
    let scored = generator.score(ScoreRequest {
        prefix: prompt.prefix,
        candidates: products.iter().map(|product| candidate(product)).collect(),
        positive: prompt.positive,
        negative: prompt.negative,
        priority,
        deadline,
    });
    scored.inspect_err(|error| tracing::info!(%error, "ranked lexically")).ok()
}

/// What the model is told of a product: its texts without the brand's name, so that no brand is favoured for its name.
fn candidate(product: &Product) -> String {
    let text = |localized: &crate::domain::language::Localized| localized.iter().collect::<Vec<_>>().join(" / ");
    let brands: Vec<&str> = product.brand.iter().filter(|brand| !brand.is_empty()).collect();
    let whole = format!("{} ({}): {}", text(&product.title), text(&product.category), text(&product.description));
    let plain = brands.iter().fold(whole, |whole, brand| whole.replace(brand, ""));
    plain.chars().take(600).collect()
}

/// Mixes two scores after bringing each to the range 0–1 over the candidates by a fixed function of the score alone:
/// lexical `s / (s + s̄)` with s̄ the best, log-odds through the logistic function.
pub fn mix(hits: Vec<Hit>, log_odds: &[f32], weight: f32) -> Vec<Hit> {
    let best = hits.iter().map(|hit| hit.score).fold(f32::MIN_POSITIVE, f32::max);
    let mut mixed: Vec<Hit> = hits
        .into_iter()
        .zip(log_odds)
        .map(|(hit, odds)| {
            let lexical = hit.score / best;
            let relevant = 1.0 / (1.0 + (-odds).exp());
            Hit { score: (1.0 - weight) * lexical + weight * relevant, ..hit }
        })
        .collect();
    mixed.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.sku.cmp(&other.sku)));
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(scores: &[(&str, f32)]) -> Vec<Hit> {
        scores.iter().map(|(sku, score)| Hit { sku: (*sku).into(), score: *score }).collect()
    }

    #[test]
    fn the_mixed_order_does_not_depend_on_the_order_of_the_candidates() {
        let one = mix(hits(&[("A", 3.0), ("B", 2.0), ("C", 2.0)]), &[-1.0, 2.0, 2.0], 0.5);
        let other = mix(hits(&[("C", 2.0), ("A", 3.0), ("B", 2.0)]), &[2.0, -1.0, 2.0], 0.5);
        assert_eq!(one, other);
        assert_eq!(one[0].sku.as_str(), "B");
    }

    #[test]
    fn weight_zero_keeps_the_lexical_order() {
        let order: Vec<String> = mix(hits(&[("A", 3.0), ("B", 2.0)]), &[-5.0, 5.0], 0.0)
            .into_iter()
            .map(|hit| hit.sku.to_string())
            .collect();
        assert_eq!(order, ["A", "B"]);
    }
}
