//! A turn as one JSON object, for scripts.

use serde_json::{Value, json};

use crate::assistant::Outcome;

/// `{turn, text, intent: {intent, lang, …}, confidence, source, hits, reply: {lang, blocks}, generation, handoff, timings_ms}`;
/// `intent` is null for a button or a silent bot.
pub fn turn_json(turn: u64, text: &str, outcome: &Outcome) -> Value {
    let understood = outcome.understood.as_ref();
    json!({
        "turn": turn,
        "text": text,
        "intent": understood.map(|it| &it.intent),
        "confidence": understood.map(|it| it.confidence),
        "source": understood.map(|it| it.source),
        "hits": outcome.hits,
        "reply": outcome.reply,
        "generation": outcome.generation,
        "handoff": outcome.handoff.as_ref().map(|handoff| handoff.reason),
        "timings_ms": outcome.timings,
    })
}
