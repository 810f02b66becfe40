//! Greetings, small talk, questions back, and what is said when something is not as it should be.

use super::pick;
use crate::domain::intent::IntentKind;
use crate::domain::language::Language;

/// The first hello.
pub fn greeting(language: Language, shop: &str) -> String {
    match language {
        Language::Zh => format!("您好，这里是{shop}。想找什么？用自己的话说就行，比如下面这样。"),
        Language::En => format!("Hello, this is {shop}. What are you looking for? Say it in your own words, like so:"),
    }
}

/// An example: the best of a kind of product.
pub fn example_best(language: Language, kind: &str) -> String {
    match language {
        Language::Zh => format!("评分最高的{kind}"),
        Language::En => format!("the best rated {}", inside(kind)),
    }
}

/// An example: a kind of product within a budget.
pub fn example_within(language: Language, kind: &str, budget: &str) -> String {
    match language {
        Language::Zh => format!("{budget}以内的{kind}"),
        Language::En => format!("{} under {budget}", inside(kind)),
    }
}

/// An example: a kind of product, without any wish.
pub fn example_recommended(language: Language, kind: &str) -> String {
    match language {
        Language::Zh => format!("推荐几款{kind}"),
        Language::En => format!("recommend me some {}", inside(kind)),
    }
}

/// An example: a question about the shop's rules.
pub fn example_rule(language: Language) -> &'static str {
    examples(language)[2]
}

/// A title in the middle of an English sentence: `Down jackets` is `down jackets` there, `TVs` stays.
fn inside(title: &str) -> String {
    let mut letters = title.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(title.chars().skip(1)).collect()
        }
        _ => title.to_owned(),
    }
}

/// Requests that show what can be asked, in a shop of which nothing is known.
pub fn examples(language: Language) -> [&'static str; 4] {
    match language {
        Language::Zh => ["适合冬天穿的羽绒服", "三百以内的降噪耳机", "退货要几天", "帮我推荐个生日礼物"],
        Language::En => [
            "a down jacket for winter",
            "noise cancelling headphones under 300",
            "how do returns work",
            "ideas for a birthday gift",
        ],
    }
}

/// After a thank-you or goodbye.
pub fn goodbye(language: Language) -> &'static str {
    pick(language, "不客气，需要的时候随时叫我。", "You're welcome. I'm here whenever you need me.")
}

/// The shopper leaves it for now.
pub fn no_hurry(language: Language) -> &'static str {
    pick(language, "没关系，慢慢看，需要的时候随时叫我。", "No problem, take your time. I'm here whenever you need me.")
}

/// Small talk: says honestly what it is.
pub fn small_talk(language: Language, shop: &str) -> String {
    match language {
        Language::Zh => format!(
            "我是{shop}的导购助手，是程序不是真人。挑商品、比较、看评价、问售后都可以找我；想找真人，说“转人工”就行。"
        ),
        Language::En => format!(
            "I'm the shopping assistant of {shop}: a program, not a person. I can find and compare products, sum up reviews and answer \
             service questions. Say \"talk to a person\" whenever you'd rather have one."
        ),
    }
}

/// For what the shop has nothing to do with.
pub fn off_topic(language: Language, shop: &str) -> String {
    match language {
        Language::Zh => format!("这个我帮不上忙，我只懂{shop}的商品、订单和售后。想看看商品吗？"),
        Language::En => format!(
            "I can't help with that: I only know the products, orders and service of {shop}. Shall we look at something?"
        ),
    }
}

/// The one clarifying question.
pub fn clarify(language: Language) -> &'static str {
    pick(
        language,
        "没太明白您的意思，是想做下面哪一件？也可以换个说法。",
        "I'm not sure I follow. Is it one of these? Or put it another way.",
    )
}

/// How a reading of an unclear message is offered.
pub fn reading(language: Language, kind: IntentKind) -> &'static str {
    match kind {
        IntentKind::Search | IntentKind::Recommend => pick(language, "找商品", "Find a product"),
        IntentKind::Refine => pick(language, "调整刚才的筛选", "Change the last search"),
        IntentKind::More => pick(language, "看更多结果", "See more results"),
        IntentKind::Compare => pick(language, "对比这几款", "Compare these"),
        IntentKind::Detail => pick(language, "了解某件商品", "Ask about a product"),
        IntentKind::Similar => pick(language, "找类似的", "Find similar ones"),
        IntentKind::Reviews => pick(language, "看评价", "See reviews"),
        IntentKind::CartAdd | IntentKind::CartRemove | IntentKind::CartShow => pick(language, "购物车", "My cart"),
        IntentKind::Save => pick(language, "收藏", "My saved list"),
        IntentKind::Policy => pick(language, "问售后政策", "Ask about shop policies"),
        IntentKind::OrderStatus | IntentKind::OrderChange => pick(language, "我的订单", "My order"),
        IntentKind::Complaint | IntentKind::Human => pick(language, "找人工客服", "Talk to a person"),
        IntentKind::Privacy => pick(language, "我的数据", "My data"),
        _ => pick(language, "随便聊聊", "Just chat"),
    }
}

