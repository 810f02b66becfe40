//! What buyers say, for the shop's admins: of a product, a category or the whole shop.
//!
//! Stars are trusted where there are any; other reviews, and three stars, are judged by their words. Quotations are
//! clauses as they were written. Pure: takes reviews, returns a report. Called by `daogou reviews`.

mod repeats;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::repeats::{Suspicion, SuspicionKind, suspicions};

use crate::domain::aspect::{Aspect, Mention, mentions};
use crate::domain::identifier::Sku;
use crate::domain::review::Review;
use crate::domain::sentiment::ReviewSentiment;

/// A clause says neither when its probability of praise lies between these.
const UNDECIDED: std::ops::Range<f32> = 0.4..0.6;
/// A halved trend needs so many dated reviews.
const TREND_REVIEWS: usize = 8;

/// Which way a review leans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaning {
    /// Praise.
    Praise,
    /// Complaint.
    Complaint,
    /// Neither, or both.
    Mixed,
}

/// Counts over some reviews.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tally {
    /// How many.
    pub reviews: usize,
    /// Of these, praise.
    pub praise: usize,
    /// Of these, complaints.
    pub complaint: usize,
    /// Mean stars, over those that have any.
    pub stars: Option<f64>,
    #[serde(skip)]
    rated: usize,
}

/// What is said of one aspect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AspectFinding {
    /// Of what.
    pub aspect: Aspect,
    /// In how many reviews it is praised.
    pub praise: usize,
    /// In how many it is complained of.
    pub complaint: usize,
    /// The most telling clauses, praise first.
    pub quotes: Vec<Quote>,
}

/// A clause of a review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quote {
    /// Of which review.
    pub review: String,
    /// Of which product.
    pub sku: Sku,
    /// The clause, as it was written.
    pub text: String,
    /// Whether it praises.
    pub praise: bool,
}

/// The reviews of one month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Month {
    /// Such as `2026-09`.
    pub month: String,
    /// Its counts.
    #[serde(flatten)]
    pub tally: Tally,
}

/// The share of praise in the earlier and the later half of the dated reviews, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Trend {
    /// In the earlier half.
    pub earlier: f64,
    /// In the later half.
    pub later: f64,
}

/// What buyers say of something.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewReport {
    /// All counts.
    #[serde(flatten)]
    pub tally: Tally,
    /// By aspect, the most spoken of first.
    pub aspects: Vec<AspectFinding>,
    /// By month, where dates exist.
    pub months: Vec<Month>,
    /// How it moves, where there are enough dates.
    pub trend: Option<Trend>,
    /// Reviews that may not be what they seem.
    pub suspicious: Vec<Suspicion>,
}

/// Analyses reviews; at most `quotes` quotations for each side of each aspect.
pub fn analyse(reviews: &[&Review], sentiment: &ReviewSentiment, quotes: usize) -> ReviewReport {
    let mut tally = Tally::default();
    let mut months: BTreeMap<String, Tally> = BTreeMap::new();
    let mut aspects: BTreeMap<Aspect, Gathered<'_>> = BTreeMap::new();
    let mut dated: Vec<(&str, Leaning)> = Vec::new();
    for review in reviews {
        let (leaning, whole) = lean(review, sentiment);
        tally.add(leaning, review.rating);
        if let Some(date) = review.date.as_deref().filter(|date| is_date(date)) {
            months.entry(date[..7].to_owned()).or_default().add(leaning, review.rating);
            dated.push((date, leaning));
        }
        gather(&mut aspects, review, mentions(&review.text, whole, sentiment));
    }
    let mut aspects: Vec<AspectFinding> =
        aspects.into_iter().map(|(aspect, gathered)| gathered.finding(aspect, quotes)).collect();
    aspects.retain(|finding| finding.praise + finding.complaint > 0);
    aspects.sort_by_key(|finding| std::cmp::Reverse(finding.praise + finding.complaint));
    ReviewReport {
        tally,
        aspects,
        months: months.into_iter().map(|(month, tally)| Month { month, tally }).collect(),
        trend: trend(dated),
        suspicious: suspicions(reviews, sentiment),
    }
}

