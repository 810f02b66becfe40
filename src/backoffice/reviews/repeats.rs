//! Suspicious reviews: the same words twice, a burst of full praise on one day, stars against the words.
//!
//! Nothing is accused: groups are listed for a person to look at.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use crate::domain::review::Review;
use crate::domain::sentiment::ReviewSentiment;

/// Shorter texts are alike by chance, in letters.
const MIN_LETTERS: usize = 10;
/// Texts that share so much of their pieces are almost the same.
const ALIKE: f64 = 0.75;
/// Letters of a piece.
const PIECE: usize = 4;
/// A piece that stands in more texts than this tells nothing.
const COMMON: usize = 60;
/// So many reviews of five stars for one product on one day are a burst, if they are so many times the daily mean.
const BURST: usize = 5;
const BURST_TIMES: f64 = 4.0;
/// Words are against the stars from this probability on.
const AGAINST: f32 = 0.95;

/// Why reviews are suspicious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspicionKind {
    /// The same letters.
    SameText,
    /// Almost the same letters.
    LikeText,
    /// Many of full praise for one product on one day.
    Burst,
    /// Five stars that complain, or one that praises.
    StarsAgainstWords,
}

impl SuspicionKind {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::SameText => "same_text",
            Self::LikeText => "like_text",
            Self::Burst => "burst",
            Self::StarsAgainstWords => "stars_against_words",
        }
    }
}

/// Reviews that may not be what they seem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspicion {
    /// Why.
    pub kind: SuspicionKind,
    /// Their ids.
    pub reviews: Vec<String>,
    /// The first one's words.
    pub text: String,
}

