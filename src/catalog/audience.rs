//! For whom a shopper says that something is, in the words that listings use: `my five-year-old` is a kid, `爸爸` a man.
//!
//! Only reads what was said; never guesses who the shopper is. Called by `limits`.

use std::sync::LazyLock;

use regex::Regex;

use super::fold::fold;
use crate::domain::amount::parse_number;

/// A number of years or months, in digits or Chinese numerals.
static AGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?P<number>\d+(?:\.\d+)?|[一二两三四五六七八九十半]+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[\s-]*(?P<unit>岁|周岁|个月|月龄|years?\b|yrs?\b|yo\b|y/o|months?\b|mos?\b)",
    )
    .ok()
});

const NUMBER_WORDS: [&str; 12] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/// Words for people, the word of listings that covers them, and words in which they do not mean that.
const PEOPLE: &[(&[&str], &str)] = &[
    (
        &["奶奶", "爷爷", "外公", "外婆", "姥姥", "姥爷", "grandma", "grandpa", "grandmother", "grandfather", "granny"],
        "老人",
    ),
    (
        &[
            "妈",
            "母亲",
            "老婆",
            "妻子",
            "媳妇",
            "女友",
            "女朋友",
            "闺蜜",
            "姐",
            "妹",
            "阿姨",
            "姑",
            "mum",
            "mom",
            "mother",
            "mommy",
            "wife",
            "girlfriend",
            "sister",
            "aunt",
            "her",
        ],
        "女士",
    ),
    (
        &[
            "爸",
            "父亲",
            "老公",
            "丈夫",
            "男友",
            "男朋友",
            "哥",
            "弟",
            "叔",
            "舅",
            "dad",
            "father",
            "daddy",
            "husband",
            "boyfriend",
            "brother",
            "uncle",
            "him",
        ],
        "男士",
    ),
    (
        &[
            "儿子",
            "女儿",
            "闺女",
            "侄",
            "外甥",
            "孙",
            "son",
            "daughter",
            "nephew",
            "niece",
            "grandson",
            "granddaughter",
            "boy",
            "girl",
            "kid",
            "kids",
            "child",
        ],
        "儿童",
    ),
    (&["宝宝", "婴", "娃", "baby", "infant", "newborn"], "婴儿"),
];

/// The words of listings for the people whom a text names; none when it names none of these.
pub fn groups(text: &str) -> Vec<&'static str> {
    let folded = fold(text);
    if let Some(group) = age_in_years(&folded).map(of_age) {
        return group.to_vec();
    }
    let latin: Vec<&str> = folded.split(|character: char| !character.is_ascii_alphanumeric()).collect();
    let names = |word: &&str| if word.is_ascii() { latin.contains(word) } else { folded.contains(*word) };
    PEOPLE.iter().find(|(words, _)| words.iter().any(&names)).map(|(_, group)| *group).into_iter().collect()
}

fn of_age(years: f64) -> &'static [&'static str] {
    match years {
        years if years < 1.0 => &["婴儿"],
        years if years < 3.0 => &["婴儿", "幼儿", "儿童"],
        years if years < 14.0 => &["儿童"],
        years if years < 18.0 => &["青少年", "学生"],
        years if years >= 60.0 => &["老人"],
        _ => &[],
    }
}

fn age_in_years(folded: &str) -> Option<f64> {
    let found = AGE.as_ref()?.captures(folded)?;
    let number = found["number"].to_owned();
    let spelt = NUMBER_WORDS.iter().position(|word| *word == number).map(|place| (place + 1) as f64);
    let number = if number == "半" { 0.5 } else { spelt.or_else(|| parse_number(&number))? };
    let months = found["unit"].contains('月') || found["unit"].starts_with("mo");
    Some(if months { number / 12.0 } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_kin_are_read_in_the_words_of_listings() {
        for (text, group) in [
            ("5 year old boy", "儿童"),
            ("five-year-old", "儿童"),
            ("三岁宝宝", "儿童"),
            ("六个月的宝宝", "婴儿"),
            ("8 months old", "婴儿"),
            ("70岁的爷爷", "老人"),
            ("外婆", "老人"),
            ("我妈", "女士"),
            ("my wife", "女士"),
            ("爸爸", "男士"),
            ("女儿", "儿童"),
        ] {
            assert!(groups(text).contains(&group), "{text}: {:?}", groups(text));
        }
    }

    #[test]
    fn others_are_left_as_they_were_said() {
        for text in ["敏感肌", "小型犬", "30岁", "there", "students", "新手"] {
            assert!(groups(text).is_empty(), "{text}: {:?}", groups(text));
        }
    }
}
