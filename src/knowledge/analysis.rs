//! Cuts text into what it speaks of: concepts that phrases name, and the words that no phrase covers.
//!
//! The same cut serves passages and questions, in both languages. Never drops a word that could matter. Called by `index`
//! and `choose`.

use std::collections::{HashMap, HashSet};

use jieba_rs::Jieba;

use super::KnowledgeError;
use super::patterns::Patterns;
use super::phrases::{BUILT_IN, Concept, Kind, Phrases};
use super::pieces::{Piece, one_letter_apart, pieces};

/// How many pieces `…` may skip.
const MAX_GAP: usize = 4;

/// English words that say nothing alone.
const STOP: &str = "a about above after again all am an and any are aren't as at be because been before being below between both but by can can't \
cannot could couldn't did didn't do does doesn't doing don't down during each every few for from further had hadn't has hasn't have haven't having \
he her here hers him his how however i i'd i'll i'm i've if in into is isn't it it's its itself just me more most my myself no nor not of off on \
once one two ones only or other ought our ours out over own per same she should shouldn't since so some such than that that's the their theirs them then \
there these they this those through to too under until up upon us very was wasn't we were weren't what what's when where which while who whom \
whose why will with within without won't would wouldn't you your yours yourself yet else ever anyway okay ok oh well maybe perhaps quite rather \
instead though although whether either neither another much many lot lots bit like get gets gotten does must may might shall im dont cant ive \
think thought believe guess hope feel seem seems become became else've mine thing set put run call called said says tell told another around \
across along inside outside near nearby via etc kindly regarding concerning able unable soon later ago today tomorrow";

/// A word that no phrase covers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    /// Folded, stemmed where English.
    pub text: String,
    /// How much it matters that a passage has it, 0–1.3.
    pub strength: f32,
}

/// What a text speaks of.
#[derive(Debug, Clone, Default)]
pub(super) struct Analyzed {
    /// Concepts, in order of mention, each as often as it is named.
    pub concepts: Vec<usize>,
    /// The other words.
    pub words: Vec<Word>,
    /// Pairs of neighbouring Han characters, for what is cut differently.
    pub grams: Vec<String>,
}

/// The pieces of a phrase, and the concepts that it names.
type Phrase = (Vec<String>, Vec<usize>);

/// Cuts text.
pub(super) struct Analyzer {
    jieba: Jieba,
    patterns: Patterns,
    pub concepts: Vec<Concept>,
    names: HashMap<String, usize>,
    /// Phrases by their first piece.
    phrases: HashMap<String, Vec<Phrase>>,
    stop: HashSet<&'static str>,
    vocabulary: HashSet<String>,
}

impl std::fmt::Debug for Analyzer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Analyzer").field("concepts", &self.concepts.len()).finish_non_exhaustive()
    }
}

