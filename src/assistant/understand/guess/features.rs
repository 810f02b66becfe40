//! What the guess sees of a message: runs of its tokens, runs with known words and rulings put in their place by name, and facts
//! such as "there is a price", each also together with whether something is on the screen.

use crate::assistant::understand::tagger::features::{Seen, hash, tokens};
use crate::assistant::understand::vocabulary::Sense;
use crate::domain::language::is_han;

/// Longest run of tokens.
const LONGEST: usize = 4;

/// The hashed features of a message, each once.
pub fn features(seen: &Seen<'_>) -> Vec<u32> {
    let tokens = tokens(seen.message);
    let words: Vec<String> = tokens.iter().map(|range| seen.message.folded_words(range)).map(masked_digits).collect();
    let situation = match (&seen.context.query, seen.context.shown) {
        (None, 0) => "fresh",
        (_, 0) => "nothing",
        _ => "shown",
    };
    let mut found = vec![hash("bias", &[]), hash("at", &[situation])];
    let mut add = |name: &str, parts: &[&str]| {
        found.push(hash(name, parts));
        let crossed: Vec<&str> = parts.iter().copied().chain([situation]).collect();
        found.push(hash(&format!("{name}*"), &crossed));
    };
    runs(&words, "w", &mut add);
    let named = named(seen, &tokens, &words);
    runs(&named, "n", &mut add);
    for fact in facts(seen, words.len()) {
        add("fact", &[&fact]);
    }
    if let Some(query) = seen.context.query.as_deref().map(str::to_lowercase) {
        let is_again = !query.is_empty() && seen.message.folded().contains(&query);
        add("again", &[if is_again { "yes" } else { "no" }]);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Runs of up to [`LONGEST`] tokens, the message's ends marked; letters within single Latin words too, for typing mistakes.
fn runs(words: &[String], name: &str, add: &mut impl FnMut(&str, &[&str])) {
    let ends = std::iter::once("^").chain(words.iter().map(String::as_str)).chain(std::iter::once("$"));
    let words: Vec<&str> = ends.collect();
    for length in 1..=LONGEST {
        for run in words.windows(length) {
            add(name, run);
        }
    }
    for pair in words.windows(3) {
        add(&format!("{name}-skip"), &[pair[0], pair[2]]);
    }
    for word in words.iter().filter(|word| word.len() > 4 && word.is_ascii()) {
        add(&format!("{name}-stem"), &[&word[..4]]);
    }
}

fn masked_digits(word: String) -> String {
    if word.starts_with(|c: char| c.is_ascii_digit()) { format!("0{}", word.len().min(6)) } else { word }
}

/// The tokens with each known word and each find of the rules as one token that bears its name.
fn named(seen: &Seen<'_>, tokens: &[std::ops::Range<usize>], words: &[String]) -> Vec<String> {
    let mut names: Vec<Option<(usize, String)>> = vec![None; tokens.len()];
    let mut put = |range: &std::ops::Range<usize>, name: String| {
        let inside = |token: &std::ops::Range<usize>| range.start <= token.start && token.end <= range.end;
        for (name_of, _) in names.iter_mut().zip(tokens).filter(|(name, token)| name.is_none() && inside(token)) {
            *name_of = Some((range.start, name.clone()));
        }
    };
    for span in seen.ruling.spans() {
        let name = if span.slot.is_price() { "price" } else { span.slot.name() };
        put(&span.range, format!("<{name}>"));
    }
    for known in seen.known {
        let Some(meaning) = known.meanings.first() else { continue };
        let name = match meaning.sense {
            Sense::Category | Sense::Noun => "product",
            Sense::Brand => "brand",
            Sense::Value(slot) => slot.name(),
        };
        put(&known.range, format!("<{name}>"));
    }
    let mut found: Vec<(usize, String)> = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        let token = name.unwrap_or_else(|| (tokens[index].start, words[index].clone()));
        if found.last() != Some(&token) {
            found.push(token);
        }
    }
    found.into_iter().map(|(_, name)| name).collect()
}

fn facts(seen: &Seen<'_>, length: usize) -> Vec<String> {
    let ruling = seen.ruling;
    let mut facts = vec![format!("length {}", (length as f64).log2().round())];
    let mut add = |is_so: bool, name: &str| {
        if is_so {
            facts.push(name.to_owned());
        }
    };
    add(!ruling.prices.is_empty(), "price");
    add(!ruling.order_ids.is_empty(), "order");
    add(!ruling.items.is_empty(), "items");
    add(ruling.items.len() > 1, "many items");
    add(!ruling.exclusions.is_empty(), "exclusion");
    add(!ruling.measures.is_empty(), "size");
    add(!ruling.quantities.is_empty(), "quantity");
    add(seen.message.folded().ends_with(['?', '吗', '呢', '么', '不', '没']), "question");
    add(seen.message.chars().iter().any(|c| is_han(*c)), "han");
    if let Some(sort) = ruling.sort {
        facts.push(format!("sort {sort:?}"));
    }
    let mut senses: Vec<String> =
        seen.known.iter().filter_map(|known| known.meanings.first()).map(|m| format!("{:?}", m.sense)).collect();
    senses.sort();
    senses.dedup();
    facts.push(format!("senses {}", senses.join("+")));
    facts.extend(senses);
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::understand::message::Message;
    use crate::assistant::understand::rules;
    use crate::assistant::understand::vocabulary::Vocabulary;
    use crate::domain::intent::IntentKind;
    use crate::domain::session::Context;

    fn named_of(text: &str) -> Vec<String> {
        let (message, context, vocabulary) = (Message::new(text), Context::default(), Vocabulary::shared());
        let (known, ruling) = (vocabulary.find(&message), rules::read(&message, &context));
        let seen =
            Seen { message: &message, context: &context, intent: IntentKind::Search, known: &known, ruling: &ruling };
        let tokens = tokens(&message);
        let words: Vec<String> = tokens.iter().map(|range| message.folded_words(range)).collect();
        named(&seen, &tokens, &words)
    }

    #[test]
    fn two_colours_look_the_same_by_name() {
        assert_eq!(named_of("黑色的有吗"), ["<colour>", "的", "有", "吗"]);
        assert_eq!(named_of("navy ones?"), named_of("black ones?"));
    }
}
