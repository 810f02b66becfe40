//! Questions that got no answer, or a poor one: what is kept of them, and which of them are the same question.
//!
//! Kept in the table `unanswered` under [`key`], without who asked: addresses and long numbers are masked. Written by `assistant` and
//! `support_desk`, read by `backoffice`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::language::{Language, is_han};

/// The name of the table.
pub const TABLE: &str = "unanswered";

/// A question is cut to so many characters.
const QUESTION_CHARS: usize = 300;
/// Questions that share at least so much of the shorter one are the same.
const SAME: f64 = 0.6;
/// Runs of so many digits may be an order's or a telephone's number.
const LONG_NUMBER: usize = 5;

/// What was wrong with the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnansweredCause {
    /// No passage of the policies answers it.
    NoPassage,
    /// The product's listing does not say.
    NotListed,
    /// A person answered, and the shopper rated the help low.
    LowRated,
}

/// One question, however often it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unanswered {
    /// The question as it was asked first, masked.
    pub question: String,
    /// Its language.
    pub language: Language,
    /// What was wrong last.
    pub cause: UnansweredCause,
    /// How often it was asked.
    pub times: u32,
    /// When it was asked first, in seconds since 1970.
    pub first_at: i64,
    /// When it was asked last.
    pub last_at: i64,
}

/// Questions that want one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuestionGroup {
    /// The one that was asked most.
    pub question: String,
    /// Its language.
    pub language: Language,
    /// How often any of them was asked.
    pub times: u32,
    /// When one of them was asked last, in seconds since 1970.
    pub last_at: i64,
    /// All of them, by their keys in the table.
    pub keys: Vec<String>,
    /// All of them, in words.
    pub questions: Vec<String>,
    /// Whether the help with one of them was rated low.
    pub low_rated: bool,
}

impl Unanswered {
    /// The question asked once more. `old` is what the table holds under its [`key`].
    pub fn again(old: Option<Self>, question: &str, language: Language, cause: UnansweredCause, now: i64) -> Self {
        match old {
            Some(old) => Self { times: old.times + 1, cause, last_at: now, ..old },
            None => Self { question: mask(question), language, cause, times: 1, first_at: now, last_at: now },
        }
    }
}

/// The key of a question: its language and its letters, folded, without marks between them.
pub fn key(question: &str, language: Language) -> String {
    let letters: String = mask(question).to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '#').collect();
    format!("{}:{letters}", language.code())
}

/// Groups questions of one language that share most of their words (Chinese: pairs of characters); the most asked group first.
pub fn group(all: Vec<(String, Unanswered)>) -> Vec<QuestionGroup> {
    let mut sorted = all;
    sorted
        .sort_by(|(a_key, a), (b_key, b)| b.times.cmp(&a.times).then(b.last_at.cmp(&a.last_at)).then(a_key.cmp(b_key)));
    let mut groups: Vec<(BTreeSet<String>, QuestionGroup)> = Vec::new();
    for (key, one) in sorted {
        let parts = parts(&one.question);
        let same = groups.iter_mut().find(|(of, group)| group.language == one.language && likeness(of, &parts) >= SAME);
        match same {
            Some((_, group)) => {
                group.times += one.times;
                group.last_at = group.last_at.max(one.last_at);
                group.keys.push(key);
                group.questions.push(one.question);
                group.low_rated |= one.cause == UnansweredCause::LowRated;
            }
            None => groups.push((
                parts,
                QuestionGroup {
                    question: one.question.clone(),
                    language: one.language,
                    times: one.times,
                    last_at: one.last_at,
                    keys: vec![key],
                    questions: vec![one.question],
                    low_rated: one.cause == UnansweredCause::LowRated,
                },
            )),
        }
    }
    let mut groups: Vec<QuestionGroup> = groups.into_iter().map(|(_, group)| group).collect();
    groups.sort_by(|a, b| b.times.cmp(&a.times).then(b.last_at.cmp(&a.last_at)));
    groups
}

/// Replaces long numbers and electronic addresses by `#`, and cuts.
fn mask(question: &str) -> String {
    let words = question.split_inclusive(char::is_whitespace).map(|word| {
        let end = if word.ends_with(char::is_whitespace) { " " } else { "" };
        if word.contains('@') { format!("#{end}") } else { mask_numbers(word.trim_end()) + end }
    });
    words.collect::<String>().trim().chars().take(QUESTION_CHARS).collect()
}

