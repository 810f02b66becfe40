//! Server-sent events of a streamed chat completion.
//!
//! Parses one line at a time; never reads from the network.

use serde_json::Value;

use crate::domain::generator::{FinishReason, GenerationEvent};

/// What a line says.
#[derive(Debug, PartialEq)]
pub enum Chunk {
    /// More of the answer.
    Delta(Delta),
    /// `[DONE]`.
    Done,
}

/// More of an answer.
#[derive(Debug, Default, PartialEq)]
pub struct Delta {
    /// One for each token that the server names, or one for the text.
    pub pieces: Vec<GenerationEvent>,
    /// Why it ended, if it did.
    pub reason: Option<FinishReason>,
    /// From the usage, if given.
    pub prompt_tokens: Option<usize>,
    /// From the usage, if given.
    pub cached_tokens: Option<usize>,
}

/// Parses a line; `None` for blank lines, comments and other fields.
///
/// # Errors
/// What the server reports as an error within the stream, or that the data is not JSON.
pub fn parse_line(line: &str) -> Result<Option<Chunk>, String> {
    let line = line.trim();
    if let Some(error) = line.strip_prefix("error:") {
        return Err(format!("the server reports {}", error.trim()));
    }
    let Some(data) = line.strip_prefix("data:").map(str::trim) else { return Ok(None) };
    if data == "[DONE]" {
        return Ok(Some(Chunk::Done));
    }
    let value: Value = serde_json::from_str(data).map_err(|error| format!("the server sent no JSON: {error}"))?;
    if let Some(error) = value.get("error").filter(|error| !error.is_null()) {
        let message = error["message"].as_str().map_or_else(|| error.to_string(), str::to_owned);
        return Err(format!("the server reports {message}"));
    }
    let mut delta = Delta::default();
    let choice = &value["choices"][0];
    delta.reason = match choice["finish_reason"].as_str() {
        None => None,
        Some("length") => Some(FinishReason::Length),
        Some(_) => Some(FinishReason::Stop),
    };
    let text = choice["delta"]["content"].as_str().unwrap_or_default();
    delta.pieces = pieces(text, &choice["logprobs"]["content"]);
    let count = |value: &Value| value.as_u64().and_then(|count| usize::try_from(count).ok());
    delta.prompt_tokens = count(&value["usage"]["prompt_tokens"]);
    delta.cached_tokens = count(&value["usage"]["prompt_tokens_details"]["cached_tokens"]);
    Ok(Some(Chunk::Delta(delta)))
}

/// The text goes with the first token of the chunk; further tokens bring their probability only.
fn pieces(text: &str, tokens: &Value) -> Vec<GenerationEvent> {
    let logprobs: Vec<f32> = tokens
        .as_array()
        .map(|tokens| tokens.iter().map(|token| token["logprob"].as_f64().unwrap_or(0.0) as f32).collect())
        .unwrap_or_default();
    if text.is_empty() && logprobs.is_empty() {
        return Vec::new();
    }
    let first = logprobs.first().copied().unwrap_or(0.0);
    let piece = |text: &str, logprob| GenerationEvent::Piece { text: text.to_owned(), logprob, others: Vec::new() };
    let mut pieces = vec![piece(text, first)];
    pieces.extend(logprobs.iter().skip(1).map(|logprob| piece("", *logprob)));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_stream_are_understood() {
        assert_eq!(parse_line(": ping\n"), Ok(None));
        assert_eq!(parse_line("data: [DONE]\n"), Ok(Some(Chunk::Done)));
        let line = r#"data: {"choices":[{"delta":{"content":"羽绒"},"logprobs":{"content":[{"logprob":-0.5},{"logprob":-1}]},"finish_reason":null}]}"#;
        let Ok(Some(Chunk::Delta(delta))) = parse_line(line) else { panic!("a delta") };
        assert_eq!(delta.pieces.len(), 2);
        assert_eq!(delta.pieces[0], GenerationEvent::Piece { text: "羽绒".into(), logprob: -0.5, others: Vec::new() });
        let end = r#"data: {"choices":[{"delta":{},"finish_reason":"length"}],"usage":{"prompt_tokens":7}}"#;
        let Ok(Some(Chunk::Delta(delta))) = parse_line(end) else { panic!("a delta") };
        assert_eq!((delta.reason, delta.prompt_tokens, delta.pieces.len()), (Some(FinishReason::Length), Some(7), 0));
        assert!(parse_line("data: {\"error\":{\"message\":\"out of memory\"}}").unwrap_err().contains("out of memory"));
        assert!(parse_line("data: {cut").unwrap_err().contains("no JSON"));
    }
}
