//! The model's opinion of the candidates: pointwise scores mixed with the lexical ones.
//!
//! Each candidate is scored alone, so that its place depends neither on the order of the others nor on who asks. Lexical order
//! is kept where there is no trusted model, where the weight is zero, or where the shopper asked for another order. Called by the
//! conversation, `daogou search` and `daogou eval`.

use std::time::{Duration, Instant};

use super::work::Work;
use crate::domain::generator::{GeneratorError, Job, ModelDescription, Priority, ScoreRequest, TextGenerator};
use crate::domain::product::Product;
use crate::domain::search::{Hit, SearchQuery, Sort};
use crate::prompts::{Prompts, Value, estimate_tokens};

/// Tokens that the prompt up to the candidate may take, estimated.
const SCORE_BUDGET: usize = 1024;
/// Tokens of a candidate, estimated: it must fit beside the request into the context of a small model too. It does not depend on the
/// other candidates.
const CANDIDATE_TOKENS: usize = 220;
/// The weight of a trusted model's scores where nobody fitted one.
const UNFITTED_WEIGHT: f32 = 0.5;

/// Why the candidates were not scored.
#[derive(Debug, thiserror::Error)]
pub enum RankError {
    /// There is no prompt to score with, or it cannot be filled.
    #[error(transparent)]
    Prompt(#[from] crate::prompts::PromptError),
    /// The model refused or was too slow.
    #[error(transparent)]
    Generator(#[from] GeneratorError),
}

/// The weight of a model's scores in ranking: 0 for one that is not trusted to score, else the configured one, else the model's
/// own, else an even mix.
pub fn weight_for(model: &ModelDescription, configured: Option<f32>) -> f32 {
    if !model.jobs.contains(&Job::Score) {
        return 0.0;
    }
    configured.or(model.rank_weight).unwrap_or(UNFITTED_WEIGHT)
}

/// Orders the hits of a search by the mixed score; none where the lexical order stands.
pub(super) fn rank(work: &Work<'_>, request: &str, query: &SearchQuery, hits: &[Hit]) -> Option<Vec<Hit>> {
    let generator = work.parts.generator.as_ref();
    let weight = weight_for(&generator.describe(), work.parts.config.rank_weight);
    if weight <= 0.0 || query.sort != Sort::Relevance || hits.len() < 2 {
        return None;
    }
    let products: Vec<&Product> = hits.iter().filter_map(|hit| work.snapshot.product(&hit.sku)).collect();
    let deadline = Instant::now() + Duration::from_millis(work.parts.config.explain_ms);
    let scored = model_scores(generator, &work.parts.prompts, request, &products, Priority::Explain, deadline);
    match scored {
        Ok(scores) if scores.len() == hits.len() => Some(mix(hits, &scores, weight)),
        Ok(_) => None,
        Err(error) => {
            tracing::info!(%error, "ranked lexically");
            None
        }
    }
}

/// The log-odds of "relevant" of each product for a request, in order.
///
/// # Errors
/// [`RankError`].
pub fn model_scores(
    generator: &dyn TextGenerator,
    prompts: &Prompts,
    request: &str,
    products: &[&Product],
    priority: Priority,
    deadline: Instant,
) -> Result<Vec<f32>, RankError> {
    let prompt = prompts.scoring(Job::Score, vec![("request", Value::from(request))], SCORE_BUDGET)?;
    Ok(generator.score(ScoreRequest {
        prefix: prompt.prefix,
        candidates: products.iter().map(|product| candidate(product, request)).collect(),
        positive: prompt.positive,
        negative: prompt.negative,
        priority,
        deadline,
    })?)
}

/// What the model is told of a product: its texts without the brand's name, unless the request names it, so that no brand is
/// favoured for its name.
fn candidate(product: &Product, request: &str) -> String {
    let text = |localized: &crate::domain::language::Localized| localized.iter().collect::<Vec<_>>().join(" / ");
    let request = request.to_lowercase();
    let whole = format!("{} ({}): {}", text(&product.title), text(&product.category), text(&product.description));
    let brands = product.brand.iter().filter(|brand| !brand.is_empty());
    let unasked = brands.filter(|brand| !request.contains(&brand.to_lowercase()));
    let plain = unasked.fold(whole, |whole, brand| whole.replace(brand, ""));
    cut(&plain, CANDIDATE_TOKENS)
}

/// The words of a text that are estimated to take no more than so many tokens.
fn cut(text: &str, tokens: usize) -> String {
    if estimate_tokens(text) <= tokens {
        return text.to_owned();
    }
    let ends: Vec<usize> = text.char_indices().map(|(start, character)| start + character.len_utf8()).collect();
    let fitting = ends.partition_point(|end| estimate_tokens(&text[..*end]) <= tokens);
    fitting.checked_sub(1).map_or("", |last| &text[..ends[last]]).to_owned()
}

/// Mixes two scores of the range 0–1: the lexical one as a share of the best one among the candidates, and the log-odds through
/// the logistic function. A score that is no number counts as 0. Equal scores are ordered by SKU.
pub fn mix(hits: &[Hit], log_odds: &[f32], weight: f32) -> Vec<Hit> {
    let best = hits.iter().map(|hit| hit.score).fold(f32::MIN_POSITIVE, f32::max);
    let mut mixed: Vec<Hit> = hits
        .iter()
        .zip(log_odds)
        .map(|(hit, odds)| {
            let lexical = hit.score / best;
            let relevant = if odds.is_nan() { 0.0 } else { 1.0 / (1.0 + (-odds).exp()) };
            Hit { sku: hit.sku.clone(), score: (1.0 - weight) * lexical + weight * relevant }
        })
        .collect();
    mixed.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.sku.cmp(&other.sku)));
    mixed
}

