//! What speaks for a line against the others, and for its being an answer at all. Called by `select`.

use std::collections::{BTreeSet, HashMap};

use super::super::line::{Line, Source, Text, tokens};
use super::super::subject::{FORMAL, PATTERNS, STOPPED, fits, subjects};
use crate::domain::language::is_han;

/// The names of what speaks for a line against the others.
pub(super) const RANKING: [&str; 33] = [
    "matched",
    "matched_alone",
    "covered",
    "nearly",
    "subject",
    "pair",
    "named",
    "name_asked",
    "name_subject",
    "name_other",
    "formal",
    "review",
    "answer",
    "highlight",
    "number",
    "number_measure",
    "yes_no_said",
    "length",
    "short",
    "long",
    "unmatched",
    "yes_no_boolean",
    "telling",
    "question",
    "likeness",
    "covered_subject",
    "named_measure",
    "meaning",
    "meaning_odds",
    "sense",
    "sense_odds",
    "judged",
    "judged_odds",
];
/// The names of what speaks for its being an answer.
pub(super) const DECIDING: [&str; 23] = [
    "share",
    "meaning",
    "meaning_odds",
    "covered",
    "nearly",
    "subject",
    "any_subject",
    "asks_subject",
    "name",
    "telling",
    "matched_alone",
    "number",
    "no_number",
    "yes_no",
    "review",
    "words",
    "sense",
    "sense_odds",
    "meaning_any",
    "sense_any",
    "judged",
    "judged_odds",
    "judged_any",
];
/// Log-probabilities below this say the same.
const LEAST: f32 = -8.0;

/// What speaks for one line.
pub(super) struct Features {
    pub ranking: [f32; RANKING.len()],
    deciding: [f32; DECIDING.len()],
    /// Whether it is an attribute that the question asks for.
    pub is_named: bool,
    /// Whether it has word for word what the question asks for ("有没有雨罩").
    pub is_verbatim: bool,
}

impl Features {
    /// With the line's share of the probability.
    pub fn deciding(&self, share: f32) -> [f32; DECIDING.len()] {
        let mut deciding = self.deciding;
        deciding[0] = share;
        deciding
    }

    /// With what the cross-encoder says of it.
    fn judge(&mut self, odds: Odds) {
        let Odds { likely, close, any } = odds;
        [self.ranking[RANKING.len() - 2], self.ranking[RANKING.len() - 1]] = [likely, close];
        let at = DECIDING.len() - 3;
        self.deciding[at..].copy_from_slice(&[likely, close, any]);
    }
}

/// Adds what the cross-encoder says of the lines at `places`, as many as `judged` has scores for; the others are as unlikely as can be.
pub(super) fn judge(found: &mut [Features], places: &[usize], judged: &Scores) {
    let odds = judged.odds();
    let any = odds.first().map_or(0.0, |odds| odds.any);
    found.iter_mut().for_each(|features| features.judge(Odds { likely: 0.0, close: LEAST / 4.0, any }));
    places.iter().zip(odds).for_each(|(place, odds)| found[*place].judge(odds));
}

/// A question, cut up.
pub(super) struct Asked {
    all: Vec<String>,
    telling: Vec<String>,
    pairs: BTreeSet<(String, String)>,
    subjects: BTreeSet<usize>,
    wants_number: bool,
    yes_no: bool,
    /// What a short Chinese question asks for, without the words that ask.
    core: Option<String>,
}

/// What is known of a line beside its text.
struct Beside {
    matched: f32,
    best: f32,
    likeness: f32,
    meaning: Odds,
    sense: Odds,
}

/// How well each line answers, and what there being no answer is worth, on one scale.
pub(super) struct Scores {
    pub of: Vec<f32>,
    pub none: f32,
}

/// Of one line: how probable it is among the others, 1 for certain; the log-odds against there being no answer, −2 to 2, of it and
/// of all lines together.
#[derive(Clone, Copy, Default)]
struct Odds {
    likely: f32,
    close: f32,
    any: f32,
}

