//! Links that open the bot at a product or a search: `https://t.me/BOT?start=p_SKU`, `?start=q_WORDS`.
//!
//! `s_` is read as `q_`. Telegram carries 64 characters of `A-Z a-z 0-9 _ -`; what has others is written in base64url after `P_` or `Q_`.

use crate::domain::identifier::Sku;

const LIMIT: usize = 64;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To a product.
    Product(Sku),
    /// To a search.
    Search(String),
}

impl Target {
    /// What follows `?start=`; none when it does not fit.
    pub fn encode(&self) -> Option<String> {
        let (plain, coded, text) = match self {
            Self::Product(sku) => ("p_", "P_", sku.as_str()),
            Self::Search(words) => ("q_", "Q_", words.as_str()),
        };
        let is_plain = !text.is_empty() && text.bytes().all(|byte| ALPHABET.contains(&byte));
        // An underscore in a plain search stands for a blank.
        let is_plain = is_plain && !(matches!(self, Self::Search(_)) && text.contains('_'));
        let code = if is_plain { format!("{plain}{text}") } else { format!("{coded}{}", to_base64(text.as_bytes())) };
        (code.len() <= LIMIT).then_some(code)
    }

    /// Reads what followed `?start=`; none when it is no target.
    pub fn decode(code: &str) -> Option<Self> {
        let (kind, text) = code.split_at_checked(2)?;
        if text.is_empty() || code.len() > LIMIT {
            return None;
        }
        match kind {
            "p_" => Some(Self::Product(Sku::new(text))),
            "q_" | "s_" => Some(Self::Search(text.replace('_', " "))),
            "P_" => Some(Self::Product(Sku::new(from_base64(text)?))),
            "Q_" => Some(Self::Search(from_base64(text)?)),
            _ => None,
        }
    }
}

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

fn from_base64(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == character)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 255) as u8);
            bits &= (1 << held) - 1;
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_codes_can_be_written_by_hand() {
        assert_eq!(Target::decode("p_DJ-101"), Some(Target::Product("DJ-101".into())));
        assert_eq!(Target::decode("q_down_jacket"), Some(Target::Search("down jacket".into())));
        for nothing in ["", "p", "p_", "x_1", "P_*", "羽绒服"] {
            assert_eq!(Target::decode(nothing), None, "{nothing}");
        }
    }

    proptest! {
        #[test]
        fn what_fits_comes_back(text in "[\\PC]{1,14}") {
            for target in [Target::Product(Sku::new(text.clone())), Target::Search(text.clone())] {
                if let Some(code) = target.encode() {
                    prop_assert!(code.bytes().all(|byte| ALPHABET.contains(&byte)));
                    prop_assert_eq!(Target::decode(&code), Some(target));
                }
            }
        }
    }
}
