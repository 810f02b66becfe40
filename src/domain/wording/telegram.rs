//! What the Telegram face says of itself: its commands, what it cannot read, and what admins are told.

use super::pick;
use crate::domain::language::Language;

/// The commands of everyone, with what menus say of them.
pub fn commands(language: Language) -> [(&'static str, &'static str); 6] {
    match language {
        Language::Zh => [
            ("cart", "看购物车"),
            ("saved", "看收藏"),
            ("human", "转人工"),
            ("language", "选择语言"),
            ("privacy", "我的数据：查看或删除"),
            ("help", "怎么用"),
        ],
        Language::En => [
            ("cart", "Show my cart"),
            ("saved", "Show what I saved"),
            ("human", "Talk to a person"),
            ("language", "Choose the language"),
            ("privacy", "My data: see it or erase it"),
            ("help", "How this works"),
        ],
    }
}

/// The commands of admins, with what menus say of them.
pub fn admin_commands(language: Language) -> [(&'static str, &'static str); 3] {
    match language {
        Language::Zh => [("reload", "重新加载商品"), ("status", "运行状态"), ("unanswered", "没答上来的问题")],
        Language::En => [
            ("reload", "Load the product feed again"),
            ("status", "How the shop is running"),
            ("unanswered", "Questions without a good answer"),
        ],
    }
}

/// The commands of the staff in their group, with what menus say of them.
pub fn staff_commands(language: Language) -> [(&'static str, &'static str); 10] {
    match language {
        Language::Zh => [
            ("claim", "接手这个会话"),
            ("release", "放回队列"),
            ("close", "结束会话"),
            ("transfer", "转给同事"),
            ("draft", "起草一条回复"),
            ("suggest", "推荐商品"),
            ("canned", "常用语"),
            ("translate", "打开或关闭翻译"),
            ("history", "看之前的对话"),
            ("queue", "看还有谁在等"),
        ],
        Language::En => [
            ("claim", "Take this conversation"),
            ("release", "Put it back into the queue"),
            ("close", "End it"),
            ("transfer", "Hand it to a colleague"),
            ("draft", "Draft a reply"),
            ("suggest", "Suggest products"),
            ("canned", "Ready-made replies"),
            ("translate", "Turn translation on or off"),
            ("history", "See what was said before"),
            ("queue", "See who is waiting"),
        ],
    }
}

/// How to use the bot, with requests that this shop can answer.
pub fn help(language: Language, examples: &[String]) -> String {
    let list: Vec<String> = commands(language).iter().map(|(name, does)| format!("/{name}  {does}")).collect();
    let list = list.join("\n");
    let quoted = |open: &str, close: &str, between: &str| {
        let two: Vec<String> = examples.iter().take(2).map(|example| format!("{open}{example}{close}")).collect();
        two.join(between)
    };
    match language {
        Language::Zh => format!(
            "直接说想要什么就行，例如{}。看到商品后接着说：“对比前两款”“第二款评价怎么样”“便宜点的”。\n回复某张商品卡片，就是在说那件商品。\n\n{list}",
            quoted("“", "”", "")
        ),
        Language::En => format!(
            "Just say what you want: {}. Then go on: \"compare the first two\", \"what do buyers say about the second one\", \"anything \
             cheaper\".\nReply to a product's card to speak of that product.\n\n{list}",
            quoted("\"", "\"", ", ")
        ),
    }
}

/// An unknown command, or one that is not for this person.
pub fn unknown_command(language: Language) -> &'static str {
    pick(language, "没有这个命令，/help 可以看到都有哪些。", "There is no such command; /help lists them.")
}

/// Asks for the language.
pub fn language_question(language: Language) -> &'static str {
    pick(language, "用哪种语言？", "Which language?")
}

/// A voice message, sticker, photo or the like without words.
pub fn words_only(language: Language) -> &'static str {
    pick(
        language,
        "这类消息我还看不懂，只看得懂文字。用几个字说说想找什么就行；配了文字的图片，我会看文字。",
        "I can't read this kind of message yet, only words. Tell me in a few words what you're looking for; if you send a picture, I \
         read what you write below it.",
    )
}

/// Below buttons that have no words of their own.
pub fn choose(language: Language) -> &'static str {
    pick(language, "请选择：", "Please choose:")
}

