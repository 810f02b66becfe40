//! The two languages, texts that exist in either, and telling them apart.

use serde::{Deserialize, Serialize};

/// A language that the shop speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

impl Language {
    /// The ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The language of a text by its letters: Chinese when Han characters, each weighing as a word, are at least a third of
    /// the words; nothing when there are no letters at all.
    pub fn detect(text: &str) -> Option<Self> {
        let mut han = 0usize;
        let mut words = 0usize;
        let mut in_word = false;
        for character in text.chars() {
            if is_han(character) {
                han += 1;
                in_word = false;
            } else if character.is_alphabetic() {
                words += usize::from(!in_word);
                in_word = true;
            } else if !character.is_alphanumeric() && character != '\'' {
                in_word = false;
            }
        }
        match (han, words) {
            (0, 0) => None,
            _ if han * 2 >= words => Some(Self::Zh),
            _ => Some(Self::En),
        }
    }

    /// The other language.
    pub fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }
}

/// Whether a character is a Han ideograph (the unified blocks, extensions A–H and compatibility).
pub fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '〇')
}

/// A text in one or both languages. In a feed: a string, or an object with a string for each language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    /// Chinese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zh: Option<String>,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Localized {
    /// A text in one language.
    pub fn of(language: Language, text: impl Into<String>) -> Self {
        let text = Some(text.into());
        match language {
            Language::Zh => Self { zh: text, en: None },
            Language::En => Self { zh: None, en: text },
        }
    }

    /// A text in both languages.
    pub fn both(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: Some(zh.into()), en: Some(en.into()) }
    }

    /// The text in the language asked for, else in the other, else the empty string.
    pub fn get(&self, language: Language) -> &str {
        self.only(language).or(self.only(language.other())).unwrap_or("")
    }

    /// The text in exactly this language.
    pub fn only(&self, language: Language) -> Option<&str> {
        match language {
            Language::Zh => self.zh.as_deref(),
            Language::En => self.en.as_deref(),
        }
    }

    /// Every text, each once.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let en = self.en.as_deref().filter(|en| Some(*en) != self.zh.as_deref());
        self.zh.as_deref().into_iter().chain(en)
    }

    /// Whether neither language has any text.
    pub fn is_empty(&self) -> bool {
        self.iter().all(|text| text.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_messages_take_the_language_that_carries_them() {
        assert_eq!(Language::detect("有没有waterproof的backpack"), Some(Language::Zh));
        assert_eq!(Language::detect("show me a 羽绒服 that is really warm for winter hiking"), Some(Language::En));
        assert_eq!(Language::detect("iPhone 手机壳"), Some(Language::Zh));
        assert_eq!(Language::detect("👍 123"), None);
    }
}
