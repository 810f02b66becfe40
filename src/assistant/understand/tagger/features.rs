//! What the span tagger sees of a message: tokens, and hashed features of each.
//!
//! A token is one Han character, one run of Latin letters, one number, or one other sign. Fitting and tagging share this file,
//! so a model file fits only the features that it was made with: change [`super::file::VERSION`] with them.

use std::ops::Range;

use super::segment::segments;
use crate::assistant::understand::message::{Message, is_latin};
use crate::assistant::understand::rules::Ruling;
use crate::assistant::understand::span::Span;
use crate::assistant::understand::vocabulary::{Known, Sense};
use crate::domain::intent::IntentKind;
use crate::domain::language::is_han;
use crate::domain::session::Context;

/// All that features are made of.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'s> {
    /// The message.
    pub message: &'s Message,
    /// What it is read against.
    pub context: &'s Context,
    /// Its intent.
    pub intent: IntentKind,
    /// Known words in it.
    pub known: &'s [Known<'s>],
    /// What the rules found.
    pub ruling: &'s Ruling,
}

/// The tokens of a message, blanks left out.
pub fn tokens(message: &Message) -> Vec<Range<usize>> {
    let characters = message.chars();
    let mut found = Vec::new();
    let mut start = 0;
    while start < characters.len() {
        let mut end = start + 1;
        let kind = class(characters[start]);
        if matches!(kind, 'a' | '0') {
            while end < characters.len() {
                let next = characters[end];
                let joins = class(next) == kind
                    || kind == 'a' && next == '\'' && characters.get(end + 1).is_some_and(|c| class(*c) == 'a')
                    || kind == '0'
                        && matches!(next, '.' | ',')
                        && characters.get(end + 1).is_some_and(|c| class(*c) == '0');
                if !joins {
                    break;
                }
                end += 1;
            }
        }
        if characters[start] != ' ' {
            found.push(start..end);
        }
        start = end;
    }
    found
}

fn class(character: char) -> char {
    match character {
        c if is_han(c) => 'h',
        c if c.is_ascii_digit() => '0',
        c if is_latin(c) => 'a',
        _ => '.',
    }
}

/// The hashed features of every token.
pub fn features(seen: &Seen<'_>, tokens: &[Range<usize>]) -> Vec<Vec<u32>> {
    let words: Vec<String> = tokens.iter().map(|range| seen.message.folded_words(range)).collect();
    let known = places(tokens, seen.known.iter().map(|known| (known.range.clone(), senses(known))));
    let ruled =
        places(tokens, seen.ruling.spans().iter().map(|span| (span.range.clone(), vec![span.slot.name().into()])));
    let negated = places(tokens, seen.ruling.exclusions.iter().map(|scope| (scope.range.clone(), vec!["not".into()])));
    let segmented =
        places(tokens, segments(seen.message).into_iter().map(|segment| (segment.range, vec![segment.kind])));
    let covers = Cover { known, ruled, negated, segmented };
    let earlier =
        seen.context.query.as_deref().map(|query| Message::new(query).folded().to_owned()).unwrap_or_default();
    (0..tokens.len()).map(|index| token_features(seen, tokens, &words, &covers, &earlier, index)).collect()
}

/// For each token, what covers it: a name and whether the token begins (b), ends (e), fills (s) or continues (i) it.
fn places(tokens: &[Range<usize>], spans: impl Iterator<Item = (Range<usize>, Vec<String>)>) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new(); tokens.len()];
    for (range, names) in spans {
        let inside = |token: &Range<usize>| range.start <= token.start && token.end <= range.end;
        for (index, token) in tokens.iter().enumerate().filter(|(_, token)| inside(token)) {
            let place = match (token.start == range.start, token.end == range.end) {
                (true, true) => 's',
                (true, false) => 'b',
                (false, true) => 'e',
                (false, false) => 'i',
            };
            found[index].extend(names.iter().map(|name| format!("{place}{name}")));
        }
    }
    found
}

fn senses(known: &Known<'_>) -> Vec<String> {
    let name = |sense: Sense| match sense {
        Sense::Category => "category",
        Sense::Brand => "brand",
        Sense::Value(slot) => slot.name(),
        Sense::Noun => "noun",
    };
    known
        .meanings
        .iter()
        .map(|meaning| format!("{}{}", name(meaning.sense), if meaning.is_own { "!" } else { "" }))
        .collect()
}

/// What covers each token: known words, finds of the rules, negations, Chinese words.
struct Cover {
    known: Vec<Vec<String>>,
    ruled: Vec<Vec<String>>,
    negated: Vec<Vec<String>>,
    segmented: Vec<Vec<String>>,
}

