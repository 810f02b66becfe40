//! What the terminal says of itself.

use super::pick;
use crate::domain::language::Language;

/// What can be said, and the commands.
pub fn help(language: Language) -> &'static str {
    pick(
        language,
        "直接说想要什么就行：三百以内的降噪耳机、第二款能机洗吗、对比前两款、换成黑色、颜色无所谓。\n\
         回复里带编号的选项，输入编号即可。命令：\n\
         \u{20} /more       看更多            /compare    对比前几款\n\
         \u{20} /cart       购物车            /saved      收藏\n\
         \u{20} /human      转人工            /privacy    我的数据\n\
         \u{20} /language   zh 或 en          /new        重新开始\n\
         \u{20} /help       这份说明          /quit       退出",
        "Just say what you want: noise cancelling headphones under 300, is the second one washable, compare the first two, in black, any colour is fine.\n\
         Where a reply has numbered choices, type the number. Commands:\n\
         \u{20} /more       more results      /compare    the first few side by side\n\
         \u{20} /cart       your cart         /saved      your saved list\n\
         \u{20} /human      a person          /privacy    what is kept of you\n\
         \u{20} /language   zh or en          /new        begin anew\n\
         \u{20} /help       this list         /quit       leave",
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
