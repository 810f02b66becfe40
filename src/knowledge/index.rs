//! Ranks passages for a question: BM25 over concepts, words and character pairs, headings before text.
//!
//! The same subject written in the other language (`returns.en.md` beside `returns.zh.md`, section by section) lends a
//! passage its concepts. Immutable. Called by `choose`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::analysis::{Analyzed, Analyzer};
use super::asked::Open;
use super::documents::documents;
use super::likeness::{Likeness, Resemblance};
use super::meanings::{Close, Meanings};
use super::passage::{Passage, Sentence};
use super::phrases::Kind;
use super::senses::{Sensed, Senses};
use super::twins::twins;
use super::vectors::{Vector, cosine};
use crate::domain::encoder::SentenceEncoder;
use crate::domain::language::Language;

/// What a question asks of passages: a concept, a word or a pair of characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Concept(usize),
    Word(String),
    Gram(String),
}

/// One thing that a question speaks of.
#[derive(Debug, Clone)]
pub(super) struct Term {
    pub key: Key,
    /// How much it counts when a passage has it.
    pub weight: f32,
    /// How much it counts when a passage lacks it.
    pub missed: f32,
    /// The kind of concept; none for words.
    pub kind: Option<Kind>,
    /// Whether any passage of the language has it.
    pub known: bool,
}

/// Where a passage has a key: in its own heading, in the headings above, in its text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    pub heading: f32,
    pub above: f32,
    pub body: f32,
    /// Only in the same section of the other language's file.
    pub lent: f32,
}

/// One passage with what it speaks of.
#[derive(Debug)]
pub(super) struct Entry {
    pub places: HashMap<Key, Place>,
    /// The subjects that its own heading names.
    named: Vec<Key>,
    /// What each sentence speaks of.
    pub sentences: Vec<(Sentence, HashSet<Key>)>,
    length: f32,
}

/// All passages.
#[derive(Debug)]
pub(super) struct Index {
    passages: Vec<Passage>,
    entries: Vec<Entry>,
    /// In how many passages of a language a key stands.
    counts: HashMap<(Language, Key), usize>,
    sizes: HashMap<Language, usize>,
    known: HashSet<String>,
    mean_length: f32,
    of: HashMap<Language, Vec<usize>>,
    likeness: HashMap<Language, Likeness>,
    meanings: HashMap<Language, Meanings>,
    senses: HashMap<Language, Senses>,
}

const HEADING: f32 = 3.0;
const ABOVE: f32 = 1.2;
const LENT: f32 = 0.8;
const SATURATION: f32 = 1.3;
const LENGTH_WEIGHT: f32 = 0.5;
/// How much closeness by way of an example question counts.
const BY_WAY: f32 = 2.0;
/// A word that no passage knows makes a question strange from this weight.
const STRANGE: f32 = 0.5;
/// What a passage loses when its heading names only subjects that were not asked about.
const UNASKED: f32 = 0.35;

impl Index {
    pub fn new(
        passages: Vec<Passage>,
        not_covered: &[Open],
        analyzer: &Analyzer,
        encoder: Option<&Arc<dyn SentenceEncoder>>,
    ) -> Self {
        let mut entries: Vec<Entry> = passages.iter().map(|passage| entry(passage, analyzer)).collect();
        let twins = twins(&passages);
        lend(&twins, &mut entries);
        let mut counts = HashMap::new();
        let mut sizes = HashMap::new();
        let mut known = HashSet::new();
        for (passage, entry) in passages.iter().zip(&entries) {
            *sizes.entry(passage.language).or_default() += 1;
            for (key, place) in &entry.places {
                if place.heading + place.above + place.body > 0.0 {
                    *counts.entry((passage.language, key.clone())).or_default() += 1;
                }
                if let Key::Word(word) = key {
                    known.insert(word.clone());
                }
            }
        }
        for asked in passages.iter().flat_map(|passage| &passage.asked) {
            known.extend(analyzer.words_of(asked));
        }
        let mean_length = entries.iter().map(|entry| entry.length).sum::<f32>() / entries.len().max(1) as f32;
        let mean_length = mean_length.max(1.0);
        let (of, likeness, meanings, senses) = Default::default();
        let mut index = Self { passages, entries, counts, sizes, known, mean_length, of, likeness, meanings, senses };
        for language in [Language::Zh, Language::En] {
            let places = 0..index.passages.len();
            let of: Vec<usize> = places.filter(|place| index.passages[*place].language == language).collect();
            let documents = documents(&index, &of, &twins, not_covered, analyzer);
            index.likeness.insert(language, Likeness::new(&documents, of.len()));
            let strange = not_covered
                .iter()
                .filter(|open| Language::detect(open.question) == Some(language) && index.is_open(open, analyzer));
            let passages: Vec<&Passage> = of.iter().map(|place| &index.passages[*place]).collect();
            let strange: Vec<&str> = strange.map(|open| open.question).collect();
            let meanings = Meanings::new(&passages, strange.iter().copied());
            let senses = encoder.and_then(|encoder| Senses::new(encoder, &passages, strange.into_iter()));
            index.senses.extend(senses.map(|senses| (language, senses)));
            index.meanings.insert(language, meanings);
            index.of.insert(language, of);
        }
        index
    }