/// What pressing a reading says on the shopper's behalf.
pub fn reading_prompt(language: Language, kind: IntentKind) -> &'static str {
    match kind {
        IntentKind::Search => pick(language, "好，想找什么样的商品？", "Sure. What kind of product?"),
        IntentKind::Refine => pick(
            language,
            "好，想怎么调整？比如“便宜点”“要黑色”。",
            "Sure. How? Say \"cheaper\" or \"in black\", for example.",
        ),
        IntentKind::Detail => pick(language, "好，想了解哪一款的什么？", "Sure. Which one, and what about it?"),
        IntentKind::Policy => pick(
            language,
            "好，想问哪方面：配送、退换、发票、保修……？",
            "Sure. About shipping, returns, invoices, warranty…?",
        ),
        IntentKind::OrderStatus | IntentKind::OrderChange => {
            pick(language, "好，请发一下订单号。", "Sure. What is your order number?")
        }
        _ => pick(language, "好，请说。", "Sure, go ahead."),
    }
}

/// A request to name the product that is meant.
pub fn which_product(language: Language, shown: usize) -> String {
    match (language, shown) {
        (Language::Zh, 0) => "您说的是哪件商品？可以先告诉我想找什么。".into(),
        (Language::Zh, _) => format!("您说的是哪一款？说“第一款”到“第{shown}款”，或者商品名都行。"),
        (Language::En, 0) => "Which product do you mean? Tell me what you're looking for first.".into(),
        (Language::En, _) => format!("Which one do you mean? Say its number, 1 to {shown}, or its name."),
    }
}

/// The n-th product does not exist.
pub fn no_such_place(language: Language, number: i32, shown: usize) -> String {
    match language {
        Language::Zh if shown == 0 => "现在还没有列出商品，先告诉我想找什么吧。".into(),
        Language::Zh => format!("没有第{number}款，现在列出的是 1 到 {shown}。"),
        Language::En if shown == 0 => "There is no list yet. What are you looking for?".into(),
        Language::En => format!("There is no number {number}: the list goes from 1 to {shown}."),
    }
}

/// Nothing in the shop has this name.
pub fn no_such_product(language: Language, name: &str) -> String {
    let name = super::echo(name);
    match language {
        Language::Zh => format!("店里没有找到“{name}”。"),
        Language::En => format!("I can't find \"{name}\" in this shop."),
    }
}

/// Said once when there is no model.
pub fn without_model(language: Language) -> &'static str {
    pick(
        language,
        "（现在由规则和检索来回答，理解会简单一些。）",
        "(I'm answering by rules and search only at the moment, so keep it simple.)",
    )
}

/// The message was empty or only signs.
pub fn no_words(language: Language) -> &'static str {
    pick(
        language,
        "收到啦，不过我只看得懂文字。想找什么，或者有什么要问的？",
        "Got it, though I only understand words. What are you looking for?",
    )
}

/// The message was cut.
pub fn too_long(language: Language, kept: usize) -> String {
    match language {
        Language::Zh => format!("（消息太长，我只看了前 {kept} 个字。）"),
        Language::En => format!("(That was long: I read the first {kept} characters.)"),
    }
}

/// Too many people at once.
pub fn overloaded(language: Language) -> &'static str {
    pick(
        language,
        "现在人有点多，请过一会儿再发一次，您的内容都还在。",
        "It's very busy right now. Please send that again in a moment; nothing is lost.",
    )
}

/// Something failed on the shop's side.
pub fn failed(language: Language) -> &'static str {
    pick(
        language,
        "这边出了点问题，没能完成。请再试一次，或者说“转人工”。",
        "Something went wrong on our side. Please try again, or say \"talk to a person\".",
    )
}

/// The button is older than what it refers to.
pub fn stale_button(language: Language) -> &'static str {
    pick(
        language,
        "这个按钮已经过期了，请再说一次您想做什么。",
        "That button is out of date. Please tell me again what you'd like.",
    )
}

/// The language was switched.
pub fn language_set(language: Language) -> &'static str {
    pick(language, "好的，之后用中文。", "All right, English from now on.")
}
