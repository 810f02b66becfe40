//! What the terminal says of itself.

use super::pick;
use crate::domain::language::Language;

/// The commands.
pub fn help(language: Language) -> &'static str {
    pick(
        language,
        "直接说想要什么就行，例如“三百以内的降噪耳机”“第二款能机洗吗”“对比前两款”“换成黑色”。\n\
         /more 更多   /compare 对比   /cart 购物车   /saved 收藏   /human 转人工   /privacy 我的数据\n\
         /language zh|en 语言   /new 重新开始   /help 帮助   /quit 退出\n\
         回复里带编号的选项，直接输入编号即可。",
        "Just say what you want: \"noise cancelling headphones under 300\", \"is the second one washable\", \"compare the first two\", \"in black\".\n\
         /more   /compare   /cart   /saved   /human   /privacy   /language zh|en   /new   /help   /quit\n\
         Where a reply has numbered choices, type the number.",
    )
}

/// An unknown command.
pub fn unknown_command(language: Language, command: &str) -> String {
    match language {
        Language::Zh => format!("没有“{command}”这个命令，输入 /help 看看有哪些。"),
        Language::En => format!("There is no command \"{command}\"; /help lists them."),
    }
}

/// A conversation was begun anew.
pub fn begun_anew(language: Language) -> &'static str {
    pick(language, "好，重新开始。", "All right, from the beginning.")
}

/// The price before a reduction.
pub fn was(language: Language, price: &str) -> String {
    match language {
        Language::Zh => format!("（原价 {price}）"),
        Language::En => format!(" (was {price})"),
    }
}