/// As [`mix`] for the first hits, as many as there are log-odds; the others follow in their order, below all of those.
pub fn mix_head(hits: &[Hit], log_odds: &[f32], weight: f32) -> Vec<Hit> {
    let (head, tail) = hits.split_at(log_odds.len().min(hits.len()));
    let mut mixed = mix(head, log_odds, weight);
    let floor = mixed.last().map_or(1.0, |last| last.score);
    let best = tail.first().map_or(1.0, |first| first.score.max(f32::MIN_POSITIVE));
    mixed.extend(tail.iter().map(|hit| Hit { sku: hit.sku.clone(), score: 0.999 * floor * hit.score / best }));
    mixed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hits(scores: &[(&str, f32)]) -> Vec<Hit> {
        scores.iter().map(|(sku, score)| Hit { sku: (*sku).into(), score: *score }).collect()
    }

    proptest! {
        #[test]
        fn the_mixed_order_and_scores_do_not_depend_on_the_order_of_the_candidates(
            scored in prop::collection::btree_map("[A-F][0-9]{1,2}", (0.0f32..50.0, -20.0f32..20.0), 1..24),
            weight in 0.0f32..=1.0,
            seed in any::<u64>(),
        ) {
            let candidates: Vec<(Hit, f32)> = scored
                .into_iter()
                .map(|(sku, (score, odds))| (Hit { sku: sku.as_str().into(), score }, odds))
                .collect();
            let mut shuffled = candidates.clone();
            let mut state = seed | 1;
            for place in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                shuffled.swap(place, (state >> 33) as usize % (place + 1));
            }
            let mixed = |candidates: Vec<(Hit, f32)>| {
                let (hits, odds): (Vec<Hit>, Vec<f32>) = candidates.into_iter().unzip();
                mix(&hits, &odds, weight)
            };
            prop_assert_eq!(mixed(candidates), mixed(shuffled));
        }
    }

    #[test]
    fn a_trusted_models_weight_decides_and_an_untrusted_ones_is_zero() {
        let trusted = ModelDescription { jobs: vec![Job::Score], rank_weight: Some(0.2), ..Default::default() };
        assert_eq!(weight_for(&trusted, None), 0.2);
        assert_eq!(weight_for(&trusted, Some(0.7)), 0.7);
        assert_eq!(weight_for(&ModelDescription { rank_weight: None, ..trusted }, None), UNFITTED_WEIGHT);
        assert_eq!(weight_for(&ModelDescription::default(), Some(0.7)), 0.0);
    }

    #[test]
    fn weight_zero_keeps_the_lexical_order_and_what_is_not_scored_follows_below() {
        let found = hits(&[("A", 3.0), ("B", 2.0), ("C", 1.5), ("D", 1.0)]);
        let order = |hits: Vec<Hit>| hits.iter().map(|hit| hit.sku.to_string()).collect::<String>();
        assert_eq!(order(mix(&found, &[-5.0, 5.0, 5.0, 5.0], 0.0)), "ABCD");
        let headed = mix_head(&found, &[-5.0, 5.0], 1.0);
        assert!(headed.windows(2).all(|pair| pair[0].score > pair[1].score), "{headed:?}");
        assert_eq!(order(headed), "BACD");
    }

    #[test]
    fn a_long_listing_is_cut_to_what_a_small_context_holds() {
        for text in ["羽绒服".repeat(400), "warm down jacket ".repeat(200)] {
            let short = cut(&text, CANDIDATE_TOKENS);
            assert!(text.starts_with(&short) && (150..=CANDIDATE_TOKENS).contains(&estimate_tokens(&short)));
        }
        assert_eq!(cut("a lamp", CANDIDATE_TOKENS), "a lamp");
    }

    #[test]
    fn a_brand_is_told_only_to_a_request_that_names_it() {
        let line = r#"{"id": "A", "title": "Zorvex rain jacket", "brand": "Zorvex", "description": "By Zorvex, taped seams."}"#;
        let folder = tempfile::tempdir().expect("folder");
        let feed = folder.path().join("feed.jsonl");
        std::fs::write(&feed, line).expect("feed");
        let source = crate::catalog::Source { feed, reviews: None, synonyms: None };
        let (snapshot, _) = crate::catalog::CatalogSnapshot::in_memory(&source, &Default::default()).expect("snapshot");
        let product = &snapshot.products()[0];
        assert!(!candidate(product, "a rain jacket").contains("Zorvex"));
        assert!(candidate(product, "a zorvex jacket").contains("Zorvex"));
    }
}
