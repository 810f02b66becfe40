//! What is said of a search: what was found, what was not, what could be given up, and why a product is suggested.

use super::{echo, list, pick};
use crate::domain::attribute::display_name;
use crate::domain::language::Language;
use crate::domain::money::Money;
use crate::domain::search::{Filters, RelaxationChange, Sort};

/// Above the cards: what was searched for and how many there are.
pub fn found(language: Language, what: &str, total: usize, shown: usize) -> String {
    match language {
        Language::Zh if total == 1 => format!("{what}：只有这 1 款符合。"),
        Language::Zh if total <= shown => format!("{what}：一共 {total} 款。"),
        Language::Zh => format!("{what}：共 {total} 款，先看这 {shown} 款。"),
        Language::En if total == 1 => format!("{what}: just this 1 matches."),
        Language::En if total <= shown => format!("{what}: {total} in all."),
        Language::En => format!("{what}: {total} found, here are {shown}."),
    }
}

/// Above further cards.
pub fn more(language: Language, from: usize, to: usize, total: usize) -> String {
    match language {
        Language::Zh => format!("第 {from} 到 {to} 款，共 {total} 款："),
        Language::En => format!("{from} to {to} of {total}:"),
    }
}

/// There are no further results.
pub fn no_more(language: Language, total: usize) -> String {
    match language {
        Language::Zh => format!("就这 {total} 款，没有更多了。要不要换个条件？"),
        Language::En => format!("That was all {total}. Shall we change something?"),
    }
}

/// Above products like one.
pub fn similar_to(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("和“{title}”接近的："),
        Language::En => format!("Close to \"{title}\":"),
    }
}

/// Nothing is like it.
pub fn nothing_similar(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("没有和“{title}”接近的其他商品。"),
        Language::En => format!("Nothing else in the shop is close to \"{title}\"."),
    }
}

/// Above suggestions without a product named; `sells` and `is_liked` say what the shop's own figures show of them.
pub fn recommended(language: Language, what: &str, sells: bool, is_liked: bool) -> String {
    let why = match (language, sells, is_liked) {
        (Language::Zh, true, true) => "大家买得多、评价好的",
        (Language::Zh, true, false) => "大家买得多的",
        (Language::Zh, false, true) => "评价好的",
        (Language::Zh, false, false) => "",
        (Language::En, true, true) => " that sell well and are well liked",
        (Language::En, true, false) => " that sell well",
        (Language::En, false, true) => " that are well liked",
        (Language::En, false, false) => "",
    };
    match (language, what.is_empty()) {
        (Language::Zh, true) if why.is_empty() => "先看看这几样：".into(),
        (Language::Zh, true) => format!("{why}几样："),
        (Language::Zh, false) => format!("按“{what}”挑了几样{why}："),
        (Language::En, true) => format!("A few{why}:"),
        (Language::En, false) => format!("For \"{what}\", a few{why}:"),
    }
}

/// The order asked for cannot be made: no listing has what it goes by.
pub fn no_such_order(language: Language, sort: Sort) -> &'static str {
    match sort {
        Sort::Rating => pick(
            language,
            "这些商品还没有评分，就按相关程度排了。",
            "None of these is rated yet, so they are in order of relevance.",
        ),
        Sort::Newest => pick(
            language,
            "这些商品没有写上架时间，就按相关程度排了。",
            "None of these says when it came in, so they are in order of relevance.",
        ),
        Sort::Sales => pick(
            language,
            "这些商品没有销量数据，就按相关程度排了。",
            "No sales figures are listed for these, so they are in order of relevance.",
        ),
        _ => pick(
            language,
            "这些商品没有标价，就按相关程度排了。",
            "None of these has a listed price, so they are in order of relevance.",
        ),
    }
}

