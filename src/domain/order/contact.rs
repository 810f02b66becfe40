//! Whom an order belongs to, and whether a shopper has proved to be that person.

use serde::{Deserialize, Serialize};

/// Whom an order belongs to; what a shopper is verified against.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The recipient.
    #[serde(default)]
    pub name: String,
    /// Digits, with or without signs between.
    #[serde(default)]
    pub phone: String,
    /// The address of the confirmation.
    #[serde(default)]
    pub email: String,
}

impl Contact {
    /// Whether a detail that a shopper gives is one of this contact's: the whole phone number, its last four digits, or the
    /// e-mail address in any case.
    pub fn matches(&self, detail: &str) -> bool {
        let detail = detail.trim();
        if detail.contains('@') {
            return !self.email.is_empty() && self.email.trim().eq_ignore_ascii_case(detail);
        }
        let given = digits(detail);
        let own = digits(&self.phone);
        if own.len() < 5 || given.len() < 4 {
            return false;
        }
        let tail = &own[own.len() - 4..];
        given == own
            || (given.len() == 4 && given == tail)
            || (given.len() > own.len() && given.ends_with(&own) && own.len() >= 8)
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_proved_by_phone_last_four_digits_or_mail_and_by_nothing_shorter() {
        let (name, phone, email) = ("林悦".into(), "199-0001-0237".into(), "linyue@example.com".into());
        let contact = Contact { name, phone, email };
        for good in ["19900010237", "199 0001 0237", "+86 199 0001 0237", "0237", "LinYue@example.com "] {
            assert!(contact.matches(good), "{good}");
        }
        for bad in ["", "237", "10237", "0238", "linyue", "@", "1990001023", "林悦"] {
            assert!(!contact.matches(bad), "{bad}");
        }
        assert!(!Contact { name: String::new(), phone: String::new(), email: String::new() }.matches(""));
    }
}
