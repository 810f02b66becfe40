//! Proving that an order is the shopper's: its number and a contact detail that is on it.
//!
//! Whatever fails is answered in the same words along the same way, so that nobody learns whether an order exists. Wrong tries
//! count for the conversation and for the number, and lock both.

use std::sync::LazyLock;

use regex::Regex;

use super::AssistantError;
use super::service::unix_seconds;
use super::work::Work;
use crate::domain::attempt::Attempts;
use crate::domain::identifier::OrderId;
use crate::domain::order::{ChangeKind, Contact, Order};
use crate::domain::reply::{Action, Choice, Reply};
use crate::domain::session::Pending;
use crate::domain::wording::orders;

/// The longest order number that is looked up, in characters.
const MAX_NUMBER: usize = 40;

static MAIL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\w.+-]+@[\w-]+\.[\w.-]+").ok());
static DIGITS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\+?\d[\d\s()-]*\d").ok());
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)#?[a-z]{1,4}[-_]?\d{5,}").ok());

/// The contact detail that a message gives besides an order's number: an address of mail, a phone number, or four digits.
pub(super) fn contact_detail(message: &str, order: Option<&OrderId>) -> Option<String> {
    let rest = match order {
        Some(id) => without(message, id.as_str()),
        None => message.to_owned(),
    };
    if let Some(mail) = MAIL.as_ref()?.find(&rest) {
        return Some(mail.as_str().trim_end_matches('.').to_owned());
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    let fits = |count: usize| count == 4 || (7..=15).contains(&count);
    DIGITS
        .as_ref()?
        .find_iter(&rest)
        .filter(|found| !rest[..found.start()].ends_with(|c: char| c.is_ascii_alphabetic()))
        .filter(|found| !is_amount(&rest[..found.start()], &rest[found.end()..]))
        .map(|found| found.as_str().trim().to_owned())
        .find(|found| fits(digits(found)))
}

/// The order's number that a message gives in letters and digits.
pub(super) fn order_number(message: &str) -> Option<OrderId> {
    let found = NUMBER.as_ref()?.find(message)?;
    Some(OrderId::new(found.as_str().trim_start_matches('#')))
}

/// Whether digits between these words are an amount of money, or a number of pieces.
fn is_amount(before: &str, after: &str) -> bool {
    let after = after.trim_start();
    before.trim_end().ends_with(['¥', '￥', '$', '€', '£']) || after.starts_with(['元', '块', '件', '个'])
}

/// The message without the first occurrence of the number, in any case.
fn without(message: &str, number: &str) -> String {
    match message.to_ascii_lowercase().find(&number.to_ascii_lowercase()) {
        Some(start) => format!("{} {}", &message[..start], &message[start + number.len()..]),
        None => message.to_owned(),
    }
}

impl Work<'_> {
    /// The order of that number, if the shopper has proved it in this conversation; without a number the one proved last.
    pub fn proved(&self, order: Option<&OrderId>) -> Option<OrderId> {
        let proved = &self.session.verified_orders;
        match order {
            Some(id) => proved.iter().find(|known| known.as_str().eq_ignore_ascii_case(id.as_str())).cloned(),
            None => proved.last().cloned(),
        }
    }

    /// Asks for what is missing of number and contact detail, or tries them.
    pub fn prove(
        &mut self,
        order: Option<OrderId>,
        detail: Option<String>,
        change: Option<ChangeKind>,
    ) -> Result<Reply, AssistantError> {
        let language = self.language;
        let order = order.filter(|id| id.as_str().chars().count() <= MAX_NUMBER);
        let pending =
            |order_id| Pending::VerifyOrder { order_id, change: change.map(|change| change.topic().to_owned()) };
        let (order, detail) = match (order, detail) {
            (Some(order), Some(detail)) => (order, detail),
            (Some(order), None) => {
                let said = orders::ask_contact(language, order.as_str());
                self.session.pending = Some(pending(Some(order)));
                return Ok(self.reply().text(said));
            }
            (None, _) => {
                self.session.pending = Some(pending(None));
                return Ok(self.reply().text(orders::ask_number(language)));
            }
        };
        let person = vec![Choice::new(orders::human_button(language), Action::Human)];
        let keys =
            [format!("conversation:{}", self.session.conversation), format!("order:{}", order.as_str().to_uppercase())];
        if self.is_locked(&keys)? {
            self.session.pending = None;
            return Ok(self.reply().text(orders::locked(language)).choices(person));
        }
        let found = match self.parts.service.orders.find(&order) {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "order not looked up");
                self.session.pending = Some(pending(Some(order)));
                return Ok(self.reply().text(orders::unavailable(language)).choices(person));
            }
        };
        // The detail is compared whether there is such an order or not: the same work either way.
        let stranger = Contact::default();
        let is_own = found.as_ref().map_or(&stranger, |order| &order.contact).matches(&detail);
        match found.filter(|_| is_own) {
            Some(order) => self.welcome(order, change),
            None => {
                self.note_wrong(&keys)?;
                if self.is_locked(&keys)? {
                    self.session.pending = None;
                    return Ok(self.reply().text(orders::locked(language)).choices(person));
                }
                self.session.pending = Some(pending(Some(order)));
                Ok(self.reply().text(orders::no_match(language)).choices(person))
            }
        }
    }

    fn welcome(&mut self, order: Order, change: Option<ChangeKind>) -> Result<Reply, AssistantError> {
        self.session.pending = None;
        self.session.verified_orders.retain(|known| *known != order.id);
        self.session.verified_orders.push(order.id.clone());
        match change {
            Some(change) => self.change(&order, change, None),
            None => Ok(self.show_order(self.reply(), &order)),
        }
    }

    fn is_locked(&self, keys: &[String]) -> Result<bool, AssistantError> {
        let now = unix_seconds();
        for key in keys {
            if self.parts.service.attempts.get(key)?.is_some_and(|attempts| attempts.is_locked(now)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn note_wrong(&self, keys: &[String]) -> Result<(), AssistantError> {
        let now = unix_seconds();
        for key in keys {
            self.parts.service.attempts.update(key, |attempts: Option<Attempts>| {
                let mut attempts = attempts.unwrap_or_default();
                attempts.note_wrong(now);
                (Some(attempts), ())
            })?;
        }
        Ok(self.parts.store.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_found_beside_the_number_and_is_never_the_number() {
        let id = OrderId::from("DG20261123043");
        let detail = |text| contact_detail(text, Some(&id));
        assert_eq!(detail("dg20261123043 手机 19900079672").as_deref(), Some("19900079672"));
        assert_eq!(detail("DG20261123043 尾号9672").as_deref(), Some("9672"));
        assert_eq!(detail("priya@example.com DG20261123043").as_deref(), Some("priya@example.com"));
        assert_eq!(detail("DG20261123043"), None);
        assert_eq!(detail("it's 199 0007 9672").as_deref(), Some("199 0007 9672"));
        assert_eq!(detail("DG20261123043 退我¥9672"), None, "an amount proves nothing");
        assert_eq!(detail("DG20261123043 1299元那单"), None);
        assert_eq!(contact_detail("我就是想问问", None), None);
    }

    #[test]
    fn an_order_number_is_letters_and_digits() {
        assert_eq!(order_number("订单DG20261123043的"), Some("DG20261123043".into()));
        assert_eq!(order_number("#W2378156 please"), Some("W2378156".into()));
        assert_eq!(order_number("19900079672"), None);
    }
}
