//! Numbers in a message: where they stand, what they are worth, and whether money or a measure follows.
//!
//! Knows nothing of limits; `amount` decides which numbers are prices, `measure` which are sizes.

use std::ops::Range;

use crate::assistant::understand::message::{Found, Message, is_latin};
use crate::assistant::understand::pattern::Pattern;
use crate::domain::amount::parse_number;

/// One number of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// With its currency sign or money words.
    pub range: Range<usize>,
    /// What it is worth; the middle of "三四百".
    pub value: f64,
    /// The number without its magnitude, and that magnitude: (2, 1000) of "2k".
    pub parts: (f64, f64),
    /// ISO 4217, when a currency is named.
    pub currency: Option<&'static str>,
    /// Whether a sign or a word of money stands with it.
    pub is_money: bool,
    /// Whether it counts or measures something else ("15寸", "3 pairs", "第2", "v12").
    pub is_measure: bool,
    /// Whether it says "some hundreds" in one word ("三四百", "两百多").
    pub is_rough: bool,
    /// Whether it is written with a magnitude of Chinese numerals (三百) or in digits of at least two places.
    pub is_round: bool,
}

macro_rules! money_words {
    () => {
        r"块钱|块|元钱|元|人民币|美元|美金|美刀|刀|欧元|英镑|镑|港币|港元|日元|大洋|rmb\b|dollars?\b|bucks?\b|usd\b|euros?\b|eur\b|pounds?\b|quid\b|gbp\b|yuan\b|cny\b|kuai\b|€|\$|£"
    };
}

static DIGIT_NUMBER: Pattern = Pattern::new(concat!(
    r"(us ?\$|hk ?\$|[$¥€£]|\b(?:rmb|usd|cny|eur|gbp))? ?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)",
    r"( ?[k千百万]|[w])?([多来几]|\+)? ?(",
    money_words!(),
    ")?"
));
static HAN_NUMBER: Pattern =
    Pattern::new(concat!(r"([零〇一二两俩三四五六七八九十百千万几]+)([多来几])?(", money_words!(), ")?"));
static WORD_NUMBER: Pattern = Pattern::new(concat!(
    r"\b((?:(?:a couple(?: of)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|",
    r"fifty|sixty|seventy|eighty|ninety|a|hundred|thousand|grand)\b[ -]?)+)(\b(?:",
    money_words!(),
    "))?"
));
static MEASURE_AFTER: Pattern = Pattern::new(concat!(
    r"^(?:[ -]?(?:",
    "寸|吋|英寸|码|号|岁|个|件|双|条|只|台|斤|克|公斤|千克|毫升|升|米|厘米|公分|毫米|尺|平|匹|人|口|年|月|天|日|小时|分钟|",
    "点|折|层|片|包|瓶|盒|箱|袋|张|支|枝|本|册|套|对|粒|颗|枚|杯|份|毫安|度|色|款|种|位|倍|代|键|孔|头|轴|期|次|字|门|版|斗|",
    "瓦|伏|千瓦|丝|股|周|礼拜|提|把|根|座|步|桶|罐|排|季|节|维|合一|公里|里|秒|楼|连|减|分(?:[^期]|$)|新款|兆|g内存|钱|格|挡|档|级|重|阶|线|路|核|芯|纹|针|支|搭|香|货|褶|叶|合|",
    r"inch(?:es)?\b|in\b|cm\b|mm\b|ml\b|l\b|m\b|kg\b|kgs\b|g\b|gm\b|oz\b|ounces?\b|lbs?\b|ft\b|feet\b|foot\b|gb\b|tb\b|mb\b|mah\b|hz\b|w\b|watts?\b|v\b|",
    r"years?\b|yrs?\b|yo\b|y\.?o\b|months?\b|mos?\b|days?\b|weeks?\b|hours?\b|hrs?\b|mins?\b|minutes?\b|people\b|persons?\b|pack|pcs\b|pieces?\b|pairs?\b|",
    r"degrees?\b|lit(?:re|er)s?\b|gallons?\b|quarts?\b|cups?\b|mp\b|km\b|miles?\b|stars?\b|percent\b|seater|players?\b|guests?\b|kids?\b|adults?\b|tier|ply\b|",
    r"speed|port|piece|person|man\b|tooth|way\b|season|row|drawer|door|count\b|ct\b|sheets?\b|pages?\b|gram|kilo|litre|liter|metre|meter|yards?\b|thread|gauge|mg\b|khz\b|fps\b|d\b|nd\b|rd\b|th\b|st\b|of\b|x\b|more\b|other\b|different\b|items?\b|colou?rs?\b|bags?\b|boxes\b|box\b|bottles?\b",
    r")|[%℃°x×*/\x22]|''?|:\d)",
));

