//! What is said about getting a person, complaints and the shopper's own data.

use super::pick;
use crate::domain::language::Language;

/// A person was called; `wait` is how many minutes it usually takes.
pub fn person_called(language: Language, wait: Option<u32>) -> String {
    let soon = usually(language, wait);
    match language {
        Language::Zh => format!(
            "好的，已经转给人工客服，同事会在这里回复您{soon}。等的时候可以继续逛，我（机器人）照常回答；同事接入后我就不再插话。"
        ),
        Language::En => format!(
            "All right, I've asked a colleague to join; they will answer here{soon}. Keep browsing meanwhile: I, the bot, go on answering until \
             they take over."
        ),
    }
}

/// A person has been called before.
pub fn person_coming(language: Language, wait: Option<u32>) -> String {
    let soon = usually(language, wait);
    match language {
        Language::Zh => format!("已经在帮您叫人工客服了，同事会在这里回复您{soon}。您刚才的话他们也能看到。"),
        Language::En => format!(
            "A colleague has already been asked and will answer here{soon}. They can read what you just wrote, too."
        ),
    }
}

/// People answer on Telegram; this is another face.
pub fn person_on_telegram(language: Language, wait: Option<u32>) -> String {
    let soon = usually(language, wait);
    match language {
        Language::Zh => format!(
            "人工客服在本店的 Telegram 上，同事会在那里回复{soon}；这个窗口没有接通客服台，不会有人在这里回复您。您可以继续逛，我（机器人）照常回答。"
        ),
        Language::En => format!(
            "Colleagues answer on the shop's Telegram{soon}; this window is not connected to the support desk, so nobody will answer here. Keep \
             browsing: I, the bot, go on answering."
        ),
    }
}

/// The shop has no support desk.
pub fn no_person(language: Language) -> &'static str {
    pick(
        language,
        "抱歉，本店还没有接通人工客服，没有同事能在这里回复您。我（机器人）可以继续帮您查商品、订单和店里的规定。",
        "I'm sorry, this shop has not connected a support desk, so no colleague can answer here. I, the bot, can go on helping with products, \
         orders and the shop's policies.",
    )
}

/// People, and orders, are a private matter; this is a group.
pub fn in_private(language: Language) -> &'static str {
    pick(
        language,
        "这里是群聊，大家都看得到。订单和人工服务请私聊我。",
        "Everyone in this group can read along. For orders, or to talk to a person, please write to me in private.",
    )
}

fn usually(language: Language, wait: Option<u32>) -> String {
    match (language, wait) {
        (_, None) => String::new(),
        (Language::Zh, Some(minutes)) => format!("，一般 {minutes} 分钟内"),
        (Language::En, Some(minutes)) => format!(", usually within {minutes} min"),
    }
}

/// After a complaint.
pub fn sorry(language: Language) -> &'static str {
    pick(language, "很抱歉让您有不好的体验。", "I'm sorry about this experience.")
}

/// After two answers that did not help.
pub fn not_helping(language: Language) -> &'static str {
    pick(language, "看来我没帮上忙。", "It seems I'm not helping.")
}

/// What is kept of a shopper, with the counts.
pub fn what_is_kept(language: Language, exchanges: usize, cart: usize, saved: usize) -> String {
    match language {
        Language::Zh => format!(
            "关于您，这里只保存：最近 {exchanges} 轮对话、购物车 {cart} 件、收藏 {saved} 件，以及当前的搜索条件。只用来接着和您聊，不给别人，也不写进日志。"
        ),
        Language::En => format!(
            "What is kept about you here: the last {exchanges} exchanges, {cart} products in your cart, {saved} on your saved list, and your \
             current search. It serves this conversation only, goes to nobody else and is never logged."
        ),
    }
}

/// Asks before erasing.
pub fn erase_question(language: Language) -> &'static str {
    pick(language, "要全部删除吗？删除后无法恢复。", "Erase all of it? It cannot be brought back.")
}

/// Everything was erased.
pub fn erased(language: Language) -> &'static str {
    pick(language, "已经全部删除。", "Everything has been erased.")
}

/// Erases everything.
pub fn erase_button(language: Language) -> &'static str {
    pick(language, "全部删除", "Erase everything")
}

/// Keeps everything.
pub fn keep_button(language: Language) -> &'static str {
    pick(language, "保留", "Keep it")
}

/// Nothing was erased.
pub fn kept(language: Language) -> &'static str {
    pick(language, "好的，都还留着。", "All right, nothing was erased.")
}