impl Analyzer {
    /// An analyzer with the built-in phrases and those of a shop.
    pub fn new<'a>(own: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, KnowledgeError> {
        let read = Phrases::parse(std::iter::once(("catalog/policies/phrases.txt", BUILT_IN)).chain(own))?;
        let mut analyzer = Self {
            jieba: Jieba::new(),
            patterns: Patterns::new(),
            names: read.concepts.iter().enumerate().map(|(place, concept)| (concept.name.clone(), place)).collect(),
            concepts: read.concepts,
            phrases: HashMap::new(),
            stop: STOP.split_whitespace().collect(),
            vocabulary: HashSet::new(),
        };
        let mut grouped: HashMap<Vec<String>, Vec<usize>> = HashMap::new();
        for (phrase, concept) in read.entries {
            let pieces: Vec<String> = pieces(&phrase).into_iter().map(|piece| piece.text).collect();
            if pieces.is_empty() {
                continue;
            }
            let concepts = grouped.entry(pieces).or_default();
            if !concepts.contains(&concept) {
                concepts.push(concept);
            }
        }
        for (pieces, mut concepts) in grouped {
            if concepts.iter().any(|concept| analyzer.concepts[*concept].kind != Kind::Noise) {
                concepts.retain(|concept| analyzer.concepts[*concept].kind != Kind::Noise);
            }
            analyzer.vocabulary.extend(pieces.iter().filter(|piece| piece.is_ascii() && piece.len() > 4).cloned());
            analyzer.phrases.entry(pieces[0].clone()).or_default().push((pieces, concepts));
        }
        for list in analyzer.phrases.values_mut() {
            list.sort();
        }
        Ok(analyzer)
    }

    /// The concept of a name.
    pub fn concept(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// What a passage or sentence speaks of: also phrases inside longer ones, and the kinds of answer that it gives in place of
    /// the kinds that it asks for.
    pub fn passage(&self, text: &str) -> Analyzed {
        let cut = pieces(text);
        let mut found = self.scan(&cut, true, &HashSet::new());
        found.concepts.retain(|concept| !matches!(self.concepts[*concept].kind, Kind::Asked | Kind::Noise));
        found.concepts.extend(self.patterns.given(text).filter_map(|name| self.concept(name)));
        found
    }

    /// What a heading speaks of: as a passage, and the kind of answer that it announces ("How long a refund takes").
    pub fn heading(&self, text: &str) -> Analyzed {
        let mut found = self.scan(&pieces(text), true, &HashSet::new());
        found.concepts.retain(|concept| self.concepts[*concept].kind != Kind::Noise);
        found
    }

    /// What a question speaks of; a misspelt English word is read as the only word of `known` or of the phrases one letter
    /// away.
    pub fn question(&self, text: &str, known: &HashSet<String>) -> Analyzed {
        let mut found = self.scan(&self.respelt(text, known), false, known);
        found.concepts.retain(|concept| self.concepts[*concept].kind != Kind::Noise);
        found
    }

    /// All that a text has, for comparing it with others: concepts (`k`), words (`w`), neighbouring words
    /// (`b`), Han characters alone, in pairs and in threes (`h`), runs of letters (`c`), and how many digits a number has (`n`).
    pub fn features(&self, text: &str) -> Vec<String> {
        self.features_of(&pieces(text))
    }

    /// [`Self::features`] of a question, with misspelt words read as in [`Self::question`].
    pub fn question_features(&self, text: &str, known: &HashSet<String>) -> Vec<String> {
        self.features_of(&self.respelt(text, known))
    }

    fn features_of(&self, pieces: &[Piece]) -> Vec<String> {
        let mut features = self.concept_features(pieces);
        for run in pieces.chunk_by(|one, other| one.han == other.han && (!one.han || other.joined)) {
            if run[0].han {
                let run: String = run.iter().map(|piece| piece.text.as_str()).collect();
                let characters: Vec<char> = run.chars().collect();
                for size in 1..=3 {
                    let grams = characters.windows(size);
                    features.extend(grams.map(|gram| std::iter::once('h').chain(gram.iter().copied()).collect()));
                }
                let words = self.jieba.cut_for_search(&run, true).into_iter().map(|token| token.word);
                features.extend(words.filter(|word| word.chars().count() > 1).map(|word| format!("w{word}")));
                continue;
            }
            features.extend(run.iter().map(|piece| format!("w{}", piece.text)));
            features.extend(run.windows(2).map(|pair| format!("b{} {}", pair[0].text, pair[1].text)));
            for piece in run {
                let digits = piece.surface.chars().take_while(char::is_ascii_digit).count();
                if digits > 0 {
                    let unit = &piece.surface[digits..];
                    features.extend([format!("n{digits}"), format!("w{unit}")]);
                    continue;
                }
                let letters: Vec<char> = format!("<{}>", piece.surface).chars().collect();
                for size in 3..=4 {
                    let grams = letters.windows(size);
                    features.extend(grams.map(|gram| std::iter::once('c').chain(gram.iter().copied()).collect()));
                }
            }
        }
        features
    }

    /// The Latin words of a text, stemmed.
    pub fn words_of(&self, text: &str) -> impl Iterator<Item = String> + use<> {
        pieces(text).into_iter().filter(|piece| !piece.han).map(|piece| piece.text)
    }

    /// The concepts of a text alone, as [`Self::features`] gives them: what it shares with a text of the other language.
    pub fn shared_features(&self, text: &str) -> Vec<String> {
        self.concept_features(&pieces(text))
    }

    fn concept_features(&self, pieces: &[Piece]) -> Vec<String> {
        let found = self.scan(pieces, false, &HashSet::new());
        let telling = found.concepts.into_iter().filter(|concept| self.concepts[*concept].kind != Kind::Noise);
        telling.map(|concept| format!("k{concept}")).collect()
    }

    /// The pieces of a question; a misspelt English word is read as the only word of `known` or of the phrases one letter away.
    fn respelt(&self, text: &str, known: &HashSet<String>) -> Vec<Piece> {
        let mut pieces = pieces(text);
        for piece in pieces.iter_mut().filter(|piece| !piece.han && piece.text.len() > 4) {
            let spelt = self.vocabulary.contains(&piece.text) || known.contains(&piece.text);
            if !spelt && !self.stop.contains(piece.surface.as_str()) {
                piece.text = self.near(&piece.text, known);
            }
        }
        pieces
    }

    fn near(&self, word: &str, known: &HashSet<String>) -> String {
        let mut near = self.vocabulary.iter().chain(known).filter(|other| one_letter_apart(word, other));
        match (near.next(), near.next()) {
            (Some(only), None) => only.clone(),
            (Some(one), Some(other)) if one == other => one.clone(),
            _ => word.to_owned(),
        }
    }

    fn scan(&self, pieces: &[Piece], inner: bool, known: &HashSet<String>) -> Analyzed {
        let mut found = Analyzed::default();
        let mut matches: Vec<(Vec<usize>, &[usize])> = Vec::new();
        for start in 0..pieces.len() {
            let Some(list) = self.phrases.get(&pieces[start].text) else { continue };
            let here =
                list.iter().filter_map(|(phrase, concepts)| Some((matches_at(phrase, pieces, start)?, concepts)));
            matches.extend(here.map(|(places, concepts)| (places, concepts.as_slice())));
        }
        let mut taken = vec![false; pieces.len()];
        for (at, (places, concepts)) in matches.iter().enumerate() {
            places.iter().for_each(|place| taken[*place] = true);
            let within = |(other, (longer, _)): (usize, &(Vec<usize>, &[usize]))| {
                other != at && longer.len() > places.len() && places.iter().all(|place| longer.contains(place))
            };
            if inner || !matches.iter().enumerate().any(within) {
                found.concepts.extend(*concepts);
            }
        }
        self.words(pieces, &taken, inner, known, &mut found);
        found
    }

    fn words(&self, pieces: &[Piece], taken: &[bool], inner: bool, known: &HashSet<String>, found: &mut Analyzed) {
        let mut at = 0;
        while at < pieces.len() {
            if !pieces[at].han {
                let piece = &pieces[at];
                let stopped = self.stop.contains(piece.surface.as_str()) || piece.text.len() < 2;
                let number = piece.text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                if number {
                    found.words.push(Word { text: piece.text.clone(), strength: 0.2 });
                } else if (!taken[at] || inner) && !stopped {
                    found.words.push(Word { text: piece.text.clone(), strength: 0.8 });
                }
                at += 1;
                continue;
            }
            let start = at;
            at += 1;
            while at < pieces.len() && pieces[at].han && pieces[at].joined {
                at += 1;
            }
            let run: String = pieces[start..at].iter().map(|piece| piece.text.as_str()).collect();
            let characters: Vec<char> = run.chars().collect();
            found.grams.extend(characters.windows(2).map(|pair| pair.iter().collect::<String>()));
            let mut place = start;
            for tag in self.jieba.tag(&run, true) {
                let count = tag.word.chars().count();
                let free = !taken[place..place + count].iter().any(|taken| *taken);
                place += count;
                let strength = han_strength(tag.tag, count);
                if (free || inner) && (strength > 0.0 || known.contains(tag.word)) {
                    found.words.push(Word { text: tag.word.to_owned(), strength: strength.max(0.2) });
                }
            }
        }
    }
}

