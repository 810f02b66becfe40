//! Ranking measured on queries with graded products: lexical against mixed with a model's scores, the weight fitted on one half of
//! the queries and reported on the other.

use std::collections::HashMap;
use std::time::Instant;

use serde::Serialize;

use super::sets::{Ranking, ndcg};
use crate::assistant::rank::{RankError, mix_head, model_scores};
use crate::catalog::{CatalogError, CatalogSnapshot};
use crate::domain::generator::{GeneratorError, Priority, TextGenerator};
use crate::domain::product::Product;
use crate::domain::search::{Hit, SearchQuery};
use crate::prompts::Prompts;

/// Hits whose order counts.
const DEPTH: usize = 10;
/// Weights that are tried.
const WEIGHTS: usize = 20;
/// How long the model may take for one query.
const PATIENCE_S: u64 = 300;

/// One query with its candidates, best first, and the model's log-odds where there is a model.
struct Judged<'r> {
    grades: &'r HashMap<String, f64>,
    hits: Vec<Hit>,
    log_odds: Vec<f32>,
}

/// Means of nDCG@10 over some queries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Means {
    /// Queries.
    pub queries: usize,
    /// In the lexical order.
    pub lexical: f64,
    /// Mixed at the fitted weight.
    pub mixed: Option<f64>,
}

/// What was measured on one set.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RankingScores {
    /// Over all queries that have a relevant product.
    pub all: Means,
    /// The same mean when queries without a relevant product count as 0, and how many those are.
    pub all_with_hopeless: f64,
    /// Queries without a relevant product.
    pub hopeless: usize,
    /// Queries that were too long for the model.
    pub unscored: usize,
    /// The half on which the weight was fitted.
    pub fitted: Means,
    /// The other half.
    pub reported: Means,
    /// The weight of the model's scores that did best on the first half; the smallest of equals.
    pub weight: Option<f32>,
    /// Median milliseconds to score the candidates of one query.
    pub scoring_p50_ms: Option<f64>,
}

