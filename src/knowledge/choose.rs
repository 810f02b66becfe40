//! Decides which passage answers a question, whether it does, and which of its sentences to quote.
//!
//! Two linear steps over [`super::evidence`]: which passage is the best, and whether it answers. Called by
//! [`super::Knowledge`].

use super::analysis::Analyzer;
use super::evidence::{Deciding, Known, Ranking};
use super::index::{Index, Term};
use super::likeness::Resemblance;
use super::meanings::Close;
use super::passage::Passage;
use super::phrases::Kind;
use super::quote::telling_sentences;
use super::senses::Sensed;
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

/// A passage that was considered.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The passage.
    pub passage: &'a Passage,
    /// The probability that it is the right one, if any is.
    pub share: f32,
    /// Calibrated probability that it answers, 0–1.
    pub confidence: f32,
    /// What speaks for it against the others, by name.
    pub ranking: Vec<(&'static str, f32)>,
    /// What speaks for its being an answer at all, by name.
    pub deciding: Vec<(&'static str, f32)>,
}

/// Below this confidence nothing is said to answer, by [`Known::place`]. Chosen on questions that the weights were not fitted on: thirds of
/// `tests/eval/service_weights.jsonl`, halves of the harder ones (`models/train/pipeline/policies.py`), and `service_held_out.jsonl`.
const ANSWERS: [f32; 4] = [0.5, 0.5, 0.45, 0.55];
/// Below this confidence nothing is offered either.
const OFFERED: f32 = 0.18;
/// The second passage with this probability of being meant is quoted beside the best: of `tests/eval/service_weights.jsonl`, 2 % of the answers.
const BESIDE: f32 = 0.25;
/// A passage with this probability of being meant is offered beside the best.
const NEAR: f32 = 0.12;
const MAX_OFFERS: usize = 3;
/// No more of a question is read, in characters.
const MAX_READ: usize = 600;
/// How many passages are considered in the end.
const CONSIDERED: usize = 12;

/// The passage that answers, and the one that is as likely meant, if there is one; none when no passage answers.
pub(super) fn answers(index: &Index, analyzer: &Analyzer, question: &Question) -> Vec<Answer> {
    let Some(read) = Reading::new(index, analyzer, question) else { return Vec::new() };
    let ranked = read.ranked(index);
    let Some(best) = ranked.first().filter(|best| best.confidence >= read.answers(index)) else { return Vec::new() };
    let beside = ranked.get(1).filter(|second| second.share >= BESIDE);
    let answer = |found: &Ranked| {
        let passage = index.passages()[found.place].clone();
        let closeness = index.closeness(&read.text, found.place, analyzer);
        let sentences = telling_sentences(index.entry(found.place), &read.terms, &closeness, passage.language);
        Answer { passage, sentences, confidence: found.confidence }
    };
    std::iter::once(best).chain(beside).map(answer).collect()
}

/// The best passages, best first.
pub(super) fn candidates<'a>(
    index: &'a Index,
    analyzer: &Analyzer,
    question: &Question,
    limit: usize,
) -> Vec<Candidate<'a>> {
    let Some(read) = Reading::new(index, analyzer, question) else { return Vec::new() };
    let ranked = read.ranked(index).into_iter().take(limit);
    ranked
        .map(|ranked| Candidate {
            passage: &index.passages()[ranked.place],
            share: ranked.share,
            confidence: ranked.confidence,
            ranking: ranked.ranking.named(),
            deciding: ranked.deciding.named(),
        })
        .collect()
}

/// The few passages that a person may have meant, best first; none when nothing comes near, or one is plainly meant.
pub(super) fn offers<'a>(index: &'a Index, analyzer: &Analyzer, question: &Question) -> Vec<&'a Passage> {
    let Some(read) = Reading::new(index, analyzer, question) else { return Vec::new() };
    let ranked = read.ranked(index);
    let Some(best) = ranked.first().filter(|best| best.confidence >= OFFERED) else { return Vec::new() };
    let near = ranked.iter().skip(1).filter(|other| other.share >= NEAR);
    let near: Vec<&Passage> = near.take(MAX_OFFERS - 1).map(|other| &index.passages()[other.place]).collect();
    if best.confidence >= read.answers(index) && near.is_empty() {
        return Vec::new();
    }
    std::iter::once(&index.passages()[best.place]).chain(near).collect()
}

