//! Steps about the shopper's orders: where one stands, and what a message answers that was asked about one before.
//!
//! Nothing of an order is said before it is proved ([`super::proof`]); changes are in [`super::order_change`].

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::AssistantError;
use super::proof::{contact_detail, order_number};
use super::work::Work;
use crate::domain::identifier::OrderId;
use crate::domain::intent::{IntentKind, Understood};
use crate::domain::order::{ChangeKind, Order};
use crate::domain::reply::{Action, Block, Choice, Reply};
use crate::domain::session::Pending;
use crate::domain::wording::{orders, service};

/// How the time of an event is printed, in the event's own offset.
const WHEN: &[BorrowedFormatItem] = format_description!("[year]-[month]-[day] [hour]:[minute]");

impl Work<'_> {
    /// Says where an order is.
    pub fn order_status(&mut self, order: Option<OrderId>) -> Result<Reply, AssistantError> {
        if self.session.conversation.is_public() {
            return Ok(self.reply().text(service::in_private(self.language)));
        }
        let order = order.or_else(|| order_number(self.message));
        match self.proved(order.as_ref()) {
            Some(id) => self.with_order(&id, |work, order| Ok(work.show_order(work.reply(), order))),
            None => {
                let detail = contact_detail(self.message, order.as_ref());
                self.prove(order, detail, None)
            }
        }
    }

    /// An order as shown to whom it belongs: its state, the parcel, the goods. Its note is not shown.
    pub fn show_order(&self, reply: Reply, order: &Order) -> Reply {
        let language = self.language;
        let mut lines = vec![orders::title(language, order.id.as_str(), order.status)];
        if let (Some(carrier), Some(number)) = (&order.carrier, &order.tracking) {
            lines.push(orders::tracking(language, carrier, number));
        }
        let now = time::OffsetDateTime::now_utc();
        lines.extend(orders::expected(language, order, now));
        if let Some(event) = order.events.last() {
            let note = event.note.as_ref().map(|note| note.get(language).to_owned());
            let what = note.unwrap_or_else(|| orders::status_name(language, event.status).to_owned());
            let place = event.place.as_deref().map(|place| format!(" · {place}")).unwrap_or_default();
            lines.push(orders::latest(language, &event.at.format(WHEN).unwrap_or_default(), &(what + &place)));
        }
        lines.extend(order.money(order.total).map(|total| orders::total(language, total)));
        let rows = order.items.iter().map(|item| {
            let current = self.snapshot.product(&item.sku).map(|product| product.title.get(language).to_owned());
            let price = order.money(item.price).map_or_else(|| item.price.to_string(), |money| money.to_string());
            vec![current.unwrap_or_else(|| item.title.clone()), item.quantity.to_string(), price]
        });
        let table =
            Block::Table { header: orders::items_header(language).map(str::to_owned).to_vec(), rows: rows.collect() };
        // Late, it is for a person to look into.
        let person = order.is_late(now).then(|| Choice::new(orders::human_button(language), Action::Human));
        let choices = self.change_choices(order).into_iter().chain(person).collect();
        reply.text(lines.join("\n")).block(table).choices(choices)
    }

    /// Runs with the order as it is now; one that is proved and has gone is not said to have existed.
    pub(super) fn with_order(
        &mut self,
        id: &OrderId,
        run: impl FnOnce(&mut Self, &Order) -> Result<Reply, AssistantError>,
    ) -> Result<Reply, AssistantError> {
        let person = vec![Choice::new(orders::human_button(self.language), Action::Human)];
        match self.parts.service.orders.find(id) {
            Ok(Some(order)) => run(self, &order),
            Ok(None) => Ok(self.reply().text(orders::no_match(self.language)).choices(person)),
            Err(error) => {
                tracing::warn!(%error, "order not looked up");
                // A listing that was just said yes to can be said yes to again.
                let choices = self.confirm_buttons().into_iter().chain(person).collect();
                Ok(self.reply().text(orders::unavailable(self.language)).choices(choices))
            }
        }
    }

    /// Whether the message answers what was asked before, and the reply to it then.
    pub fn answer_pending(&mut self, understood: &Understood) -> Result<Option<Reply>, AssistantError> {
        let kind = understood.intent.intent;
        if matches!(kind, IntentKind::Human | IntentKind::Complaint | IntentKind::Privacy) {
            return Ok(None);
        }
        match self.session.pending.clone() {
            Some(Pending::VerifyOrder { order_id, change }) => self.answer_proof(understood, order_id, change),
            Some(Pending::ConfirmChange { id: 0, order_id, change, .. }) => {
                self.answer_detail(kind, &order_id, ChangeKind::from_topic(&change))
            }
            Some(Pending::ConfirmChange { .. }) => Ok(self.answer_listing()),
            _ => Ok(None),
        }
    }

    fn answer_proof(
        &mut self,
        understood: &Understood,
        order_id: Option<OrderId>,
        change: Option<String>,
    ) -> Result<Option<Reply>, AssistantError> {
        let named = understood.intent.order_id.as_deref().map(OrderId::from);
        let named = order_number(self.message).or(named.filter(|_| order_id.is_none()));
        let order = named.clone().or(order_id);
        let detail = contact_detail(self.message, order.as_ref());
        if named.is_none() && detail.is_none() {
            return Ok(None);
        }
        self.prove(order, detail, change.as_deref().map(ChangeKind::from_topic)).map(Some)
    }
}
