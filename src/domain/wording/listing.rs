//! What is said of one product or a few: its facts, its stock, its reviews, a comparison.

use super::pick;
use crate::domain::language::Language;

/// The question is not answered in the listing.
pub fn not_said(language: Language) -> &'static str {
    pick(language, "商品页没有写这一点。要我帮您问一下人工吗？", "The listing does not say. Shall I ask a person?")
}

/// Above the passages that answer a question about a product.
pub fn listing_says(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("“{title}”的商品信息是这样写的："),
        Language::En => format!("The listing of \"{title}\" says:"),
    }
}

/// Where a line that answers stands.
pub fn evidence(language: Language, is_attribute: bool, is_review: bool, title: &str) -> String {
    let place = match (is_attribute, is_review) {
        (true, _) => pick(language, "商品参数", "attributes"),
        (_, true) => pick(language, "买家评价", "a buyer's review"),
        _ => pick(language, "商品描述", "description"),
    };
    format!("{title} › {place}")
}

/// Above a product's own description when nothing particular was asked.
pub fn about(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("“{title}”："),
        Language::En => format!("\"{title}\":"),
    }
}

/// Stock in words.
pub fn stock(language: Language, stock: Option<u32>) -> String {
    match (language, stock) {
        (Language::Zh, Some(0)) => "缺货".into(),
        (Language::Zh, Some(few @ 1..=3)) => format!("仅剩 {few} 件"),
        (Language::Zh, _) => "有货".into(),
        (Language::En, Some(0)) => "sold out".into(),
        (Language::En, Some(few @ 1..=3)) => format!("only {few} left"),
        (Language::En, _) => "in stock".into(),
    }
}

/// No price is listed.
pub fn price_on_request(language: Language) -> &'static str {
    pick(language, "价格请咨询", "price on request")
}

/// Above a comparison.
pub fn comparison(language: Language) -> &'static str {
    pick(language, "它们的不同之处：", "Where they differ:")
}

/// The products compared do not differ in anything listed.
pub fn no_difference(language: Language) -> &'static str {
    pick(language, "商品信息里没有写出它们的差别。", "Their listings show no difference.")
}

/// Row titles of a comparison.
pub fn row(language: Language, name: &str) -> Option<&'static str> {
    Some(match name {
        "price" => pick(language, "价格", "price"),
        "brand" => pick(language, "品牌", "brand"),
        "rating" => pick(language, "评分", "rating"),
        "stock" => pick(language, "库存", "stock"),
        "category" => pick(language, "品类", "kind"),
        _ => return None,
    })
}

/// There are no reviews yet.
pub fn no_reviews(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("“{title}”还没有评价。"),
        Language::En => format!("\"{title}\" has no reviews yet."),
    }
}

/// The verdict of the reviews: counts only.
pub fn review_verdict(language: Language, title: &str, positive: usize, negative: usize, total: usize) -> String {
    match language {
        Language::Zh => format!("“{title}”有 {total} 条评价：{positive} 条偏满意，{negative} 条偏不满意。"),
        Language::En => format!("\"{title}\" has {total} reviews: {positive} rather happy, {negative} rather not."),
    }
}

/// Above quoted praise.
pub fn praise(language: Language) -> &'static str {
    pick(language, "满意的买家说", "A happy buyer")
}

/// Above quoted criticism.
pub fn criticism(language: Language) -> &'static str {
    pick(language, "不满意的买家说", "An unhappy buyer")
}

/// Buttons of a card.
pub fn details_button(language: Language) -> &'static str {
    pick(language, "详情", "Details")
}

/// Looks for products like it.
pub fn similar_button(language: Language) -> &'static str {
    pick(language, "类似", "Similar")
}

/// Shows its reviews.
pub fn reviews_button(language: Language) -> &'static str {
    pick(language, "评价", "Reviews")
}

/// Puts it on the saved list.
pub fn save_button(language: Language) -> &'static str {
    pick(language, "收藏", "Save")
}

/// Puts it into the cart.
pub fn cart_button(language: Language) -> &'static str {
    pick(language, "加入购物车", "Add to cart")
}

/// Sets the first of the shown products side by side; so many of them.
pub fn compare_button(language: Language, count: usize) -> String {
    match (language, count) {
        (Language::Zh, 2) => "对比这两款".into(),
        (Language::Zh, _) => format!("对比前 {count} 款"),
        (Language::En, 2) => "Compare these two".into(),
        (Language::En, _) => format!("Compare the first {count}"),
    }
}

/// Sets one product beside others that were shown.
pub fn compare_with_others_button(language: Language) -> &'static str {
    pick(language, "和别款对比", "Compare it")
}

/// Shows further results.
pub fn more_button(language: Language) -> &'static str {
    pick(language, "更多", "More")
}

/// Calls a person.
pub fn human_button(language: Language) -> &'static str {
    pick(language, "转人工", "Talk to a person")
}
