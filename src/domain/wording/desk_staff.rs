//! What the staff read in their topics: how a topic opens, notices, lists.

use super::desk_buttons::close_reason;
use super::pick;
use crate::domain::handoff::{CloseReason, HandoffReason};
use crate::domain::language::Language;

/// Why a person is asked for.
pub fn reason(language: Language, reason: HandoffReason) -> &'static str {
    match reason {
        HandoffReason::Asked => pick(language, "要求人工", "asked for a person"),
        HandoffReason::Complaint => pick(language, "投诉或不满", "complaint"),
        HandoffReason::Failures => pick(language, "机器人连续没帮上忙", "the bot failed twice"),
        HandoffReason::ReservedTopic => pick(language, "只能人工处理的话题", "topic reserved for people"),
        HandoffReason::OrderChange => pick(language, "订单变更", "order change"),
        HandoffReason::MoneyDispute => pick(language, "款项争议", "money dispute"),
    }
}

/// A language's name.
pub fn language_name(language: Language, of: Language) -> &'static str {
    match of {
        Language::Zh => pick(language, "中文", "Chinese"),
        Language::En => pick(language, "英文", "English"),
    }
}

/// A shopper whose name is not known.
pub fn shopper(language: Language) -> &'static str {
    pick(language, "顾客", "Shopper")
}

/// The first line of a topic.
pub fn head(language: Language, who: &str, speaks: Language, why: HandoffReason) -> String {
    let (speaks, why) = (language_name(language, speaks), reason(language, why));
    format!("🆕 {who} · {speaks} · {why}")
}

/// The titles of the parts of a topic's first message.
pub fn part(language: Language, part: HeadPart) -> &'static str {
    match part {
        HeadPart::Summary => pick(language, "概要（模型）：", "Summary (by the model):"),
        HeadPart::Last => pick(language, "最后一句：", "Last message:"),
        HeadPart::Turns => pick(language, "最近对话：", "Last turns:"),
        HeadPart::Products => pick(language, "涉及商品：", "Products:"),
        HeadPart::Orders => pick(language, "涉及订单（已验证）：", "Orders (verified):"),
    }
}

/// A part of a topic's first message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum HeadPart {
    Summary,
    Last,
    Turns,
    Products,
    Orders,
}

/// How to work with the topic, below its first message.
pub fn how_to(language: Language) -> &'static str {
    pick(
        language,
        "认领后，您在这里（或回复机器人的消息）写的话会发给顾客；以 // 或 ! 开头的是内部备注，不会发出去。",
        "Once you claim it, what you write here (or as a reply to the bot's messages) goes to the shopper; lines beginning with // or ! stay internal.",
    )
}

/// The shopper asks again while the conversation waits.
pub fn asked_again(language: Language, why: HandoffReason) -> String {
    format!("{}{}", pick(language, "🔔 顾客还在等人工：", "🔔 The shopper asks again: "), reason(language, why))
}

/// Someone took it.
pub fn claimed(language: Language, name: &str) -> String {
    match language {
        Language::Zh => format!("✋ {name} 已认领，机器人已停止回复。"),
        Language::En => format!("✋ Claimed by {name}; the bot is silent."),
    }
}

/// What the bot was about to say when someone took over; the shopper was not told.
pub fn unsaid(language: Language, words: &str) -> String {
    match language {
        Language::Zh => format!("ℹ️ 机器人这句还没来得及发给顾客：{words}"),
        Language::En => format!("ℹ️ The bot had not yet told the shopper this: {words}"),
    }
}

/// Someone else has it now.
pub fn transferred(language: Language, from: &str, to: &str) -> String {
    match language {
        Language::Zh => format!("➡️ {from} 转给 {to}。"),
        Language::En => format!("➡️ {from} has transferred this to {to}."),
    }
}

/// It is back in the queue by its owner's wish.
pub fn put_back(language: Language, name: &str) -> String {
    match language {
        Language::Zh => format!("↩️ {name} 放回队列，等待认领。"),
        Language::En => format!("↩️ {name} put this back into the queue."),
    }
}

/// The shopper waits.
pub fn quiet(language: Language, name: &str, minutes: i64, left: u32) -> String {
    match language {
        Language::Zh => format!("⏰ {name}：顾客已等了 {minutes} 分钟。再过 {left} 分钟没有回复，会放回队列。"),
        Language::En => format!(
            "⏰ {name}: the shopper has waited {minutes} min. Without an answer it goes back to the queue in {left} min."
        ),
    }
}

/// It went back to the queue by itself.
pub fn requeued(language: Language, name: &str) -> String {
    match language {
        Language::Zh => format!("↩️ {name} 没有回复，已放回队列，并如实告诉了顾客。"),
        Language::En => format!("↩️ No answer from {name}: back in the queue; the shopper was told so."),
    }
}

