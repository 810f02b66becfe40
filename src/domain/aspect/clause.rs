//! Cuts a review into clauses, each about one thing.

use crate::domain::language::is_han;

/// Words that turn to something else; a clause begins with them.
const TURNS_EN: &[&str] = &[" but ", " however ", " although ", " though ", " except ", " yet ", " while "];
const TURNS_ZH: &[&str] = &["但是", "不过", "可惜", "然而", "但", "就是", "只是"];
/// Chinese clauses shorter than this, in characters, go with the next one.
const SHORT: usize = 4;

/// The clauses of a text, in order, as they were written: at the ends of sentences, at Chinese commas, and where "but" turns.
pub fn clauses(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        let before_blank = rest.peek().is_none_or(|(_, next)| next.is_whitespace());
        let ends = matches!(character, '。' | '！' | '？' | '；' | '\n' | '~' | '～' | '…')
            || (matches!(character, '.' | '!' | '?' | ';') && before_blank)
            || (matches!(character, '，' | '、') && text[start..at].chars().count() >= SHORT)
            || (character == ',' && is_han_before(&text[start..at]));
        if ends {
            push(&mut found, &text[start..at]);
            start = at + character.len_utf8();
        }
    }
    push(&mut found, &text[start..]);
    found
}

fn is_han_before(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_han) && text.chars().count() >= SHORT
}

/// Adds a piece, cut once more where it turns.
fn push<'t>(found: &mut Vec<&'t str>, piece: &'t str) {
    let lower = piece.to_ascii_lowercase();
    let turn = |words: &[&str]| words.iter().filter_map(|word| lower.find(word)).filter(|at| *at > 0).min();
    let cut = turn(TURNS_EN).or_else(|| turn(TURNS_ZH));
    match cut {
        Some(at) => {
            let (first, second) = piece.split_at(at);
            let parts = [trimmed(first), trimmed(second)];
            found.extend(parts.into_iter().filter(|part| !part.is_empty()));
        }
        None => found.extend(Some(trimmed(piece)).filter(|part| !part.is_empty())),
    }
}

fn trimmed(part: &str) -> &str {
    part.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | '.' | '。' | '!' | '！'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_end_where_the_writer_turns() {
        assert_eq!(
            clauses("Nice colour, but it shrank. Size 8.5 fits!"),
            ["Nice colour", "but it shrank", "Size 8.5 fits"]
        );
        assert_eq!(clauses("面料很舒服，手感不错，但尺码偏小。"), ["面料很舒服", "手感不错", "但尺码偏小"]);
        assert_eq!(clauses("很好，质量不错"), ["很好，质量不错"], "a short start goes with what follows");
        assert_eq!(clauses(""), Vec::<&str>::new());
    }
}
