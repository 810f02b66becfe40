//! What is said around a passage of the shop's policies, and when none answers.

use super::pick;
use crate::domain::language::Language;

/// No passage answers the question.
pub fn not_covered(language: Language) -> &'static str {
    pick(
        language,
        "店里的规定没有写到这一点，我不能随便答应您。",
        "The shop's policies don't cover this, and I won't promise anything they don't say.",
    )
}

/// It is not clear which passage is meant: headings follow, as buttons.
pub fn do_you_mean(language: Language) -> &'static str {
    pick(language, "您想问的是下面哪一条？", "Which of these do you mean?")
}

/// A second passage is as likely meant: it follows.
pub fn or_is_it_this(language: Language) -> &'static str {
    pick(language, "也可能您问的是这一条：", "Or, if this is what you mean:")
}

/// Another passage may have been meant: headings follow, as buttons.
pub fn or_do_you_mean(language: Language) -> &'static str {
    pick(language, "也可能您想问的是：", "Or do you mean:")
}

/// The question was recorded for the shop, and a person can answer it.
pub fn noted(language: Language) -> &'static str {
    pick(
        language,
        "已经记下这个问题；需要的话可以找同事回答。",
        "I've noted the question; a colleague can answer it if you like.",
    )
}

/// The passage is in the other language only.
pub fn other_language(language: Language) -> &'static str {
    pick(language, "（这一条只有英文原文）", "(This is written in Chinese only.)")
}

/// The shop keeps this topic for people.
pub fn reserved(language: Language) -> &'static str {
    pick(language, "这类问题由同事来处理。", "Questions like this are for a colleague.")
}

/// Money is disputed: a person decides, not the bot.
pub fn money_dispute(language: Language) -> &'static str {
    pick(
        language,
        "涉及钱款的争议要由同事核实，我不会擅自下结论。",
        "A dispute about money is for a colleague to look into; I won't decide it myself.",
    )
}
