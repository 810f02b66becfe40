//! Aspects measured on sentences with a labelled aspect and polarity: how many labelled aspects have a name here, and whether the
//! clause that speaks of one is judged rightly.

use serde::{Deserialize, Serialize};

use crate::domain::aspect::{aspects_in, clauses, verdict};
use crate::domain::sentiment::ReviewSentiment;

/// A sentence with what it speaks of.
#[derive(Debug, Clone, Deserialize)]
pub struct AspectLabel {
    /// The sentence.
    pub text: String,
    /// The words of it that name the aspect.
    pub aspect: String,
    /// 1: praise, 0: complaint; others are not judged.
    pub label: i64,
}

/// What was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct AspectScores {
    /// Labelled aspects.
    pub labels: usize,
    /// Of these, such whose words name an aspect here.
    pub named: usize,
    /// Labels of praise or complaint.
    pub judged: usize,
    /// Of these, judged rightly.
    pub right: usize,
    /// Labelled as praise; the share is what praising always would have right.
    pub praise: usize,
    /// Mean of the shares of praise and of complaints that were judged rightly.
    pub balanced: f64,
}

/// Measures.
pub fn measure(labels: &[AspectLabel], sentiment: &ReviewSentiment) -> AspectScores {
    let mut scores = AspectScores { labels: labels.len(), ..AspectScores::default() };
    let mut sides = [(0usize, 0usize); 2];
    for label in labels {
        scores.named += usize::from(!aspects_in(&label.aspect).is_empty());
        let Some(side @ (0 | 1)) = usize::try_from(label.label).ok() else { continue };
        let whole = sentiment.positive(&label.text);
        let clause = clauses(&label.text).into_iter().find(|clause| clause.contains(&label.aspect));
        let praises = verdict(clause.unwrap_or(&label.text), whole, sentiment) >= 0.5;
        let is_right = praises == (side == 1);
        sides[side] = (sides[side].0 + usize::from(is_right), sides[side].1 + 1);
    }
    scores.judged = sides[0].1 + sides[1].1;
    scores.right = sides[0].0 + sides[1].0;
    scores.praise = sides[1].1;
    scores.balanced = sides.iter().map(|(right, all)| *right as f64 / (*all).max(1) as f64).sum::<f64>() / 2.0;
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_aspect_is_judged_by_its_own_clause() {
        let label = |text: &str, aspect: &str, label| AspectLabel { text: text.into(), aspect: aspect.into(), label };
        let text = "面料很舒服，手感不错，但是尺码偏小，穿着很紧，不推荐。";
        let labels = [label(text, "面料", 1), label(text, "尺码", 0), label(text, "推荐", 2)];
        let scores = measure(&labels, &ReviewSentiment::bundled().expect("model"));
        assert_eq!((scores.labels, scores.named, scores.judged, scores.right), (3, 2, 2, 2));
        assert_eq!(scores.balanced, 1.0);
    }
}