    /// The places of the passages of a language.
    pub fn of(&self, language: Language) -> &[usize] {
        self.of.get(&language).map(Vec::as_slice).unwrap_or_default()
    }

    /// How a question resembles what leads to each passage of a language, in the order of [`Self::of`].
    pub fn resemblance(&self, text: &str, language: Language, analyzer: &Analyzer) -> Option<Resemblance> {
        Some(self.likeness.get(&language)?.compare(&analyzer.question_features(text, &self.known)))
    }

    /// How close a question comes in meaning to each passage of a language, in the order of [`Self::of`].
    pub fn close_in_meaning(&self, text: &str, language: Language) -> Option<Close> {
        Some(self.meanings.get(&language)?.compare(text))
    }

    /// How well each passage of a language answers a question, as the encoder reads both, in the order of [`Self::of`].
    pub fn sensed(&self, text: &str, language: Language) -> Option<Sensed> {
        self.senses.get(&language)?.compare(text)
    }

    /// How close each sentence of a passage is to a question: by itself, or by way of an example question that is close to both.
    pub fn closeness(&self, question: &str, place: usize, analyzer: &Analyzer) -> Vec<f32> {
        let passage = &self.passages[place];
        let Some(likeness) = self.likeness.get(&passage.language) else { return Vec::new() };
        let vector = |text: &str| likeness.vector(&analyzer.features(text));
        let question = likeness.vector(&analyzer.question_features(question, &self.known));
        let examples: Vec<(Vector, f32)> = passage
            .asked
            .iter()
            .map(|asked| vector(asked))
            .map(|asked| (cosine(&question, &asked), asked))
            .filter(|(close, _)| *close > 0.0)
            .map(|(close, asked)| (asked, close))
            .collect();
        let sentences = self.entries[place].sentences.iter().map(|(sentence, _)| vector(&sentence.text));
        sentences
            .map(|sentence| {
                let by_way = examples.iter().map(|(asked, close)| close * cosine(asked, &sentence)).fold(0.0, f32::max);
                cosine(&question, &sentence) + BY_WAY * by_way
            })
            .collect()
    }

    /// Whether the passages of a language have example questions.
    pub fn has_examples(&self, language: Language) -> bool {
        self.of(language).iter().any(|place| !self.passages[*place].asked.is_empty())
    }

    /// Whether a question is taken to have no answer.
    pub fn is_open(&self, open: &Open, analyzer: &Analyzer) -> bool {
        open.own || self.is_strange(open.question, analyzer)
    }

    /// Whether a question speaks of something that no passage knows.
    fn is_strange(&self, question: &str, analyzer: &Analyzer) -> bool {
        let language = Language::detect(question).unwrap_or_default();
        let terms = self.terms(&analyzer.question(question, &self.known), analyzer, language, true);
        terms.iter().any(|term| !term.known && (term.kind == Some(Kind::Subject) || term.weight >= STRANGE))
    }

    pub fn passages(&self) -> &[Passage] {
        &self.passages
    }

    pub fn entry(&self, place: usize) -> &Entry {
        &self.entries[place]
    }

    /// The words that passages hold.
    pub fn known(&self) -> &HashSet<String> {
        &self.known
    }

    /// Whether any passage is in a language.
    pub fn speaks(&self, language: Language) -> bool {
        self.sizes.contains_key(&language)
    }

    /// What a question asks of the passages of one language; nothing for its other-language words.
    pub fn terms(&self, asked: &Analyzed, analyzer: &Analyzer, language: Language, native: bool) -> Vec<Term> {
        let mut terms: Vec<Term> = Vec::new();
        for concept in &asked.concepts {
            let key = Key::Concept(*concept);
            if terms.iter().any(|term| term.key == key) {
                continue;
            }
            let kind = analyzer.concepts[*concept].kind;
            let rarity = self.rarity(language, &key);
            let (weight, missed) = match kind {
                Kind::Subject => (0.45 + 0.55 * rarity, 0.45 + 0.55 * rarity),
                Kind::Asked => (0.35, 0.35),
                Kind::Goods => (0.2, 0.0),
                Kind::Noise => continue,
            };
            let known = self.counts.contains_key(&(language, key.clone()));
            terms.push(Term { key, weight, missed, kind: Some(kind), known });
        }
        if !native {
            return terms;
        }
        for word in &asked.words {
            let key = Key::Word(word.text.clone());
            if terms.iter().any(|term| term.key == key) {
                continue;
            }
            let rarity = self.rarity(language, &key);
            let known = self.counts.contains_key(&(language, key.clone()));
            let weight = word.strength * (0.3 + 0.5 * rarity);
            terms.push(Term { key, weight, missed: weight, kind: None, known });
        }
        let share = 1.2 / asked.grams.len().max(3) as f32;
        for gram in &asked.grams {
            let key = Key::Gram(gram.clone());
            let known = self.counts.contains_key(&(language, key.clone()));
            let weight = share * self.rarity(language, &key);
            terms.push(Term { key, weight, missed: 0.0, kind: None, known });
        }
        terms
    }

