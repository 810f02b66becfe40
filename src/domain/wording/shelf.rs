//! What is said of the cart and the saved list.

use super::pick;
use crate::domain::language::Language;
use crate::domain::money::Money;

/// Something was put into the cart.
pub fn added(language: Language, title: &str, quantity: u32) -> String {
    match language {
        Language::Zh => format!("“{title}”已在购物车，现有 {quantity} 件。"),
        Language::En => format!("\"{title}\" is in your cart, {quantity} now."),
    }
}

/// It cannot be put into the cart.
pub fn sold_out(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("“{title}”现在缺货，没有放进购物车。"),
        Language::En => format!("\"{title}\" is sold out, so it was not added."),
    }
}

/// Fewer are left than were asked for.
pub fn only_left(language: Language, title: &str, left: u32) -> String {
    match language {
        Language::Zh => format!("“{title}”只剩 {left} 件，已按 {left} 件放进购物车。"),
        Language::En => format!("Only {left} of \"{title}\" are left: your cart has {left}."),
    }
}

/// Something was taken out.
pub fn removed(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("已把“{title}”移出购物车。"),
        Language::En => format!("\"{title}\" is out of your cart."),
    }
}

/// It was not in the cart.
pub fn not_in_cart(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("购物车里没有“{title}”。"),
        Language::En => format!("\"{title}\" is not in your cart."),
    }
}

/// The cart was emptied.
pub fn cleared(language: Language) -> &'static str {
    pick(language, "购物车已清空。", "Your cart is empty now.")
}

/// The cart has nothing.
pub fn cart_empty(language: Language) -> &'static str {
    pick(language, "购物车还是空的。", "Your cart is empty.")
}

/// Column titles of the cart.
pub fn cart_header(language: Language) -> [&'static str; 4] {
    match language {
        Language::Zh => ["商品", "单价", "数量", "小计"],
        Language::En => ["Product", "Price", "Pieces", "Sum"],
    }
}

/// Below the cart.
pub fn total(language: Language, sum: Money) -> String {
    match language {
        Language::Zh => format!("合计 {sum}（以当前标价计）"),
        Language::En => format!("Total {sum} (at today's prices)"),
    }
}

/// A product of the cart has gone from the catalog.
pub fn gone(language: Language, sku: &str) -> String {
    match language {
        Language::Zh => format!("商品 {sku} 已下架。"),
        Language::En => format!("Product {sku} is no longer sold."),
    }
}

/// Something was saved.
pub fn saved(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("已收藏“{title}”。"),
        Language::En => format!("Saved \"{title}\"."),
    }
}

/// Something was taken off the saved list.
pub fn unsaved(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("已取消收藏“{title}”。"),
        Language::En => format!("\"{title}\" is off your saved list."),
    }
}

/// It was not on the saved list.
pub fn not_saved(language: Language, title: &str) -> String {
    match language {
        Language::Zh => format!("收藏里没有“{title}”。"),
        Language::En => format!("\"{title}\" is not on your saved list."),
    }
}

/// Above the saved list.
pub fn saved_list(language: Language, count: usize) -> String {
    match language {
        Language::Zh => format!("您收藏了 {count} 件："),
        Language::En => format!("You saved {count}:"),
    }
}

/// Nothing is saved.
pub fn nothing_saved(language: Language) -> &'static str {
    pick(language, "还没有收藏。", "Nothing saved yet.")
}

/// Empties the cart.
pub fn clear_button(language: Language) -> &'static str {
    pick(language, "清空", "Empty it")
}
