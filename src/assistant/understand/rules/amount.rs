//! Limits of price: which numbers are amounts of money, and whether at least, at most or around.

use std::ops::Range;

use super::number::{Number, numbers};
use crate::assistant::understand::message::Message;
use crate::assistant::understand::pattern::Pattern;
use crate::assistant::understand::span::{Slot, Span};

static MAX_BEFORE: Pattern = Pattern::new(concat!(
    "(?:(?:不|别|不要|不能|不想|不可|不得|勿|莫|没)(?:超过|超出|超|高于|多于|大于|贵过|突破|过)|低于|少于|小于|便宜过|",
    "(?:最多|顶多|至多|最高|最贵|撑死|上限|顶天|满打满算)(?:就|只|能|可以|可|出|花|给|到|接受|是|在|我)*|封顶|控制在|压到|降到|砍到|人均|",
    r"(?:nothing|not|never|no|without|don't[a-z ]{0,24}|dont[a-z ]{0,24}|can't[a-z ]{0,16}|cannot[a-z ]{0,16}|won't[a-z ]{0,16}|shouldn't[a-z ]{0,16}|mustn't[a-z ]{0,12})",
    r" ?(?:going |spending |paying |be |cost(?:ing)? |it )?(?:over|above|more than|higher than|past|beyond|exceed(?:ing)?|pricier than)|",
    r"\b(?:under|below|less than|lower than|cheaper than|at most|up to|upto|max(?:imum)?(?: of)?|within|beneath|sub|fewer than|keep it to|capped at|cap of|limit of|limit is|limit)|<=?|≤)",
    r"[ :：]*(?:a |the |about |价格?|价|约)?$",
));
static MIN_BEFORE: Pattern = Pattern::new(concat!(
    "(?:(?:不低于|不少于|不小于|至少|起码|最低|最少|高于|超过|大于|多于|贵于|别低于)(?:要|得|也|是)*|",
    r"\b(?:over|above|more than|at least|min(?:imum)?(?: of)?|starting (?:at|from)|upwards of|no less than|not less than|not under|not below|higher than|from)|>=?|≥) *(?:a )?$",
));
static NEAR_BEFORE: Pattern = Pattern::new(
    r"(?:大概|大约|约|差不多|接近|左右|将近|\b(?:around|about|roughly|approx(?:imately|\.)?|near(?:ly)?|circa|ca\.?|close to|closer to|in the region of|in the ballpark of|like|say)|~) *(?:a |the )?$",
);
static BUDGET_BEFORE: Pattern = Pattern::new(concat!(
    "(?:(?:预算|手头|身上|手里|兜里|口袋里)(?:是|就|只|只有|有|在|可以|能|大概|加到|提到|为|也|我|了|不多|还有|给|到|出)*[:：，, ]*|(?:只有|只能花|能花|就)|",
    r"\b(?:budget|spend|spending|afford|i have|i've got|i got|got|pay)(?:(?:'s| is| of| are|:| only| just| like| max| up to| i have| my| to| it)*)) *$",
));
static MAX_AFTER: Pattern = Pattern::new(
    r"^ ?(?:以内|之内|以下|之下|以里|里面|内(?:[^存胆裤衣搭置饰部长径]|$)|封顶|打住|往下|为限|到顶|搞定|拿下|顶天|预算|的预算|(?:or|and) (?:less|under|below|cheaper|lower)\b|max\b|tops\b|at (?:the )?most\b|maximum\b|limit\b|budget\b|to spend\b|is my (?:budget|limit|max)|is the (?:most|limit|max))",
);
static MIN_AFTER: Pattern = Pattern::new(
    r"^ ?(?:以上|之上|起步|起(?:[^球毛泡床]|$)|往上|朝上|开外|(?:or|and) (?:more|up|above|over|higher|upwards?)\b|plus\b|\+|upwards?\b|minimum\b)",
);
static NEAR_AFTER: Pattern = Pattern::new(
    r"^ ?-?(?:左右|上下|前后|出头|附近|的样子|这个价|的?价位|的?档|ish\b|or so\b|or thereabouts|give or take|range\b)",
);
static BETWEEN: Pattern =
    Pattern::new(r"^ ?(?:块|元)?(?:到|至|-|~|—|–|——|−|to|and|和|跟|与|或|or|&)(?:不超过|最多)? ?$");
