//! Cuts text into Han characters and stemmed Latin words, before anything is known of what they mean.
//!
//! Drops punctuation and nothing else. Called by `analysis`.

use unicode_normalization::UnicodeNormalization;

use super::traditional::simplified;
use crate::domain::language::is_han;

/// One piece of text: a Han character, or a Latin word or number, stemmed.
pub(super) struct Piece {
    pub text: String,
    /// The word before stemming.
    pub surface: String,
    pub han: bool,
    /// Whether it follows the piece before it without a sign between.
    pub joined: bool,
}

/// The pieces of a text, folded to lower case, half width and simplified characters, in order.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).map(|c| if c == '’' { '\'' } else { c }).collect();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut characters = folded.char_indices().peekable();
    let mut joined = false;
    while let Some((start, character)) = characters.next() {
        if character == '…' || (character == '.' && folded[start..].starts_with("...")) {
            pieces.push(Piece { text: "…".into(), surface: "…".into(), han: false, joined: false });
            joined = false;
        } else if is_han(character) {
            let character = simplified(character);
            pieces.push(Piece { text: character.into(), surface: character.into(), han: true, joined });
            joined = true;
        } else if character.is_alphanumeric() {
            let mut end = start + character.len_utf8();
            while let Some((next, following)) = characters.peek().copied() {
                let inside = matches!(following, '\'' | '.')
                    && folded[next + 1..].chars().next().is_some_and(|c| c.is_ascii_alphanumeric());
                if is_han(following) || !(following.is_alphanumeric() || inside) {
                    break;
                }
                end = next + following.len_utf8();
                characters.next();
            }
            let word = folded[start..end].trim_end_matches("'s");
            pieces.push(Piece { text: stem(word), surface: word.to_owned(), han: false, joined: false });
            joined = false;
        } else {
            joined = false;
        }
    }
    pieces
}

/// English words whose last letters are not an ending.
const UNSTEMMED: &[&str] =
    &["customs", "goods", "news", "glasses", "always", "need", "speed", "exceed", "during", "something", "anything"];

/// Takes plural, `-ing`, `-ed` and a final `e` off an English word; never endings that make another word (`customer` stays
/// apart from `custom`, `instalment` from `install`).
fn stem(word: &str) -> String {
    if word.len() < 4 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) || UNSTEMMED.contains(&word) {
        return word.to_owned();
    }
    let vowel = |text: &str| text.bytes().any(|byte| b"aeiouy".contains(&byte));
    let mut base = word.to_owned();
    if let Some(rest) = base.strip_suffix("ies").or_else(|| base.strip_suffix("ied")) {
        base = format!("{rest}y");
    } else if let Some(rest) = ["sses", "shes", "ches", "xes", "zes"]
        .iter()
        .find_map(|end| base.strip_suffix("es").filter(|_| base.ends_with(end)))
    {
        base = rest.to_owned();
    } else if base.ends_with('s') && !base.ends_with("ss") && !base.ends_with("us") && !base.ends_with("is") {
        base.pop();
    }
    for ending in ["ing", "ed"] {
        if let Some(rest) = base.strip_suffix(ending).filter(|rest| rest.len() > 2 && vowel(rest)) {
            let bytes = rest.as_bytes();
            let doubled = bytes.len() > 3
                && bytes[bytes.len() - 1] == bytes[bytes.len() - 2]
                && !b"ls".contains(&bytes[bytes.len() - 1]);
            base = if doubled { rest[..rest.len() - 1].to_owned() } else { rest.to_owned() };
            break;
        }
    }
    if base.len() > 3 && base.ends_with('e') {
        base.pop();
    }
    base
}

/// Whether two words of the same first letter differ by one letter added, dropped, changed or swapped with its neighbour.
pub(super) fn one_letter_apart(word: &str, other: &str) -> bool {
    let (one, two) = (word.as_bytes(), other.as_bytes());
    if one.first() != two.first() || one.len().abs_diff(two.len()) > 1 || one == two {
        return false;
    }
    let same = one.iter().zip(two).take_while(|(a, b)| a == b).count();
    let (rest_one, rest_two) = (&one[same..], &two[same..]);
    match one.len().cmp(&two.len()) {
        std::cmp::Ordering::Less => rest_one == &rest_two[1..],
        std::cmp::Ordering::Greater => &rest_one[1..] == rest_two,
        std::cmp::Ordering::Equal => {
            let swapped = rest_one.len() > 1 && rest_one[0] == rest_two[1] && rest_one[1] == rest_two[0];
            rest_one[1..] == rest_two[1..] || (swapped && rest_one[2..] == rest_two[2..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        pieces(text).into_iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn latin_words_lose_their_endings_and_han_stand_alone() {
        assert_eq!(texts("Parcels shipped, 退货Ｏ K"), ["parcel", "ship", "退", "货", "o", "k"]);
        assert_eq!(texts("customs and customers"), ["customs", "and", "customer"]);
    }

    #[test]
    fn one_letter_makes_a_near_word_and_two_do_not() {
        assert!(one_letter_apart("refudn", "refund") && one_letter_apart("refnd", "refund"));
        assert!(!one_letter_apart("refund", "refund") && !one_letter_apart("rofnud", "refund"));
    }
}
