//! What shoppers are told of the people who help them.

use super::pick;
use crate::domain::handoff::{CloseReason, Opening};
use crate::domain::language::Language;

/// A person's words, with the name that the shop chose.
pub fn spoken(language: Language, name: &str, words: &str) -> String {
    match (language, words.is_empty()) {
        (_, true) => name.to_owned(),
        (Language::Zh, false) => format!("{name}：{words}"),
        (Language::En, false) => format!("{name}: {words}"),
    }
}

/// A person has taken the conversation.
pub fn joined(language: Language, name: &str) -> String {
    match language {
        Language::Zh => format!("{name} 已接入，接下来由人工为您服务，机器人不再回复。"),
        Language::En => format!("{name} has joined. A person answers you from here on; the bot is silent."),
    }
}

/// Another person has taken it over.
pub fn taken_over(language: Language, name: &str) -> String {
    match language {
        Language::Zh => format!("已转给 {name}，由 {name} 继续为您服务。"),
        Language::En => format!("{name} has taken over and will go on helping you."),
    }
}

/// Its owner put it back into the queue.
pub fn put_back(language: Language, name: &str) -> String {
    match language {
        Language::Zh => format!("{name} 把您的问题转给其他同事了，正在等人接入。等的时候我（机器人）可以先帮您。"),
        Language::En => {
            format!(
                "{name} has passed your question on; it waits for another colleague. Meanwhile I, the bot, can help."
            )
        }
    }
}

/// Its owner was silent for too long.
pub fn requeued(language: Language, name: &str) -> String {
    match language {
        Language::Zh => format!(
            "抱歉，{name} 没能及时回复。您的问题已重新排队，正在等其他同事接入；等的时候我（机器人）可以先帮您。"
        ),
        Language::En => format!(
            "I'm sorry, {name} could not answer in time. Your question is back in the queue for another colleague; meanwhile I, the bot, can help."
        ),
    }
}

/// Nobody could take it.
pub fn given_up(language: Language) -> &'static str {
    pick(
        language,
        "抱歉，现在没有同事能接入。您的留言客服都能看到，不过目前没人在处理；我（机器人）继续为您服务，随时可以再说“转人工”。",
        "I'm sorry, no colleague is free right now. They can read what you wrote, but nobody is working on it at the moment. I, the bot, \
         go on helping you; ask for a person again at any time.",
    )
}

/// The bot goes on.
pub fn released(language: Language, name: &str) -> String {
    match language {
        Language::Zh => format!("{name} 的人工服务已结束，接下来由我（机器人）继续为您服务。"),
        Language::En => format!("{name} has handed the conversation back: I, the bot, go on from here."),
    }
}

/// The matter is settled.
pub fn closed(language: Language, name: &str, reason: CloseReason) -> String {
    let why = match reason {
        CloseReason::Solved => pick(language, "问题已处理", "the matter is settled"),
        CloseReason::NoAnswer => pick(language, "很久没有收到您的回复", "there was no answer from you for a while"),
        CloseReason::Elsewhere => pick(language, "已改用其他方式联系您", "it goes on by other means"),
        CloseReason::Spam => pick(language, "内容与本店无关", "it was not about this shop"),
    };
    match language {
        Language::Zh => format!("{name} 结束了这次人工服务（{why}）。还有问题的话直接说，或者再“转人工”。"),
        Language::En => {
            format!("{name} has closed this conversation ({why}). Write again at any time, or ask for a person again.")
        }
    }
}

/// Asks for a rating.
pub fn rate_question(language: Language) -> &'static str {
    pick(language, "这次人工服务怎么样？", "How was the help?")
}

/// The buttons of a rating, from five stars to one.
pub fn rate_buttons() -> [(String, u8); 5] {
    [5u8, 4, 3, 2, 1].map(|stars| ("★".repeat(usize::from(stars)), stars))
}

/// A rating was kept.
pub fn rated(language: Language) -> &'static str {
    pick(language, "谢谢评价，已经记下了。", "Thank you, that is noted.")
}