/// Which way a review leans, and how sure that is as the probability of praise: by its stars where it has any but three, else by
/// its words.
pub fn lean(review: &Review, sentiment: &ReviewSentiment) -> (Leaning, f32) {
    match review.rating {
        Some(stars @ 4..) => (Leaning::Praise, if stars >= 5 { 0.95 } else { 0.8 }),
        Some(stars @ ..=2) => (Leaning::Complaint, if stars <= 1 { 0.05 } else { 0.2 }),
        stars => {
            let praise = sentiment.praise(&[&review.text])[0];
            let is_mixed = stars.is_some() && (0.2..0.8).contains(&praise);
            let leaning = match praise {
                _ if is_mixed => Leaning::Mixed,
                praise if praise >= 0.5 => Leaning::Praise,
                _ => Leaning::Complaint,
            };
            (leaning, praise)
        }
    }
}

impl Tally {
    fn add(&mut self, leaning: Leaning, rating: Option<u8>) {
        self.reviews += 1;
        self.praise += usize::from(leaning == Leaning::Praise);
        self.complaint += usize::from(leaning == Leaning::Complaint);
        if let Some(stars) = rating {
            let sum = self.stars.unwrap_or_default() * self.rated as f64 + f64::from(stars);
            self.rated += 1;
            self.stars = Some(sum / self.rated as f64);
        }
    }

    /// The share of praise, in percent.
    pub fn praise_share(&self) -> f64 {
        100.0 * self.praise as f64 / self.reviews.max(1) as f64
    }

    /// The share of complaints, in percent.
    pub fn complaint_share(&self) -> f64 {
        100.0 * self.complaint as f64 / self.reviews.max(1) as f64
    }
}

/// What was said of an aspect so far.
#[derive(Default)]
struct Gathered<'r> {
    praise: usize,
    complaint: usize,
    /// How telling, of which review, which clause, whether praise.
    said: Vec<(f32, &'r Review, &'r str, bool)>,
}

fn gather<'r>(aspects: &mut BTreeMap<Aspect, Gathered<'r>>, review: &'r Review, mentions: Vec<Mention<'r>>) {
    let mut here: BTreeMap<(Aspect, bool), Mention<'r>> = BTreeMap::new();
    for mention in mentions.into_iter().filter(|mention| !UNDECIDED.contains(&mention.praise)) {
        let sure = |mention: &Mention<'_>| (mention.praise - 0.5).abs();
        let place = here.entry((mention.aspect, mention.praise >= 0.5)).or_insert(mention);
        if sure(&mention) > sure(place) {
            *place = mention;
        }
    }
    for ((aspect, praise), mention) in here {
        let gathered = aspects.entry(aspect).or_default();
        *(if praise { &mut gathered.praise } else { &mut gathered.complaint }) += 1;
        // A clause that says a little more is quoted before a bare "good quality", a long one after it.
        let length = mention.clause.chars().count();
        let fits = if (8..=90).contains(&length) { 0.25 } else { 0.0 };
        gathered.said.push(((mention.praise - 0.5).abs() + fits, review, mention.clause, praise));
    }
}

impl Gathered<'_> {
    fn finding(mut self, aspect: Aspect, quotes: usize) -> AspectFinding {
        self.said.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.id.cmp(&other.1.id)));
        let mut chosen: Vec<Quote> = Vec::new();
        for side in [true, false] {
            let mut count = 0;
            for (_, review, clause, praise) in &self.said {
                if *praise != side || count == quotes || chosen.iter().any(|quote| quote.text == *clause) {
                    continue;
                }
                count += 1;
                chosen.push(Quote {
                    review: review.id.clone(),
                    sku: review.product_id.clone(),
                    text: (*clause).to_owned(),
                    praise: side,
                });
            }
        }
        AspectFinding { aspect, praise: self.praise, complaint: self.complaint, quotes: chosen }
    }
}