/// A question as asked of the passages of one language.
pub(super) struct Reading {
    pub language: Language,
    /// The question, with the one before it when it plainly leans on it.
    text: String,
    /// What the question itself speaks of: what an answer must cover.
    pub terms: Vec<Term>,
    /// With the subject that a follow-up keeps: what passages are ranked by.
    ranking: Vec<Term>,
    pub resemblance: Resemblance,
    /// How close it comes in meaning; none for a question in the other language.
    pub close: Option<Close>,
    /// What the encoder says, in either language.
    pub sensed: Option<Sensed>,
    /// What the question before resembled.
    pub before: Option<Resemblance>,
    /// The topic spoken of last.
    pub topic: Option<String>,
    /// Whether it plainly leans on the question before.
    pub follows: bool,
    /// Whether it names no subject of its own.
    pub vague: bool,
}

/// A passage in its rank.
struct Ranked {
    place: usize,
    share: f32,
    confidence: f32,
    ranking: Ranking,
    deciding: Deciding,
}

/// How much the subject of the question before counts in a follow-up.
const KEPT: f32 = 0.55;

impl Reading {
    fn new(index: &Index, analyzer: &Analyzer, question: &Question) -> Option<Self> {
        let text = head(question.text);
        if !text.contains(char::is_alphabetic) {
            return None;
        }
        let detected = Language::detect(text);
        let spoken = question.language.or(detected).unwrap_or_default();
        let language = [spoken, spoken.other()].into_iter().find(|language| index.speaks(*language))?;
        let native = language == detected.unwrap_or(language);
        let asked = analyzer.question(text, index.known());
        let terms = index.terms(&asked, analyzer, language, native);
        let mut ranking = terms.clone();
        let vague = !terms.iter().any(|term| term.kind == Some(Kind::Subject));
        let follows = vague || leans(text);
        let previous = question.previous.map(head);
        if let Some(previous) = previous.filter(|_| follows) {
            let before = analyzer.question(previous, index.known());
            for term in index.terms(&before, analyzer, language, native) {
                let subject = matches!(term.kind, Some(Kind::Subject));
                if subject && !ranking.iter().any(|known| known.key == term.key) {
                    ranking.push(Term { weight: term.weight * KEPT, missed: 0.0, ..term });
                }
            }
        }
        let resemblance = index.resemblance(text, language, analyzer)?;
        let before = previous.and_then(|previous| index.resemblance(previous, language, analyzer));
        let topic = question.topic.map(str::to_owned);
        let text = previous.filter(|_| follows).map_or(text.to_owned(), |previous| format!("{text} {previous}"));
        let close = index.close_in_meaning(&text, language).filter(|_| native);
        let sensed = index.sensed(&text, language);
        Some(Self { language, text, terms, ranking, resemblance, close, sensed, before, topic, follows, vague })
    }

    /// From which confidence a passage is said to answer.
    fn answers(&self, index: &Index) -> f32 {
        ANSWERS[self.known(index).place()]
    }

    fn known(&self, index: &Index) -> Known {
        Known { examples: index.has_examples(self.language), encoder: self.sensed.is_some() }
    }

