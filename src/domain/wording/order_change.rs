//! What is said about changing an order: what can be changed, what exactly a yes will do, and what came of it.

use super::pick;
use crate::domain::language::Language;
use crate::domain::money::Money;
use crate::domain::order::{ChangeKind, Order, PersonReason};

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

/// What a yes will do.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// To which order.
    pub order: &'a Order,
    /// What was bought, a line each, in the shopper's language where the shop still sells it.
    pub items: &'a [String],
    /// What.
    pub change: ChangeKind,
    /// The new address, or the size or colour wanted.
    pub detail: Option<&'a str>,
    /// What is paid back.
    pub refund: Option<Money>,
}

/// Exactly what a yes will do, item by item.
pub fn plan(language: Language, plan: &Plan<'_>) -> String {
    let Plan { order, items, change, detail, refund } = *plan;
    let (id, detail) = (order.id.as_str(), detail.unwrap_or_default());
    let items = items.join("\n");
    let old = order.address.line();
    match (language, change) {
        (Language::Zh, ChangeKind::Address) => {
            format!("将修改订单 {id} 的收货地址。\n原地址：{old}\n新地址：{detail}\n确认修改吗？")
        }
        (Language::En, ChangeKind::Address) => {
            format!("The delivery address of order {id} will change.\nFrom: {old}\nTo: {detail}\nShall I change it?")
        }
        (Language::Zh, ChangeKind::Return) => format!(
            "将为订单 {id} 的全部商品提交退货申请：\n{items}\n由同事审核；通过后会给您退货地址，收到退货后按店里的规定退款。只退其中几件请找人工。确认提交吗？"
        ),
        (Language::En, ChangeKind::Return) => format!(
            "A return of everything in order {id} will be requested:\n{items}\nA colleague reviews it and sends you the return address; the refund \
             follows the shop's policy once the goods are back. For some of the items only, ask a person. Shall I submit it?"
        ),
        (Language::Zh, ChangeKind::Exchange) => {
            format!("将为订单 {id} 提交换货申请：\n{items}\n换成：{detail}\n由同事审核后告诉您怎么寄回。确认提交吗？")
        }
        (Language::En, ChangeKind::Exchange) => format!(
            "An exchange for order {id} will be requested:\n{items}\nFor: {detail}\nA colleague reviews it and tells you how to send it back. \
             Shall I submit it?"
        ),
        (Language::Zh, _) => {
            let money = refund
                .map_or_else(|| "还没有付款，不涉及退款。".to_owned(), |money| format!("已付的 {money} 原路退回。"));
            format!("将取消订单 {id} 的全部商品：\n{items}\n{money}取消后不能恢复。确认取消吗？")
        }
        (Language::En, _) => {
            let money = refund.map_or_else(
                || "Nothing was paid, so nothing is refunded.".to_owned(),
                |money| format!("{money} goes back to where it was paid from."),
            );
            format!(
                "Everything in order {id} will be cancelled:\n{items}\n{money} This cannot be undone. Shall I cancel it?"
            )
        }
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
pub fn done(language: Language, change: ChangeKind, id: &str, refund: Option<Money>) -> String {
    match (language, change) {
        (Language::Zh, ChangeKind::Address) => format!("订单 {id} 的收货地址已改好。"),
        (Language::Zh, ChangeKind::Return) => format!("订单 {id} 的退货申请已提交。"),
        (Language::Zh, ChangeKind::Exchange) => format!("订单 {id} 的换货申请已提交。"),
        (Language::Zh, _) => {
            let money = refund.map(|money| format!("{money} 会原路退回。")).unwrap_or_default();
            format!("订单 {id} 已取消。{money}")
        }
        (Language::En, ChangeKind::Address) => format!("The delivery address of order {id} has been changed."),
        (Language::En, ChangeKind::Return) => format!("The return of order {id} has been requested."),
        (Language::En, ChangeKind::Exchange) => format!("The exchange for order {id} has been requested."),
        (Language::En, _) => {
            let money =
                refund.map(|money| format!(" {money} goes back to where it was paid from.")).unwrap_or_default();
            format!("Order {id} has been cancelled.{money}")
        }
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
        "这次没有改成，订单保持原样，要由同事来处理。",
        "That did not go through and the order is unchanged; a colleague has to take it on.",
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

/// Nothing makes it faster.
pub fn cannot_hurry(language: Language) -> &'static str {
    pick(
        language,
        "我没法替您加急，目前的进展是这样；需要催的话可以找人工客服。",
        "I can't make it faster myself. Here is where it stands; a colleague can look into it.",
    )
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
