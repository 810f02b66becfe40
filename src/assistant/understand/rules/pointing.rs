//! Which products a message points at: ordinals ("第二款", "#3", "the last one"), pointing words ("这个", "it") and bare
//! numbers between which a comparison stands ("1和3").

use std::ops::Range;

use crate::assistant::understand::message::Message;
use crate::assistant::understand::pattern::Pattern;
use crate::assistant::understand::span::{Slot, Span};
use crate::domain::amount::parse_number;
use crate::domain::intent::ItemRef;
use crate::domain::language::is_han;

macro_rules! classifier {
    () => {
        "[个款件双台只条本把套瓶包张支盒袋种副顶辆块罐盏对口样部枚串箱桶份幅床根棵盆位家杯片卷提板间座架扇粒颗组枝册号艘]"
    };
}

static ZH_ORDINAL: Pattern = Pattern::new(concat!(
    "((?:倒数)?第 ?[一二两三四五六七八九十0-9]{1,3}(?: ?",
    classifier!(),
    ")?|最后(?:那|这|的)?[一两二三]?",
    classifier!(),
    "|头[一两二三]",
    classifier!(),
    "|[前后][一两二三四五六2-6]",
    classifier!(),
    "|最后的?(?:那|这)",
    classifier!(),
    ")(?: ?(?:[次天代年月季时轮波遍]|半价))?"
));
static ZH_ORDINAL_TIME: Pattern = Pattern::new("(?:[次天代年月季时轮波遍]|半价)$");
static ZH_NUMBERED: Pattern = Pattern::new(r"(?:#|＃|no\.? ?|编号)?([1-9]\d?)号(?:[^码楼店线]|$)|#(\d{1,2})");
static ZH_POINTING: Pattern = Pattern::new(concat!(
    "(?:刚才|刚刚|上面|下面|上边|中间|左边|右边|最便宜的?|最贵的?|[白黑红蓝绿灰粉黄紫]色?的?)?[这那](?:一|几|两|三|俩)?",
    classifier!(),
    "|[这那](?:俩|些|几个)|它们?|[这那]两"
));
static EN_ORDINAL: Pattern = Pattern::new(concat!(
    r"\b((?:the |your )?(?:(?:very )?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|1st|2nd|3rd|[4-9]th|10th|final|top))",
    r"(?: (?:one|item|product|option|pair|model|choice|result|listing|two|three|four|few|couple)\b)?)(?: (hand|time|birthday|aid|grade|grader|year|month|week|night|order|class|name|floor|long|purchase|baby|apartment|home|day|longer|sunday|monday|friday|generation)\b)?",
));
static EN_NUMBERED: Pattern = Pattern::new(
    r"(?:#|\b(?:number|no\.?|nr\.?|option|item|product|choice|result)) ?(\d{1,2}|one|two|three|four|five|six|seven|eight)\b",
);
static EN_POINTING: Pattern = Pattern::new(concat!(
    r"\b(?:(?:this|that|these|those)(?: (?:one|ones|two|item|product|pair)s?)?|(?:the )?(?:other|middle|former|latter) one|",
    r"the [a-z]+(?: [a-z]+)? ones?|it|them|both(?: of (?:them|these|those))?|all of (?:them|these|those)|all (?:two|three|four|five))\b",
));
static LASTS: Pattern =
    Pattern::new(r"\b(?:do|does|did|will|would|should|can|how long|to|batter(?:y|ies))\b[a-z' ]{0,24} last\b");
static PAIR: Pattern = Pattern::new(
    r"(?:^|[^\d.$¥第])(\d)(?:号|款|个)? ?(?:和|跟|与|vs\.?|versus|or|and|to|with|、|,|&|还是|对比|比|against) ?(\d)(?:号|款|个)?(?:[^\d.]|$)",
);

