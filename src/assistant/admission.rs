//! The gate: turns whatever a shopper sends into a message that the rest can rely on.
//!
//! Never refuses: what cannot be read gets a calm answer further on.

use unicode_normalization::UnicodeNormalization;

use crate::domain::language::Language;

const ESCAPE: char = '\u{1B}';

/// A message fit to be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// The text: composed (NFC), without control characters, blanks folded, at most the limit's characters.
    pub text: String,
    /// Its language; none when it has no letters.
    pub language: Option<Language>,
    /// Whether it was cut.
    pub cut: bool,
}

impl Admitted {
    /// Whether there are any letters or digits to understand.
    pub fn has_words(&self) -> bool {
        self.text.chars().any(char::is_alphanumeric)
    }
}

/// Cleans a message and cuts it to `limit` characters.
pub fn admit(raw: &str, limit: usize) -> Admitted {
    let mut text = String::new();
    let mut kept = 0;
    let mut cut = false;
    let mut blank = false;
    let mut characters = raw.nfc().peekable();
    while let Some(character) = characters.next() {
        if character == ESCAPE && characters.next_if_eq(&'[').is_some() {
            // A terminal's control sequence (ECMA-48, CSI): parameters up to a final byte.
            while characters.next_if(|next| matches!(next, '0'..='?' | ' '..='/')).is_some() {}
            characters.next_if(|last| matches!(last, '@'..='~'));
            blank = !text.is_empty();
            continue;
        }
        if character.is_whitespace() || (character.is_control() && !is_invisible(character)) {
            blank = !text.is_empty();
            continue;
        }
        if is_invisible(character) {
            continue;
        }
        if kept >= limit {
            cut = true;
            break;
        }
        if blank {
            text.push(' ');
            kept += 1;
            blank = false;
        }
        text.push(character);
        kept += 1;
    }
    let language = Language::detect(&words_alone(&text));
    Admitted { text, language, cut }
}

/// The words that tell a language: an order's number, a model's name or an address of mail is in none.
fn words_alone(text: &str) -> String {
    let coded = |word: &&str| word.is_ascii() && word.contains(|c: char| c.is_ascii_digit() || c == '@');
    text.split(' ').filter(|word| !coded(word)).collect::<Vec<_>>().join(" ")
}

/// Zero-width and direction marks, which would split words or hide text. The joiner of emoji is among them: nothing is
/// lost for understanding.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{AD}' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_that_colour_a_terminal_are_no_words() {
        assert_eq!(admit("\u{1B}[31mred\u{1B}[0m shoes\u{1B}[1;32;", 100).text, "red shoes");
        assert_eq!(admit("\u{1B}red", 100).text, "red");
    }

    #[test]
    fn control_characters_and_invisible_marks_are_dropped() {
        let admitted = admit("  羽绒\u{200B}服\r\n\t under\u{0} 300\u{202E} ", 100);
        assert_eq!(admitted.text, "羽绒服 under 300");
        assert_eq!(admitted.language, Some(Language::Zh));
    }

    #[test]
    fn a_long_message_is_cut_and_says_so() {
        let admitted = admit(&"鞋".repeat(60_000), 2000);
        assert_eq!(admitted.text.chars().count(), 2000);
        assert!(admitted.cut);
    }

    #[test]
    fn a_number_or_an_address_of_mail_is_in_no_language() {
        assert_eq!(admit("DG20261123043", 100).language, None);
        assert_eq!(admit("linyue@example.com", 100).language, None);
        assert_eq!(admit("where is DG20261123043", 100).language, Some(Language::En));
    }

    #[test]
    fn emoji_alone_have_no_words() {
        let admitted = admit("👍🏽❤️👨‍👩‍👧", 100);
        assert!(!admitted.has_words());
        assert_eq!(admitted.language, None);
    }
}
