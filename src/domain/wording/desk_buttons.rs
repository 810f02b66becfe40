//! The staff's buttons and commands: what they say, what they ask, and why they did nothing.

use super::pick;
use crate::domain::handoff::{CloseReason, Refusal};
use crate::domain::language::Language;

/// A button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Label {
    Claim,
    Draft,
    Suggest,
    Canned,
    Transfer,
    PutBack,
    Release,
    Close,
    Translate,
    History,
    Send,
    SendAgain,
    Drop,
}

/// What a button says.
pub fn label(language: Language, label: Label) -> &'static str {
    match label {
        Label::Claim => pick(language, "认领", "Claim"),
        Label::Draft => pick(language, "起草回复", "Draft"),
        Label::Suggest => pick(language, "推荐商品", "Suggest"),
        Label::Canned => pick(language, "常用回复", "Canned"),
        Label::Transfer => pick(language, "转给同事", "Transfer"),
        Label::PutBack => pick(language, "放回队列", "Back to queue"),
        Label::Release => pick(language, "交还机器人", "Release"),
        Label::Close => pick(language, "结束", "Close"),
        Label::Translate => pick(language, "翻译", "Translate"),
        Label::History => pick(language, "完整记录", "History"),
        Label::Send => pick(language, "发送", "Send"),
        Label::SendAgain => pick(language, "再发一次", "Send again"),
        Label::Drop => pick(language, "不用", "Drop"),
    }
}

/// Asks which canned reply.
pub fn which_canned(language: Language) -> &'static str {
    pick(language, "选一条常用回复，会先成为草稿：", "Choose a canned reply; it becomes a draft first:")
}

/// Asks to whom.
pub fn to_whom(language: Language) -> &'static str {
    pick(language, "转给谁？", "Transfer to whom?")
}

/// Asks why it ends.
pub fn why_close(language: Language) -> &'static str {
    pick(language, "为什么结束？", "Close because?")
}

/// Why a conversation ends.
pub fn close_reason(language: Language, why: CloseReason) -> &'static str {
    match why {
        CloseReason::Solved => pick(language, "已解决", "solved"),
        CloseReason::NoAnswer => pick(language, "顾客未回复", "no answer"),
        CloseReason::Elsewhere => pick(language, "改用其他方式", "goes on elsewhere"),
        CloseReason::Spam => pick(language, "无关或骚扰", "spam or abuse"),
    }
}

/// Why nothing happened. `owner` is the name of who has the conversation.
pub fn refused(language: Language, refusal: Refusal, owner: &str) -> String {
    match refusal {
        Refusal::ClaimedBy { .. } => match language {
            Language::Zh => format!("{owner} 已认领这个会话。"),
            Language::En => format!("{owner} has this conversation."),
        },
        Refusal::AlreadyYours => pick(language, "您已经在处理了。", "You have it already.").into(),
        Refusal::NotClaimed => pick(language, "请先认领。", "Claim it first.").into(),
        Refusal::NotOpen => {
            pick(language, "这个会话没有在等人工，由机器人服务。", "Nobody is asked for here: the bot has it.").into()
        }
        Refusal::NoDraft => {
            pick(language, "这份草稿已经发出或不用了。", "This draft was sent or dropped already.").into()
        }
        Refusal::NotPassedOn => pick(
            language,
            "这条消息当时没有发给顾客，修改也不会发出。",
            "That message was not passed on, so its change is not either.",
        )
        .into(),
        Refusal::CannotUnsend => pick(
            language,
            "原来的话已经发给顾客，改成备注也收不回来。",
            "The shopper has read the original; it cannot be made a note.",
        )
        .into(),
    }
}

/// Why someone's words were not passed on.
pub fn not_passed_on(language: Language, refusal: Refusal, owner: &str) -> String {
    let why = refused(language, refusal, owner);
    match refusal {
        Refusal::ClaimedBy { .. } | Refusal::NotClaimed | Refusal::NotOpen => match language {
            Language::Zh => format!("没有发给顾客：{why}"),
            Language::En => format!("Not sent to the shopper. {why}"),
        },
        _ => why,
    }
}

/// A command that does not exist; nothing was sent.
pub fn unknown_command(language: Language) -> &'static str {
    pick(
        language,
        "没有这个命令，也没有发给顾客。可用：/claim /release /close /transfer /draft /suggest /canned /translate /history /queue",
        "There is no such command, and nothing was sent. There are: /claim /release /close /transfer /draft /suggest /canned /translate /history /queue",
    )
}

/// A message in a place that belongs to no conversation.
pub fn no_conversation(language: Language) -> &'static str {
    pick(
        language,
        "这里不属于任何会话；请在会话的话题里写，或者回复机器人的消息。",
        "This belongs to no conversation; write in its topic, or reply to one of the bot's messages.",
    )
}

/// Someone who may not act.
pub fn not_staff(language: Language) -> &'static str {
    pick(
        language,
        "您不在客服名单里（配置 support.staff）。",
        "You are not on the list of the staff (support.staff in the configuration).",
    )
}

/// Nothing to draft from.
pub fn no_draft(language: Language) -> &'static str {
    pick(
        language,
        "店铺政策里没有能回答这句话的内容，请您自己来写。",
        "No passage of the shop's policies answers this; please write it yourself.",
    )
}

/// Nothing to suggest.
pub fn no_suggestion(language: Language) -> &'static str {
    pick(
        language,
        "没有找到合适的商品。可以用 /suggest 加几个词再找。",
        "No product fits. Try /suggest with a few words.",
    )
}

/// There are no canned replies.
pub fn no_canned(language: Language) -> &'static str {
    pick(
        language,
        "还没有设置常用回复（配置 support.canned）。",
        "No canned replies are set up (support.canned in the configuration).",
    )
}

/// The model is not trusted with translation.
pub fn cannot_translate(language: Language) -> &'static str {
    pick(
        language,
        "当前的模型不会翻译，换一个能翻译的模型后再打开。",
        "The model at hand cannot translate; load one that can.",
    )
}
