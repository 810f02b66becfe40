//! Order numbers, and how many pieces are to go into the cart.

use crate::assistant::understand::message::{Message, is_latin};
use crate::assistant::understand::pattern::Pattern;
use crate::assistant::understand::span::{Slot, Span};
use crate::domain::amount::parse_number;

static TOKEN: Pattern = Pattern::new(r"[a-z]{0,6}(?:[-_]?\d+)+[a-z]{0,3}");
static ORDER_WORD: Pattern = Pattern::new(
    r"订单|单号|快递|物流|包裹|运单|那单|这单|\b(?:order|parcel|package|tracking|delivery|shipment|refund|cancel)",
);
static PHONE_WORD: Pattern = Pattern::new(r"电话|手机号|\b(?:phone|mobile|call me|whatsapp)");
static ZH_PIECES: Pattern = Pattern::new(
    "([一二两三四五六七八九十半0-9]{1,3}|[几仨俩])(打|[个件双条只台瓶包盒袋套支本张把副罐箱份提对桶块卷板片斤枚盆杯])|仨|俩",
);
static EN_PIECES: Pattern = Pattern::new(concat!(
    r"\b(?:x ?(\d{1,3})|(\d{1,3}) ?x|half a dozen|a dozen|a couple|(?:a|one|two|three|four|\d{1,2}) (?:pairs?|packs?|boxes|box|bottles?|pcs|pieces?|sets?|bags?)|",
    r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty))\b",
));

/// An order's number: letters and digits with at least six digits, or five where the message speaks of an order.
pub fn order_ids(message: &Message) -> Vec<Span> {
    let speaks_of_order = ORDER_WORD.hits(message);
    let speaks_of_phone = PHONE_WORD.hits(message);
    let mut spans = Vec::new();
    for found in TOKEN.find(message) {
        let range = found.range();
        let words = found.text(0);
        let digits = words.chars().filter(char::is_ascii_digit).count();
        let is_lettered = words.starts_with(|c: char| c.is_alphabetic());
        let enough = match (speaks_of_order, is_lettered) {
            (true, _) => digits >= 5,
            (false, true) => digits >= 7,
            (false, false) => digits >= 9,
        };
        let is_whole = message.is_whole(&range);
        let is_amount = matches!(message.at(range.start.checked_sub(1)), '$' | '¥' | '€' | '£' | '.');
        let is_phone = speaks_of_phone && digits == 11 && words.starts_with('1');
        if enough && is_whole && !is_amount && !is_phone {
            spans.push(Span::new(Slot::OrderId, range));
        }
    }
    spans
}

/// How many pieces; to be used only where something goes into the cart or out of it.
pub fn quantities(message: &Message) -> Vec<Span> {
    let mut spans = Vec::new();
    for found in ZH_PIECES.find(message).chain(EN_PIECES.find(message)) {
        let range = found.range();
        let before = message.at(range.start.checked_sub(1));
        let points = matches!(before, '第' | '这' | '那' | '前' | '后' | '#' | '.' | '$' | '¥' | '最' | '头');
        let glued = is_latin(before) && is_latin(message.at(Some(range.start)));
        if !points && !glued && message.is_whole(&range) {
            spans.push(Span::new(Slot::Quantity, range));
        }
    }
    spans.sort_by_key(|span| span.range.start);
    spans
}

/// The number that a quantity's words say: `两件` 2, `a dozen` 12, `x3` 3.
pub fn quantity_of(words: &str) -> Option<u32> {
    let folded = Message::new(words).folded().to_owned();
    const SPOKEN: &[(&str, u32)] = &[
        ("half a dozen", 6),
        ("dozen", 12),
        ("couple", 2),
        ("仨", 3),
        ("俩", 2),
        ("twelve", 12),
        ("twenty", 20),
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("ten", 10),
        ("both", 2),
        ("single", 1),
    ];
    let number: String = folded.chars().filter(char::is_ascii_digit).collect();
    if let Ok(number) = number.parse::<u32>() {
        return (1..=999).contains(&number).then_some(number);
    }
    if let Some((_, number)) = SPOKEN.iter().find(|(word, _)| folded.contains(word)) {
        return Some(*number);
    }
    let han: String = folded.chars().take_while(|c| "一二两三四五六七八九十百".contains(*c)).collect();
    let pieces = if folded.contains('打') { 12 } else { 1 };
    match parse_number(&han) {
        Some(number) => Some(number as u32 * pieces),
        None if folded.starts_with("a ") || folded.starts_with("an ") => Some(1),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_numbers_are_found_and_prices_and_models_are_not() {
        let read = |text: &str| {
            let message = Message::new(text);
            order_ids(&message).iter().map(|span| message.words(&span.range)).collect::<Vec<_>>()
        };
        assert_eq!(read("where is my parcel, order DG20261102004"), ["DG20261102004"]);
        assert_eq!(read("我要取消订单20261103017"), ["20261103017"]);
        assert_eq!(read("A8830021到哪了"), ["A8830021"]);
        assert_eq!(read("wh-1000xm5 in black"), Vec::<String>::new());
        assert_eq!(read("我的手机号13800138000"), Vec::<String>::new());
    }

    #[test]
    fn quantities_are_counted() {
        for (words, number) in
            [("两件", 2), ("a dozen", 12), ("x3", 3), ("十双", 10), ("a pair", 1), ("俩", 2), ("three", 3)]
        {
            assert_eq!(quantity_of(words), Some(number), "{words}");
        }
    }
}
