//! What is said when a shopper asks which of several products to take: what stands out, by the listings.

use super::{list, pick};
use crate::domain::language::Language;
use crate::domain::money::Money;

/// Above what stands out.
pub fn heading(language: Language) -> &'static str {
    pick(language, "看您更看重什么：", "It depends on what matters most to you:")
}

/// A product by its place on the screen and its title.
pub fn name(place: usize, title: &str) -> String {
    if place == 0 { title.to_owned() } else { format!("{place}. {title}") }
}

/// Which listings state a word that was asked about.
pub fn states(language: Language, word: &str, names: Vec<String>) -> String {
    let names = list(language, names);
    match language {
        Language::Zh => format!("· 写明“{word}”的：{names}"),
        Language::En => format!("· listed for \"{word}\": {names}"),
    }
}

/// What the listings give of a measure, the highest first.
pub fn measures(name: &str, language: Language, values: Vec<String>) -> String {
    match language {
        Language::Zh => format!("· {name}：{}", list(language, values)),
        Language::En => format!("· {name}: {}", list(language, values)),
    }
}

/// Which one is rated best.
pub fn best_rated(language: Language, name: &str, rating: f32, reviews: Option<u32>) -> String {
    match (language, reviews.filter(|count| *count > 0)) {
        (Language::Zh, Some(count)) => format!("· 评分最高：{name}（{rating:.1} 分，{count} 条评价）"),
        (Language::Zh, None) => format!("· 评分最高：{name}（{rating:.1} 分）"),
        (Language::En, Some(count)) => format!("· best rated: {name} ({rating:.1} in {count} reviews)"),
        (Language::En, None) => format!("· best rated: {name} ({rating:.1})"),
    }
}

/// Which one costs least.
pub fn cheapest(language: Language, name: &str, price: Money) -> String {
    match language {
        Language::Zh => format!("· 最便宜：{name}（{price}）"),
        Language::En => format!("· cheapest: {name} ({price})"),
    }
}