impl Scores {
    fn odds(&self) -> Vec<Odds> {
        let closest = self.of.iter().copied().fold(f32::MIN, f32::max);
        let all = self.of.iter().map(|score| (score - closest).exp()).sum::<f32>().ln() + closest;
        let odds = |score: &f32| Odds {
            likely: 1.0 - (score - all).max(LEAST) / LEAST,
            close: (score - self.none).clamp(LEAST, -LEAST) / 4.0,
            any: (all - self.none).clamp(LEAST, -LEAST) / 4.0,
        };
        self.of.iter().map(odds).collect()
    }
}

impl Asked {
    pub fn new(question: &str) -> Self {
        let lower = question.to_lowercase();
        let all = tokens(&lower);
        let mut telling: Vec<String> = Vec::new();
        for token in all.iter().filter(|token| !STOPPED.contains(*token)) {
            if !telling.contains(token) {
                telling.push(token.clone());
            }
        }
        let pairs = all.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        let subjects = subjects(&lower, all.iter());
        let wants_number = fits(&PATTERNS.number_question, &lower);
        Self { all, telling, pairs, subjects, wants_number, yes_no: fits(&PATTERNS.yes_no, &lower), core: core(&lower) }
    }

    /// What speaks for each of the lines; `meanings` are the matcher's scores of them, `sensed` the encoder's.
    pub fn features(
        &self,
        lines: &[Line],
        texts: &[Text],
        meanings: &Scores,
        sensed: Option<&Scores>,
    ) -> Vec<Features> {
        let weights = self.weights(texts);
        let mean = texts.iter().map(|text| text.tokens.len()).sum::<usize>() as f32 / texts.len().max(1) as f32;
        let matches: Vec<f32> = texts.iter().map(|text| text.bm25(&weights, mean.max(1.0))).collect();
        let best = matches.iter().copied().fold(0.0, f32::max).max(f32::MIN_POSITIVE);
        let (meanings, senses) = (meanings.odds(), sensed.map(Scores::odds).unwrap_or_default());
        (0..lines.len())
            .map(|place| {
                let (meaning, sense) = (meanings[place], senses.get(place).copied().unwrap_or_default());
                let beside = Beside { matched: matches[place], best, likeness: likeness(texts, place), meaning, sense };
                self.of_line(&lines[place], &texts[place], &weights, &beside)
            })
            .collect()
    }

    /// How much each word of the question counts: more when few lines have it, when it is long, and when it is telling.
    fn weights(&self, texts: &[Text]) -> HashMap<String, f32> {
        let count = texts.len() as f32;
        let rarest = (1.0 + (count + 0.5) / 0.5).ln().max(f32::MIN_POSITIVE);
        self.all
            .iter()
            .map(|word| {
                let having = texts.iter().filter(|text| text.words.contains(word)).count() as f32;
                let rarity = (1.0 + (count - having + 0.5) / (having + 0.5)).ln() / rarest;
                let telling = if STOPPED.contains(word) { 0.25 } else { 1.0 };
                let length = 0.8 + 0.05 * word.chars().count().min(8) as f32;
                (word.clone(), telling * (0.6 + 0.4 * rarity) * length)
            })
            .collect()
    }

