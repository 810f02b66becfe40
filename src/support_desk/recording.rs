//! A face that records what the desk sends, conversations without an assistant, and a shop that knows two things; for tests.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use super::beside::{Advice, Adviser, Conversations};
use crate::domain::identifier::{ConversationId, OrderId, Sku};
use crate::domain::language::Language;
use crate::domain::outbox::{Content, MessageId, Outbox, OutboxError, ShopperPost, StaffPost, TopicId};
use crate::domain::reply::Card;
use crate::domain::session::{Attendant, Session};

/// What was sent, in order, as lines of text.
#[derive(Debug, Default)]
pub struct Recording {
    pub to_staff: Mutex<Vec<(Option<TopicId>, MessageId, StaffPost)>>,
    pub to_shopper: Mutex<Vec<(MessageId, ShopperPost)>>,
    pub without_topics: bool,
    /// Failures of the next sendings to the shopper.
    pub failures: Mutex<VecDeque<OutboxError>>,
    pub last: AtomicI64,
}

impl Recording {
    fn number(&self) -> MessageId {
        MessageId(self.last.fetch_add(1, Ordering::SeqCst) + 1000)
    }

    /// The words that the staff see, one message a line.
    pub fn staff(&self) -> Vec<String> {
        self.to_staff.lock().expect("posts").iter().map(|(_, _, post)| post.content.words().to_owned()).collect()
    }

    /// The words that the shopper sees.
    pub fn shopper(&self) -> Vec<String> {
        let words = |post: &ShopperPost| match post {
            ShopperPost::Relay(content) => content.words().to_owned(),
            ShopperPost::Say(reply) => reply.plain_text(),
        };
        self.to_shopper.lock().expect("posts").iter().map(|(_, post)| words(post)).collect()
    }

    /// The topic of the last message to the staff.
    pub fn topic(&self) -> Option<TopicId> {
        self.to_staff.lock().expect("posts").last().and_then(|(topic, _, _)| *topic)
    }
}

impl Outbox for Recording {
    fn open_topic(&self, _title: &str) -> Result<Option<TopicId>, OutboxError> {
        Ok((!self.without_topics).then(|| TopicId(self.number().0)))
    }

    fn post(
        &self,
        _conversation: &ConversationId,
        topic: Option<TopicId>,
        post: &StaffPost,
    ) -> Result<MessageId, OutboxError> {
        let message = self.number();
        self.to_staff.lock().expect("posts").push((topic, message, post.clone()));
        Ok(message)
    }

    fn edit_post(&self, message: MessageId, post: &StaffPost) -> Result<(), OutboxError> {
        let mut posts = self.to_staff.lock().expect("posts");
        let (_, _, old) = posts.iter_mut().find(|(_, number, _)| *number == message).ok_or(OutboxError::TopicGone)?;
        *old = post.clone();
        Ok(())
    }

    fn send(&self, _conversation: &ConversationId, post: &ShopperPost) -> Result<MessageId, OutboxError> {
        if let Some(failure) = self.failures.lock().expect("failures").pop_front() {
            return Err(failure);
        }
        let message = self.number();
        self.to_shopper.lock().expect("posts").push((message, post.clone()));
        Ok(message)
    }

    fn edit_sent(
        &self,
        _conversation: &ConversationId,
        message: MessageId,
        content: &Content,
    ) -> Result<(), OutboxError> {
        let mut posts = self.to_shopper.lock().expect("posts");
        let (_, old) = posts.iter_mut().find(|(number, _)| *number == message).expect("sent before");
        *old = ShopperPost::Relay(content.clone());
        Ok(())
    }
}

/// Who speaks with each shopper.
#[derive(Debug, Default)]
pub struct Sessions(pub Mutex<HashMap<ConversationId, Attendant>>);

impl Conversations for Sessions {
    fn attend(&self, conversation: &ConversationId, attendant: Attendant) -> Result<Option<String>, String> {
        self.0.lock().expect("sessions").insert(conversation.clone(), attendant);
        Ok(None)
    }

    fn session(&self, conversation: &ConversationId) -> Result<Option<Session>, String> {
        Ok(Some(Session::new(conversation.clone())))
    }
}

/// Knows one policy, one product and one order.
#[derive(Debug)]
pub struct SmallShop;

impl Adviser for SmallShop {
    fn answer(&self, question: &str, _language: Language) -> Option<Advice> {
        question.contains("退").then(|| Advice {
            text: "签收后 7 天内可以退货。".into(),
            basis: vec!["“七天无理由退货” — returns.zh.md".into()],
        })
    }

    fn suggest(&self, wish: &str, language: Language, limit: usize) -> Vec<Card> {
        let cards = if wish.contains("耳机") { self.cards(&["E1".into()], language) } else { Vec::new() };
        cards.into_iter().take(limit).collect()
    }

    fn cards(&self, skus: &[Sku], _language: Language) -> Vec<Card> {
        let card = |(place, sku): (usize, &Sku)| Card {
            ordinal: place + 1,
            sku: sku.clone(),
            title: format!("商品 {sku}"),
            brand: String::new(),
            price: None,
            list_price: None,
            rating: None,
            review_count: None,
            stock: None,
            reason: None,
            image: None,
            url: None,
            choices: Vec::new(),
        };
        skus.iter().enumerate().map(card).collect()
    }

    fn order(&self, order: &OrderId, _language: Language) -> Option<String> {
        Some(format!("{order}：已发货"))
    }
}

/// A clone of a shared recording.
pub fn recording() -> Arc<Recording> {
    Arc::default()
}