fn mask_numbers(word: &str) -> String {
    let mut masked = String::new();
    let mut digits = String::new();
    for character in word.chars().chain(['\0']) {
        if character.is_numeric() || (character == '-' && !digits.is_empty()) {
            digits.push(character);
            continue;
        }
        let is_long = digits.chars().filter(|c| c.is_numeric()).count() >= LONG_NUMBER;
        masked.push_str(if is_long { "#" } else { &digits });
        digits.clear();
        if character != '\0' {
            masked.push(character);
        }
    }
    masked
}

/// Ways of asking that tell nothing of what is asked.
const ASKING_ZH: &[&str] = &[
    "可不可以",
    "能不能",
    "有没有",
    "是不是",
    "你们",
    "请问",
    "能否",
    "是否",
    "可以",
    "我想",
    "一下",
    "吗",
    "呢",
    "么",
    "请",
];
const ASKING_EN: &[&str] = &[
    "a", "an", "the", "do", "does", "did", "you", "your", "i", "my", "we", "me", "is", "are", "there", "it", "to",
    "of", "for", "can", "could", "will", "would", "please", "any", "have", "get",
];

/// The words of a text, and the pairs of neighbouring Han characters, but for mere ways of asking.
fn parts(text: &str) -> BTreeSet<String> {
    let folded = text.to_lowercase();
    let bare = ASKING_ZH.iter().fold(folded.clone(), |text, asking| text.replace(asking, " "));
    let mut telling = words_and_pairs(&bare);
    telling.retain(|word| !ASKING_EN.contains(&word.as_str()));
    if telling.is_empty() { words_and_pairs(&folded) } else { telling }
}

fn words_and_pairs(folded: &str) -> BTreeSet<String> {
    let mut parts = BTreeSet::new();
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let characters: Vec<char> = word.chars().collect();
        if !characters.iter().any(|c| is_han(*c)) {
            // The plural and the singular are one word here.
            parts.insert(word.trim_end_matches('s').to_owned());
        } else if characters.len() == 1 {
            parts.insert(word.to_owned());
        } else {
            parts.extend(characters.windows(2).map(|pair| pair.iter().collect()));
        }
    }
    parts
}

/// How much of the shorter set is in the other, weighed against how much they differ in size.
fn likeness(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let common = a.intersection(b).count() as f64;
    let (short, long) = (a.len().min(b.len()) as f64, a.len().max(b.len()) as f64);
    if short == 0.0 { 0.0 } else { common / (short * long).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(question: &str, times: u32) -> (String, Unanswered) {
        let language = Language::detect(question).unwrap_or_default();
        let one = Unanswered::again(None, question, language, UnansweredCause::NoPassage, 10);
        (key(question, language), Unanswered { times, ..one })
    }

    #[test]
    fn the_same_question_in_other_words_is_one_group_and_other_questions_are_not() {
        let groups = group(vec![
            asked("可以开发票吗", 3),
            asked("能不能开发票", 1),
            asked("可以开发票吗？", 1),
            asked("有实体店吗", 3),
            asked("Do you gift wrap?", 1),
            asked("do you do gift wraps", 1),
        ]);
        let questions: Vec<(&str, u32, usize)> =
            groups.iter().map(|group| (group.question.as_str(), group.times, group.keys.len())).collect();
        assert_eq!(questions, [("可以开发票吗", 5, 3), ("有实体店吗", 3, 1), ("do you do gift wraps", 2, 2)]);
        let others = group(vec![
            asked("可以退吗", 1),
            asked("可以换吗", 1),
            asked("can I return it", 1),
            asked("can I cancel it", 1),
        ]);
        assert_eq!(others.len(), 4, "what is asked tells them apart, not how: {others:?}");
    }

    #[test]
    fn a_group_tells_that_the_help_with_it_was_rated_low() {
        let (key, mut low) = asked("盒子丢了能退吗", 1);
        low.cause = UnansweredCause::LowRated;
        let groups = group(vec![(key, low), asked("有实体店吗", 1)]);
        let flags: Vec<bool> = groups.iter().map(|group| group.low_rated).collect();
        assert_eq!(flags.iter().filter(|low| **low).count(), 1, "{groups:?}");
    }

    #[test]
    fn who_asked_is_not_kept() {
        let (_, one) = asked("my order 2026112300017 and a@b.example, 138-0013-8000: where are my 3 cups?", 1);
        assert_eq!(one.question, "my order # and # #: where are my 3 cups?");
    }

    #[test]
    fn asking_again_counts() {
        let (_, one) = asked("可以开发票吗", 1);
        let again = Unanswered::again(Some(one), "可以开发票吗", Language::Zh, UnansweredCause::LowRated, 99);
        assert_eq!((again.times, again.first_at, again.last_at), (2, 10, 99));
    }
}
