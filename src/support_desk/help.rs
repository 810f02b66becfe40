//! Help for the staff: drafts from the shop's policies and orders, products, canned replies. Each becomes a draft that waits for a tap.

use super::DeskError;
use super::desk::Desk;
use crate::domain::handoff::{Applied, Case, Event, Offered, Refusal, Speaker, StaffId};
use crate::domain::outbox::Content;
use crate::domain::wording::desk_buttons as wording;

/// So many products are suggested.
const SUGGESTED: usize = 3;

/// So many of the shopper's last messages may be what a draft or a suggestion answers.
const LOOKED_BACK: usize = 3;

/// What became of a wish for help.
pub(super) type Helped = Result<Applied, Refused>;

/// Why there is no help.
pub(super) enum Refused {
    /// The case refuses.
    Case(Refusal),
    /// There is nothing to offer; in words.
    Nothing(&'static str),
}

impl Desk {
    /// Drafts an answer to the shopper's last message, or to `question`.
    pub(super) fn draft(
        &self,
        case: &Case,
        staff: StaffId,
        question: &str,
        update: i64,
        now: i64,
    ) -> Result<Helped, DeskError> {
        let language = case.request.language;
        let questions = if question.is_empty() { last_words(case) } else { vec![question] };
        let advice = questions.iter().find_map(|question| self.parts.adviser.answer(question, language));
        // An order stands in the draft when it is asked about, or when there is nothing else to say.
        let mut proved = self.orders_of(case);
        proved.retain(|_| advice.is_none() || questions.iter().any(|question| is_about_orders(question)));
        let orders: Vec<String> = proved.iter().filter_map(|id| self.parts.adviser.order(id, language)).collect();
        let (text, mut basis) = advice.map(|advice| (advice.text, advice.basis)).unwrap_or_default();
        let words: Vec<String> = Some(text).filter(|text| !text.is_empty()).into_iter().chain(orders.clone()).collect();
        if words.is_empty() {
            return Ok(Err(Refused::Nothing(wording::no_draft(self.language()))));
        }
        basis.extend(proved.iter().filter(|_| !orders.is_empty()).map(ToString::to_string));
        let offered = Offered { content: Some(Content::text(words.join("\n"))), cards: Vec::new(), basis };
        self.offer(case, staff, offered, update, now)
    }

    /// Offers products for the shopper's last message, or for `wish`.
    pub(super) fn suggest(
        &self,
        case: &Case,
        staff: StaffId,
        wish: &str,
        update: i64,
        now: i64,
    ) -> Result<Helped, DeskError> {
        let wishes = if wish.is_empty() { last_words(case) } else { vec![wish] };
        let suggest = |wish: &&str| self.parts.adviser.suggest(wish, case.request.language, SUGGESTED);
        let cards = wishes.iter().map(suggest).find(|cards| !cards.is_empty()).unwrap_or_default();
        if cards.is_empty() {
            return Ok(Err(Refused::Nothing(wording::no_suggestion(self.language()))));
        }
        self.offer(case, staff, Offered { cards, ..Offered::default() }, update, now)
    }

    /// Drafts the n-th canned reply, from 0, in the shopper's language.
    pub(super) fn use_canned(
        &self,
        case: &Case,
        staff: StaffId,
        index: usize,
        update: i64,
        now: i64,
    ) -> Result<Helped, DeskError> {
        let Some(canned) = self.parts.config.canned.get(index) else {
            return Ok(Err(Refused::Nothing(wording::no_canned(self.language()))));
        };
        let language = case.request.language;
        let order = self.orders_of(case).last().map(ToString::to_string).unwrap_or_default();
        let values = [
            ("shop", self.parts.shop.get(language)),
            ("staff", self.name(staff, language)),
            ("shopper", case.who.trim()),
            ("order", order.as_str()),
        ];
        let text = fill(canned.text.get(language), &values);
        self.offer(case, staff, Offered { content: Some(Content::text(text)), ..Offered::default() }, update, now)
    }

    fn offer(&self, case: &Case, staff: StaffId, offered: Offered, update: i64, now: i64) -> Result<Helped, DeskError> {
        let event = Event::Offer(staff, offered);
        Ok(self.happen(&case.conversation, Some(update), event, now)?.map_err(Refused::Case))
    }
}

/// What the shopper said last, the newest first: some answers need a look further back than "ok".
fn last_words(case: &Case) -> Vec<&str> {
    let said = case.lines.iter().rev().filter(|line| line.by == Speaker::Shopper).map(|line| line.text.trim());
    let said = said.chain([case.request.message.trim()]).filter(|text| !text.is_empty() && !text.starts_with('/'));
    said.take(LOOKED_BACK).collect()
}

/// Whether words are about where an order is or what becomes of it.
fn is_about_orders(question: &str) -> bool {
    const WORDS: &[&str] = &[
        "订单", "单号", "快递", "物流", "包裹", "发货", "到哪", "送到", "签收", "order", "parcel", "package",
        "deliver", "track", "ship",
    ];
    let lower = question.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Puts values in the place of their names in braces, in one pass: a value is never looked through.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((*value, after))
        });
        match known {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once() {
        let values = [("shopper", "{staff}"), ("staff", "小林")];
        assert_eq!(fill("{shopper}您好，我是{staff}{x} {", &values), "{staff}您好，我是小林{x} {");
    }
}
