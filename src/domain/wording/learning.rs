//! What admins read while they answer questions that the shop could not.

use super::pick;
use crate::domain::language::Language;

/// There is nothing to learn.
pub fn none(language: Language) -> &'static str {
    pick(language, "没有待回答的问题。", "There are no unanswered questions.")
}

/// Above the list.
pub fn list(language: Language) -> &'static str {
    pick(
        language,
        "没答上来、或评价低的问题（点一个来回答）：",
        "Questions without a good answer (tap one to answer it):",
    )
}

/// A line of the list.
pub fn line(language: Language, number: usize, times: u32, question: &str, low_rated: bool) -> String {
    let low = pick(language, "，评价低", ", rated low");
    let low = if low_rated { low } else { "" };
    match language {
        Language::Zh => format!("{number}. {question}（{times} 次{low}）"),
        Language::En => format!("{number}. {question} ({times}×{low})"),
    }
}

/// Asks for the answer.
pub fn ask(language: Language, questions: &str) -> String {
    match language {
        Language::Zh => {
            format!("问题：{questions}\n请把答案作为下一条消息发来；会先给您看，点了才加入常见问题。/cancel 放弃。")
        }
        Language::En => format!(
            "Question: {questions}\nSend the answer as your next message. You see it first; it joins the FAQ only when you tap. /cancel to drop it."
        ),
    }
}

/// Shows what would be added.
pub fn preview(language: Language, question: &str, answer: &str) -> String {
    match language {
        Language::Zh => format!("将加入常见问题：\n\n{question}\n{answer}"),
        Language::En => format!("This would join the FAQ:\n\n{question}\n{answer}"),
    }
}

/// Adds it.
pub fn add_button(language: Language) -> &'static str {
    pick(language, "加入常见问题", "Add to the FAQ")
}

/// Drops the answer.
pub fn drop_button(language: Language) -> &'static str {
    pick(language, "不用", "Drop it")
}

/// It was added and is live.
pub fn added(language: Language, file: &str, questions: usize) -> String {
    match language {
        Language::Zh => format!("已写入 {file}，现在起就用它回答（解决了 {questions} 个问法）。"),
        Language::En => format!("Written to {file}; it answers from now on ({questions} wordings settled)."),
    }
}

/// It was added, but the policies could not be read again.
pub fn added_not_live(language: Language, file: &str, cause: &str) -> String {
    match language {
        Language::Zh => format!("已写入 {file}，但没能重新读取店铺政策：{cause}"),
        Language::En => format!("Written to {file}, but the policies could not be read again: {cause}"),
    }
}

/// It could not be added.
pub fn failed(language: Language, cause: &str) -> String {
    match language {
        Language::Zh => format!("没有写入：{cause}"),
        Language::En => format!("Nothing was written: {cause}"),
    }
}

/// Nothing was added.
pub fn dropped(language: Language) -> &'static str {
    pick(language, "好的，没有写入。", "All right, nothing was written.")
}
