//! What is said about orders: asking for proof, where one stands, what a change will do.

use super::pick;
use crate::domain::language::Language;
use crate::domain::money::Money;
use crate::domain::order::{ChangeKind, OrderStatus, PersonReason};

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

/// When it should arrive.
pub fn estimate(language: Language, date: &str) -> String {
    match language {
        Language::Zh => format!("预计送达：{date}"),
        Language::En => format!("Expected delivery: {date}"),
    }
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

/// What can be done with an order, as a button.
pub fn change_button(language: Language, change: ChangeKind) -> &'static str {
    match change {
        ChangeKind::Cancel => pick(language, "取消订单", "Cancel the order"),
        ChangeKind::Address => pick(language, "改地址", "Change the address"),
        ChangeKind::Return => pick(language, "退货", "Return it"),
        ChangeKind::Exchange => pick(language, "换货", "Exchange it"),
        ChangeKind::Refund => pick(language, "退款", "Refund"),
        ChangeKind::Invoice => pick(language, "发票", "Invoice"),
        ChangeKind::Urge => pick(language, "催一下", "Hurry it up"),
        ChangeKind::Other => pick(language, "其他", "Something else"),
    }
}

/// What pressing that button says on the shopper's behalf.
pub fn change_words(language: Language, change: ChangeKind, id: &str) -> String {
    match (language, change) {
        (Language::Zh, ChangeKind::Cancel) => format!("我要取消订单 {id}"),
        (Language::Zh, ChangeKind::Address) => format!("我要改订单 {id} 的收货地址"),
        (Language::Zh, ChangeKind::Return) => format!("订单 {id} 我要退货"),
        (Language::Zh, _) => format!("订单 {id} 我要换货"),
        (Language::En, ChangeKind::Cancel) => format!("please cancel my order {id}"),
        (Language::En, ChangeKind::Address) => format!("change the delivery address of my order {id}"),
        (Language::En, ChangeKind::Return) => format!("I want to return my order {id}"),
        (Language::En, _) => format!("I want to exchange my order {id}"),
    }
}

/// Asks which change is wanted.
pub fn which_change(language: Language) -> &'static str {
    pick(language, "想对这个订单做什么？", "What would you like to do with this order?")
}

/// Asks for what a change needs besides.
pub fn ask_detail(language: Language, change: ChangeKind) -> &'static str {
    match change {
        ChangeKind::Address => pick(
            language,
            "请把新的完整收货地址发给我（省市区、街道门牌、收件人和手机号）。说“算了”就不改。",
            "Please send the whole new address (recipient, street, city, phone number). Say \"never mind\" to leave it.",
        ),
        _ => pick(
            language,
            "想换成什么尺码或颜色？说“算了”就不换。",
            "Which size or colour would you like instead? Say \"never mind\" to leave it.",
        ),
    }
}

/// Exactly what a yes will do.
pub fn plan(language: Language, change: ChangeKind, id: &str, detail: Option<&str>, refund: Option<Money>) -> String {
    let detail = detail.unwrap_or_default();
    match (language, change) {
        (Language::Zh, ChangeKind::Address) => format!("将把订单 {id} 的收货地址改为：\n{detail}\n确认修改吗？"),
        (Language::En, ChangeKind::Address) => {
            format!("The delivery address of order {id} will become:\n{detail}\nShall I change it?")
        }
        (Language::Zh, ChangeKind::Return) => {
            format!(
                "将为订单 {id} 的全部商品提交退货申请，由同事审核；通过后会给您退货地址。只退其中几件请找人工。确认提交吗？"
            )
        }
        (Language::En, ChangeKind::Return) => format!(
            "A return of everything in order {id} will be requested; a colleague reviews it and sends you the return address. For some of the items only, ask a person. Shall I submit it?"
        ),
        (Language::Zh, ChangeKind::Exchange) => {
            format!("将为订单 {id} 提交换货申请，换成：{detail}。由同事审核后告诉您怎么寄回。确认提交吗？")
        }
        (Language::En, ChangeKind::Exchange) => format!(
            "An exchange for order {id} will be requested, for: {detail}. A colleague reviews it and tells you how to send it back. Shall I submit it?"
        ),
        (Language::Zh, _) => match refund {
            Some(money) => format!("将取消订单 {id} 的全部商品，已付的 {money} 原路退回。取消后不能恢复。确认取消吗？"),
            None => format!("将取消订单 {id} 的全部商品，还没有付款，不涉及退款。取消后不能恢复。确认取消吗？"),
        },
        (Language::En, _) => match refund {
            Some(money) => format!(
                "Everything in order {id} will be cancelled and {money} goes back to where it was paid from. This cannot be undone. Shall I cancel it?"
            ),
            None => format!(
                "Everything in order {id} will be cancelled; nothing was paid, so nothing is refunded. This cannot be undone. Shall I cancel it?"
            ),
        },
    }
}

