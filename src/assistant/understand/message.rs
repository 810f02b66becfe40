//! A message as every source reads it: characters in half-width lower case, with the shopper's own writing kept aside.
//!
//! Positions are numbers of characters and are the same in both. Never changes what the shopper wrote.

use std::ops::Range;

use regex::{Captures, Regex};

use crate::domain::language::{Language, is_han};

/// A message and its folded form, character by character.
#[derive(Debug, Clone)]
pub struct Message {
    original: Vec<char>,
    folded: Vec<char>,
    text: String,
    starts: Vec<usize>,
}

/// One match of a pattern: character ranges of the whole and of its groups.
pub struct Found<'m> {
    message: &'m Message,
    captures: Captures<'m>,
}

impl Message {
    /// Reads a message; blanks at both ends are dropped, line ends and tabs become spaces.
    pub fn new(text: &str) -> Self {
        let original: Vec<char> = text.trim().chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        let folded: Vec<char> = original.iter().copied().map(fold).collect();
        let text: String = folded.iter().collect();
        let starts = text.char_indices().map(|(byte, _)| byte).collect();
        Self { original, folded, text, starts }
    }

    /// The folded characters.
    pub fn chars(&self) -> &[char] {
        &self.folded
    }

    /// The folded text.
    pub fn folded(&self) -> &str {
        &self.text
    }

    /// Number of characters.
    pub fn len(&self) -> usize {
        self.folded.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// The language of its letters, or the fallback.
    pub fn language_or(&self, fallback: Language) -> Language {
        Language::detect(&self.original()).unwrap_or(fallback)
    }

    /// The whole as it was written.
    pub fn original(&self) -> String {
        self.original.iter().collect()
    }

    /// A stretch as it was written.
    pub fn words(&self, range: &Range<usize>) -> String {
        self.original[range.start.min(self.len())..range.end.min(self.len())].iter().collect()
    }

    /// A stretch in folded form.
    pub fn folded_words(&self, range: &Range<usize>) -> String {
        self.folded[range.start.min(self.len())..range.end.min(self.len())].iter().collect()
    }

    /// Whether a word may begin or end between the characters before and at a position: Latin words and numbers are not cut.
    pub fn is_boundary(&self, at: usize) -> bool {
        if at == 0 || at >= self.len() {
            return true;
        }
        !(is_latin(self.folded[at - 1]) && is_latin(self.folded[at]))
    }

    /// Whether a stretch begins and ends between words.
    pub fn is_whole(&self, range: &Range<usize>) -> bool {
        self.is_boundary(range.start) && self.is_boundary(range.end)
    }

    /// All matches of a pattern in the folded text, from left to right.
    pub fn find<'m>(&'m self, pattern: &'m Regex) -> impl Iterator<Item = Found<'m>> {
        pattern.captures_iter(&self.text).map(|captures| Found { message: self, captures })
    }

    /// Whether a pattern matches the folded text.
    pub fn has(&self, pattern: &Regex) -> bool {
        pattern.is_match(&self.text)
    }

    fn position(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start < byte)
    }

    /// The character at a position, folded; a space beyond either end.
    pub fn at(&self, position: Option<usize>) -> char {
        position.and_then(|position| self.folded.get(position)).copied().unwrap_or(' ')
    }
}

impl Found<'_> {
    /// The whole match.
    pub fn range(&self) -> Range<usize> {
        self.group(0).unwrap_or(0..0)
    }

    /// One of its groups.
    pub fn group(&self, index: usize) -> Option<Range<usize>> {
        let group = self.captures.get(index)?;
        Some(self.message.position(group.start())..self.message.position(group.end()))
    }

    /// The folded text of a group, empty where it did not match.
    pub fn text(&self, index: usize) -> &str {
        self.captures.get(index).map_or("", |group| group.as_str())
    }
}

/// A letter or digit of a script that writes words with spaces between them.
pub fn is_latin(character: char) -> bool {
    character.is_alphanumeric() && !is_han(character)
}

fn fold(character: char) -> char {
    let half = match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(character as u32 - 0xFEE0).unwrap_or(character),
        '\u{3000}' | '\u{A0}' => ' ',
        '’' | '‘' => '\'',
        '“' | '”' => '"',
        '￥' => '¥',
        other => other,
    };
    let mut lower = half.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => half,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_the_same_in_both_forms() {
        let message = Message::new(" 索尼ＷＨ-1000 的İ耳机 ");
        assert_eq!(message.folded(), "索尼wh-1000 的İ耳机");
        let pattern = Regex::new("耳机").expect("pattern");
        let range = message.find(&pattern).next().expect("found").range();
        assert_eq!(message.words(&range), "耳机");
        assert_eq!(message.words(&(2..4)), "ＷＨ");
    }

    #[test]
    fn latin_words_are_not_cut_and_han_characters_are() {
        let message = Message::new("黑色hat no");
        assert!(message.is_boundary(1) && message.is_boundary(2) && message.is_boundary(5));
        assert!(!message.is_boundary(3));
    }
}