    /// How rare a key is among the passages of a language: 1 for one that none or a single one has, 0 for one in all.
    fn rarity(&self, language: Language, key: &Key) -> f32 {
        let size = self.sizes.get(&language).copied().unwrap_or_default().max(2) as f32;
        let count = self.counts.get(&(language, key.clone())).copied().unwrap_or(1).max(1) as f32;
        (1.0 - count.ln() / size.ln()).clamp(0.0, 1.0)
    }

    /// How well a passage matches; comparable for one question only.
    pub fn score(&self, place: usize, terms: &[Term]) -> f32 {
        let entry = &self.entries[place];
        let norm = 1.0 - LENGTH_WEIGHT + LENGTH_WEIGHT * entry.length / self.mean_length;
        let frequency =
            |place: &Place| HEADING * place.heading + ABOVE * place.above + place.body / norm + LENT * place.lent;
        let matched: f32 = terms
            .iter()
            .filter_map(|term| Some((term, frequency(entry.places.get(&term.key)?))))
            .map(|(term, frequency)| term.weight * frequency / (frequency + SATURATION))
            .sum();
        let unasked = entry.named.iter().filter(|key| !terms.iter().any(|term| term.key == **key)).count();
        matched - UNASKED * unasked as f32 / entry.named.len().max(1) as f32
    }
}

fn entry(passage: &Passage, analyzer: &Analyzer) -> Entry {
    let mut places: HashMap<Key, Place> = HashMap::new();
    let (own, above) = match passage.headings.split_last() {
        Some((own, above)) => (analyzer.heading(own), above.join("\n")),
        None => (Analyzed::default(), String::new()),
    };
    let is_subject = |concept: &&usize| analyzer.concepts[**concept].kind == Kind::Subject;
    let mut named: Vec<Key> = own.concepts.iter().filter(is_subject).map(|concept| Key::Concept(*concept)).collect();
    named.dedup();
    add(&mut places, &own, |place| place.heading = 1.0);
    add(&mut places, &analyzer.passage(&above), |place| place.above = 1.0);
    let found = analyzer.passage(&passage.text());
    let length = (found.words.len() + found.concepts.len()) as f32;
    add(&mut places, &found, |place| place.body += 1.0);
    let sentences = passage.sentences();
    let spoken = |sentence: &Sentence| keys(&analyzer.passage(&sentence.text)).collect();
    let sentences =
        sentences.into_iter().map(|sentence| (spoken(&sentence), sentence)).map(|(keys, it)| (it, keys)).collect();
    Entry { places, named, sentences, length }
}

fn keys(found: &Analyzed) -> impl Iterator<Item = Key> + '_ {
    let concepts = found.concepts.iter().map(|concept| Key::Concept(*concept));
    let words = found.words.iter().map(|word| Key::Word(word.text.clone()));
    let grams = found.grams.iter().map(|gram| Key::Gram(gram.clone()));
    concepts.chain(words).chain(grams)
}

fn add(places: &mut HashMap<Key, Place>, found: &Analyzed, mark: impl Fn(&mut Place)) {
    for key in keys(found) {
        mark(places.entry(key).or_default());
    }
}

/// Lends concepts between the same sections of two languages.
fn lend(twins: &[Option<usize>], entries: &mut [Entry]) {
    let mut lent: Vec<(usize, Key, f32)> = Vec::new();
    for (mine, theirs) in twins.iter().enumerate().filter_map(|(mine, theirs)| Some((mine, (*theirs)?))) {
        for (key, place) in &entries[theirs].places {
            let strength = if place.heading > 0.0 { HEADING * 0.6 } else { place.body.min(1.0) };
            if matches!(key, Key::Concept(_)) && strength > 0.0 {
                lent.push((mine, key.clone(), strength));
            }
        }
    }
    for (mine, key, strength) in lent {
        entries[mine].places.entry(key).or_default().lent = strength;
    }
}
