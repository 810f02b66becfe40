//! Connects the support desk to the assistant: who speaks with a shopper, and what the shop knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Shop;
use crate::assistant::{Assistant, Input, Turn};
use crate::config::Config;
use crate::domain::identifier::{ConversationId, OrderId, Sku};
use crate::domain::language::Language;
use crate::domain::outbox::Outbox;
use crate::domain::product::Product;
use crate::domain::reply::{Action, Card, Choice};
use crate::domain::session::{Attendant, Session};
use crate::domain::wording::{listing, orders as wording};
use crate::knowledge::Question;
use crate::support_desk::{Advice, Adviser, Conversations, Desk, DeskError, DeskParts};

/// The assistant as the desk sees it.
struct Counter {
    assistant: Arc<Assistant>,
    glances: AtomicU64,
}

/// What opens the support desk of a shop, given what sends for it.
pub fn desk(shop: &Shop, config: &Config) -> impl FnOnce(Arc<dyn Outbox>) -> Result<Desk, DeskError> + Send + 'static {
    let counter = Arc::new(Counter { assistant: Arc::clone(&shop.assistant), glances: AtomicU64::new(0) });
    let (store, generator) = (Arc::clone(&shop.store), Arc::clone(&shop.generator));
    let prompts = Arc::clone(&shop.assistant.parts().prompts);
    let (support, name) = (config.support.clone(), config.shop.name.clone());
    move |outbox| {
        Desk::open(DeskParts {
            store,
            outbox,
            conversations: Arc::clone(&counter) as Arc<dyn Conversations>,
            adviser: counter,
            generator,
            prompts,
            config: support,
            shop: name,
        })
    }
}

impl Conversations for Counter {
    fn attend(&self, conversation: &ConversationId, attendant: Attendant) -> Result<Option<String>, String> {
        let mut unsaid = None;
        let change = |session: &mut Session| {
            if session.attendant == attendant {
                return;
            }
            if attendant == Attendant::Person {
                session.epoch += 1;
                session.pending = None;
                unsaid = session.unsent.take().map(|reply| reply.plain_text());
            }
            session.attendant = attendant;
        };
        self.assistant.change_session(conversation, change).map_err(|error| error.to_string())?;
        Ok(unsaid)
    }

    fn session(&self, conversation: &ConversationId) -> Result<Option<Session>, String> {
        self.assistant.parts().sessions.get(conversation.as_str()).map_err(|error| error.to_string())
    }
}

impl Adviser for Counter {
    fn answer(&self, question: &str, language: Language) -> Option<Advice> {
        let knowledge = self.assistant.parts().service.knowledge.load_full();
        let question = Question { text: question, language: Some(language), ..Question::default() };
        let answer = knowledge.ask(&question)?;
        let basis = format!("“{}” — {}", answer.sentences, answer.passage.source());
        Some(Advice { text: answer.sentences, basis: vec![basis] })
    }

    fn suggest(&self, wish: &str, language: Language, limit: usize) -> Vec<Card> {
        let number = self.glances.fetch_add(1, Ordering::Relaxed);
        let conversation = ConversationId::new(format!("suggest:{number}"));
        let input = Input::Message { text: wish.to_owned(), about: None };
        let begun = self.assistant.change_session(&conversation, |session| {
            session.language = language;
            session.language_chosen = true;
        });
        let turn = Turn { conversation: conversation.clone(), update: None, input };
        let looked = begun.and_then(|_| self.assistant.handle(&turn, &mut ()));
        if let Err(error) = self.assistant.parts().sessions.remove(conversation.as_str()) {
            tracing::warn!(%error, "a session of a suggestion is left");
        }
        let looked = looked.inspect_err(|error| tracing::warn!(%error, "no suggestion")).ok();
        let reply = looked.and_then(|outcome| outcome.reply);
        reply.map(|reply| reply.cards().take(limit).cloned().collect()).unwrap_or_default()
    }

    fn cards(&self, skus: &[Sku], language: Language) -> Vec<Card> {
        let snapshot = self.assistant.parts().catalog.snapshot();
        let products = skus.iter().filter_map(|sku| snapshot.product(sku));
        products.enumerate().map(|(place, product)| card(product, place + 1, language)).collect()
    }

    fn order(&self, order: &OrderId, language: Language) -> Option<String> {
        let found = self.assistant.parts().service.orders.find(order);
        let found = found.inspect_err(|error| tracing::warn!(%error, "the order cannot be read")).ok()??;
        let mut lines = vec![wording::title(language, order.as_str(), found.status)];
        lines.extend(found.items.iter().map(|item| wording::item(item, found.money(item.price))));
        if let (Some(carrier), Some(number)) = (&found.carrier, &found.tracking) {
            lines.push(wording::tracking(language, carrier, number));
        }
        lines.extend(wording::expected(language, &found, time::OffsetDateTime::now_utc()));
        lines.extend(found.money(found.total).map(|total| wording::total(language, total)));
        Some(lines.join("\n"))
    }
}

fn card(product: &Product, ordinal: usize, language: Language) -> Card {
    Card {
        ordinal,
        sku: product.sku.clone(),
        title: product.title.get(language).to_owned(),
        brand: product.brand.get(language).to_owned(),
        price: product.price,
        list_price: product.list_price,
        rating: product.rating,
        review_count: product.review_count,
        stock: product.stock,
        reason: None,
        image: product.image.clone(),
        url: product.url.clone(),
        choices: vec![Choice::new(listing::details_button(language), Action::Detail { sku: product.sku.clone() })],
    }
}