/// Opens a product's page.
pub fn open_button(language: Language) -> &'static str {
    pick(language, "查看网页", "Open page")
}

/// Takes a product off the saved list.
pub fn unsave_button(language: Language) -> &'static str {
    pick(language, "已收藏 ✓", "Saved ✓")
}

/// A product that is in the cart; adds one more.
pub fn in_cart_button(language: Language) -> &'static str {
    pick(language, "购物车 +1 ✓", "In cart, +1 ✓")
}

/// Opens the bot from a card that was sent into another chat.
pub fn ask_button(language: Language) -> &'static str {
    pick(language, "问问这件", "Ask about it")
}

/// Opens the bot from inline mode.
pub fn open_shop(language: Language, shop: &str) -> String {
    match language {
        Language::Zh => format!("打开{shop}"),
        Language::En => format!("Open {shop}"),
    }
}

/// A feed is being loaded.
pub fn reloading(language: Language, seconds: u64) -> String {
    match language {
        Language::Zh => format!("正在重新加载商品……已用 {seconds} 秒，店铺照常营业。"),
        Language::En => format!("Loading the feed… {seconds} s so far; the shop stays open."),
    }
}

/// A feed is being loaded already.
pub fn reload_runs(language: Language) -> &'static str {
    pick(language, "已经有一次加载在进行。", "A reload is running already.")
}

/// What a reload did.
pub struct Reloaded {
    /// The generation sold from now.
    pub generation: u64,
    /// Whether the feed was the one already sold.
    pub unchanged: bool,
    /// New products.
    pub added: usize,
    /// Products that differ from before.
    pub changed: usize,
    /// Products that have gone.
    pub removed: usize,
    /// Lines that were left out.
    pub rejected: usize,
    /// How long it took.
    pub seconds: f64,
}

/// The outcome of a reload.
pub fn reloaded(language: Language, done: &Reloaded) -> String {
    let Reloaded { generation, added, changed, removed, rejected, seconds, .. } = done;
    match (language, done.unchanged) {
        (Language::Zh, true) => format!("商品文件没有变化，仍是第 {generation} 代（{seconds:.1} 秒）。"),
        (Language::En, true) => format!("The feed has not changed: still generation {generation} ({seconds:.1} s)."),
        (Language::Zh, false) => format!(
            "已换到第 {generation} 代：新增 {added}，变更 {changed}，下架 {removed}，拒收 {rejected} 行（{seconds:.1} 秒）。"
        ),
        (Language::En, false) => format!(
            "Generation {generation} is live: {added} added, {changed} changed, {removed} removed, {rejected} lines rejected ({seconds:.1} s)."
        ),
    }
}

/// A reload failed; the cause names the feed and the line.
pub fn reload_failed(language: Language, cause: &str) -> String {
    match language {
        Language::Zh => format!("没有换上新商品，店铺继续用原来的：{cause}"),
        Language::En => format!("The new feed was not taken; the shop goes on with the old one: {cause}"),
    }
}

/// The running shop, for admins.
pub struct Status {
    /// The model's name; none: rules and search only.
    pub model: Option<String>,
    /// Where it runs.
    pub device: String,
    /// The catalog generation.
    pub generation: u64,
    /// How many products it has.
    pub products: usize,
    /// Updates that wait.
    pub waiting: usize,
    /// Since the start.
    pub uptime_s: u64,
    /// Turns since midnight (UTC).
    pub turns_today: u64,
}

/// The status as lines.
pub fn status(language: Language, status: &Status) -> String {
    let model = status.model.as_deref().unwrap_or(pick(language, "无（规则和检索）", "none (rules and search)"));
    let Status { device, generation, products, waiting, turns_today, .. } = status;
    let (hours, minutes) = (status.uptime_s / 3600, status.uptime_s % 3600 / 60);
    match language {
        Language::Zh => format!(
            "模型：{model}\n设备：{device}\n商品：第 {generation} 代，{products} 件\n排队：{waiting}\n已运行：{hours} 小时 {minutes} 分\n今日轮次：{turns_today}"
        ),
        Language::En => format!(
            "Model: {model}\nDevice: {device}\nCatalog: generation {generation}, {products} products\nWaiting: {waiting}\nUp: {hours} h {minutes} min\nTurns today: {turns_today}"
        ),
    }
}
