//! Decides which passage answers a question, whether it does, and which of its sentences to quote.
//!
//! A passage answers when it speaks of what the question speaks of; the more of the question no passage knows, the less.
//! Called by [`super::Knowledge`].

use std::collections::HashSet;

use super::analysis::Analyzer;
use super::index::{Entry, Index, Key, Place, Term};
use super::passage::Passage;
use super::phrases::Kind;
use crate::domain::language::Language;

/// A question of a shopper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question<'a> {
    /// In the shopper's words.
    pub text: &'a str,
    /// The language to prefer; found from the text when absent.
    pub language: Option<Language>,
    /// The question before it in the same conversation, whose subject a short follow-up keeps.
    pub previous: Option<&'a str>,
    /// The topic of the passage that answered last.
    pub topic: Option<&'a str>,
}

/// What answers a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The passage.
    pub passage: Passage,
    /// The one or two sentences of it that answer best, as they stand.
    pub sentences: String,
    /// Calibrated probability that the passage answers, 0–1.
    pub confidence: f32,
}

/// Below this confidence nothing is said to answer.
const ANSWERS: f32 = 0.5;

/// Weights of [`Features`], fitted by logistic regression on `tests/eval/service_tuning.jsonl`.
const WEIGHTS: [f32; 8] = [4.43, 1.79, -5.78, -0.57, 1.99, 1.45, -0.52, -2.13];
const BIAS: f32 = -3.5;

/// What speaks for and against a passage as the answer, each about 0–1.
#[derive(Debug, Clone, Copy)]
struct Features {
    /// The share of what is asked that the passage has.
    covered: f32,
    /// The share that stands in its headings.
    headed: f32,
    /// The share of subjects that no passage has.
    strange_subject: f32,
    /// The share of words that no passage has.
    strange_words: f32,
    /// How far it is ahead of the next passage.
    ahead: f32,
    /// Whether it gives the kind of answer that is wanted.
    gives: f32,
    /// The share of what is asked that one sentence has.
    sentence: f32,
    /// 1 when the question names no subject at all.
    vague: f32,
}

impl Features {
    fn values(&self) -> [f32; 8] {
        [
            self.covered,
            self.headed,
            self.strange_subject,
            self.strange_words,
            self.ahead,
            self.gives,
            self.sentence,
            self.vague,
        ]
    }

    fn probability(&self) -> f32 {
        let sum: f32 = BIAS + self.values().iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum::<f32>();
        1.0 / (1.0 + (-sum).exp())
    }
}

/// The passage that answers, or none.
pub(super) fn answer(index: &Index, analyzer: &Analyzer, question: &Question) -> Option<Answer> {
    let read = Reading::new(index, analyzer, question)?;
    let ranked = read.ranked(index);
    let (best, confidence) = ranked.first().copied()?;
    if confidence < ANSWERS {
        return None;
    }
    let passage = index.passages()[best].clone();
    let sentences = telling_sentences(index.entry(best), &read.terms, passage.language);
    Some(Answer { passage, sentences, confidence })
}

/// The best passages, best first.
pub(super) fn candidates<'a>(
    index: &'a Index,
    analyzer: &Analyzer,
    question: &Question,
    limit: usize,
) -> Vec<(&'a Passage, f32)> {
    let Some(read) = Reading::new(index, analyzer, question) else { return Vec::new() };
    read.ranked(index)
        .into_iter()
        .take(limit)
        .map(|(place, confidence)| (&index.passages()[place], confidence))
        .collect()
}

/// A question as asked of the passages of one language.
struct Reading {
    language: Language,
    /// What the question itself speaks of: what an answer must cover.
    terms: Vec<Term>,
    /// With the subject that a follow-up keeps: what passages are ranked by.
    ranking: Vec<Term>,
    topic: Option<String>,
}

/// How much the subject of the question before counts in a follow-up.
const KEPT: f32 = 0.55;
/// How much a passage of the topic spoken of last is ahead in a follow-up.
const SAME_TOPIC: f32 = 0.25;

impl Reading {
    fn new(index: &Index, analyzer: &Analyzer, question: &Question) -> Option<Self> {
        let spoken = question.language.or_else(|| Language::detect(question.text)).unwrap_or_default();
        let language = [spoken, spoken.other()].into_iter().find(|language| index.speaks(*language))?;
        let native = language == Language::detect(question.text).unwrap_or(language);
        let asked = analyzer.question(question.text, index.known());
        let terms = index.terms(&asked, analyzer, language, native);
        let mut ranking = terms.clone();
        let follows = follows(question.text, &terms);
        if let Some(previous) = question.previous.filter(|_| follows) {
            let before = analyzer.question(previous, index.known());
            for term in index.terms(&before, analyzer, language, native) {
                let subject = matches!(term.kind, Some(Kind::Subject));
                if subject && !ranking.iter().any(|known| known.key == term.key) {
                    ranking.push(Term { weight: term.weight * KEPT, missed: 0.0, ..term });
                }
            }
        }
        let topic = question.topic.filter(|_| follows).map(str::to_owned);
        Some(Self { language, terms, ranking, topic })
    }

