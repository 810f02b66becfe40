//! The intent as the sentence encoder reads a message: a linear layer over its vector, and over the same again where something was
//! looked for before.
//!
//! Pure but for the encoder, whose file carries the layer; `models/train/pipeline/encoder_intents.py` trains it and says what the
//! numbers mean. One of the sources that understanding fuses.

use super::fuse::{INTENTS, softmax};
use super::prior::PriorContext;
use crate::domain::encoder::{SentenceEncoder, Side};

/// What is told of the conversation: nothing looked for, something, with nothing shown or something, and its words said again.
const FLAGS: usize = 5;

/// The probability of each intent, in `IntentKind::ALL` order; none where the encoder was not taught them, or fails, which is logged.
pub fn predict(encoder: &dyn SentenceEncoder, text: &str, context: PriorContext<'_>) -> Option<[f32; INTENTS]> {
    let layer = encoder.intents()?;
    let read = encoder.encode(Side::Question, &[text]);
    let sense = read.map_err(|error| tracing::error!(%error, "a message is read without the encoder")).ok()?.pop()?;
    let values = sense.values();
    let row = 2 * values.len() + FLAGS + 1;
    if layer.len() != row * INTENTS {
        return None;
    }
    let flags = flags(text, context);
    let is_later = flags[1] > 0.0;
    let dot = |weights: &[f32], values: &[f32]| weights.iter().zip(values).map(|(one, other)| one * other).sum::<f32>();
    Some(softmax(std::array::from_fn(|place| {
        let weights = &layer[place * row..(place + 1) * row];
        let (alone, rest) = weights.split_at(values.len());
        let (later, rest) = rest.split_at(values.len());
        let (flagged, bias) = rest.split_at(FLAGS);
        let later = if is_later { dot(later, values) } else { 0.0 };
        dot(alone, values) + later + dot(flagged, &flags) + bias[0]
    })))
}

fn flags(text: &str, context: PriorContext<'_>) -> [f32; FLAGS] {
    let query = context.query.filter(|query| !query.is_empty());
    let is_later = query.is_some() || context.shown > 0;
    let is_repeated = query.is_some_and(|query| text.to_lowercase().contains(&query.to_lowercase()));
    [!is_later, is_later, is_later && context.shown == 0, is_later && context.shown > 0, is_repeated]
        .map(|flag| f32::from(u8::from(flag)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::encoder::stub::Stub;
    use crate::domain::intent::IntentKind;

    /// Two values; the first speaks for searches, the second, once something was looked for, for refinements.
    fn two(layer: Vec<f32>) -> Stub {
        let read = |text: &str| vec![f32::from(u8::from(text == "a")), f32::from(u8::from(text != "a"))];
        Stub { read, scale: (1.0, 0.0), intents: Some(layer) }
    }

    #[test]
    fn what_was_looked_for_before_counts() {
        let row = 2 * 2 + FLAGS + 1;
        let mut layer = vec![0.0; row * INTENTS];
        layer[0] = 5.0;
        layer[row + 3] = 5.0;
        let best = |text: &str, query: Option<&str>| {
            let found =
                predict(&two(layer.clone()), text, PriorContext { query, shown: 5 * usize::from(query.is_some()) });
            let found = found.expect("a layer");
            let place = (0..INTENTS).max_by(|one, other| found[*one].total_cmp(&found[*other])).expect("intents");
            (IntentKind::ALL[place], found[place])
        };
        assert_eq!(best("a", None).0, IntentKind::Search);
        assert_eq!(best("b", Some("shoes")).0, IntentKind::Refine);
        assert!(best("b", None).1 < 0.1, "nothing speaks for any");
        assert!(predict(&two(vec![0.0; 7]), "a", PriorContext::default()).is_none(), "a layer of another width");
    }
}