/// Why a ranking was not measured.
#[derive(Debug, thiserror::Error)]
pub enum RankingError {
    /// The catalog cannot be searched.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The model did not score.
    #[error(transparent)]
    Rank(#[from] RankError),
}

/// Measures a set; `model` scores the first `candidates` hits of each query. `progress` is told of each query.
///
/// # Errors
/// [`RankingError`].
pub fn measure(
    set: &Ranking,
    snapshot: &CatalogSnapshot,
    model: Option<(&dyn TextGenerator, &Prompts)>,
    candidates: usize,
    mut progress: impl FnMut(),
) -> Result<RankingScores, RankingError> {
    let mut judged = Vec::new();
    let mut times = Vec::new();
    let (mut hopeless, mut unscored) = (0, 0);
    for (id, text) in &set.queries {
        progress();
        let Some(grades) = set.grades.get(id) else { continue };
        if grades.values().all(|grade| *grade <= 0.0) {
            hopeless += 1;
            continue;
        }
        let query = SearchQuery { text: text.clone(), limit: candidates.max(DEPTH), ..SearchQuery::default() };
        let hits = snapshot.search(&query)?.hits;
        let mut log_odds = Vec::new();
        if let Some((generator, prompts)) = model {
            let head = hits.iter().take(candidates);
            let products: Vec<&Product> = head.filter_map(|hit| snapshot.product(&hit.sku)).collect();
            let start = Instant::now();
            let deadline = start + std::time::Duration::from_secs(PATIENCE_S);
            match model_scores(generator, prompts, text, &products, Priority::Background, deadline) {
                Ok(scores) => log_odds = scores,
                // A request that is too long for the model keeps its lexical order, as in the shop.
                Err(RankError::Generator(GeneratorError::TooLong { .. })) => unscored += 1,
                Err(error) => return Err(error.into()),
            }
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        judged.push(Judged { grades, hits, log_odds });
    }
    // Every other query in the order of the file: both halves have queries of each kind.
    let half = |rest: usize| -> Vec<&Judged<'_>> { judged.iter().skip(rest).step_by(2).collect() };
    let (first, second) = (half(0), half(1));
    let weight = model.is_some().then(|| fit(&first));
    let all: Vec<&Judged<'_>> = judged.iter().collect();
    let means = |part: &[&Judged<'_>]| Means {
        queries: part.len(),
        lexical: mean(part, 0.0),
        mixed: weight.map(|weight| mean(part, weight)),
    };
    times.sort_by(f64::total_cmp);
    let all_means = means(&all);
    let share = judged.len() as f64 / (judged.len() + hopeless).max(1) as f64;
    Ok(RankingScores {
        all: all_means,
        all_with_hopeless: all_means.lexical * share,
        hopeless,
        unscored,
        fitted: means(&first),
        reported: means(&second),
        weight,
        scoring_p50_ms: times.get(times.len() / 2).copied(),
    })
}

fn fit(part: &[&Judged<'_>]) -> f32 {
    let mut best = (0.0, mean(part, 0.0));
    for step in 1..=WEIGHTS {
        let weight = step as f32 / WEIGHTS as f32;
        let found = mean(part, weight);
        if found > best.1 + 1e-9 {
            best = (weight, found);
        }
    }
    best.0
}

fn mean(part: &[&Judged<'_>], weight: f32) -> f64 {
    let of = |judged: &&Judged<'_>| {
        let mixed = (weight > 0.0).then(|| mix_head(&judged.hits, &judged.log_odds, weight));
        let hits = mixed.as_ref().unwrap_or(&judged.hits);
        let found: Vec<String> = hits.iter().map(|hit| hit.sku.to_string()).collect();
        ndcg(&found, judged.grades, DEPTH)
    };
    part.iter().map(of).sum::<f64>() / part.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Source;
    use crate::domain::generator::Job;
    use crate::inference::scripted::Scripted;

    #[test]
    fn a_model_that_knows_better_gets_weight_and_gains_on_the_half_it_was_not_fitted_on() {
        let folder = tempfile::tempdir().expect("folder");
        let feed = folder.path().join("products.jsonl");
        let line =
            |number: usize| format!(r#"{{"id": "P{number}", "title": "blue lamp", "description": "kind {number}"}}"#);
        std::fs::write(&feed, (0..12).map(line).collect::<Vec<_>>().join("\n")).expect("feed");
        let source = Source { feed: feed.clone(), reviews: None, synonyms: None };
        let (snapshot, _) = CatalogSnapshot::in_memory(&source, &Default::default()).expect("snapshot");
        let grades = HashMap::from([("P9".to_owned(), 3.0)]);
        let none = HashMap::from([("P1".to_owned(), 0.0)]);
        let queries = (0..4).map(|number| (number.to_string(), "blue lamp".to_owned())).collect();
        let mut all: HashMap<String, HashMap<String, f64>> = (0..3).map(|n| (n.to_string(), grades.clone())).collect();
        all.insert("3".into(), none);
        let set = Ranking { feed, queries, grades: all };
        let model = Scripted::trusted_with(&[Job::Score]).scoring("kind 9", 6.0);
        let prompts = Prompts::load("general", &[Job::Score], None).expect("prompts");
        let scores = measure(&set, &snapshot, Some((&model, &prompts)), 12, || ()).expect("measured");
        assert_eq!((scores.fitted.queries, scores.reported.queries, scores.hopeless), (2, 1, 1));
        assert!(scores.weight.is_some_and(|weight| weight > 0.0));
        assert_eq!(scores.reported.mixed, Some(1.0));
        assert!(scores.reported.lexical < 0.5);
        let lexical = measure(&set, &snapshot, None, 12, || ()).expect("measured");
        assert_eq!((lexical.weight, lexical.reported.mixed), (None, None));
        assert!((lexical.all_with_hopeless - lexical.all.lexical * 0.75).abs() < 1e-9);
    }
}