    /// Passages by score, with their confidence.
    fn ranked(&self, index: &Index) -> Vec<(usize, f32)> {
        let mut scored: Vec<(usize, f32)> = index
            .passages()
            .iter()
            .enumerate()
            .filter(|(_, passage)| passage.language == self.language)
            .map(|(place, passage)| {
                let kept = self.topic.as_deref() == Some(passage.topic.as_str());
                (place, index.score(place, &self.ranking) + if kept { SAME_TOPIC } else { 0.0 })
            })
            .filter(|(_, score)| *score > 0.0)
            .collect();
        scored.sort_by(|(one, a), (other, b)| b.total_cmp(a).then(one.cmp(other)));
        let next = |rank: usize| scored.get(rank + 1).map_or(0.0, |(_, score)| *score);
        scored
            .iter()
            .enumerate()
            .take(10)
            .map(|(rank, (place, score))| {
                let ahead = ((score - next(rank)) / score.max(0.01)).clamp(0.0, 1.0);
                let features = self.features(index, *place, ahead);
                tracing::debug!(rank, passage = %index.passages()[*place].id, score, features = ?features.values(), "policy candidate");
                (*place, features.probability())
            })
            .collect()
    }

    fn features(&self, index: &Index, place: usize, ahead: f32) -> Features {
        let places = &index.entry(place).places;
        let counted = || self.terms.iter().filter(|term| !matches!(term.key, Key::Gram(_)));
        let has = |term: &Term| places.get(&term.key);
        let mut all = 0.0;
        let (mut covered, mut headed, mut strange_subject, mut strange_words) = (0.0, 0.0, 0.0, 0.0);
        for term in counted() {
            match has(term) {
                Some(place) => {
                    all += term.weight;
                    covered += term.weight * in_text(place);
                    headed += if place.heading + place.above > 0.0 { term.weight } else { 0.0 };
                }
                None => {
                    all += term.missed;
                    let strange = if term.known { 0.0 } else { term.missed };
                    match term.kind {
                        Some(Kind::Subject) => strange_subject += strange,
                        None => strange_words += strange,
                        _ => {}
                    }
                }
            }
        }
        let asked = |term: &&Term| term.kind == Some(Kind::Asked);
        let wanted = counted().filter(asked).count();
        let given = counted().filter(asked).filter(|term| has(term).is_some()).count();
        let gives = if wanted == 0 { 0.5 } else { given as f32 / wanted as f32 };
        let shared =
            |keys: &HashSet<Key>| counted().filter(|term| keys.contains(&term.key)).map(|term| term.weight).sum();
        let sentence = index.entry(place).sentences.iter().map(|(_, keys)| shared(keys)).fold(0.0, f32::max);
        let share = |part: f32| if all > 0.0 { part / all } else { 0.0 };
        Features {
            covered: share(covered),
            headed: share(headed),
            strange_subject: share(strange_subject),
            strange_words: share(strange_words),
            ahead,
            gives,
            sentence: share(sentence),
            vague: if counted().any(|term| term.kind == Some(Kind::Subject)) { 0.0 } else { 1.0 },
        }
    }
}

fn in_text(place: &Place) -> f32 {
    if place.heading + place.above + place.body > 0.0 { 1.0 } else { 0.8 }
}

/// Whether a question leans on the one before: it opens as one does, or it names no subject of its own.
fn follows(text: &str, terms: &[Term]) -> bool {
    const OPENINGS: &[&str] = &[
        "那",
        "这",
        "还有",
        "另外",
        "如果是",
        "要是",
        "and ",
        "what about",
        "how about",
        "then ",
        "what if",
        "so ",
        "but ",
        "also ",
    ];
    let plain = text.trim().to_lowercase();
    let opens = OPENINGS.iter().any(|opening| plain.starts_with(opening))
        || plain.trim_end_matches(['?', '？']).ends_with('呢');
    opens || !terms.iter().any(|term| term.kind == Some(Kind::Subject))
}

/// The longest that two sentences together are quoted, in characters.
const MAX_QUOTED: usize = 260;

/// The one or two sentences that have most of what is asked, in their order; a list's opening goes with its item.
fn telling_sentences(entry: &Entry, terms: &[Term], language: Language) -> String {
    let sentences = &entry.sentences;
    let has: Vec<Vec<bool>> =
        sentences.iter().map(|(_, keys)| terms.iter().map(|term| keys.contains(&term.key)).collect()).collect();
    let gain = |place: usize, besides: Option<usize>| -> f32 {
        let own = |at: usize| has[place][at] && !besides.is_some_and(|first| has[first][at]);
        let asked = |term: &Term| if term.kind == Some(Kind::Asked) { 2.0 } else { 1.0 };
        let sum: f32 =
            terms.iter().enumerate().filter(|(at, _)| own(*at)).map(|(_, term)| term.weight * asked(term)).sum();
        sum + 0.05 / (1.0 + place as f32)
    };
    let best = |besides: Option<usize>| {
        (0..sentences.len())
            .filter(|place| Some(*place) != besides)
            .map(|place| (place, gain(place, besides)))
            .max_by(|(one, a), (other, b)| a.total_cmp(b).then(other.cmp(one)))
    };
    let Some((first, _)) = best(None) else { return String::new() };
    let mut chosen = vec![first];
    let second = best(Some(first)).filter(|(_, gain)| *gain > 0.3).map(|(place, _)| place);
    let short = |place: &usize| sentences[*place].0.text.chars().count() < 14;
    let second = second.or_else(|| (short(&first) && first + 1 < sentences.len()).then_some(first + 1));
    chosen.extend(second);
    chosen.sort_unstable();
    let mut quoted: Vec<&str> = Vec::new();
    for place in chosen {
        let (sentence, _) = &sentences[place];
        for text in sentence.opening.as_deref().into_iter().chain([sentence.text.as_str()]) {
            let length: usize = quoted.iter().map(|text| text.chars().count()).sum();
            let fits = quoted.is_empty() || length + text.chars().count() <= MAX_QUOTED;
            if fits && !quoted.contains(&text) {
                quoted.push(text);
            }
        }
    }
    quoted.join(if language == Language::Zh { "" } else { " " })
}
