//! The work on one turn: what its steps read and write.

use std::sync::Arc;
use std::time::Instant;

use super::turn::{Observer, ShownHit, Timings};
use super::{AssistantError, Parts};
use crate::catalog::CatalogSnapshot;
use crate::domain::handoff::{HandoffReason, HandoffRequest};
use crate::domain::language::Language;
use crate::domain::money::Money;
use crate::domain::product::Product;
use crate::domain::reply::{Card, Reply};
use crate::domain::session::Session;

/// One turn in the making. Every fact comes from `snapshot`: one generation for the whole turn.
pub(super) struct Work<'a> {
    pub parts: &'a Parts,
    pub snapshot: Arc<CatalogSnapshot>,
    pub session: &'a mut Session,
    /// The language of the reply.
    pub language: Language,
    /// What the shopper wrote; empty for a button.
    pub message: &'a str,
    pub observer: &'a mut dyn Observer,
    pub timings: Timings,
    pub hits: Vec<ShownHit>,
    pub handoff: Option<HandoffRequest>,
    /// Whether the answer was of help, as far as can be told; two failures in a row offer a person.
    pub helped: bool,
}

impl Work<'_> {
    /// An empty reply in the shopper's language.
    pub fn reply(&self) -> Reply {
        Reply::new(self.language)
    }

    /// Runs a stage, noting its time; refuses when the turn is no longer wanted.
    pub fn stage<T>(
        &mut self,
        name: &'static str,
        run: impl FnOnce(&mut Self) -> Result<T, AssistantError>,
    ) -> Result<T, AssistantError> {
        if !self.observer.is_wanted() {
            return Err(AssistantError::Cancelled);
        }
        self.observer.stage(name);
        let start = Instant::now();
        let result = run(self);
        self.timings.add(name, start);
        result
    }

    /// Prints an amount in major units as the shop does.
    pub fn print_amount(&self, major: f64) -> String {
        Money::from_major(major, self.parts.currency).map_or_else(|| major.to_string(), |money| money.to_string())
    }

    /// Makes these cards the list on the screen, and notes them as hits.
    pub fn show(&mut self, cards: &[Card], scores: &[f32]) {
        self.session.shown = cards.iter().map(|card| card.sku.clone()).collect();
        self.session.shown_generation = self.snapshot.generation();
        self.session.focus = match cards {
            [only] => Some(only.sku.clone()),
            _ => None,
        };
        self.hits = cards
            .iter()
            .enumerate()
            .map(|(place, card)| ShownHit {
                sku: card.sku.clone(),
                title: card.title.clone(),
                price: card.price.map(Money::major),
                currency: card.price.map(|price| price.currency.code().to_owned()),
                score: scores.get(place).copied().unwrap_or_default(),
                reason: card.reason.clone(),
            })
            .collect();
    }

    /// Notes the product spoken of, so that "it" means it.
    pub fn focus_on(&mut self, product: &Product) {
        self.session.focus = Some(product.sku.clone());
    }

    /// Asks for a person.
    pub fn call_person(&mut self, reason: HandoffReason) {
        let mut products = self.session.shown.clone();
        if let Some(focus) = self.session.focus.clone().filter(|focus| !products.contains(focus)) {
            products.insert(0, focus);
        }
        self.handoff = Some(HandoffRequest {
            conversation: self.session.conversation.clone(),
            language: self.language,
            reason,
            message: self.message.to_owned(),
            history: self.session.history.clone(),
            products,
            orders: self.session.verified_orders.clone(),
        });
    }
}