/// A rating came too late, or twice.
pub fn rated_before(language: Language) -> &'static str {
    pick(language, "这次服务已经评价过，或者还没结束。", "This was rated already, or has not ended yet.")
}

/// Nobody is there now.
pub fn out_of_hours(language: Language, opens: Option<Opening>) -> String {
    let Some(opening) = opens else {
        return pick(
            language,
            "现在不是人工服务时间。您的话已经留给同事，上班后会看到，在这里回复您。我（机器人）照常回答，您可以继续逛。",
            "Nobody is at the desk now. Your message is kept; colleagues will read it when they are back and answer here. I, the bot, go on \
             answering, so keep browsing.",
        )
        .to_owned();
    };
    let (day, time) = (day(language, opening), opening.time);
    match language {
        Language::Zh => format!(
            "现在不是人工服务时间，{day} {time} 上班后会有同事在这里回复您。您的话已经留给他们；我（机器人）照常回答，您可以继续逛。"
        ),
        Language::En => format!(
            "Nobody is at the desk now; a colleague will answer here after {time} {day}. Your message is kept for them. I, the bot, go on \
             answering, so keep browsing."
        ),
    }
}

/// The desk closed before anyone could take it.
pub fn closed_meanwhile(language: Language, opens: Option<Opening>) -> String {
    let Some(opening) = opens else {
        return pick(
            language,
            "抱歉，今天没有同事能接入，客服已经下班。您的话已经留给他们；我（机器人）照常回答。",
            "I'm sorry, no colleague could join today and the desk has closed. Your message is kept for them; I, the bot, go on answering.",
        )
        .to_owned();
    };
    let (day, time) = (day(language, opening), opening.time);
    match language {
        Language::Zh => format!(
            "抱歉，同事没能在下班前接入，{day} {time} 上班后会在这里回复您。您的话已经留给他们；我（机器人）照常回答。"
        ),
        Language::En => format!(
            "I'm sorry, nobody could join before the desk closed; a colleague will answer here after {time} {day}. Your message is kept for \
             them; I, the bot, go on answering."
        ),
    }
}

/// A message of the shopper did not reach the staff.
pub fn not_delivered(language: Language, excerpt: &str) -> String {
    match language {
        Language::Zh => format!("抱歉，这条消息没能送到客服那里，请再发一次：“{excerpt}”"),
        Language::En => format!("I'm sorry, this message did not reach our staff; please send it again: \"{excerpt}\""),
    }
}

/// A message of a kind that cannot be passed on.
pub fn cannot_carry(language: Language) -> &'static str {
    pick(
        language,
        "这种消息转不到客服那里，请改发文字、图片、语音或文件。",
        "A message of this kind cannot reach our staff; please send words, a picture, a voice message or a file.",
    )
}

/// A button was pressed while a person has the conversation.
pub fn person_has_it(language: Language) -> &'static str {
    pick(
        language,
        "正由人工为您服务，机器人先不插话；需要什么直接写给同事。",
        "A person is helping you, so the bot stays silent; just write what you need.",
    )
}

/// Above products that a person chose.
pub fn recommends(language: Language, name: &str) -> String {
    match language {
        Language::Zh => format!("{name} 推荐："),
        Language::En => format!("{name} suggests:"),
    }
}

/// Below a translation, before the words themselves.
pub fn original(language: Language) -> &'static str {
    pick(language, "原文：", "Original: ")
}

fn day(language: Language, Opening { weekday, in_days, .. }: Opening) -> String {
    const ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    const EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let place = usize::from(weekday.clamp(1, 7)) - 1;
    match (language, in_days) {
        (Language::Zh, 0) => "今天".into(),
        (Language::Zh, 1) => "明天".into(),
        (Language::Zh, _) => ZH[place].into(),
        (Language::En, 0) => "today".into(),
        (Language::En, 1) => "tomorrow".into(),
        (Language::En, _) => format!("on {}", EN[place]),
    }
}