static BETWEEN_BEFORE: Pattern = Pattern::new(r"(?:between|from|在) *$");
static BETWEEN_AFTER: Pattern = Pattern::new(r"^ ?(?:之间|区间|中间|价位|价格|range|的预算)");
static PRICE_WORD: Pattern =
    Pattern::new(r"价|预算|元|块|钱|多少|\b(?:price[ds]?|budget|cost|spend|range|bucks?|dollars?)\b|[$¥€£]");
static ALONE_BEFORE: Pattern = Pattern::new(
    r"^(?:ok(?:ay)?|fine|alright|all right|well|then|so|hmm+|那就?|那么?|好吧?|行吧?|就|嗯)?[,，. ]*(?:make it |let'?s say |say )?$",
);
static ALONE_AFTER: Pattern = Pattern::new(r"^ ?(?:then|tops|max|ok|please|吧|好了|的话|行不行|可以吗)[.。!！?？]*$");
static NOT_A_LIMIT_BEFORE: Pattern =
    Pattern::new(r"(?:满|第|top|减|立减|优惠|返|赔|欠|退|version|size|age[ds]?|尺码|号码) ?$");

/// The limits of price that a message names: spans of price slots and the currency, if any is named.
pub fn amounts(message: &Message) -> (Vec<Span>, Option<&'static str>) {
    let found = numbers(message);
    let mut spans = Vec::new();
    let mut currency = None;
    let mut index = 0;
    while index < found.len() {
        let number = &found[index];
        if let Some(next) = found.get(index + 1)
            && let Some(range) = price_range(message, number, next)
        {
            spans.extend(range);
            currency = currency.or(number.currency).or(next.currency);
            index += 2;
            continue;
        }
        if let Some(slot) = direction(message, number) {
            let slot = if slot == Slot::PriceNear && is_alone(message, number) { Slot::PriceMax } else { slot };
            spans.push(Span::new(slot, number.range.clone()));
            currency = currency.or(number.currency);
        }
        index += 1;
    }
    (spans, currency)
}

/// "A to B": two limits, when both are money.
fn price_range(message: &Message, low: &Number, high: &Number) -> Option<[Span; 2]> {
    let between = message.folded_words(&(low.range.end..high.range.start));
    let joined = BETWEEN.is_in(&between) && high.range.start > low.range.end;
    if !joined || high.is_measure || low.is_measure && !matches!(low.parts.1, 1.0) {
        return None;
    }
    let is_framed =
        BETWEEN_BEFORE.is_in(&before(message, &low.range)) || BETWEEN_AFTER.is_in(&after(message, &high.range));
    let is_weak_joint = matches!(between.trim(), "和" | "跟" | "与" | "or" | "或" | "and" | "&");
    let is_money = low.is_money || high.is_money || PRICE_WORD.is_in(message.folded());
    let is_large = low.is_round && high.is_round && scaled(low, high) >= 20.0;
    if is_weak_joint && !is_framed || !(is_money || is_large || is_framed && high.value >= 15.0) {
        return None;
    }
    if scaled(low, high) >= high.value || NOT_A_LIMIT_BEFORE.is_in(&before(message, &low.range)) {
        return None;
    }
    Some([Span::new(Slot::PriceMin, low.range.clone()), Span::new(Slot::PriceMax, high.range.clone())])
}

/// The lower end of a range, which shares the magnitude of the upper ("2-3k" is 2000 to 3000).
fn scaled(low: &Number, high: &Number) -> f64 {
    let shares = low.parts.1 == 1.0 && high.parts.1 > 1.0 && low.parts.0 < high.parts.0;
    if shares { low.value * high.parts.1 } else { low.value }
}

/// The values of a range's two texts, the lower sharing the magnitude of the upper.
pub fn range_values(low: &str, high: &str) -> Option<(f64, f64)> {
    let [low, high] = [low, high].map(|text| numbers(&Message::new(text)).into_iter().next());
    let (low, high) = (low?, high?);
    Some((scaled(&low, &high), high.value))
}

