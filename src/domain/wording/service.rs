//! What is said about getting a person, complaints and the shopper's own data.

use super::pick;
use crate::domain::language::Language;

/// A person was called.
pub fn person_called(language: Language) -> &'static str {
    pick(
        language,
        "好的，已经转给人工客服，会有同事来这里回复您。等的时候可以继续看商品。",
        "All right, I've asked a colleague to join; they will answer here. You can keep browsing while you wait.",
    )
}

/// A person has been called before.
pub fn person_coming(language: Language) -> &'static str {
    pick(language, "人工客服已经在排队接入了，请稍等。", "A colleague has already been asked and will be with you.")
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
