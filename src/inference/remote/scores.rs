//! Scores through the log-probabilities of an answer's first token.
//!
//! One request for each candidate, so that none depends on the others.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::Server;
use crate::domain::generator::{GeneratorError, ScoreRequest};

/// How many alternatives to ask for; OpenAI's limit.
const ALTERNATIVES: usize = 20;

/// Scores the candidates, `threads` at a time.
pub(super) fn score(server: &Server, request: &ScoreRequest, threads: usize) -> Result<Vec<f32>, GeneratorError> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Result<f32, GeneratorError>>>> = Mutex::new(vec![None; request.candidates.len()]);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(request.candidates.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::AcqRel);
                    let Some(candidate) = request.candidates.get(index) else { return };
                    let result = one(server, request, candidate);
                    let failed = result.is_err();
                    if let Some(place) = results.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index) {
                        *place = Some(result);
                    }
                    if failed {
                        next.store(request.candidates.len(), Ordering::Release);
                    }
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(Err(error)) = results.iter().flatten().find(|result| result.is_err()) {
        return Err(error.clone());
    }
    let stopped = || Err(GeneratorError::Unavailable("a scoring thread stopped".into()));
    results.into_iter().map(|result| result.unwrap_or_else(stopped)).collect()
}

fn one(server: &Server, request: &ScoreRequest, candidate: &str) -> Result<f32, GeneratorError> {
    let mut messages = request.prefix.clone();
    let Some(last) = messages.last_mut() else {
        return Err(GeneratorError::Invalid("a prompt without messages".into()));
    };
    last.content.push_str(candidate);
    let mut body = server.body(&messages, 1);
    body["temperature"] = json!(0.0);
    body["top_logprobs"] = json!(ALTERNATIVES);
    let response = server.chat(&body, request.deadline)?;
    let answer: Value = response.json().map_err(|error| server.unreachable(&error))?;
    let alternatives = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"].as_array();
    let Some(alternatives) = alternatives.filter(|alternatives| !alternatives.is_empty()) else {
        return Err(GeneratorError::Invalid(format!("{} gives no log-probabilities", server.url)));
    };
    Ok(difference(alternatives, &request.positive, &request.negative))
}

/// ln p(positive) − ln p(negative); an answer that is not among the alternatives is as unlikely as the last of them.
fn difference(alternatives: &[Value], positive: &str, negative: &str) -> f32 {
    let logprob = |value: &Value| value["logprob"].as_f64().unwrap_or(f64::NEG_INFINITY);
    let floor = alternatives.iter().map(logprob).fold(f64::INFINITY, f64::min);
    let of = |answer: &str, opposite: &str| {
        let starts = |text: &str, token: &str| text.to_lowercase().starts_with(&token.trim().to_lowercase());
        alternatives
            .iter()
            .filter(|value| {
                let token = value["token"].as_str().unwrap_or_default();
                !token.trim().is_empty() && starts(answer, token) && !starts(opposite, token)
            })
            .map(logprob)
            .fold(floor, f64::max)
    };
    (of(positive, negative) - of(negative, positive)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_spelling_of_each_answer_counts() {
        let alternatives = [
            json!({"token": " yes", "logprob": -0.4}),
            json!({"token": "Yes", "logprob": -0.2}),
            json!({"token": "No", "logprob": -2.2}),
            json!({"token": "maybe", "logprob": -5.0}),
        ];
        assert!((difference(&alternatives, "yes", "no") - 2.0).abs() < 1e-6);
        assert!((difference(&alternatives[..2], "yes", "no") - 0.2).abs() < 1e-6);
        assert_eq!(difference(&alternatives[3..], "yes", "no"), 0.0);
    }
}
