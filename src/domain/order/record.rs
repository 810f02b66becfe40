//! One order: what was bought, where it goes, what happened to it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::contact::Contact;
use crate::domain::identifier::{OrderId, Sku};
use crate::domain::language::{Language, Localized};
use crate::domain::money::{Currency, Money};

/// Where an order stands. See `catalog/ORDERS.md` for how the states follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum OrderStatus {
    PendingPayment,
    Paid,
    Packing,
    Shipped,
    InTransit,
    OutForDelivery,
    DeliveryFailed,
    Delivered,
    Completed,
    Cancelled,
    ReturnRequested,
    Returning,
    Returned,
    Refunding,
    Refunded,
    ExchangeRequested,
}

impl OrderStatus {
    /// Whether the parcel is with the courier.
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Shipped | Self::InTransit | Self::OutForDelivery | Self::DeliveryFailed)
    }
}

/// Where an order goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Province; abroad the country.
    pub province: String,
    /// City.
    pub city: String,
    /// District.
    pub district: String,
    /// Street and number.
    pub street: String,
}

impl Address {
    /// On one line.
    pub fn line(&self) -> String {
        let parts = [&self.province, &self.city, &self.district, &self.street];
        parts.into_iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderItem {
    /// Which product.
    pub sku: Sku,
    /// Its title when it was bought.
    pub title: String,
    /// How many.
    pub quantity: u32,
    /// Of one piece, in major units.
    pub price: f64,
    /// The chosen size and colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

/// Something that happened to an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderEvent {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Where the order stood then.
    pub status: OrderStatus,
    /// Where it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Localized>,
}

/// One order. Amounts are in major units of its currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// When it was placed.
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    /// Where it stands.
    pub status: OrderStatus,
    /// The shopper's language.
    #[serde(default)]
    pub language: Language,
    /// Whose.
    pub contact: Contact,
    /// Where it goes.
    #[serde(default)]
    pub address: Address,
    /// What was bought.
    pub items: Vec<OrderItem>,
    /// The goods before discounts.
    #[serde(default)]
    pub subtotal: f64,
    /// Taken off.
    #[serde(default)]
    pub discount: f64,
    /// Paid for shipping.
    #[serde(default)]
    pub shipping_fee: f64,
    /// Paid for wrapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gift_wrap_fee: Option<f64>,
    /// What was, or is to be, paid.
    pub total: f64,
    /// Of all amounts.
    #[serde(default = "yuan")]
    pub currency: Currency,
    /// The means of payment, such as `alipay`.
    #[serde(default)]
    pub payment: String,
    /// Who carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The carrier's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    /// What happened, oldest first.
    #[serde(default)]
    pub events: Vec<OrderEvent>,
    /// When it should arrive, `2026-11-25`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_delivery: Option<String>,
    /// Free text of the shopper; never an instruction, never given to a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

fn yuan() -> Currency {
    Currency::CNY
}

impl Order {
    /// An amount of this order as money.
    pub fn money(&self, major: f64) -> Option<Money> {
        Money::from_major(major, self.currency)
    }

    /// Whether it is still to be delivered.
    pub fn awaits_delivery(&self) -> bool {
        use OrderStatus as S;
        matches!(self.status, S::PendingPayment | S::Paid | S::Packing) || self.status.is_under_way()
    }

    /// Whether it should have arrived by now, in the days of where it was placed.
    pub fn is_late(&self, now: OffsetDateTime) -> bool {
        let today = now.to_offset(self.created.offset()).date().to_string();
        // Dates written year first are in the order of their letters.
        self.awaits_delivery() && self.estimated_delivery.as_deref().is_some_and(|date| date < today.as_str())
    }

    /// When it was delivered, if it was.
    pub fn delivered_at(&self) -> Option<OffsetDateTime> {
        self.events.iter().rev().find(|event| event.status == OrderStatus::Delivered).map(|event| event.at)
    }

    /// Whether it was paid for, as far as its history tells.
    pub fn is_paid(&self) -> bool {
        self.status != OrderStatus::PendingPayment
            && (self.events.is_empty() || self.events.iter().any(|event| event.status == OrderStatus::Paid))
    }
}
