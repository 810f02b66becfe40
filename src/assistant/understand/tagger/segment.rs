//! Chinese words and their kinds by jieba's own dictionary, as features for the tagger; never the catalog's words, so that a
//! tagger sees the same words in every shop.

use std::ops::Range;
use std::sync::LazyLock;

use jieba_rs::Jieba;

use crate::assistant::understand::message::Message;

static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// A word with its part of speech in jieba's notation (`n` noun, `v` verb, `a` adjective, `x` none of them).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Where.
    pub range: Range<usize>,
    /// What kind; the first letter only.
    pub kind: String,
}

/// The words of a message.
pub fn segments(message: &Message) -> Vec<Segment> {
    let mut start = 0;
    let mut found = Vec::new();
    for tagged in DICTIONARY.tag(message.folded(), false) {
        let length = tagged.word.chars().count();
        found.push(Segment { range: start..start + length, kind: tagged.tag.chars().take(1).collect() });
        start += length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_where_they_stand() {
        let message = Message::new("我想买雨伞 ok");
        let words: Vec<String> = segments(&message).iter().map(|segment| message.words(&segment.range)).collect();
        assert!(words.contains(&"雨伞".to_owned()), "{words:?}");
        assert_eq!(words.concat(), "我想买雨伞 ok");
    }
}
