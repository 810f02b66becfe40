//! What a passage gives as an answer: a duration, an amount, an hour, an address, a count, who pays.
//!
//! Found by pattern, since no list of phrases names every amount. Called by `index` on passages and sentences.

use regex::{Regex, RegexSet};

/// The kinds of answer, by the name of the concept that asks for them.
const PATTERNS: &[(&str, &str)] = &[
    (
        "how_long",
        r"(?i)(\d|[一二三四五六七八九十两半几])\s*(个)?(工作日|天|日|小时|分钟|周|星期|个月|月|年)|当天|次日|马上|立刻|随时|\b(\d+|one|two|three|four|five|six|seven|ten|twelve|fourteen|thirty)([–-]\d+)?[- ]?((business|working|calendar) )?(day|hour|week|month|year|minute)s?\b|immediately|at once|same day|next day|at any time",
    ),
    (
        "how_much",
        r"(?i)[¥$€£]\s?\d|\d\s?(元|块|%|％|percent|cny|yuan|usd|dollars)|免费|免运费|包邮|不收|不另外收|自理|free\b|no (fee|charge)|without (a )?(fee|charge|reason or a fee)",
    ),
    ("what_time", r"\d{1,2}[:：点]\d{0,2}|\b\d{1,2}\s?(am|pm)\b"),
    (
        "who",
        r"(?i)承担|自理|自付|由.{0,6}(付|出)|我们付|您付|买家付|\b(pays?|paid by|borne|covers?|at (our|your) (own )?expense|free)\b",
    ),
    (
        "where",
        r"(?i)[路街]\s?\d+\s?号|地址|\b\d+ \w+ (road|street|avenue)\b|address|原路|账户|account|邮箱|短信|in the chat|聊天里",
    ),
    (
        "how_many",
        r"(?i)(\d|[一二三四五六七八九十两])\s*(次|张|件|笔|个)|最多|不限|once|twice|at most|up to|\d+ (times|pieces|items)",
    ),
];

/// Recognises kinds of answer.
#[derive(Debug)]
pub(super) struct Patterns {
    set: RegexSet,
}

impl Patterns {
    pub fn new() -> Self {
        let valid = PATTERNS.iter().map(|(_, pattern)| *pattern).filter(|pattern| Regex::new(pattern).is_ok());
        Self { set: RegexSet::new(valid).unwrap_or_else(|_| RegexSet::empty()) }
    }

    /// The names of what a text gives.
    pub fn given<'a>(&'a self, text: &str) -> impl Iterator<Item = &'static str> + 'a {
        self.set.matches(text).into_iter().filter_map(|place| PATTERNS.get(place)).map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_valid_and_finds_its_kind() {
        let patterns = Patterns::new();
        let given = |text: &str| patterns.given(text).collect::<Vec<_>>();
        assert_eq!(given("签收后 7 天内"), ["how_long"]);
        assert!(given("It costs ¥10 per item").contains(&"how_much"));
        assert!(given("退货运费由买家承担").contains(&"who"));
        assert!(given("open from 10:00").contains(&"what_time"));
        assert!(given("nothing here").is_empty());
    }
}