/// The suspicious ones among some reviews, the larger groups first.
pub fn suspicions(reviews: &[&Review], sentiment: &ReviewSentiment) -> Vec<Suspicion> {
    let letters: Vec<String> = reviews.iter().map(|review| letters(&review.text)).collect();
    let same = same_text(&letters);
    let mut found: Vec<Suspicion> = Vec::new();
    let mut add = |kind, places: &[usize]| {
        found.push(Suspicion {
            kind,
            reviews: places.iter().map(|place| reviews[*place].id.clone()).collect(),
            text: reviews[places[0]].text.clone(),
        });
    };
    same.iter().for_each(|group| add(SuspicionKind::SameText, group));
    like_text(&letters).iter().for_each(|group| add(SuspicionKind::LikeText, group));
    bursts(reviews).iter().for_each(|group| add(SuspicionKind::Burst, group));
    for (place, review) in reviews.iter().enumerate() {
        let against = match review.rating {
            Some(5) => sentiment.positive(&review.text) <= 1.0 - AGAINST,
            Some(1) => sentiment.positive(&review.text) >= AGAINST,
            _ => false,
        };
        if against && letters[place].chars().count() >= MIN_LETTERS {
            add(SuspicionKind::StarsAgainstWords, &[place]);
        }
    }
    found.sort_by_key(|suspicion| (suspicion.kind, std::cmp::Reverse(suspicion.reviews.len())));
    found
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn same_text(letters: &[String]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, text) in letters.iter().enumerate() {
        if text.chars().count() >= MIN_LETTERS {
            groups.entry(text).or_default().push(place);
        }
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// Pairs of texts that are almost the same, joined to groups; equal ones are counted elsewhere, one of them stands for all.
fn like_text(letters: &[String]) -> Vec<Vec<usize>> {
    let mut first: BTreeSet<&str> = BTreeSet::new();
    let pieces: Vec<BTreeSet<u64>> = letters
        .iter()
        .map(|text| {
            let is_wanted = text.chars().count() >= MIN_LETTERS && first.insert(text);
            if is_wanted { pieces(text) } else { BTreeSet::new() }
        })
        .collect();
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    for (place, set) in pieces.iter().enumerate() {
        set.iter().for_each(|piece| places.entry(*piece).or_default().push(place));
    }
    let mut group_of: Vec<usize> = (0..letters.len()).collect();
    for (place, set) in pieces.iter().enumerate() {
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for others in set.iter().filter_map(|piece| places.get(piece)).filter(|others| others.len() <= COMMON) {
            others.iter().filter(|other| **other > place).for_each(|other| *shared.entry(*other).or_default() += 1);
        }
        for (other, _) in shared.into_iter().filter(|(_, count)| *count * 3 >= set.len()) {
            let both = set.intersection(&pieces[other]).count() as f64;
            if both / (set.len() + pieces[other].len()) as f64 * 2.0 >= ALIKE {
                let (from, to) = (group_of[other], group_of[place]);
                group_of.iter_mut().filter(|group| **group == from).for_each(|group| *group = to);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    group_of.into_iter().enumerate().for_each(|(place, group)| groups.entry(group).or_default().push(place));
    groups.into_values().filter(|group| group.len() > 1).collect()
}

fn pieces(text: &str) -> BTreeSet<u64> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let characters: Vec<char> = text.chars().collect();
    let piece = |window: &[char]| {
        let mut hasher = DefaultHasher::new();
        window.hash(&mut hasher);
        hasher.finish()
    };
    characters.windows(PIECE).map(piece).collect()
}

fn bursts(reviews: &[&Review]) -> Vec<Vec<usize>> {
    let mut days: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    let mut totals: HashMap<&str, (usize, BTreeSet<&str>)> = HashMap::new();
    for (place, review) in reviews.iter().enumerate() {
        let Some(date) = review.date.as_deref() else { continue };
        let total = totals.entry(review.product_id.as_str()).or_default();
        total.0 += 1;
        total.1.insert(date);
        if review.rating == Some(5) {
            days.entry((review.product_id.as_str(), date)).or_default().push(place);
        }
    }
    let is_burst = |((sku, _), group): &((&str, &str), Vec<usize>)| {
        let (count, dates) = &totals[sku];
        let others = (count - group.len()) as f64 / dates.len().saturating_sub(1).max(1) as f64;
        group.len() >= BURST && group.len() as f64 >= BURST_TIMES * others
    };
    days.into_iter().filter(is_burst).map(|(_, group)| group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;

    fn review(id: &str, rating: u8, text: &str, date: &str) -> Review {
        Review {
            id: id.into(),
            product_id: "A".into(),
            rating: Some(rating),
            lang: Language::En,
            text: text.into(),
            date: Some(date.into()),
            verified: false,
        }
    }

    #[test]
    fn copies_near_copies_and_bursts_are_flagged_and_ordinary_reviews_are_not() {
        let copy = "This jacket kept me warm all winter long, I wear it every day";
        let mut reviews = vec![
            review("1", 5, copy, "2026-01-01"),
            review("2", 5, &copy.to_uppercase(), "2026-01-05"),
            review("3", 5, "This jacket kept me warm all winter long, I wear it each day!!", "2026-01-09"),
            review("4", 4, "Warm enough, but the zip sticks a little", "2026-01-11"),
            review("5", 2, "The lining tore in the first week", "2026-01-13"),
            review("6", 4, "Good", "2026-01-13"),
            review("7", 4, "Good", "2026-01-14"),
        ];
        let days = [
            "liked the pockets a lot",
            "came in the right blue",
            "my son wears it to school",
            "hood fits a helmet",
            "best I have had",
        ];
        reviews.extend(days.iter().enumerate().map(|(n, text)| review(&format!("b{n}"), 5, text, "2026-02-01")));
        let sentiment = ReviewSentiment::bundled().expect("model");
        let found = suspicions(&reviews.iter().collect::<Vec<_>>(), &sentiment);
        let of = |kind| found.iter().filter(|one| one.kind == kind).map(|one| one.reviews.clone()).collect::<Vec<_>>();
        assert_eq!(of(SuspicionKind::SameText), [["1", "2"]]);
        assert_eq!(of(SuspicionKind::LikeText), [["1", "3"]]);
        assert_eq!(of(SuspicionKind::Burst).len(), 1);
        assert_eq!(of(SuspicionKind::Burst)[0].len(), 5);
        let flagged: Vec<&String> = found.iter().flat_map(|one| &one.reviews).collect();
        assert!(["4", "5", "6", "7"].iter().all(|id| !flagged.iter().any(|flag| flag == id)), "{found:?}");
    }
}