/// Nobody has taken it.
pub fn unclaimed(language: Language, minutes: i64, left: u32) -> String {
    match language {
        Language::Zh => format!("⏰ 已等了 {minutes} 分钟，还没有人认领。再过 {left} 分钟会交还给机器人。"),
        Language::En => format!("⏰ Nobody has claimed this for {minutes} min. In {left} min it goes back to the bot."),
    }
}

/// The bot goes on because nobody came.
pub fn given_up(language: Language) -> &'static str {
    pick(
        language,
        "🤖 无人认领，已交还给机器人，并如实告诉了顾客。",
        "🤖 Nobody claimed this: back to the bot; the shopper was told so.",
    )
}

/// The bot goes on.
pub fn released(language: Language, name: &str) -> String {
    match language {
        Language::Zh => format!("🤖 {name} 已交还给机器人。"),
        Language::En => format!("🤖 {name} handed this back to the bot."),
    }
}

/// It has ended.
pub fn closed(language: Language, name: &str, why: CloseReason) -> String {
    let why = close_reason(language, why);
    match language {
        Language::Zh => format!("✅ {name} 已结束：{why}。"),
        Language::En => format!("✅ Closed by {name}: {why}."),
    }
}

/// A rating.
pub fn rated(language: Language, stars: u8) -> String {
    let drawn = "★".repeat(usize::from(stars)) + &"☆".repeat(5usize.saturating_sub(usize::from(stars)));
    format!("{}{drawn}", pick(language, "顾客评价：", "Rating: "))
}

/// A message did not reach the shopper.
pub fn not_delivered(language: Language, excerpt: &str) -> String {
    format!("{}{excerpt}", pick(language, "⚠️ 没有送达顾客：", "⚠️ Not delivered to the shopper: "))
}

/// A message may or may not have reached the shopper.
pub fn uncertain(language: Language, excerpt: &str) -> String {
    format!(
        "{}{excerpt}",
        pick(
            language,
            "⚠️ 连接中断，不确定是否已送达顾客；没有自动重发。需要时点“再发一次”：",
            "⚠️ The connection broke: this may or may not have reached the shopper, and was not sent again. Tap to send it again: "
        )
    )
}

/// Before something that may have been shown before.
pub fn maybe_again(language: Language) -> &'static str {
    pick(language, "（可能是重复）", "(perhaps repeated) ")
}

/// Words that wait for a tap.
pub fn draft(language: Language) -> &'static str {
    pick(language, "📝 草稿（点“发送”才会发出）：", "📝 Draft (sent only when you tap Send):")
}

/// Where a draft comes from.
pub fn basis(language: Language) -> &'static str {
    pick(language, "依据：", "From:")
}

/// Translation is on or off.
pub fn translating(language: Language, on: bool) -> &'static str {
    match on {
        true => pick(language, "🌐 翻译已打开，原文会一并显示。", "🌐 Translation is on; the original stays visible."),
        false => pick(language, "🌐 翻译已关闭。", "🌐 Translation is off."),
    }
}

/// A message could not be translated.
pub fn untranslated(language: Language) -> &'static str {
    pick(language, "（未能翻译）", "(not translated)")
}

/// The queue is empty.
pub fn queue_empty(language: Language) -> &'static str {
    pick(language, "没有等待或进行中的会话。", "No conversation is waiting or open.")
}

/// A line of the queue for one that waits.
pub fn queue_waiting(language: Language, who: &str, minutes: i64, why: HandoffReason) -> String {
    let why = reason(language, why);
    match language {
        Language::Zh => format!("⏳ {who}：等了 {minutes} 分钟（{why}）"),
        Language::En => format!("⏳ {who}: waiting {minutes} min ({why})"),
    }
}

/// A line of the queue for one that is claimed; `owed` is how long the shopper has waited for an answer.
pub fn queue_claimed(language: Language, who: &str, name: &str, owed: Option<i64>) -> String {
    match (language, owed) {
        (Language::Zh, Some(minutes)) => format!("✋ {who}：{name} 处理中，顾客等了 {minutes} 分钟"),
        (Language::Zh, None) => format!("✋ {who}：{name} 处理中，已回复"),
        (Language::En, Some(minutes)) => format!("✋ {who}: with {name}, the shopper waits for {minutes} min"),
        (Language::En, None) => format!("✋ {who}: with {name}, answered"),
    }
}

/// There is no history.
pub fn no_history(language: Language) -> &'static str {
    pick(language, "还没有对话记录。", "There is no history yet.")
}
