//! Changes of an order: listed exactly, carried out only by the button of that listing, once, and confirmed; what the rules leave to
//! people goes to a person.

use super::AssistantError;
use super::answers::{is_address, is_no, is_question, is_yes};
use super::dispute::is_money_dispute;
use super::proof::{contact_detail, order_number};
use super::service::{JournalEntry, JournalState};
use super::work::Work;
use crate::domain::handoff::HandoffReason;
use crate::domain::identifier::OrderId;
use crate::domain::intent::IntentKind;
use crate::domain::money::Money;
use crate::domain::order::{ChangeKind, ChangeRequest, Decision, Order, OrderBookError, OrderItem, decide};
use crate::domain::reply::{Action, Choice, Reply};
use crate::domain::session::Pending;
use crate::domain::wording::order_change::{self as wording, Plan};
use crate::domain::wording::{chat, orders, policy, service};

/// The longest detail of a change, in characters.
const MAX_DETAIL: usize = 300;
/// Changes that are offered below an order where the rules allow them.
const OFFERED: [ChangeKind; 4] = [ChangeKind::Cancel, ChangeKind::Address, ChangeKind::Return, ChangeKind::Exchange];

impl Work<'_> {
    /// Prepares a change of an order.
    pub fn order_change(&mut self, order: Option<OrderId>, change: Option<String>) -> Result<Reply, AssistantError> {
        if self.session.conversation.is_public() {
            return Ok(self.reply().text(service::in_private(self.language)));
        }
        if self.parts.service.is_reserved(change.as_deref()) {
            return Ok(self.led_to_person(policy::reserved(self.language), HandoffReason::ReservedTopic));
        }
        if is_money_dispute(self.message) {
            return Ok(self.led_to_person(policy::money_dispute(self.language), HandoffReason::MoneyDispute));
        }
        let kind = change.as_deref().map_or(ChangeKind::Other, ChangeKind::from_topic);
        let order = order.or_else(|| order_number(self.message));
        match self.proved(order.as_ref()) {
            Some(id) => self.with_order(&id, |work, order| work.change(order, kind, None)),
            None => {
                let detail = contact_detail(self.message, order.as_ref());
                self.prove(order, detail, Some(kind))
            }
        }
    }

    /// Carries out, or drops, the change that was listed.
    pub fn confirm_change(&mut self, id: u64, yes: bool) -> Result<Reply, AssistantError> {
        let listed = match &self.session.pending {
            Some(Pending::ConfirmChange { id: listed, order_id, change, detail }) if *listed == id && id != 0 => {
                (order_id.clone(), ChangeKind::from_topic(change), detail.clone())
            }
            _ => return Ok(self.reply().text(chat::stale_button(self.language))),
        };
        if !yes {
            self.session.pending = None;
            return Ok(self.reply().text(wording::dropped(self.language)));
        }
        let (order_id, change, detail) = listed;
        if self.proved(Some(&order_id)).is_none() {
            self.session.pending = None;
            return Ok(self.reply().text(chat::stale_button(self.language)));
        }
        let key = format!("{}:{order_id}:{}:{id}", self.session.conversation, change.topic());
        match self.parts.service.journal.get(&key)? {
            Some(entry) if entry.state == JournalState::Done => {
                self.session.pending = None;
                Ok(self.reply().text(wording::done(self.language, change, order_id.as_str(), None)))
            }
            Some(entry) => self.carry_out(entry.request),
            None => self.with_order(&order_id, |work, order| {
                let rules = work.parts.service.config.changes;
                let now = time::OffsetDateTime::now_utc();
                if decide(order, change, true, rules, now) != Decision::Allowed(change) {
                    return Ok(work.hand_over_change());
                }
                let request =
                    ChangeRequest { key, order_id: order.id.clone(), change, detail, expected_status: order.status };
                work.carry_out(request)
            }),
        }
    }

    /// Has the order book carry a change out: noted before and after, so that it is done once whatever fails between.
    fn carry_out(&mut self, request: ChangeRequest) -> Result<Reply, AssistantError> {
        let service = &self.parts.service;
        let note = |state| service.journal.put(&request.key, &JournalEntry { request: request.clone(), state });
        note(JournalState::Begun)?;
        self.parts.store.commit()?;
        let outcome = service.orders.change(&request);
        let state = match &outcome {
            Ok(_) => JournalState::Done,
            Err(OrderBookError::Refused(_)) => JournalState::Refused,
            Err(OrderBookError::Unavailable(_)) => JournalState::Begun,
        };
        note(state)?;
        self.parts.store.commit()?;
        match outcome {
            Ok(order) => {
                self.session.pending = None;
                let refund = refund_of(&order, request.change);
                let said = wording::done(self.language, request.change, order.id.as_str(), refund);
                let stands = orders::title(self.language, order.id.as_str(), order.status);
                Ok(self.reply().text(said).text(stands))
            }
            Err(OrderBookError::Refused(cause)) => {
                tracing::warn!(cause, "a change of an order was refused");
                Ok(self.hand_over_change())
            }
            Err(OrderBookError::Unavailable(cause)) => {
                tracing::warn!(cause, "a change of an order was not answered");
                let buttons = self.confirm_buttons();
                Ok(self.reply().text(wording::uncertain(self.language)).choices(buttons))
            }
        }
    }

    fn hand_over_change(&mut self) -> Reply {
        self.session.pending = None;
        self.led_to_person(wording::not_carried_out(self.language), HandoffReason::OrderChange)
    }

    /// What comes of a wish to change an order that is proved.
    pub fn change(
        &mut self,
        order: &Order,
        change: ChangeKind,
        detail: Option<String>,
    ) -> Result<Reply, AssistantError> {
        let language = self.language;
        let rules = self.parts.service.config.changes;
        if change == ChangeKind::Other {
            return Ok(self.offer_changes(order));
        }
        let decision = decide(order, change, detail.is_some(), rules, time::OffsetDateTime::now_utc());
        Ok(match decision {
            Decision::Allowed(kind) => {
                let id = self.fresh_id();
                let items = self.item_lines(order);
                let (detail_said, refund) = (detail.as_deref(), refund_of(order, kind));
                let plan = Plan { order, items: &items, change: kind, detail: detail_said, refund };
                let listed = wording::plan(language, &plan);
                self.session.pending = Some(Pending::ConfirmChange {
                    id,
                    order_id: order.id.clone(),
                    change: kind.topic().to_owned(),
                    detail,
                });
                let buttons = self.confirm_buttons();
                self.reply().text(listed).choices(buttons)
            }
            Decision::NeedsDetail(kind) => {
                self.session.pending = Some(Pending::ConfirmChange {
                    id: 0,
                    order_id: order.id.clone(),
                    change: kind.topic().to_owned(),
                    detail: None,
                });
                self.reply().text(wording::ask_detail(language, kind))
            }
            Decision::UnderWay => self.show_order(self.reply().text(wording::under_way(language)), order),
            Decision::CannotHurry => {
                let person = Choice::new(orders::human_button(language), Action::Human);
                self.show_order(self.reply().text(wording::cannot_hurry(language)), order).choices(vec![person])
            }
            Decision::Closed => self.show_order(self.reply().text(wording::closed(language)), order),
            Decision::Person(reason) => {
                self.led_to_person(wording::person_reason(language, reason), HandoffReason::OrderChange)
            }
        })
    }

    /// What was bought, a line each, under the titles of today where the shop still sells it.
    fn item_lines(&self, order: &Order) -> Vec<String> {
        let line = |item: &OrderItem| {
            let mut item = item.clone();
            if let Some(product) = self.snapshot.product(&item.sku) {
                product.title.get(self.language).clone_into(&mut item.title);
            }
            orders::item(&item, order.money(item.price))
        };
        order.items.iter().map(line).collect()
    }

    /// The buttons of the listing that waits for a yes.
    pub(super) fn confirm_buttons(&self) -> Vec<Choice> {
        let Some(Pending::ConfirmChange { id: id @ 1.., .. }) = &self.session.pending else { return Vec::new() };
        vec![
            Choice::new(wording::yes_button(self.language), Action::Confirm { id: *id, yes: true }),
            Choice::new(wording::no_button(self.language), Action::Confirm { id: *id, yes: false }),
        ]
    }

    /// A number that no earlier listing of this conversation had.
    fn fresh_id(&self) -> u64 {
        let millis = time::OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
        u64::try_from(millis).unwrap_or_default().wrapping_mul(100) + self.session.turns % 100 + 1
    }

    fn offer_changes(&self, order: &Order) -> Reply {
        let mut choices = self.change_choices(order);
        choices.push(Choice::new(orders::human_button(self.language), Action::Human));
        self.reply()
            .text(orders::title(self.language, order.id.as_str(), order.status))
            .text(wording::which_change(self.language))
            .choices(choices)
    }

    pub(super) fn change_choices(&self, order: &Order) -> Vec<Choice> {
        let rules = self.parts.service.config.changes;
        let now = time::OffsetDateTime::now_utc();
        let allowed = |kind: &ChangeKind| matches!(decide(order, *kind, true, rules, now), Decision::Allowed(becomes) if becomes == *kind);
        OFFERED
            .into_iter()
            .filter(allowed)
            .map(|change| {
                let label = wording::change_button(self.language, change);
                Choice::new(label, Action::ChangeOrder { id: order.id.clone(), change })
            })
            .collect()
    }

    /// The message is the new address, or the size or colour wanted, unless it takes the wish back or is about something else.
    pub(super) fn answer_detail(
        &mut self,
        kind: IntentKind,
        order_id: &OrderId,
        change: ChangeKind,
    ) -> Result<Option<Reply>, AssistantError> {
        if is_no(self.message) {
            self.session.pending = None;
            return Ok(Some(self.reply().text(wording::dropped(self.language))));
        }
        let fits = match change {
            ChangeKind::Address => is_address(self.message),
            _ => !is_question(self.message),
        };
        if !fits {
            use IntentKind::{Detail, OffTopic, OrderChange, OrderStatus, Refine, Smalltalk, Unclear};
            let is_about_it =
                matches!(kind, Detail | OffTopic | OrderChange | OrderStatus | Refine | Smalltalk | Unclear);
            let asks_again = is_about_it && !is_question(self.message);
            return Ok(asks_again.then(|| self.reply().text(wording::ask_detail(self.language, change))));
        }
        let detail: String = self.message.chars().take(MAX_DETAIL).collect();
        if self.proved(Some(order_id)).is_none() {
            self.session.pending = None;
            return Ok(Some(self.reply().text(chat::stale_button(self.language))));
        }
        self.with_order(order_id, |work, order| work.change(order, change, Some(detail))).map(Some)
    }

    /// A yes in words is asked for by button; a no drops the listing; anything else is another matter.
    pub(super) fn answer_listing(&mut self) -> Option<Reply> {
        if is_no(self.message) {
            self.session.pending = None;
            return Some(self.reply().text(wording::dropped(self.language)));
        }
        let buttons = self.confirm_buttons();
        let picks = self.message.trim().parse::<u8>().is_ok();
        (picks || is_yes(self.message)).then(|| self.reply().text(wording::press_yes(self.language)).choices(buttons))
    }
}

/// What a change pays back.
fn refund_of(order: &Order, change: ChangeKind) -> Option<Money> {
    (change == ChangeKind::Cancel && order.is_paid()).then(|| order.money(order.total)).flatten()
}
