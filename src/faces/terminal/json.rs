//! A turn as one JSON object, for scripts.

use serde_json::{Value, json};

use crate::assistant::Outcome;
use crate::domain::reply::Reply;

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

/// The same object for what the terminal answers itself: nothing was understood, found or timed.
pub fn own_json(turn: u64, text: &str, reply: &Reply) -> Value {
    json!({
        "turn": turn,
        "text": text,
        "intent": null,
        "confidence": null,
        "source": null,
        "hits": [],
        "reply": reply,
        "generation": null,
        "handoff": null,
        "timings_ms": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;

    #[test]
    fn every_turn_has_the_same_keys() {
        let own = own_json(1, "/help", &Reply::new(Language::En).text("help"));
        let keys: Vec<&String> = own.as_object().expect("object").keys().collect();
        let wanted =
            ["confidence", "generation", "handoff", "hits", "intent", "reply", "source", "text", "timings_ms", "turn"];
        assert_eq!(keys.iter().copied().collect::<std::collections::BTreeSet<_>>().len(), wanted.len());
        assert!(wanted.iter().all(|key| own.get(key).is_some()), "{keys:?}");
        assert_eq!(own["reply"]["blocks"][0]["block"], "text");
    }
}
