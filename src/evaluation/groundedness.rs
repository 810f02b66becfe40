//! Promise 1 measured: every number, price, brand and product in a reply stands in that turn's evidence.
//!
//! The evidence is gathered here from the catalog, the session and the policies, independently of the code that composes replies.
//! Called by `daogou eval` and by the property test of random conversations.

use std::collections::BTreeSet;

use crate::assistant::Outcome;
use crate::catalog::{CatalogError, CatalogSnapshot};
use crate::domain::amount::numbers_in;
use crate::domain::identifier::Sku;
use crate::domain::money::{Currency, Money};
use crate::domain::product::Product;
use crate::domain::reply::Block;
use crate::domain::search::{RelaxationChange, SearchQuery};
use crate::domain::session::{Pending, Session};

/// Everything that one turn may state.
pub struct TurnEvidence {
    numbers: BTreeSet<String>,
    text: String,
}

impl TurnEvidence {
    fn add(&mut self, text: &str) {
        self.numbers.extend(numbers_in(text));
        self.text.push('\n');
        self.text.push_str(&text.to_lowercase());
    }

    fn count(&mut self, count: usize) {
        self.numbers.insert(count.to_string());
    }

    fn amount(&mut self, major: f64, currency: Currency) {
        if let Some(money) = Money::from_major(major, currency) {
            self.add(&money.to_string());
        }
    }

    fn product(&mut self, product: &Product, snapshot: &CatalogSnapshot) {
        self.add(&serde_json::to_string(product).unwrap_or_default());
        // JSON writes the quote of `15.6"` with a backslash.
        product.title.iter().for_each(|title| self.add(title));
        for money in [product.price, product.list_price].into_iter().flatten() {
            self.add(&money.to_string());
        }
        for values in product.attributes.values().flatten() {
            values.forms().iter().for_each(|form| self.add(form));
        }
        product.rating.into_iter().for_each(|rating| self.add(&format!("{rating:.1}")));
        let reviews = snapshot.reviews(&product.sku);
        reviews.iter().for_each(|review| self.add(&review.text));
        self.count(reviews.len());
        self.count(reviews.iter().filter(|review| review.rating.is_some_and(|stars| stars >= 4)).count());
        self.count(reviews.iter().filter(|review| review.rating.is_some_and(|stars| stars <= 2)).count());
    }

    fn search(&mut self, query: &SearchQuery, currency: Currency) {
        self.add(&query.text);
        let filters = &query.filters;
        filters.attributes.iter().for_each(|filter| self.add(&filter.value));
        filters.exclude.iter().chain(&filters.brands).chain(&filters.categories).for_each(|word| self.add(word));
        filters.price_min.into_iter().chain(filters.price_max).for_each(|amount| self.amount(amount, currency));
    }
}

/// Gathers what a turn may state: the products of the session before and after it, their reviews, the counts of its searches, the
/// shop's policies, the cart's sums, and the words of the request, which a reply may echo.
///
/// # Errors
/// The index cannot be read.
pub fn evidence(
    snapshot: &CatalogSnapshot,
    currency: Currency,
    before: &Session,
    outcome: &Outcome,
    policies: &str,
) -> Result<TurnEvidence, CatalogError> {
    let mut evidence = TurnEvidence { numbers: BTreeSet::new(), text: String::new() };
    evidence.add(policies);
    let after = &outcome.session;
    let mut skus: BTreeSet<Sku> = BTreeSet::new();
    for session in [before, after] {
        skus.extend(session.shown.iter().chain(&session.saved).chain(&session.focus).cloned());
        skus.extend(session.cart.lines().iter().map(|line| line.sku.clone()));
        session.cart.lines().iter().for_each(|line| evidence.count(line.quantity as usize));
        [session.shown.len(), session.saved.len(), session.cart.lines().len(), session.history.len(), session.position]
            .into_iter()
            .for_each(|count| evidence.count(count));
        evidence.count(session.position + 1);
        session.verified_orders.iter().for_each(|order| evidence.add(order.as_str()));
        if let Some(
            Pending::VerifyOrder { order_id: Some(order), .. } | Pending::ConfirmChange { order_id: order, .. },
        ) = &session.pending
        {
            evidence.add(order.as_str());
        }
        if let Some(query) = &session.search {
            evidence.search(query, currency);
            evidence.count(snapshot.count(query)?);
        }
        for relaxation in &session.relaxations {
            evidence.count(snapshot.count(&relaxation.query)?);
            if let RelaxationChange::PriceMax { to } | RelaxationChange::PriceMin { to } = relaxation.change {
                evidence.amount(to, currency);
            }
        }
    }
    evidence.count(1);
    (1..=after.shown.len()).for_each(|place| evidence.count(place));
    let sum: i64 = after
        .cart
        .lines()
        .iter()
        .filter_map(|line| Some(snapshot.product(&line.sku)?.price?.times(line.quantity).minor))
        .sum();
    evidence.add(&Money { minor: sum, currency }.to_string());
    for line in after.cart.lines() {
        if let Some(price) = snapshot.product(&line.sku).and_then(|product| product.price) {
            evidence.add(&price.times(line.quantity).to_string());
        }
    }
    for product in skus.iter().filter_map(|sku| snapshot.product(sku)) {
        evidence.product(product, snapshot);
    }
    if let Some(understood) = &outcome.understood {
        let intent = &understood.intent;
        intent.query.iter().chain(&intent.order_id).for_each(|words| evidence.add(words));
        for item in &intent.items {
            evidence.add(&serde_json::to_string(item).unwrap_or_default());
        }
        intent.attributes.iter().for_each(|filter| evidence.add(&filter.value));
    }
    Ok(evidence)
}

/// All that a reply says, cards' facts included.
pub fn said(outcome: &Outcome) -> String {
    let Some(reply) = &outcome.reply else { return String::new() };
    let mut text = reply.plain_text();
    for block in &reply.blocks {
        if let Block::Products { cards } = block {
            for card in cards {
                let facts = [
                    card.price.map(|it| it.to_string()),
                    card.list_price.map(|it| it.to_string()),
                    card.rating.map(|it| format!("{it:.1}")),
                ];
                facts.into_iter().flatten().chain([card.brand.clone()]).for_each(|fact| {
                    text.push('\n');
                    text.push_str(&fact);
                });
            }
        }
    }
    text
}

/// The numbers, product names and brands that a reply states without evidence.
pub fn violations(snapshot: &CatalogSnapshot, evidence: &TurnEvidence, outcome: &Outcome) -> Vec<String> {
    let text = said(outcome);
    let mut found: Vec<String> = numbers_in(&text)
        .into_iter()
        .filter(|number| !evidence.numbers.contains(number))
        .map(|it| format!("number {it}"))
        .collect();
    let lower = text.to_lowercase();
    let titles = snapshot.products().iter().flat_map(|product| product.title.iter());
    let brands = snapshot.products().iter().flat_map(|product| product.brand.iter());
    for name in titles.chain(brands).map(str::to_lowercase).collect::<BTreeSet<_>>() {
        if name.chars().count() > 1 && lower.contains(&name) && !evidence.text.contains(&name) {
            found.push(format!("name {name}"));
        }
    }
    found
}
