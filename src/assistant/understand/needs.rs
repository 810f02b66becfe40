//! Needs that are told without naming a product ("脖子疼", "my phone is always dead by noon"), and the kinds that meet them.
//!
//! Read from `words/needs.txt`; gives only kinds that the catalog has. Called when a message names no kind of product.

use std::sync::LazyLock;

use super::message::{Message, is_latin};
use super::pattern::Pattern;
use super::vocabulary::{Sense, Vocabulary};

/// At most so many kinds meet one need.
const MAX_KINDS: usize = 2;

/// What speaks of an order, a delivery or a service rather than of a need.
static SERVICE: Pattern = Pattern::new(
    r"收到|快递|包裹|订单|退|客服|物流|发货|下单|\b(?:orders?|ordered|delivery|delivered|parcel|package|refund|returns?|arrived|courier|driver)\b",
);

/// One need: words that must be there, words that must not, and the kinds that meet it.
struct Need {
    all: Vec<Vec<String>>,
    none: Vec<String>,
    kinds: Vec<String>,
}

static NEEDS: LazyLock<Vec<Need>> =
    LazyLock::new(|| include_str!("words/needs.txt").lines().filter_map(Need::parse).collect());

/// The catalog's own names of the kinds that meet the need told, the likeliest first; none when no need is told or nothing here
/// meets it.
pub fn kinds(message: &Message, vocabulary: &Vocabulary) -> Vec<String> {
    if SERVICE.hits(message) {
        return Vec::new();
    }
    let mut found: Vec<String> = Vec::new();
    for need in NEEDS.iter().filter(|need| need.is_told(message)) {
        for kind in &need.kinds {
            let own = vocabulary.meanings(kind).iter().find(|it| it.is_own && it.sense == Sense::Category);
            found.extend(own.map(|it| it.canonical.clone()).filter(|name| !found.contains(name)));
        }
    }
    found.truncate(MAX_KINDS);
    found
}

impl Need {
    fn parse(line: &str) -> Option<Self> {
        let (told, kinds) = line.split('#').next()?.split_once("=>")?;
        let split = |text: &str, at: char| text.split(at).map(|part| part.trim().to_lowercase()).collect::<Vec<_>>();
        let (mut all, mut none) = (Vec::new(), Vec::new());
        for part in split(told, '&') {
            match part.strip_prefix('!') {
                Some(others) => none.extend(split(others, '|')),
                None => all.push(split(&part, '|')),
            }
        }
        Some(Self { all, none, kinds: split(kinds, ',') })
    }

    fn is_told(&self, message: &Message) -> bool {
        let has = |word: &String| has_word(message, word);
        self.all.iter().all(|words| words.iter().any(has)) && !self.none.iter().any(has)
    }
}

/// Whether a message has a word: Chinese anywhere, Latin as a whole word, or as the beginning of one where a `*` ends it.
fn has_word(message: &Message, word: &str) -> bool {
    let (word, is_open) = word.strip_suffix('*').map_or((word, false), |stem| (stem, true));
    if !word.chars().all(|character| is_latin(character) || matches!(character, ' ' | '\'')) {
        return message.folded().contains(word);
    }
    let text = message.folded();
    text.match_indices(word).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        !before.is_some_and(is_latin) && (is_open || !after.is_some_and(is_latin))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Lexicon, Name};

    fn vocabulary(kinds: &[(&str, &str)]) -> Vocabulary {
        let name = |(text, canonical): &(&str, &str)| Name {
            text: (*text).into(),
            canonical: (*canonical).into(),
            products: 3,
        };
        Vocabulary::new(&Lexicon { categories: kinds.iter().map(name).collect(), ..Lexicon::default() })
    }

    #[test]
    fn a_need_gives_kinds_that_the_shop_has() {
        let shop = vocabulary(&[("枕头", "枕头"), ("Pillows", "枕头"), ("Headphones", "耳机")]);
        let read = |text: &str| kinds(&Message::new(text), &shop);
        assert_eq!(read("早上起来脖子酸"), ["枕头"]);
        assert_eq!(read("I can't focus in this noisy office"), ["耳机"]);
        assert_eq!(read("my neck is so stiff"), ["枕头"]);
        assert_eq!(read("一下雨上班就淋湿"), Vec::<String>::new());
        assert_eq!(read("我的订单脖子疼"), Vec::<String>::new());
    }

    #[test]
    fn every_line_of_the_list_is_read() {
        let text = include_str!("words/needs.txt");
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).count();
        assert_eq!(NEEDS.len(), lines);
        assert!(NEEDS.iter().all(|need| !need.all.is_empty() && !need.kinds.iter().any(String::is_empty)));
    }
}