    /// The best passages with their confidence, best first.
    fn ranked(&self, index: &Index) -> Vec<Ranked> {
        let of = index.of(self.language);
        let known = self.known(index);
        let lexical: Vec<f32> = of.iter().map(|place| index.score(*place, &self.ranking)).collect();
        let topics = self.topics(index);
        let mut scored: Vec<(usize, Ranking, f32)> = of
            .iter()
            .enumerate()
            .map(|(at, place)| {
                let ranking = Ranking::new(self, index, *place, at, lexical[at], topics[at]);
                let score = ranking.score(known);
                (*place, ranking, score)
            })
            .collect();
        scored.sort_by(|(one, _, a), (other, _, b)| b.total_cmp(a).then(one.cmp(other)));
        let best = scored.first().map_or(0.0, |(_, _, score)| *score);
        let all: f32 = scored.iter().map(|(_, _, score)| (score - best).exp()).sum();
        // Where two passages are quoted, either may be the one that is meant.
        let second = scored.get(1).map_or(0.0, |(_, _, second)| (second - best).exp() / all);
        let meant = 1.0 / all + if second >= BESIDE { second } else { 0.0 };
        scored
            .into_iter()
            .take(CONSIDERED)
            .enumerate()
            .map(|(rank, (place, ranking, score))| {
                let share = (score - best).exp() / all;
                let deciding = Deciding::new(self, index, place, &ranking, if rank == 0 { meant } else { share });
                Ranked { place, share, confidence: deciding.probability(known), ranking, deciding }
            })
            .collect()
    }

    /// For each passage of the language, how likely its topic is the one spoken of before.
    fn topics(&self, index: &Index) -> Vec<f32> {
        let of = index.of(self.language);
        let topic = |place: usize| index.passages()[place].topic.as_str();
        of.iter()
            .map(|place| {
                let likely = |before: &Resemblance| {
                    let same = of.iter().enumerate().filter(|(_, other)| topic(**other) == topic(*place));
                    same.map(|(at, _)| before.log_probability[at].exp()).sum::<f32>()
                };
                let given = self.topic.as_deref() == Some(topic(*place));
                if given { 1.0 } else { self.before.as_ref().map_or(0.0, likely) }
            })
            .collect()
    }
}

/// As much of a text as is read.
fn head(text: &str) -> &str {
    text.char_indices().nth(MAX_READ).map_or(text, |(end, _)| &text[..end])
}

/// Longer questions that say "it" name what they speak of themselves, in words.
const MAX_POINTING: usize = 6;

/// Whether a question leans on the one before by its words: it opens as one does, or points at what was spoken of.
fn leans(text: &str) -> bool {
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
    const POINTING: &[&str] = &["that", "it", "there", "those", "them"];
    let plain = text.trim().to_lowercase();
    let opens = OPENINGS.iter().any(|opening| plain.starts_with(opening))
        || plain.trim_end_matches(['?', '？']).ends_with('呢');
    let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let points = words.len() <= MAX_POINTING && words.iter().any(|word| POINTING.contains(word));
    opens || points
}

#[cfg(test)]
mod tests {
    use super::super::Knowledge;
    use super::*;

    #[test]
    fn the_second_passage_is_quoted_only_where_it_is_as_likely_meant() {
        let folder = tempfile::tempdir().expect("folder");
        let text = "# Rules\n\n## Postage of a return\nWe pay the postage of a return.\n\n## Postage of an exchange\nWe pay the postage of an \
exchange.\n\n## Gift wrap\nGift wrap costs 3 pounds.\n";
        std::fs::write(folder.path().join("rules.en.md"), text).expect("write");
        let knowledge = Knowledge::load(folder.path(), None).expect("knowledge");
        let quoted = |text: &str| -> Vec<String> {
            let answers = knowledge.answers(&Question { text, ..Question::default() });
            answers.into_iter().map(|answer| answer.passage.id).collect()
        };
        let (returned, exchanged) = ("rules.en.md#Postage of a return", "rules.en.md#Postage of an exchange");
        let mut both = quoted("postage of a return or an exchange?");
        both.sort();
        assert_eq!(both, [returned, exchanged]);
        assert_eq!(quoted("who pays the postage of an exchange?"), [exchanged]);
        assert_eq!(quoted("how much is gift wrap?"), ["rules.en.md#Gift wrap"]);
        assert!(quoted("do you have a car park?").is_empty());
    }
}