/// The shop lists no prices, so a limit of price cannot be kept.
pub fn no_prices(language: Language) -> &'static str {
    pick(
        language,
        "这类商品都没有标价，没法按价格筛选；可以不限价格看看，或者找人工问价。",
        "None of these has a listed price, so I can't keep to a price limit. Look at them without one, or ask a person.",
    )
}

/// What the shop does carry, above its kinds.
pub fn carries(language: Language) -> &'static str {
    pick(language, "店里有这些：", "This is what it has:")
}

/// Nothing meets the limits.
pub fn none(language: Language, what: &str) -> String {
    match language {
        Language::Zh => format!("没有找到完全符合“{what}”的商品。"),
        Language::En => format!("Nothing matches \"{what}\" exactly."),
    }
}

/// The shop does not carry this kind of product.
pub fn not_carried(language: Language, what: &str) -> String {
    let what = echo(what);
    match language {
        Language::Zh => format!("店里没有“{what}”。"),
        Language::En => format!("This shop doesn't carry \"{what}\"."),
    }
}

/// Above the relaxations.
pub fn could_relax(language: Language) -> &'static str {
    pick(language, "放宽一个条件的话：", "If you give up one limit:")
}

/// Wishes that nothing meets were given up, and it is said.
pub fn wish_given_up<'a>(language: Language, wishes: impl IntoIterator<Item = &'a str>) -> String {
    let wishes = list(language, wishes);
    match language {
        Language::Zh => format!("没有哪款明确写着“{wishes}”，下面只按其他要求选。"),
        Language::En => format!("None is listed as \"{wishes}\"; these meet the rest."),
    }
}

/// Amounts were named in another currency.
pub fn other_currency(language: Language, named: &str, own: &str) -> String {
    match language {
        Language::Zh => format!("（本店以 {own} 标价，不做换算；您说的 {named} 金额按 {own} 的数字筛选。）"),
        Language::En => format!(
            "(Prices here are in {own} and I don't convert: your {named} amount was taken as the same number in {own}.)"
        ),
    }
}

/// A relaxation as a button, such as `up to ¥350 → 4`.
pub fn relaxation(
    language: Language,
    change: &RelaxationChange,
    print: impl Fn(f64) -> String,
    count: usize,
) -> String {
    format!("{} → {count}", relaxed(language, change, &print))
}

fn relaxed(language: Language, change: &RelaxationChange, print: &dyn Fn(f64) -> String) -> String {
    match change {
        RelaxationChange::PriceMax { to } => match language {
            Language::Zh => format!("放宽到 {} 以内", print(*to)),
            Language::En => format!("up to {}", print(*to)),
        },
        RelaxationChange::PriceMin { to } => match language {
            Language::Zh => format!("从 {} 起", print(*to)),
            Language::En => format!("from {}", print(*to)),
        },
        RelaxationChange::Price => pick(language, "不限价格", "any price").into(),
        RelaxationChange::Brand => pick(language, "不限品牌", "any brand").into(),
        RelaxationChange::Category => pick(language, "不限品类", "any kind").into(),
        RelaxationChange::Attribute { filter } => match language {
            Language::Zh => format!("不要求“{}”", filter.value),
            Language::En => format!("without \"{}\"", filter.value),
        },
        RelaxationChange::Exclude { word } => match language {
            Language::Zh => format!("不排除“{word}”"),
            Language::En => format!("\"{word}\" allowed"),
        },
        RelaxationChange::Stock => pick(language, "包括缺货的", "sold out ones too").into(),
        RelaxationChange::Rating => pick(language, "不限评分", "any rating").into(),
        RelaxationChange::Several { changes } => {
            let parts: Vec<String> = changes.iter().map(|change| relaxed(language, change, print)).collect();
            parts.join(pick(language, "，", ", "))
        }
        RelaxationChange::All => pick(language, "去掉所有条件", "no limits at all").into(),
    }
}

