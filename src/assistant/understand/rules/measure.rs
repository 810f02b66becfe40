//! Sizes, lengths, volumes, weights and ages, where a unit or a well-known size word says so.

use crate::assistant::understand::message::Message;
use crate::assistant::understand::pattern::Pattern;
use crate::assistant::understand::span::{Slot, Span};

static ZH_SIZE: Pattern = Pattern::new(concat!(
    r"(?:\d+(?:\.\d+)?(?:[-x*×乘]\d+(?:\.\d+)?)*|[一二两三四五六七八九十百半]+) ?(?:英寸|寸|吋|公斤|千克|毫升|厘米|公分|毫米|毫安|公升|升|斤|克|平米|平方|平|匹|码半|码|尺|",
    r"人份|片装|粒装|支装|只装|个装|条装|包装)|(?:\d(?:\.\d)?|[一二两三])米[\d一二三四五六七八九]?|",
    r"(?:加大|特大|超大|加小|特小|大|中|小|均|l|m|s|xl|xxl|xxxl|[2-6]xl)[码号]|\d+号(?:球|电池)|[单双三四六八]人(?:位|床|份)?",
));
static EN_SIZE: Pattern = Pattern::new(concat!(
    r"\b(?:size \d+(?:\.\d)?|(?:uk|eu|us) \d+(?:\.\d)?|x{0,4}[sl]|[2-6]xl|m)\b|",
    r"\b\d+(?:\.\d+)?(?:[ -]?(?:x|by) ?\d+(?:\.\d+)?)*[ -]?(?:inch(?:es)?|in|cm|mm|ml|l|kg|g|oz|ounces?|lbs?|pounds?|ft|feet|foot|gb|tb|litres?|liters?|gallons?|quarts?|qt|mah|metres?|meters?|m|yards?)\b|",
    r"\b\d+(?:\.\d+)?(?:''|\x22)|\b\d+(?:\.\d+)? ?x ?\d+(?:\.\d+)?\b(?: ?(?:cm|mm|ft|inch|in|m)\b)?|",
    r"\b(?:king|queen|twin|full|plus|travel|double|single|california king)[ -]size[d]?\b|\bone size\b",
));
static ZH_AGE: Pattern = Pattern::new(
    r"(?:\d+(?:[-~到至]\d+)?|[一二两三四五六七八九十]+)(?:周?岁|个月大?)(?:半|多)?(?:以上|以下)?(?:的?(?:宝宝|男孩|女孩|孩子|小孩|儿子|女儿|男宝|女宝|小朋友|娃))?",
);
static EN_AGE: Pattern = Pattern::new(
    r"\b(?:my )?(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)[ -]?(?:years?|yrs?|yr|months?|mo)[ -]olds?(?: (?:boy|girl|son|daughter|kid|baby|nephew|niece|toddler|child|grandson|granddaughter)s?)?\b",
);
static LONE_LETTER: Pattern = Pattern::new(r"^[sml]$");

/// Spans of size, and ages as an audience.
pub fn measures(message: &Message) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let found = [(Slot::Audience, &ZH_AGE), (Slot::Audience, &EN_AGE), (Slot::Size, &ZH_SIZE), (Slot::Size, &EN_SIZE)];
    for (slot, pattern) in found {
        for matched in pattern.find(message) {
            let mut range = matched.range();
            if message.folded_words(&range).starts_with(['x', '-']) && slot == Slot::Size && range.len() > 4 {
                range.start += 1;
            }
            let after = message.at(Some(range.end));
            let before = message.at(range.start.checked_sub(1));
            let is_part = before == '第' || matches!(before, '\'' | '’' | '&') || after == '\'' || after == '&';
            let is_lone = LONE_LETTER.is_in(matched.text(0)) && is_letter_of_a_phrase(message, &range);
            if !is_part && !is_lone && message.is_whole(&range) && !spans.iter().any(|span| span.meets(&range)) {
                spans.push(Span::new(slot, range));
            }
        }
    }
    spans.sort_by_key(|span| span.range.start);
    spans
}

/// Whether a lone s, m or l stands among words where it is hardly a size ("i m looking").
fn is_letter_of_a_phrase(message: &Message, range: &std::ops::Range<usize>) -> bool {
    let before: String = message.folded_words(&(range.start.saturating_sub(3)..range.start));
    before.ends_with("i ") || before.ends_with("it ") || before.ends_with("t ") || before.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let message = Message::new(text);
        measures(&message).iter().map(|span| message.words(&span.range)).collect()
    }

    #[test]
    fn sizes_are_found_with_their_units() {
        for (text, wanted) in [
            ("15.6寸的电脑包", "15.6寸"),
            ("来一件XL的", "XL"),
            ("42码有吗", "42码"),
            ("一米八的床", "一米八"),
            ("2L kettle", "2L"),
            ("500g咖啡豆", "500g"),
            ("27 inch monitor", "27 inch"),
            ("trainers in size 10", "size 10"),
            ("120x60的桌子 120x60cm", "120x60"),
            ("三岁宝宝的积木", "三岁宝宝"),
            ("toys for a 3-year-old girl", "3-year-old girl"),
        ] {
            assert!(read(text).contains(&wanted.to_owned()), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn words_with_the_same_letters_are_no_sizes() {
        for text in ["it's small talk", "第二寸", "i'm looking", "men's shoes", "m&m's"] {
            assert_eq!(read(text), Vec::<String>::new(), "{text}");
        }
    }
}
