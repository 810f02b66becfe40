//! The grammar of one turn (GBNF, llama.cpp's `grammars/README.md`): the answer's form, and only words that the message has.
//!
//! Keys come in a fixed order, closed values are enumerated, open ones are stretches of the message between word boundaries,
//! so that the language model cannot name a brand, a category or a number that the shopper did not write.

use std::fmt::Write;
use std::ops::Range;

use super::message::{Message, is_latin};
use super::span::Slot;
use super::tagger::features::tokens;
use crate::domain::generator::Grammar;
use crate::domain::intent::IntentKind;
use crate::domain::language::is_han;

/// Values of `sort`.
const SORTS: [&str; 6] = ["price_asc", "price_desc", "rating", "newest", "sales", "relevance"];
/// Values of `topic`, those of policies first.
const TOPICS: [&str; 20] = [
    "shipping",
    "returns",
    "exchange",
    "refund",
    "warranty",
    "invoice",
    "payment",
    "coupons",
    "membership",
    "size_guide",
    "contact",
    "stores",
    "price_protection",
    "installation",
    "gift_wrap",
    "other",
    "cancel",
    "address",
    "return",
    "urge",
];
/// Spans may begin in so many first tokens of a message; what comes later is left to the other sources.
const MAX_TOKENS: usize = 160;

/// How the answer's punctuation is spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spacing {
    /// `{"a":"b","c":"d"}`, as the bundled model was trained.
    Tight,
    /// A blank after colons and commas is allowed.
    Loose,
}

/// The grammar for a message, with one that any string satisfies to fall back on.
pub fn turn_grammar(message: &Message, spacing: Spacing) -> Grammar {
    Grammar { gbnf: grammar(Some(message), spacing), fallback: Some(grammar(None, spacing)) }
}

fn grammar(message: Option<&Message>, spacing: Spacing) -> String {
    let blank = if spacing == Spacing::Loose { " \" \"?" } else { "" };
    let tokens = message.map(tokens).unwrap_or_default();
    let starts: Vec<usize> = (0..tokens.len().min(MAX_TOKENS))
        .filter(|at| message.is_some_and(|m| can_edge(m, &tokens[*at], true)))
        .collect();
    let has_spans = message.is_none() || !starts.is_empty();
    let has_number = message.is_none_or(|message| message.chars().iter().any(|c| is_numeral(*c)));
    let mut keys = Vec::new();
    let mut rules = String::new();
    for slot in Slot::ALL {
        let name = slot.name().replace('_', "-");
        let is_numeric = slot.is_price() || slot == Slot::OrderId;
        if slot == Slot::Items {
            keys.push("sort?".to_owned());
        }
        if slot == Slot::Quantity {
            keys.push("topic?".to_owned());
        }
        if has_spans && (has_number || !is_numeric) {
            keys.push(format!("{name}?"));
            let _ = writeln!(rules, "{name} ::= \",\"{blank} \"\\\"{}\\\":\"{blank} value", slot.name());
        }
    }
    let intents = IntentKind::ALL.map(IntentKind::name);
    let _ =
        writeln!(rules, "sort ::= \",\"{blank} \"\\\"sort\\\":\"{blank} \"\\\"\" ({}) \"\\\"\"", alternatives(&SORTS));
    let _ = writeln!(
        rules,
        "topic ::= \",\"{blank} \"\\\"topic\\\":\"{blank} \"\\\"\" ({}) \"\\\"\"",
        alternatives(&TOPICS)
    );
    if has_spans {
        let _ = writeln!(
            rules,
            "value ::= \"\\\"\" span \"\\\"\" | \"[\\\"\" span \"\\\"\" (\",\"{blank} \"\\\"\" span \"\\\"\")+ \"]\""
        );
        match message {
            Some(message) => spans(&mut rules, message, &tokens, &starts),
            None => rules.push_str("span ::= ([^\"\\\\\\x00-\\x1F] | \"\\\\\" [\"\\\\/])+\n"),
        }
    }
    format!(
        "root ::= \"{{\\\"intent\\\":\"{blank} \"\\\"\" ({}) \"\\\"\" {} \"}}\"\n{rules}",
        alternatives(&intents),
        keys.join(" ")
    )
}

fn alternatives(values: &[&str]) -> String {
    values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(" | ")
}

/// One rule a token: the token, and perhaps what follows it. A span begins at any of the starts.
fn spans(rules: &mut String, message: &Message, tokens: &[Range<usize>], starts: &[usize]) {
    let names: Vec<String> = starts.iter().map(|at| format!("t{at}")).collect();
    let _ = writeln!(rules, "span ::= {}", names.join(" | "));
    for (at, token) in tokens.iter().enumerate() {
        let text = literal(&message.words(token));
        let rest = tokens.get(at + 1).map(|next| {
            let gap = if next.start > token.end { "\" \" " } else { "" };
            format!("{gap}t{}", at + 1)
        });
        let _ = match (rest, can_edge(message, token, false)) {
            (Some(rest), true) => writeln!(rules, "t{at} ::= {text} ({rest})?"),
            (Some(rest), false) => writeln!(rules, "t{at} ::= {text} {rest}"),
            (None, _) => writeln!(rules, "t{at} ::= {text}"),
        };
    }
}

/// Whether a span may begin or end with a token: words and numbers, and signs that belong to them.
fn can_edge(message: &Message, token: &Range<usize>, is_start: bool) -> bool {
    let character = message.at(Some(token.start));
    is_han(character)
        || is_latin(character)
        || if is_start {
            matches!(character, '$' | '¥' | '€' | '£' | '#')
        } else {
            matches!(character, '"' | '\'' | '%' | '+' | '℃' | '°' | '$' | '€' | '£')
        }
}

fn is_numeral(character: char) -> bool {
    character.is_ascii_digit()
        || "一二两三四五六七八九十百千万俩几".contains(character)
        || character.is_ascii_alphabetic() && !character.is_ascii_uppercase()
}

/// A GBNF literal of a text as it stands inside a JSON string.
fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => literal.push_str("\\\\\\\""),
            '\\' => literal.push_str("\\\\\\\\"),
            '<' => literal.push_str("\\x3C"),
            character if (character as u32) < 0x20 => {}
            character => literal.push(character),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_stretches_of_the_message() {
        let grammar = turn_grammar(&Message::new("waterproof boots,黑色"), Spacing::Tight);
        assert!(grammar.gbnf.contains("t0 ::= \"waterproof\" (\" \" t1)?"), "{}", grammar.gbnf);
        assert!(grammar.gbnf.contains("t2 ::= \",\" t3"), "{}", grammar.gbnf);
        assert!(grammar.gbnf.contains("span ::= t0 | t1 | t3 | t4"), "{}", grammar.gbnf);
        assert!(grammar.gbnf.starts_with("root ::= \"{\\\"intent\\\":\" \"\\\"\" (\"search\" |"), "{}", grammar.gbnf);
    }

    #[test]
    fn quotes_are_escaped_twice() {
        assert_eq!(literal("27\""), "\"27\\\\\\\"\"");
        let grammar = turn_grammar(&Message::new("a <b> \\"), Spacing::Loose).gbnf;
        assert!(!grammar.contains('<'), "{grammar}");
    }

    #[test]
    fn a_message_without_words_has_no_open_values() {
        let grammar = turn_grammar(&Message::new("?!"), Spacing::Tight).gbnf;
        assert!(!grammar.contains("span"), "{grammar}");
    }
}
