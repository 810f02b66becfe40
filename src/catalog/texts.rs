//! Many short normal texts in one string, so that all of them are searched for a word in one pass.
//!
//! Called by `values`, which keeps the values of attributes, the titles and the descriptions so.

use memchr::memmem;

use super::docset::DocSet;
use super::values::affirms;

/// Marks where one text ends and the next begins.
const BREAK: char = '\u{1}';

/// Numbered texts.
#[derive(Debug, Default)]
pub struct Texts {
    /// Each followed by a [`BREAK`].
    haystack: String,
    /// Where each begins in the haystack.
    starts: Vec<usize>,
}

impl Texts {
    /// Adds a text; its number is how many there were before.
    pub fn push(&mut self, text: &str) {
        self.starts.push(self.haystack.len());
        self.haystack.push_str(text);
        self.haystack.push(BREAK);
    }

    /// A text by its number, empty when there is none.
    pub fn get(&self, index: usize) -> &str {
        let Some(start) = self.starts.get(index) else { return "" };
        let end = self.starts.get(index + 1).copied().unwrap_or(self.haystack.len()) - BREAK.len_utf8();
        &self.haystack[*start..end]
    }

    /// The numbers of the texts that hold a word, ascending; none for the empty word.
    pub fn holding(&self, word: &str) -> impl Iterator<Item = usize> {
        let found = (!word.is_empty()).then(|| memmem::find_iter(self.haystack.as_bytes(), word.as_bytes()));
        let mut last = None;
        found.into_iter().flatten().filter_map(move |at| {
            let index = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
            (last.replace(index) != Some(index)).then_some(index)
        })
    }

    /// The products whose text (that of their number) holds one of the words and does not deny it.
    pub fn affirming(&self, words: &[String]) -> DocSet {
        let mut found = DocSet::new(self.starts.len());
        for word in words {
            for index in self.holding(word).filter(|index| affirms(self.get(*index), word)) {
                found.insert(index as u32);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_that_holds_a_word_is_found_once() {
        let mut texts = Texts::default();
        ["red red", "", "infrared", "blue", "not red"].into_iter().for_each(|text| texts.push(text));
        assert_eq!(texts.holding("red").collect::<Vec<_>>(), [0, 2, 4]);
        assert_eq!(texts.holding("").count(), 0);
        assert_eq!((texts.get(2), texts.get(4), texts.get(9)), ("infrared", "not red", ""));
        let affirmed = texts.affirming(&["red".into()]);
        assert_eq!((0..5).filter(|doc| affirmed.contains(*doc)).collect::<Vec<_>>(), [0]);
    }
}