fn token_features(
    seen: &Seen<'_>,
    tokens: &[Range<usize>],
    words: &[String],
    Cover { known, ruled, negated, segmented }: &Cover,
    earlier: &str,
    index: usize,
) -> Vec<u32> {
    let word = |offset: isize| -> &str {
        let place = index as isize + offset;
        match usize::try_from(place).ok().and_then(|place| words.get(place)) {
            Some(word) => word,
            None if place < 0 => "^",
            None => "$",
        }
    };
    let mut found = Vec::with_capacity(56);
    let mut add = |name: &str, parts: &[&str]| found.push(hash(name, parts));
    let (w, intent) = (word(0), seen.intent.name());
    add("0", &[w]);
    for (name, offset) in [("-1", -1), ("+1", 1), ("-2", -2), ("+2", 2), ("-3", -3), ("+3", 3)] {
        add(name, &[word(offset)]);
    }
    add("-10", &[word(-1), w]);
    add("0+1", &[w, word(1)]);
    add("-101", &[word(-1), w, word(1)]);
    add("-2-1", &[word(-2), word(-1)]);
    add("+1+2", &[word(1), word(2)]);
    add("-2-10", &[word(-2), word(-1), w]);
    add("0+1+2", &[w, word(1), word(2)]);
    add("-2..1", &[word(-2), word(-1), w, word(1)]);
    add("-1..2", &[word(-1), w, word(1), word(2)]);
    add("0..3", &[w, word(1), word(2), word(3)]);
    add("-3..0", &[word(-3), word(-2), word(-1), w]);
    let kind = |offset: isize| word(offset).chars().next().map_or(' ', class).to_string();
    let (before, here, after) = (kind(-1), kind(0), kind(1));
    add("k", &[&before, &here, &after]);
    add("k2", &[&kind(-2), &before, &here, &after, &kind(2)]);
    let gap = |at: usize| if seen.message.at(at.checked_sub(1)) == ' ' { "_" } else { "" };
    let next_gap = tokens.get(index + 1).map_or("$", |next| gap(next.start));
    add("gap", &[gap(tokens[index].start), &here, next_gap]);
    add("at", &[if index == 0 { "first" } else { "" }, if index + 1 == words.len() { "last" } else { "" }]);
    if here == "a" {
        let letters: Vec<char> = w.chars().collect();
        let suffix = |count: usize| letters[letters.len().saturating_sub(count)..].iter().collect::<String>();
        add("s3", &[&suffix(3)]);
        add("s2", &[&suffix(2)]);
        add("p3", &[&letters[..letters.len().min(3)].iter().collect::<String>()]);
        let original = seen.message.words(&tokens[index]);
        let case = match (
            original.chars().next().is_some_and(char::is_uppercase),
            original.chars().skip(1).any(char::is_uppercase),
        ) {
            (_, true) => "X",
            (true, false) => "Xx",
            _ => "x",
        };
        add("case", &[case, if index == 0 { "first" } else { "" }]);
    }
    if here == "0" {
        add("digits", &[&w.len().to_string(), word(1)]);
    }
    for (name, offset) in [("l0", 0), ("l-1", -1), ("l+1", 1)] {
        let place = usize::try_from(index as isize + offset).ok().filter(|place| *place < words.len());
        let Some(place) = place else { continue };
        known[place].iter().for_each(|sense| add(name, &[sense]));
        ruled[place].iter().for_each(|slot| add(name, &["rule", slot]));
        negated[place].iter().for_each(|scope| add(name, &["not", scope]));
        if offset == 0 && known[place].is_empty() {
            add(name, &["unknown", &here]);
        }
    }
    let joined = |offset: isize| {
        usize::try_from(index as isize + offset)
            .ok()
            .and_then(|place| known.get(place))
            .and_then(|senses| senses.first())
            .map_or("-", |sense| sense)
    };
    add("l-10", &[joined(-1), joined(0)]);
    add("l01", &[joined(0), joined(1)]);
    for sense in &known[index] {
        let negation = negated[index].first().map_or("", |scope| scope);
        add("ln", &[sense, negation]);
        add("li", &[sense, intent]);
    }
    let segment = |offset: isize| {
        let place = usize::try_from(index as isize + offset).ok();
        place.and_then(|place| segmented.get(place)).and_then(|names| names.first()).map_or("-", String::as_str)
    };
    add("g", &[segment(0)]);
    add("g-10", &[segment(-1), segment(0)]);
    add("g01", &[segment(0), segment(1)]);
    add("g-101", &[segment(-1), segment(0), segment(1)]);
    add("gl", &[segment(0), joined(0)]);
    add("i", &[intent]);
    add("iw", &[intent, w]);
    if !earlier.is_empty() {
        add("c", &[if earlier.contains(w) { "again" } else { "new" }, &here]);
    }
    found
}

/// FNV-1a over the name and the parts (Fowler, Noll, Vo), folded to 32 bits.
pub fn hash(name: &str, parts: &[&str]) -> u32 {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    let bytes = name.bytes().chain(parts.iter().flat_map(|part| std::iter::once(0xFF).chain(part.bytes())));
    for byte in bytes {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (state ^ (state >> 32)) as u32
}

/// Which tokens a span covers; a span that cuts a token takes the whole of it.
pub fn cover(tokens: &[Range<usize>], span: &Span) -> Option<Range<usize>> {
    let start = tokens.iter().position(|token| token.end > span.range.start)?;
    let end = tokens.iter().rposition(|token| token.start < span.range.end)? + 1;
    (start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_characters_words_and_numbers() {
        let message = Message::new("男士 men's 15.6寸,黑 usb-c");
        let words: Vec<String> = tokens(&message).iter().map(|range| message.words(range)).collect();
        assert_eq!(words, ["男", "士", "men's", "15.6", "寸", ",", "黑", "usb", "-", "c"]);
    }

    #[test]
    fn features_depend_on_the_neighbours() {
        let message = Message::new("黑色 black");
        let (context, ruling) = (Context::default(), Ruling::default());
        let seen =
            Seen { message: &message, context: &context, intent: IntentKind::Search, known: &[], ruling: &ruling };
        let tokens = tokens(&message);
        let found = features(&seen, &tokens);
        assert_eq!(found.len(), 3);
        assert_ne!(found[0], found[1]);
    }
}