/// Spans that point at products, from left to right. `is_listed` says that products are on the screen: bare numbers point at
/// nothing otherwise.
pub fn items(message: &Message, is_listed: bool) -> Vec<Span> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut add = |range: Range<usize>| {
        let range = trimmed(message, range);
        if !range.is_empty() && !spans.iter().any(|old| old.start < range.end && range.start < old.end) {
            spans.push(range);
        }
    };
    for found in ZH_ORDINAL.find(message) {
        if !ZH_ORDINAL_TIME.is_in(&message.folded_words(&found.range())) {
            found.group(1).into_iter().for_each(&mut add);
        }
    }
    for found in EN_ORDINAL.find(message) {
        let words = found.text(1);
        if words == "last" && lasts(message) {
            continue;
        }
        let is_bare = matches!(words, "first" | "second" | "last" | "final" | "top" | "the top" | "the final");
        if found.group(2).is_none() && (is_listed || !is_bare) && !matches!(words, "top" | "final" | "the top") {
            found.group(1).into_iter().for_each(&mut add);
        }
    }
    for found in ZH_NUMBERED.find(message) {
        match (found.group(1), found.group(2)) {
            (Some(number), _) => add(found.range().start..number.end + 1),
            (_, Some(number)) => add(number.start - 1..number.end),
            _ => {}
        }
    }
    EN_NUMBERED.find(message).for_each(|found| add(found.range()));
    if is_listed {
        for found in PAIR.find(message) {
            found.group(1).into_iter().for_each(&mut add);
            found.group(2).into_iter().for_each(&mut add);
        }
    }
    ZH_POINTING.find(message).for_each(|found| add(found.range()));
    EN_POINTING.find(message).for_each(|found| add(found.range()));
    spans.sort_by_key(|range| range.start);
    spans.into_iter().map(|range| Span::new(Slot::Items, range)).collect()
}

/// A question of one product as it is asked when that is in hand: "第二款能机洗吗" is "它能机洗吗". No listing says which place it has.
pub fn of_the_one(text: &str) -> String {
    let message = Message::new(text);
    let (mut asked, mut from) = (String::new(), 0);
    for Span { range, .. } in items(&message, true) {
        let words = message.words(&range);
        if matches!(items_of(&words)[..], [ItemRef::Ordinal(_)]) {
            asked.push_str(&message.words(&(from..range.start)));
            asked.push_str(if words.chars().any(is_han) { "它" } else { "it" });
            from = range.end;
        }
    }
    asked + &message.words(&(from..message.len()))
}

/// Whether "last" is what something does ("how long does it last"), not a place.
pub fn lasts(message: &Message) -> bool {
    LASTS.hits(message)
}

fn trimmed(message: &Message, range: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (range.start, range.end);
    while start < end && message.chars()[start] == ' ' {
        start += 1;
    }
    while start < end && message.chars()[end - 1] == ' ' {
        end -= 1;
    }
    start..end
}

/// What a pointing span refers to: one ordinal, several ("前两个", "first two"), or the words themselves.
pub fn items_of(words: &str) -> Vec<ItemRef> {
    let folded = Message::new(words).folded().to_owned();
    let plain = folded.trim_start_matches("the ").trim_start_matches("your ").trim_start_matches("very ").trim();
    if let Some((count, from_end)) = several(plain) {
        let places: Vec<i32> = if from_end { (-count..=-1).collect() } else { (1..=count).collect() };
        return places.into_iter().map(ItemRef::Ordinal).collect();
    }
    match ordinal(plain) {
        Some(place) => vec![ItemRef::Ordinal(place)],
        None => vec![ItemRef::Name(words.trim().to_owned())],
    }
}

fn several(plain: &str) -> Option<(i32, bool)> {
    let (head, from_end) = match plain.chars().next()? {
        '前' | '头' => (1, false),
        '后' => (1, true),
        _ if plain.starts_with("最后") => (2, true),
        _ if plain.starts_with("first ") || plain.starts_with("top ") => {
            let count = number_word(plain.split(' ').nth(1)?)?;
            return (count > 1).then_some((count, false));
        }
        _ if plain.starts_with("last ") => {
            let count = number_word(plain.split(' ').nth(1)?)?;
            return (count > 1).then_some((count, true));
        }
        _ => return None,
    };
    let number: String = plain.chars().skip(head).take(1).collect();
    let count = parse_number(&number)? as i32;
    (2..=9).contains(&count).then_some((count, from_end))
}