    fn of_line(&self, line: &Line, text: &Text, weights: &HashMap<String, f32>, beside: &Beside) -> Features {
        let alone = beside.matched / (1.0 + beside.matched);
        let weight = |word: &String| weights.get(word).copied().unwrap_or_default();
        let total = self.telling.iter().map(weight).sum::<f32>().max(f32::MIN_POSITIVE);
        let has = |word: &&String| text.words.contains(*word);
        let begins = |word: &&String| {
            let start: String = word.chars().take(5).collect();
            word.len() > 4 && !text.words.contains(*word) && text.words.iter().any(|own| own.starts_with(&start))
        };
        let covered = self.telling.iter().filter(has).map(weight).sum::<f32>() / total;
        let nearly = self.telling.iter().filter(begins).map(weight).sum::<f32>() / total;
        let telling = self.telling.iter().filter(has).map(weight).fold(0.0, f32::max);
        let subject = self.subjects.intersection(&text.subjects).count() as f32 / self.subjects.len().max(1) as f32;
        let pairs = text.tokens.windows(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect::<BTreeSet<_>>();
        let pair = self.pairs.intersection(&pairs).count() as f32 / self.pairs.len().max(1) as f32;
        let flag = |condition: bool| f32::from(u8::from(condition));
        let named = text.name.is_some();
        let name_asked = self.telling.iter().any(|word| text.name_words.contains(word));
        let name_subject = !self.subjects.is_disjoint(&text.name_subjects);
        let digits = text.lower.contains(|c: char| c.is_ascii_digit());
        let measures = fits(&PATTERNS.measure, &text.lower);
        let formal = text.name.as_deref().is_some_and(|name| {
            FORMAL.contains(&name)
                || name.contains("package_")
                || name.starts_with("website_")
                || name.starts_with("is_fragile")
        });
        let says = fits(&PATTERNS.says_yes_no, &text.lower);
        let boolean = text.lower.contains("value:true") || text.lower.contains("value:false");
        let length = text.tokens.len();
        let ranking = [
            beside.matched / beside.best,
            alone,
            covered,
            nearly,
            subject,
            pair,
            flag(named),
            flag(named && name_asked),
            flag(named && name_subject),
            flag(named && !name_asked && !name_subject),
            flag(formal),
            flag(line.source == Source::Review),
            flag(line.source == Source::Answer),
            flag(line.source == Source::Highlight),
            flag(self.wants_number && digits),
            flag(self.wants_number && measures),
            flag(self.yes_no && says),
            (1.0 + length as f32).ln() / 4.0,
            flag(length < 4),
            flag(length > 60),
            flag(beside.matched == 0.0),
            flag(self.yes_no && named && boolean),
            telling,
            flag(text.lower.trim_end().ends_with('?')),
            beside.likeness,
            covered * subject,
            flag(named && self.wants_number && measures),
            beside.meaning.likely,
            beside.meaning.close,
            beside.sense.likely,
            beside.sense.close,
            0.0,
            0.0,
        ];
        let is_verbatim = self.core.as_ref().is_some_and(|core| text.lower.contains(core.as_str()));
        let deciding = [
            0.0,
            beside.meaning.likely,
            beside.meaning.close,
            covered,
            nearly,
            subject,
            flag(subject > 0.0),
            flag(!self.subjects.is_empty()),
            flag(named && (name_asked || name_subject)),
            telling,
            alone,
            flag(self.wants_number && digits),
            flag(self.wants_number && !digits),
            flag(self.yes_no),
            flag(line.source == Source::Review),
            self.telling.len().min(12) as f32 / 6.0,
            beside.sense.likely,
            beside.sense.close,
            beside.meaning.any,
            beside.sense.any,
            0.0,
            0.0,
            0.0,
        ];
        Features { ranking, deciding, is_named: named && (name_asked || name_subject), is_verbatim }
    }
}

/// What is asked for, when a Chinese question names just that.
fn core(lower: &str) -> Option<String> {
    const ASKING: [&str; 18] = [
        "有没有",
        "是不是",
        "能不能",
        "会不会",
        "带不带",
        "请问",
        "这个",
        "这款",
        "附带",
        "是否",
        "有无",
        "可以",
        "带",
        "附",
        "配",
        "有",
        "能",
        "它",
    ];
    let plain: String = lower.chars().filter(|c| is_han(*c) || c.is_ascii_alphanumeric()).collect();
    let mut rest = plain.trim_end_matches(['吗', '呢', '么', '嘛', '啊', '不', '没', '的']);
    while let Some(shorter) = ASKING.iter().find_map(|asking| rest.strip_prefix(asking)) {
        rest = shorter;
    }
    let count = rest.chars().count();
    (rest.len() < plain.len() && rest.chars().all(is_han) && (2..=5).contains(&count)).then(|| rest.to_owned())
}

/// How much a line shares with the others, about 0–1.
fn likeness(texts: &[Text], place: usize) -> f32 {
    let own = &texts[place].words;
    let shared = |other: &Text| {
        let both = own.intersection(&other.words).count();
        both as f32 / (1 + own.union(&other.words).count()) as f32
    };
    let sum: f32 = texts.iter().enumerate().filter(|(at, _)| *at != place).map(|(_, text)| shared(text)).sum();
    3.0 * sum / (texts.len().saturating_sub(1).max(1)) as f32
}