/// The places of the pieces that a phrase takes from `start`; none when it does not stand there.
fn matches_at(phrase: &[String], pieces: &[Piece], start: usize) -> Option<Vec<usize>> {
    let mut places = Vec::with_capacity(phrase.len());
    let mut at = start;
    let mut gap = 0;
    for part in phrase {
        if part == "…" {
            gap = MAX_GAP;
            continue;
        }
        let found = (at..=at + gap).find(|place| pieces.get(*place).is_some_and(|piece| piece.text == *part))?;
        places.push(found);
        at = found + 1;
        gap = 0;
    }
    Some(places)
}

/// How much a Chinese word matters by jieba's tag of it.
fn han_strength(tag: &str, characters: usize) -> f32 {
    let strength = match tag {
        "nr" | "nrt" | "nrfg" | "ns" | "nt" | "nz" => 1.0,
        tag if tag.starts_with('n') || matches!(tag, "vn" | "an" | "l" | "i" | "j") => 0.8,
        tag if tag.starts_with('v') => 0.45,
        tag if tag.starts_with('a') || matches!(tag, "b" | "z" | "s") => 0.35,
        "t" => 0.2,
        _ => 0.0,
    };
    if characters == 1 { strength * 0.3 } else { strength }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let analyzer = Analyzer::new([]).expect("analyzer");
        let found = analyzer.question(text, &HashSet::new());
        found.concepts.iter().map(|place| analyzer.concepts[*place].name.clone()).collect()
    }

    #[test]
    fn both_languages_name_the_same_concepts() {
        assert_eq!(names("退货运费谁出"), ["return_fee", "who"]);
        assert_eq!(names("who pays the return shipping?"), ["who", "return_fee"]);
        assert_eq!(names("邮费多少钱"), names("how much is postage").into_iter().rev().collect::<Vec<_>>());
    }

    #[test]
    fn phrases_hold_across_words_between_and_a_misspelling() {
        assert!(names("send the blue shoes back").contains(&"return".to_owned()));
        assert_eq!(names("do you give refudns"), ["refund"]);
    }

    #[test]
    fn a_word_that_no_phrase_names_is_kept() {
        let analyzer = Analyzer::new([]).expect("analyzer");
        let found = analyzer.question("能不能用比萨饼付款", &HashSet::new());
        assert!(found.words.iter().any(|word| word.text.contains("比萨")), "{found:?}");
    }
}