fn trend(mut dated: Vec<(&str, Leaning)>) -> Option<Trend> {
    if dated.len() < TREND_REVIEWS {
        return None;
    }
    dated.sort_by_key(|(date, _)| *date);
    let (earlier, later) = dated.split_at(dated.len() / 2);
    let share = |half: &[(&str, Leaning)]| {
        100.0 * half.iter().filter(|(_, leaning)| *leaning == Leaning::Praise).count() as f64 / half.len() as f64
    };
    Some(Trend { earlier: share(earlier), later: share(later) })
}

/// Whether a date begins with a year and a month, as in `2026-09-01`.
fn is_date(date: &str) -> bool {
    let bytes = date.as_bytes();
    bytes.len() >= 7 && bytes[4] == b'-' && bytes[..4].iter().chain(&bytes[5..7]).all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::language::Language;

    fn review(id: &str, rating: Option<u8>, text: &str, date: &str) -> Review {
        Review {
            id: id.into(),
            product_id: "A".into(),
            rating,
            lang: Language::detect(text).unwrap_or_default(),
            text: text.into(),
            date: Some(date.into()),
            verified: true,
        }
    }

    fn report(reviews: &[Review]) -> ReviewReport {
        analyse(&reviews.iter().collect::<Vec<_>>(), &ReviewSentiment::bundled().expect("model"), 2)
    }

    #[test]
    fn counts_aspects_quotes_and_months_come_from_the_reviews() {
        let reviews = [
            review("1", Some(5), "面料很舒服，尺码标准，非常喜欢。", "2026-01-02"),
            review("2", Some(1), "尺码偏小太多，穿不进去。物流倒是很快。", "2026-01-20"),
            review("3", None, "Poor quality, the seams came apart and I returned it.", "2026-03-01"),
        ];
        let report = report(&reviews);
        assert_eq!((report.tally.reviews, report.tally.praise, report.tally.complaint), (3, 1, 2));
        assert_eq!(report.tally.stars, Some(3.0));
        let months: Vec<&str> = report.months.iter().map(|month| month.month.as_str()).collect();
        assert_eq!(months, ["2026-01", "2026-03"]);
        let size = report.aspects.iter().find(|finding| finding.aspect == Aspect::Size).expect("size");
        assert_eq!((size.praise, size.complaint), (1, 1));
        for quote in report.aspects.iter().flat_map(|finding| &finding.quotes) {
            assert!(reviews.iter().any(|review| review.id == quote.review && review.text.contains(&quote.text)));
        }
        assert_eq!(report.trend, None, "three reviews are no trend");
    }

    #[test]
    fn a_turn_for_the_worse_is_a_trend() {
        let day = |number: usize| format!("2026-01-{:02}", number + 1);
        let early = (0..5).map(|number| review(&format!("a{number}"), Some(5), "好", &day(number)));
        let late = (5..10).map(|number| review(&format!("b{number}"), Some(1), "差", &day(number)));
        let report = report(&late.chain(early).collect::<Vec<_>>());
        assert_eq!(report.trend, Some(Trend { earlier: 100.0, later: 0.0 }));
    }

    #[test]
    fn stars_are_trusted_and_words_decide_without_them() {
        let sentiment = ReviewSentiment::bundled().expect("model");
        let leaning = |rating, text| lean(&review("1", rating, text, "-"), &sentiment).0;
        assert_eq!(leaning(Some(5), "terrible, broke at once"), Leaning::Praise);
        assert_eq!(leaning(None, "Very disappointed, poor quality, I returned it"), Leaning::Complaint);
        assert_eq!(leaning(Some(3), "质量很好，非常满意"), Leaning::Praise);
    }
}