fn direction(message: &Message, number: &Number) -> Option<Slot> {
    let (before, after) = (before(message, &number.range), after(message, &number.range));
    if number.is_measure || NOT_A_LIMIT_BEFORE.is_in(&before) {
        return None;
    }
    let strong = if MAX_AFTER.is_in(&after) || MAX_BEFORE.is_in(&before) {
        Some(Slot::PriceMax)
    } else if NEAR_AFTER.is_in(&after) {
        Some(Slot::PriceNear)
    } else if MIN_AFTER.is_in(&after) || MIN_BEFORE.is_in(&before) {
        Some(Slot::PriceMin)
    } else if NEAR_BEFORE.is_in(&before) {
        Some(Slot::PriceNear)
    } else if BUDGET_BEFORE.is_in(&before) {
        Some(if number.is_rough { Slot::PriceNear } else { Slot::PriceMax })
    } else {
        None
    };
    let is_amount = number.is_money || number.is_round || number.value >= 10.0 || number.is_rough;
    match strong {
        Some(slot) => is_amount.then_some(slot),
        None if number.is_money || number.is_rough && number.value >= 10.0 => Some(Slot::PriceNear),
        None if number.is_round
            && number.value >= 100.0
            && !message.words(&number.range).contains(|c: char| c.is_ascii()) =>
        {
            Some(Slot::PriceNear)
        }
        None => None,
    }
}

/// Whether a message says an amount and nothing else: what is to be spent at most ("ok, 300 yuan then", "那就三百吧").
fn is_alone(message: &Message, number: &Number) -> bool {
    let length = message.len();
    let around = [message.folded_words(&(0..number.range.start)), message.folded_words(&(number.range.end..length))];
    !number.is_rough && ALONE_BEFORE.is_in(&around[0]) && ALONE_AFTER.is_in(&around[1])
}

fn before(message: &Message, range: &Range<usize>) -> String {
    message.folded_words(&(range.start.saturating_sub(40)..range.start))
}

fn after(message: &Message, range: &Range<usize>) -> String {
    message.folded_words(&(range.end..range.end + 18))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let message = Message::new(text);
        amounts(&message).0.iter().map(|span| format!("{}={}", span.slot.name(), message.words(&span.range))).collect()
    }

    #[test]
    fn directions_are_read_in_both_languages() {
        let cases: &[(&str, &[&str])] = &[
            ("300以内的耳机", &["price_max=300"]),
            ("不超过八百", &["price_max=八百"]),
            ("两百到四百", &["price_min=两百", "price_max=四百"]),
            ("三百左右", &["price_near=三百"]),
            ("headphones under $50", &["price_max=$50"]),
            ("between 20 and 40", &["price_min=20", "price_max=40"]),
            ("五百块以下", &["price_max=五百块"]),
            ("预算八百", &["price_max=八百"]),
            ("三四百的", &["price_near=三四百"]),
            ("budget 80", &["price_max=80"]),
            ("50ish", &["price_near=50"]),
            ("千元以内", &["price_max=千元"]),
            ("1k以内", &["price_max=1k"]),
            ("a bag for no more than 120 euros", &["price_max=120 euros"]),
            ("at least 200 dollars", &["price_min=200 dollars"]),
            ("200-300的", &["price_min=200", "price_max=300"]),
            ("3k-4k的轻薄本", &["price_min=3k", "price_max=4k"]),
            ("五百起", &["price_min=五百"]),
            ("nothing over 60 please", &["price_max=60"]),
            ("around 50 dollars", &["price_near=50 dollars"]),
            ("ok, 300 yuan then", &["price_max=300 yuan"]),
            ("那就三百块吧", &["price_max=三百块"]),
            ("五百以上一千以下", &["price_min=五百", "price_max=一千"]),
        ];
        for (text, wanted) in cases {
            assert_eq!(read(text), *wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_price_is_left_alone() {
        for text in [
            "15寸的电脑包",
            "500g咖啡豆",
            "3岁宝宝",
            "第二款",
            "under 5 kg",
            "2026款手机",
            "一件t恤",
            "4k显示器",
            "size 42",
            "买三件",
            "千斤顶",
            "3-5岁积木",
            "24寸行李箱",
            "order 20261102004",
            "满300减50",
        ] {
            assert_eq!(read(text), Vec::<String>::new(), "{text}");
        }
    }
}