fn ordinal(plain: &str) -> Option<i32> {
    if let Some(rest) = plain.strip_prefix("倒数第") {
        return Some(-leading_number(rest)?);
    }
    if let Some(rest) = plain.strip_prefix('第') {
        return leading_number(rest);
    }
    if plain.starts_with("最后") || plain.starts_with("last") || plain.starts_with("final") {
        return Some(-1);
    }
    if plain.starts_with("头一") {
        return Some(1);
    }
    let digits: String = plain.trim_start_matches("no.").chars().skip_while(|c| "# ＃".contains(*c)).collect();
    let count = digits.chars().take_while(char::is_ascii_digit).count();
    let after: String = digits.chars().skip(count).collect();
    if count > 0
        && count < 3
        && matches!(
            after.trim(),
            "" | "号" | "款" | "个" | "st" | "nd" | "rd" | "th" | "st one" | "nd one" | "rd one" | "th one"
        )
    {
        return digits[..count].parse().ok().filter(|place| *place > 0);
    }
    let mut words = plain.split(' ');
    let first = words.next()?;
    const PLACES: [&str; 10] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    if let Some(place) = PLACES.iter().position(|word| *word == first) {
        return Some(place as i32 + 1);
    }
    matches!(first, "number" | "no." | "no" | "nr" | "option" | "item" | "product" | "choice" | "result")
        .then(|| words.next().and_then(number_word))
        .flatten()
}

fn leading_number(text: &str) -> Option<i32> {
    let number: String =
        text.trim_start().chars().take_while(|c| "一二两三四五六七八九十0123456789".contains(*c)).collect();
    parse_number(&number).map(|number| number as i32).filter(|number| *number > 0)
}

fn number_word(word: &str) -> Option<i32> {
    const WORDS: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    if word == "couple" {
        return Some(2);
    }
    WORDS.iter().position(|known| *known == word).map(|place| place as i32 + 1).or_else(|| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let message = Message::new(text);
        items(&message, true).iter().map(|span| message.words(&span.range)).collect()
    }

    #[test]
    fn pointing_words_are_found() {
        let cases: &[(&str, &[&str])] = &[
            ("第二款内胆是什么材质的", &["第二款"]),
            ("add two of #3 please", &["#3"]),
            ("what do people say about the second one", &["the second one"]),
            ("first vs third, which has better battery", &["first", "third"]),
            ("1和3哪个好", &["1", "3"]),
            ("就要这个", &["这个"]),
            ("前两台对比一下", &["前两台"]),
            ("does it have laces", &["it"]),
            ("3号加车", &["3号"]),
            ("第 3 个多少钱", &["第 3 个"]),
            ("第 2 的颜色", &["第 2"]),
            ("最后那个多少钱", &["最后那个"]),
        ];
        for (text, wanted) in cases {
            assert_eq!(read(text), *wanted, "{text}");
        }
        for text in
            ["how long does the battery last", "第一次来", "第 1 次来", "my first birthday gift", "second hand bikes"]
        {
            assert_eq!(read(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_is_asked_of_a_place_is_asked_of_the_product() {
        for (text, asked) in [
            ("第二款能机洗吗", "它能机洗吗"),
            ("第3个的内胆是什么材质", "它的内胆是什么材质"),
            ("第 3 款 能机洗吗", "它 能机洗吗"),
            ("does the second one fit a 15-inch laptop", "does it fit a 15-inch laptop"),
            ("how long does the battery last", "how long does the battery last"),
            ("第一次洗会掉色吗", "第一次洗会掉色吗"),
            ("这款能机洗吗", "这款能机洗吗"),
        ] {
            assert_eq!(of_the_one(text), asked);
        }
    }

    #[test]
    fn ordinals_are_numbers_and_others_are_words() {
        let place = |words: &str| items_of(words);
        assert_eq!(place("第二款"), [ItemRef::Ordinal(2)]);
        assert_eq!(place("第 3 个"), [ItemRef::Ordinal(3)]);
        assert_eq!(place("the last one"), [ItemRef::Ordinal(-1)]);
        assert_eq!(place("倒数第二个"), [ItemRef::Ordinal(-2)]);
        assert_eq!(place("#3"), [ItemRef::Ordinal(3)]);
        assert_eq!(place("前两个"), [ItemRef::Ordinal(1), ItemRef::Ordinal(2)]);
        assert_eq!(place("the first two"), [ItemRef::Ordinal(1), ItemRef::Ordinal(2)]);
        assert_eq!(place("option two"), [ItemRef::Ordinal(2)]);
        assert_eq!(place("这个"), [ItemRef::Name("这个".into())]);
        assert_eq!(place("Trail 2"), [ItemRef::Name("Trail 2".into())]);
        assert_eq!(place("2nd"), [ItemRef::Ordinal(2)]);
    }
}
