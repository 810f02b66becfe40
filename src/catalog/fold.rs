//! Folds text so that what people write alike compares alike: width, case, accents, punctuation of numbers.
//!
//! Never drops a letter or digit. Called by `tokens` and by everything here that compares names or values.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// NFKC, lower case, without accents; blanks as single spaces.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return squeeze(&text.to_ascii_lowercase());
    }
    let plain: Option<String> = text.chars().map(fold_plain).collect();
    if let Some(folded) = plain {
        return squeeze(&folded);
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkc().flat_map(char::to_lowercase) {
        if character.is_ascii() || is_wide(character) {
            folded.push(character);
            continue;
        }
        folded.extend(std::iter::once(character).nfd().filter(|part| !is_combining_mark(*part)));
    }
    squeeze(&folded)
}

/// Folded letters and digits only, for comparing names: `T-Shirt` and `t shirt` are one.
pub fn key(text: &str) -> String {
    fold(text).chars().filter(|character| character.is_alphanumeric()).collect()
}

/// Han, kana and other letters without accents to take off.
pub fn is_wide(character: char) -> bool {
    character >= '\u{2E80}'
}

/// What needs no tables: ASCII, its full-width forms, and the unified Han block, none of which combine with neighbours.
fn fold_plain(character: char) -> Option<char> {
    match character {
        '\0'..='\u{7F}' => Some(character.to_ascii_lowercase()),
        '\u{4E00}'..='\u{9FFF}' | '、' | '。' | '《' | '》' => Some(character),
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(character as u32 - 0xFEE0).map(|half| half.to_ascii_lowercase()),
        '\u{3000}' => Some(' '),
        _ => None,
    }
}

fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_accents_do_not_matter() {
        assert_eq!(fold("ＫＸ－２１０  Café"), "kx-210 cafe");
        assert_eq!(key("T-Shirt"), key("t shirt"));
        assert_eq!(fold("ガ"), "ガ");
        assert_eq!(fold("羽绒服（黑色）ＸＬ"), fold("羽绒服(黑色)xl"));
    }
}
