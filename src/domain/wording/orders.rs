//! What is said about orders: asking for proof, and where one stands.

use time::OffsetDateTime;

use super::pick;
use crate::domain::language::Language;
use crate::domain::money::Money;
use crate::domain::order::{Order, OrderItem, OrderStatus};

/// Asks for the number and a contact detail.
pub fn ask_number(language: Language) -> &'static str {
    pick(
        language,
        "请发一下订单号，再加下单时留的手机号（或后四位）或邮箱，核对后才能查看。",
        "Please send your order number together with the phone number on the order (or its last four digits) or the e-mail address; I can show it once they match.",
    )
}

/// Asks for a contact detail on the order.
pub fn ask_contact(language: Language, id: &str) -> String {
    match language {
        Language::Zh => format!("订单号 {id} 收到。请再发下单时留的手机号（或后四位）或邮箱，核对后才能查看。"),
        Language::En => format!(
            "Got order number {id}. Please send the phone number on the order (or its last four digits) or the e-mail address too; I can show it once they match."
        ),
    }
}

/// The number and the detail do not belong together; the same whether there is such an order or not.
pub fn no_match(language: Language) -> &'static str {
    pick(
        language,
        "订单号和联系方式对不上。请再核对一遍，两样都要和下单时一致。",
        "That order number and contact detail don't match. Please check both against your order.",
    )
}

/// Too many wrong tries.
pub fn locked(language: Language) -> &'static str {
    pick(
        language,
        "核对失败的次数太多，为了安全，一小时后才能再试。着急的话可以找人工客服。",
        "There were too many attempts that didn't match. For safety, you can try again in an hour, or talk to a colleague.",
    )
}

/// The order book does not answer.
pub fn unavailable(language: Language) -> &'static str {
    pick(
        language,
        "订单系统现在查不到，请过几分钟再试，或者找人工客服。",
        "Orders can't be looked up right now. Please try again in a few minutes, or talk to a colleague.",
    )
}

/// Above an order.
pub fn title(language: Language, id: &str, status: OrderStatus) -> String {
    let status = status_name(language, status);
    match language {
        Language::Zh => format!("订单 {id}：{status}"),
        Language::En => format!("Order {id}: {status}"),
    }
}

/// A state in words.
pub fn status_name(language: Language, status: OrderStatus) -> &'static str {
    use OrderStatus as S;
    match status {
        S::PendingPayment => pick(language, "待付款", "awaiting payment"),
        S::Paid => pick(language, "已付款，待打包", "paid, not yet being packed"),
        S::Packing => pick(language, "打包中", "being packed"),
        S::Shipped => pick(language, "已发货", "dispatched"),
        S::InTransit => pick(language, "运输中", "in transit"),
        S::OutForDelivery => pick(language, "派送中", "out for delivery"),
        S::DeliveryFailed => pick(language, "派送未成功", "delivery failed"),
        S::Delivered => pick(language, "已签收", "delivered"),
        S::Completed => pick(language, "已完成", "completed"),
        S::Cancelled => pick(language, "已取消", "cancelled"),
        S::ReturnRequested => pick(language, "退货申请审核中", "return under review"),
        S::Returning => pick(language, "退货寄回途中", "on its way back"),
        S::Returned => pick(language, "退货已收到", "return received"),
        S::Refunding => pick(language, "退款处理中", "refund under way"),
        S::Refunded => pick(language, "已退款", "refunded"),
        S::ExchangeRequested => pick(language, "换货申请审核中", "exchange under review"),
    }
}

/// Who carries the parcel, and its number.
pub fn tracking(language: Language, carrier: &str, number: &str) -> String {
    match language {
        Language::Zh => format!("快递：{carrier} {number}"),
        Language::En => format!("Carrier: {carrier}, tracking number {number}"),
    }
}

/// When it should arrive, or should have; nothing for what has arrived or will not.
pub fn expected(language: Language, order: &Order, now: OffsetDateTime) -> Option<String> {
    let date = order.estimated_delivery.as_deref().filter(|_| order.awaits_delivery())?;
    Some(match (language, order.is_late(now)) {
        (Language::Zh, false) => format!("预计送达：{date}"),
        (Language::Zh, true) => format!("原预计 {date} 送达，已经晚了，抱歉。"),
        (Language::En, false) => format!("Expected delivery: {date}"),
        (Language::En, true) => format!("It was expected on {date} and is late, I'm sorry."),
    })
}

/// One line of what was bought.
pub fn item(item: &OrderItem, price: Option<Money>) -> String {
    let price = price.map(|price| format!(" — {price}")).unwrap_or_default();
    format!("• {} ×{}{price}", item.title, item.quantity)
}

/// The last thing that happened.
pub fn latest(language: Language, at: &str, what: &str) -> String {
    match language {
        Language::Zh => format!("最新进展（{at}）：{what}"),
        Language::En => format!("Latest ({at}): {what}"),
    }
}

/// What is paid in all.
pub fn total(language: Language, total: Money) -> String {
    match language {
        Language::Zh => format!("合计：{total}"),
        Language::En => format!("Total: {total}"),
    }
}

/// Titles of the table of goods.
pub fn items_header(language: Language) -> [&'static str; 3] {
    match language {
        Language::Zh => ["商品", "数量", "单价"],
        Language::En => ["Item", "Quantity", "Price each"],
    }
}

/// Calls a person.
pub fn human_button(language: Language) -> &'static str {
    super::listing::human_button(language)
}
