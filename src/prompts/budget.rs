//! Keeps a prompt within a number of tokens by cutting what matters least.

use super::fill::Value;

/// A text is not cut below so many tokens: less says nothing.
const LEAST: usize = 24;
/// The chat template around one message, in tokens.
pub const PER_MESSAGE: usize = 8;

/// Estimates the tokens of a text from above, without a vocabulary: one for each character that is not ASCII, one for each
/// digit or punctuation mark, and one for each four letters or three blanks. Real vocabularies of 32,000 tokens and more
/// stay below that for Chinese and English.
pub fn estimate_tokens(text: &str) -> usize {
    let mut estimate = Estimate::default();
    text.chars().for_each(|character| estimate.add(character));
    estimate.tokens()
}

#[derive(Default)]
struct Estimate {
    whole: usize,
    letters: usize,
    blanks: usize,
}

impl Estimate {
    fn add(&mut self, character: char) {
        match character {
            'a'..='z' | 'A'..='Z' => self.letters += 1,
            ' ' => self.blanks += 1,
            _ => self.whole += 1,
        }
    }

    fn tokens(&self) -> usize {
        self.whole + self.letters.div_ceil(4) + self.blanks.div_ceil(3)
    }
}

/// Cuts the values, given from the most to the least important, until they take at most `budget` tokens: first parts of
/// lists, then the ends of texts, the least important value first. Returns the tokens left over the budget, 0 if it is kept.
pub fn fit(values: &mut [(&str, Value)], budget: usize) -> usize {
    let size = |values: &[(&str, Value)]| -> usize { values.iter().map(|(_, value)| tokens(value)).sum() };
    for index in (0..values.len()).rev() {
        while size(values) > budget && drop_part(&mut values[index].1) {}
    }
    for index in (0..values.len()).rev() {
        let over = size(values).saturating_sub(budget);
        if over > 0 {
            shorten(&mut values[index].1, over);
        }
    }
    size(values).saturating_sub(budget)
}

fn tokens(value: &Value) -> usize {
    estimate_tokens(&value.text())
}

/// Drops the least important part of a list that has several.
fn drop_part(value: &mut Value) -> bool {
    match value {
        Value::Ranked(parts) if parts.len() > 1 => parts.pop().is_some(),
        Value::Recent(parts) if parts.len() > 1 => {
            parts.remove(0);
            true
        }
        _ => false,
    }
}

/// Cuts about `over` tokens off the end of a text.
fn shorten(value: &mut Value, over: usize) {
    let text = value.text();
    let keep = estimate_tokens(&text).saturating_sub(over + 1).max(LEAST);
    let mut end = 0;
    let mut estimate = Estimate::default();
    for (at, character) in text.char_indices() {
        estimate.add(character);
        if estimate.tokens() > keep {
            break;
        }
        end = at + character.len_utf8();
    }
    if end < text.len() {
        *value = Value::Text(format!("{}…", text[..end].trim_end()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_lose_their_least_important_parts_before_texts_are_cut() {
        let part = |mark: &str| format!("- {mark} {}", "word ".repeat(40));
        let mut values = [
            ("question", Value::Text("can I return it".into())),
            ("passages", Value::Ranked(vec![part("one"), part("two"), part("three")])),
        ];
        assert_eq!(fit(&mut values, 150), 0);
        let Value::Ranked(parts) = &values[1].1 else { panic!("still a list") };
        assert_eq!(parts.len(), 2);
        assert_eq!(fit(&mut values, 45), 0);
        assert!(values[1].1.text().starts_with("- one") && values[1].1.text().ends_with('…'));
        assert_eq!(values[0].1.text(), "can I return it");
        assert!(fit(&mut values, 5) > 0);
    }

    #[test]
    fn a_conversation_loses_its_oldest_lines() {
        let mut values = [("text", Value::Recent(vec!["旧".repeat(50), "新".repeat(50)]))];
        assert_eq!(fit(&mut values, 60), 0);
        assert!(values[0].1.text().starts_with('新'));
    }
}
