//! Slots that are stretches of a message, and what a source found.

use std::ops::Range;

use crate::domain::intent::IntentKind;
use crate::domain::search::Sort;

/// A slot whose value is copied from the message, in the order of the model's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Slot {
    Query,
    Brand,
    PriceMin,
    PriceMax,
    PriceNear,
    Colour,
    Size,
    Material,
    Season,
    Use,
    Audience,
    Feature,
    Exclude,
    Items,
    OrderId,
    Quantity,
}

impl Slot {
    /// All, in the order of the model's answer.
    pub const ALL: [Self; 16] = [
        Self::Query,
        Self::Brand,
        Self::PriceMin,
        Self::PriceMax,
        Self::PriceNear,
        Self::Colour,
        Self::Size,
        Self::Material,
        Self::Season,
        Self::Use,
        Self::Audience,
        Self::Feature,
        Self::Exclude,
        Self::Items,
        Self::OrderId,
        Self::Quantity,
    ];

    /// Its key in answers and corpora.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Brand => "brand",
            Self::PriceMin => "price_min",
            Self::PriceMax => "price_max",
            Self::PriceNear => "price_near",
            Self::Colour => "colour",
            Self::Size => "size",
            Self::Material => "material",
            Self::Season => "season",
            Self::Use => "use",
            Self::Audience => "audience",
            Self::Feature => "feature",
            Self::Exclude => "exclude",
            Self::Items => "items",
            Self::OrderId => "order_id",
            Self::Quantity => "quantity",
        }
    }

    /// The slot of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|slot| slot.name() == name)
    }

    /// Whether it is a property that becomes an attribute filter.
    pub fn is_attribute(self) -> bool {
        matches!(
            self,
            Self::Colour | Self::Size | Self::Material | Self::Season | Self::Use | Self::Audience | Self::Feature
        )
    }

    /// Whether it is an amount of money.
    pub fn is_price(self) -> bool {
        matches!(self, Self::PriceMin | Self::PriceMax | Self::PriceNear)
    }

    /// Whether a message of this intent can have the slot (the label guide).
    pub fn suits(self, intent: IntentKind) -> bool {
        use IntentKind::{CartAdd, CartRemove, Compare, Complaint, Detail, More, OrderChange, OrderStatus};
        use IntentKind::{Recommend, Refine, Reviews, Save, Search, Similar};
        match intent {
            Search | Refine | Recommend => !matches!(self, Self::Items | Self::OrderId | Self::Quantity),
            More => self == Self::Query,
            CartAdd => matches!(self, Self::Items | Self::Quantity | Self::Colour | Self::Size),
            CartRemove => matches!(self, Self::Items | Self::Quantity),
            Compare | Detail | Reviews | Save => self == Self::Items,
            Similar => self != Self::OrderId && self != Self::Quantity && self != Self::Query,
            OrderStatus | OrderChange | Complaint => self == Self::OrderId,
            _ => false,
        }
    }
}

/// A stretch of the message that fills a slot; positions are numbers of characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Which slot.
    pub slot: Slot,
    /// Where.
    pub range: Range<usize>,
}

impl Span {
    /// A span.
    pub fn new(slot: Slot, range: Range<usize>) -> Self {
        Self { slot, range }
    }

    /// Whether two spans share a character.
    pub fn meets(&self, range: &Range<usize>) -> bool {
        self.range.start < range.end && range.start < self.range.end
    }
}

/// What one source makes of a message. What it has no opinion on is empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Probabilities of intents, in the order of `IntentKind::ALL`; empty: no opinion.
    pub intents: Vec<f32>,
    /// Slots found, from left to right.
    pub spans: Vec<Span>,
    /// The order wanted.
    pub sort: Option<Sort>,
    /// The topic of a policy question or of a change of an order.
    pub topic: Option<String>,
}

/// Adds spans that meet none of those already there, the earlier given the stronger; keeps them in order of the message.
pub fn merge(stronger: &mut Vec<Span>, weaker: impl IntoIterator<Item = Span>) {
    for span in weaker {
        if !span.range.is_empty() && !stronger.iter().any(|other| other.meets(&span.range)) {
            stronger.push(span);
        }
    }
    stronger.sort_by_key(|span| span.range.start);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weaker_span_gives_way_where_it_overlaps() {
        let mut spans = vec![Span::new(Slot::Feature, 4..6)];
        merge(&mut spans, [Span::new(Slot::Query, 5..8), Span::new(Slot::Colour, 0..2)]);
        assert_eq!(spans, [Span::new(Slot::Colour, 0..2), Span::new(Slot::Feature, 4..6)]);
    }

    #[test]
    fn every_slot_has_its_own_name() {
        for slot in Slot::ALL {
            assert_eq!(Slot::from_name(slot.name()), Some(slot));
        }
    }
}
