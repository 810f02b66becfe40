//! Amounts of money in minor units, and how a shop prints them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Not a currency code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid currency code `{0}`: three letters such as CNY are wanted")]
pub struct InvalidCurrency(pub String);

impl Currency {
    /// Renminbi.
    pub const CNY: Self = Self(*b"CNY");
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Digits after the decimal point (ISO 4217): none for yen or won, else two.
    pub fn minor_digits(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" => 0,
            _ => 2,
        }
    }

    /// The sign printed before an amount, where one is customary.
    pub fn symbol(self) -> Option<&'static str> {
        Some(match &self.0 {
            b"CNY" | b"JPY" => "¥",
            b"USD" => "$",
            b"EUR" => "€",
            b"GBP" => "£",
            b"HKD" => "HK$",
            b"TWD" => "NT$",
            b"SGD" => "S$",
            b"PHP" => "₱",
            b"KRW" => "₩",
            b"INR" => "₹",
            _ => return None,
        })
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(code: &str) -> Result<Self, InvalidCurrency> {
        match code.to_ascii_uppercase().as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(InvalidCurrency(code.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidCurrency;

    fn try_from(code: String) -> Result<Self, InvalidCurrency> {
        code.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// An amount in minor units (fen, cents) of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units, never negative in a catalog.
    pub minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

impl Money {
    /// Rounds an amount in major units (yuan, dollars) to the nearest minor unit; nothing when it is negative, not finite or
    /// too large to be a price (above 10¹²).
    pub fn from_major(major: f64, currency: Currency) -> Option<Self> {
        if !(0.0..=1e12).contains(&major) {
            return None;
        }
        let minor = (major * 10f64.powi(currency.minor_digits() as i32)).round() as i64;
        Some(Self { minor, currency })
    }

    /// The amount in major units.
    pub fn major(self) -> f64 {
        self.minor as f64 / 10f64.powi(self.currency.minor_digits() as i32)
    }

    /// So many times the amount.
    pub fn times(self, quantity: u32) -> Self {
        Self { minor: self.minor.saturating_mul(i64::from(quantity)), currency: self.currency }
    }
}

/// `¥299`, `$49.90`, `CHF 12`: the decimals only where there are any.
impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.currency.symbol() {
            Some(symbol) => write!(formatter, "{symbol}")?,
            None => write!(formatter, "{} ", self.currency.code())?,
        }
        let digits = self.currency.minor_digits();
        let unit = 10i64.pow(digits);
        match self.minor % unit {
            0 => write!(formatter, "{}", self.minor / unit),
            cents => write!(formatter, "{}.{cents:0width$}", self.minor / unit, width = digits as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_print_decimals_only_where_there_are_any() {
        let print =
            |major, code: &str| Money::from_major(major, code.parse().expect("code")).expect("money").to_string();
        assert_eq!(print(299.0, "CNY"), "¥299");
        assert_eq!(print(49.9, "usd"), "$49.90");
        assert_eq!(print(1200.0, "JPY"), "¥1200");
        assert_eq!(print(12.05, "CHF"), "CHF 12.05");
    }

    #[test]
    fn a_negative_or_infinite_price_is_refused() {
        assert_eq!(Money::from_major(-1.0, Currency::CNY), None);
        assert_eq!(Money::from_major(f64::INFINITY, Currency::CNY), None);
        assert_eq!(Money::from_major(f64::NAN, Currency::CNY), None);
    }
}