/// All numbers, from left to right.
pub fn numbers(message: &Message) -> Vec<Number> {
    let mut found: Vec<Number> = Vec::new();
    for (kind, pattern) in [(Kind::Digits, &DIGIT_NUMBER), (Kind::Han, &HAN_NUMBER), (Kind::Words, &WORD_NUMBER)] {
        for matched in pattern.find(message) {
            let number = match kind {
                Kind::Digits => digits(message, &parts(&matched, [1, 2, 3, 4, 5])),
                Kind::Han => han(message, &parts(&matched, [NONE, 1, NONE, 2, 3])),
                Kind::Words => words(message, &parts(&matched, [NONE, 1, NONE, NONE, 2])),
            };
            let is_new = |number: &Number| {
                !found.iter().any(|old| old.range.start < number.range.end && number.range.start < old.range.end)
            };
            found.extend(number.filter(is_new));
        }
    }
    found.sort_by_key(|number| number.range.start);
    found
}

/// The value of an amount as a person writes it, with its currency: `$50`, `五百块`, `1k`, `fifty bucks`, `三四百`.
pub fn amount_of(text: &str) -> Option<(f64, Option<&'static str>)> {
    let message = Message::new(text);
    let first = numbers(&message).into_iter().next();
    first.map(|number| (number.value, number.currency)).or_else(|| parse_number(text).map(|value| (value, None)))
}

#[derive(Clone, Copy)]
enum Kind {
    Digits,
    Han,
    Words,
}

/// The number of a group that no pattern has.
const NONE: usize = 9;

struct Parts {
    range: Range<usize>,
    start_of_number: usize,
    sign: String,
    number: String,
    magnitude: String,
    more: bool,
    unit: String,
}

/// Reads the groups [sign, number, magnitude, more, unit]; a group number that a pattern lacks is empty.
fn parts(matched: &Found<'_>, groups: [usize; 5]) -> Parts {
    let whole = matched.range();
    let start_of_number = matched.group(groups[1]).map_or(whole.start, |range| range.start);
    let start = matched.group(groups[0]).map_or(start_of_number, |range| range.start);
    let end = groups.iter().filter_map(|group| matched.group(*group)).map(|range| range.end).max().unwrap_or(whole.end);
    let [sign, number, magnitude, more, unit] = groups.map(|group| matched.text(group).trim().to_owned());
    Parts { range: start..end, start_of_number, sign, number, magnitude, more: !more.is_empty(), unit }
}

fn digits(message: &Message, parts: &Parts) -> Option<Number> {
    let plain: f64 = parts.number.replace(',', "").parse().ok()?;
    let mut end = parts.range.end;
    let mut magnitude = match parts.magnitude.as_str() {
        "k" | "千" => 1e3,
        "百" => 1e2,
        "万" | "w" => 1e4,
        _ => 1.0,
    };
    let before = message.at(parts.start_of_number.checked_sub(1));
    let next = message.at(Some(end));
    if matches!(parts.magnitude.as_str(), "k" | "w") && is_latin(next) {
        magnitude = 1.0;
        end = parts.start_of_number + parts.number.chars().count();
    }
    let is_money = !parts.sign.is_empty() || !parts.unit.is_empty();
    let glued = parts.sign.is_empty() && (is_latin(before) || before == '-' && is_model_dash(message, parts));
    let tail = rest(message, end);
    let is_measure = glued
        || matches!(before, '第' | '#')
        || message.folded_words(&(parts.start_of_number.saturating_sub(3)..parts.start_of_number)) == "no."
        || !is_money && (MEASURE_AFTER.is_in(&tail) || tail.starts_with(is_latin) && !tail.starts_with("ish"));
    Some(Number {
        range: parts.range.start..end,
        value: plain * magnitude,
        parts: (plain, magnitude),
        currency: currency(&parts.sign, &parts.unit),
        is_money,
        is_measure,
        is_rough: parts.more && !parts.unit.contains('+'),
        is_round: plain * magnitude >= 10.0,
    })
}

/// Whether the dash before a number belongs to a model's name ("wh-1000") and not to a range ("100-200").
fn is_model_dash(message: &Message, parts: &Parts) -> bool {
    let before = message.at(parts.start_of_number.checked_sub(2));
    before.is_alphabetic() && is_latin(before) && before != 'k'
}

fn han(message: &Message, parts: &Parts) -> Option<Number> {
    let text: Vec<char> = parts.number.chars().collect();
    let is_magnitude = |c: &char| matches!(c, '十' | '百' | '千' | '万');
    let has_magnitude = text.iter().any(is_magnitude);
    let has_large = text.iter().any(|c| matches!(c, '百' | '千' | '万'));
    let is_piece = parts.unit == "块" && !has_magnitude && !parts.more;
    let is_money = !parts.unit.is_empty() && !is_piece;
    let end = if is_money || parts.unit.is_empty() { parts.range.end } else { parts.range.end - 1 };
    let before = message.at(parts.range.start.checked_sub(1));
    let tail = rest(message, end);
    let rough = rough_value(&text);
    let value = match rough {
        Some(value) => value,
        None => parse_number(&parts.number)?,
    };
    if text.len() == 1 && !is_money && !matches!(text[0], '百' | '千') {
        return None;
    }
    let is_measure = before == '第' || !is_money && MEASURE_AFTER.is_in(&tail);
    let digit_first = text.first().is_some_and(|c| !matches!(c, '百' | '千' | '万'));
    Some(Number {
        range: parts.range.start..end,
        value,
        parts: (value, 1.0),
        currency: currency("", &parts.unit),
        is_money,
        is_measure,
        is_rough: rough.is_some() || parts.more,
        is_round: has_large && digit_first,
    })
}