/// A search in few words: the noun and its limits, in the shopper's words.
pub fn describe(
    language: Language,
    text: &str,
    filters: &Filters,
    sort: Sort,
    print: impl Fn(f64) -> String,
) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(filters.brands.iter().cloned());
    parts.extend(filters.attributes.iter().map(|filter| echo(&filter.value)));
    if text.is_empty() {
        parts.extend(filters.categories.iter().cloned());
    } else {
        parts.push(echo(text));
    }
    match (filters.price_min, filters.price_max, language) {
        (Some(low), Some(high), _) => parts.push(format!("{}–{}", print(low), print(high))),
        (Some(low), None, Language::Zh) => parts.push(format!("{}以上", print(low))),
        (Some(low), None, Language::En) => parts.push(format!("from {}", print(low))),
        (None, Some(high), Language::Zh) => parts.push(format!("{}以内", print(high))),
        (None, Some(high), Language::En) => parts.push(format!("up to {}", print(high))),
        (None, None, _) => {}
    }
    if let Some(least) = filters.rating_min {
        parts.push(match language {
            Language::Zh => format!("评分{least}以上"),
            Language::En => format!("rated {least} or more"),
        });
    }
    if filters.in_stock {
        parts.push(pick(language, "有货", "in stock").into());
    }
    if !filters.exclude.is_empty() {
        let excluded = list(language, filters.exclude.iter().map(|word| echo(word)));
        parts.push(format!("{}{excluded}", pick(language, "不要", "no ")));
    }
    if let Some(order) = sort_name(language, sort) {
        parts.push(order.into());
    }
    parts.join(pick(language, " · ", " · "))
}

fn sort_name(language: Language, sort: Sort) -> Option<&'static str> {
    Some(match sort {
        Sort::Relevance => return None,
        Sort::PriceAsc => pick(language, "价格从低到高", "cheapest first"),
        Sort::PriceDesc => pick(language, "价格从高到低", "dearest first"),
        Sort::Rating => pick(language, "评分从高到低", "best rated first"),
        Sort::Newest => pick(language, "最新的在前", "newest first"),
        Sort::Sales => pick(language, "卖得多的在前", "most sold first"),
    })
}

/// A property of the product that was asked for.
pub fn meets(language: Language, name: &str, value: &str) -> String {
    match name {
        "feature" | "use" => value.to_owned(),
        _ => match language {
            Language::Zh => format!("{}：{value}", display_name(name, language)),
            Language::En => format!("{}: {value}", display_name(name, language)),
        },
    }
}

/// The price meets the limit.
pub fn within_budget(language: Language, price: Money) -> String {
    match language {
        Language::Zh => format!("{price}，在预算内"),
        Language::En => format!("{price}, within your budget"),
    }
}

/// The reason when nothing but the kind was asked for: rating and sales, where known.
pub fn liked(language: Language, rating: Option<f32>, reviews: Option<u32>) -> Option<String> {
    let rating = rating?;
    Some(match (language, reviews.filter(|count| *count > 0)) {
        (Language::Zh, Some(count)) => format!("{count} 条评价，平均 {rating:.1} 分"),
        (Language::Zh, None) => format!("评分 {rating:.1}"),
        (Language::En, Some(count)) => format!("rated {rating:.1} in {count} reviews"),
        (Language::En, None) => format!("rated {rating:.1}"),
    })
}

/// The reason for the cheapest, dearest, newest … of a sorted list.
pub fn stands_out(language: Language, sort: Sort) -> Option<&'static str> {
    Some(match sort {
        Sort::Relevance => return None,
        Sort::PriceAsc => pick(language, "其中最便宜", "the cheapest of them"),
        Sort::PriceDesc => pick(language, "其中最贵", "the dearest of them"),
        Sort::Rating => pick(language, "其中评分最高", "the best rated of them"),
        Sort::Newest => pick(language, "其中最新", "the newest of them"),
        Sort::Sales => pick(language, "其中卖得最多", "the best seller of them"),
    })
}