/// Says yes to what was listed.
pub fn yes_button(language: Language) -> &'static str {
    pick(language, "确认", "Yes, do it")
}

/// Says no to it.
pub fn no_button(language: Language) -> &'static str {
    pick(language, "不用了", "No, leave it")
}

/// A yes in words is not enough.
pub fn press_yes(language: Language) -> &'static str {
    pick(
        language,
        "请点按钮确认，避免误操作。",
        "Please press the button to confirm, so that nothing happens by mistake.",
    )
}

/// The change was carried out.
pub fn done(language: Language, change: ChangeKind, id: &str) -> String {
    match (language, change) {
        (Language::Zh, ChangeKind::Address) => format!("订单 {id} 的收货地址已改好。"),
        (Language::Zh, ChangeKind::Return) => format!("订单 {id} 的退货申请已提交。"),
        (Language::Zh, ChangeKind::Exchange) => format!("订单 {id} 的换货申请已提交。"),
        (Language::Zh, _) => format!("订单 {id} 已取消。"),
        (Language::En, ChangeKind::Address) => format!("The delivery address of order {id} has been changed."),
        (Language::En, ChangeKind::Return) => format!("The return of order {id} has been requested."),
        (Language::En, ChangeKind::Exchange) => format!("The exchange for order {id} has been requested."),
        (Language::En, _) => format!("Order {id} has been cancelled."),
    }
}

/// Nothing was changed.
pub fn dropped(language: Language) -> &'static str {
    pick(language, "好的，订单没有改动。", "All right, the order stays as it is.")
}

/// The order book refused, or the order moved on meanwhile.
pub fn not_carried_out(language: Language) -> &'static str {
    pick(
        language,
        "这次没有改成，订单保持原样，已经帮您转给同事处理。",
        "That did not go through and the order is unchanged; I've asked a colleague to take it on.",
    )
}

/// Whether the change went through is not known.
pub fn uncertain(language: Language) -> &'static str {
    pick(
        language,
        "订单系统没有回应，还不知道改成没有。请再点一次确认（不会重复执行），或者找人工客服。",
        "The order system didn't answer, so I can't tell whether it went through. Press the button again (it won't be done twice) or talk to a colleague.",
    )
}

/// Nothing more can be changed.
pub fn closed(language: Language) -> &'static str {
    pick(language, "这个订单已经结束，不能再改了。", "This order is closed and can no longer be changed.")
}

/// It is under way.
pub fn under_way(language: Language) -> &'static str {
    pick(language, "这件事已经在处理中，目前的进展是这样：", "This is already under way. Here is where it stands:")
}

/// Why a person must decide.
pub fn person_reason(language: Language, reason: PersonReason) -> &'static str {
    match reason {
        PersonReason::Packing => pick(
            language,
            "订单正在打包，能不能拦下要由同事问仓库。",
            "The order is being packed; a colleague has to ask the warehouse whether it can be stopped.",
        ),
        PersonReason::Dispatched => pick(
            language,
            "订单已经发出，这边不能直接改了，由同事来处理。",
            "The order has been dispatched, so I can't change it from here; a colleague takes it on.",
        ),
        PersonReason::TooLate => pick(
            language,
            "已经过了可以自助办理的天数；如果是质量问题，由同事来判断。",
            "The days for doing this by yourself are over; if it is a fault, a colleague will look at it.",
        ),
        PersonReason::ByHand => pick(language, "这件事要由同事来办。", "A colleague has to do this."),
    }
}

/// Calls a person.
pub fn human_button(language: Language) -> &'static str {
    super::listing::human_button(language)
}