/// 三四百 is 350, 六七十 is 65, 十几 is 15, 两三千 is 2500.
fn rough_value(text: &[char]) -> Option<f64> {
    let digit = |c: char| "零一二三四五六七八九".chars().position(|d| d == c).or((c == '两').then_some(2));
    match text {
        ['十', '几'] => Some(15.0),
        [low, high, unit] => {
            let factor = match unit {
                '十' => 10.0,
                '百' => 100.0,
                '千' => 1000.0,
                '万' => 10_000.0,
                _ => return None,
            };
            let (low, high) = (digit(*low)?, digit(*high)?);
            (high == low + 1).then(|| (low + high) as f64 / 2.0 * factor)
        }
        _ => None,
    }
}

fn words(message: &Message, parts: &Parts) -> Option<Number> {
    let (mut total, mut section, mut any) = (0.0, 0.0, false);
    let mut length = parts.number.trim_end_matches([' ', '-']).chars().count();
    for word in parts.number.split([' ', '-']).filter(|word| !word.is_empty()) {
        let small = SMALL.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        match (word, small) {
            (_, Some(value)) => section += value,
            ("couple", _) => section += 2.0,
            ("hundred", _) => section = f64::max(section, 1.0) * 100.0,
            ("thousand" | "grand", _) => {
                total += f64::max(section, 1.0) * 1000.0;
                section = 0.0;
            }
            _ => continue,
        }
        any = true;
    }
    let is_money = !parts.unit.is_empty();
    if !any || parts.number.trim() == "a" {
        return None;
    }
    let start = parts.start_of_number;
    if is_money {
        length = parts.range.end - start;
    }
    let tail = rest(message, start + length);
    let value = total + section;
    Some(Number {
        range: start..start + length,
        value,
        parts: (value, 1.0),
        currency: currency("", &parts.unit),
        is_money,
        is_measure: !is_money && (MEASURE_AFTER.is_in(&tail) || value < 10.0),
        is_rough: false,
        is_round: value >= 100.0,
    })
}

const SMALL: &[(&str, f64)] = &[
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("seventy", 70.0),
    ("eighty", 80.0),
    ("ninety", 90.0),
];

fn currency(sign: &str, unit: &str) -> Option<&'static str> {
    let named = |text: &str| match text.trim().trim_end_matches('s') {
        "hk$" | "hk $" | "港币" | "港元" => Some("HKD"),
        "$" | "us$" | "us $" | "usd" | "美元" | "美金" | "美刀" | "刀" | "dollar" | "buck" => Some("USD"),
        "¥" | "rmb" | "cny" | "人民币" | "yuan" | "kuai" | "元" | "块" | "块钱" | "元钱" | "大洋" => {
            Some("CNY")
        }
        "€" | "eur" | "euro" | "欧元" => Some("EUR"),
        "£" | "gbp" | "pound" | "quid" | "英镑" | "镑" => Some("GBP"),
        "日元" => Some("JPY"),
        _ => None,
    };
    named(sign).or_else(|| named(unit))
}

fn rest(message: &Message, from: usize) -> String {
    message.folded_words(&(from..from + 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_worth_what_people_mean() {
        let cases = [
            ("$50", 50.0, Some("USD")),
            ("五百块", 500.0, Some("CNY")),
            ("1.5k", 1500.0, None),
            ("fifty bucks", 50.0, Some("USD")),
            ("two hundred dollars", 200.0, Some("USD")),
            ("三四百", 350.0, None),
            ("¥1,299", 1299.0, Some("CNY")),
            ("两百多", 200.0, None),
            ("1200 quid", 1200.0, Some("GBP")),
            ("a hundred euros", 100.0, Some("EUR")),
        ];
        for (text, value, currency) in cases {
            assert_eq!(amount_of(text), Some((value, currency)), "{text}");
        }
    }

    #[test]
    fn measures_and_model_numbers_are_told_apart() {
        for text in
            ["15.6寸", "500g", "3岁", "第2款", "wh-1000xm5", "27 inch", "v12", "42码", "2L", "四件套", "3 pairs"]
        {
            assert!(numbers(&Message::new(text)).iter().all(|number| number.is_measure), "{text}");
        }
        for text in ["300", "$20", "八百", "1k"] {
            assert!(numbers(&Message::new(text)).iter().all(|number| !number.is_measure), "{text}");
        }
    }
}
