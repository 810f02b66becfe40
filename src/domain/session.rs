//! What is remembered of one conversation between two messages.

use serde::{Deserialize, Serialize};

use super::cart::Cart;
use super::identifier::{ConversationId, Generation, OrderId, Sku};
use super::intent::IntentKind;
use super::language::Language;
use super::reply::{Choice, Reply};
use super::search::{Relaxation, SearchQuery};

/// Who speaks with the shopper.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attendant {
    /// The bot.
    #[default]
    Bot,
    /// The bot, while a person has been asked for.
    Waiting,
    /// A person; the bot is silent.
    Person,
}

/// How many exchanges are kept for context and for a summary to support.
pub const KEPT_EXCHANGES: usize = 12;

/// How many searches can be gone back to.
pub const KEPT_SEARCHES: usize = 8;

/// One message and its answer, shortened, for context and for support.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// What the shopper wrote, shortened.
    pub shopper: String,
    /// What was answered, shortened.
    pub reply: String,
    /// What it was taken for.
    pub intent: IntentKind,
}

/// A question or listing that the next message or button may answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "pending")]
pub enum Pending {
    /// One clarifying question about this message.
    Clarify {
        /// The message that was not clear.
        message: String,
        /// What was offered.
        choices: Vec<Choice>,
    },
    /// An order is to be proved the shopper's own.
    VerifyOrder {
        /// Which order, when it was named.
        order_id: Option<OrderId>,
        /// What will be done with it once verified: a topic of `order_change`, or none for its status.
        change: Option<String>,
    },
    /// A change of an order is listed and waits for a yes.
    ConfirmChange {
        /// Names this listing; an older button is refused.
        id: u64,
        /// Which order.
        order_id: OrderId,
        /// A topic of `order_change`.
        change: String,
        /// What else the change needs, such as the new address.
        detail: Option<String>,
    },
    /// Erasing everything waits for a yes.
    ConfirmErase,
    /// Which product is meant.
    WhichProduct {
        /// What is to be done with it.
        intent: IntentKind,
    },
}

/// The state of one conversation. Saved whole after each turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// Whose.
    pub conversation: ConversationId,
    /// The language of the last message that had one, or the one chosen.
    pub language: Language,
    /// Whether the language was chosen and no longer follows the messages.
    pub language_chosen: bool,
    /// Rises whenever someone takes over; what was begun under a lower one is dropped.
    pub epoch: u64,
    /// Who speaks with the shopper.
    pub attendant: Attendant,
    /// Number of turns so far.
    pub turns: u64,
    /// The last update handled, so that one delivered twice is answered once.
    pub last_update: Option<i64>,
    /// The last search, with all that refined it.
    pub search: Option<SearchQuery>,
    /// The searches before it, oldest first, at most [`KEPT_SEARCHES`], to go back to.
    pub earlier: Vec<SearchQuery>,
    /// The products on the screen, in order.
    pub shown: Vec<Sku>,
    /// The generation they were taken from.
    pub shown_generation: Generation,
    /// The first hits of the last search in the order that a model gave them; empty where they are in the index's order.
    pub ranked: Vec<Sku>,
    /// How many hits of the last search have been shown.
    pub position: usize,
    /// The product last spoken of.
    pub focus: Option<Sku>,
    /// The relaxations offered last.
    pub relaxations: Vec<Relaxation>,
    /// What waits for an answer.
    pub pending: Option<Pending>,
    /// The topic of the last question of policy, for follow-ups.
    pub policy_topic: Option<String>,
    /// Orders that the shopper has proved to be theirs in this conversation.
    pub verified_orders: Vec<OrderId>,
    /// Answers in a row that did not help.
    pub failures: u32,
    /// The cart.
    pub cart: Cart,
    /// The saved list.
    pub saved: Vec<Sku>,
    /// Whether the notice about the missing model was given.
    pub told_plain: bool,
    /// The last exchanges, oldest first, at most [`KEPT_EXCHANGES`].
    pub history: Vec<Exchange>,
    /// The buttons below the last reply, for who answers with a number.
    pub offered: Vec<Choice>,
    /// The reply to `last_update` until the face has delivered it: sent again when the update comes again.
    pub unsent: Option<Reply>,
}

impl Default for Session {
    fn default() -> Self {
        Self::new(ConversationId::new(""))
    }
}

impl Session {
    /// A conversation that has just begun.
    pub fn new(conversation: ConversationId) -> Self {
        Self {
            conversation,
            language: Language::default(),
            language_chosen: false,
            epoch: 0,
            attendant: Attendant::default(),
            turns: 0,
            last_update: None,
            search: None,
            earlier: Vec::new(),
            shown: Vec::new(),
            shown_generation: Generation::default(),
            ranked: Vec::new(),
            position: 0,
            focus: None,
            relaxations: Vec::new(),
            pending: None,
            policy_topic: None,
            verified_orders: Vec::new(),
            failures: 0,
            cart: Cart::default(),
            saved: Vec::new(),
            told_plain: false,
            history: Vec::new(),
            offered: Vec::new(),
            unsent: None,
        }
    }

    /// What understanding is told of the conversation.
    pub fn context(&self) -> Context {
        Context {
            query: self.search.as_ref().map(SearchQuery::subject).filter(|text| !text.is_empty()),
            // A product that was opened is on the screen too, as from a deep link.
            shown: self.shown.len().max(usize::from(self.focus.is_some())),
        }
    }

    /// Forgets what was said: everything but the saved list, a chosen language, who attends and what tells an update that comes
    /// twice. Whether there was anything to forget.
    pub fn forget_chat(&mut self) -> bool {
        let rest = Self {
            language: self.language,
            language_chosen: self.language_chosen,
            epoch: self.epoch,
            attendant: self.attendant,
            last_update: self.last_update,
            told_plain: self.told_plain,
            saved: std::mem::take(&mut self.saved),
            ..Self::new(self.conversation.clone())
        };
        let old = std::mem::replace(self, rest);
        Self { saved: self.saved.clone(), ..old } != *self
    }

    /// Whether it holds nothing that a shopper would miss.
    pub fn is_blank(&self) -> bool {
        let said = self.turns > 0 || !self.history.is_empty() || self.search.is_some() || self.pending.is_some();
        let kept = self.language_chosen || !self.saved.is_empty() || !self.cart.lines().is_empty();
        !said && !kept && self.unsent.is_none() && self.attendant == Attendant::Bot
    }

    /// Makes a search the last one, keeping the one before it to go back to.
    pub fn look_for(&mut self, query: SearchQuery) {
        if let Some(before) = self.search.replace(query).filter(|before| Some(before) != self.search.as_ref()) {
            self.earlier.push(before);
            let surplus = self.earlier.len().saturating_sub(KEPT_SEARCHES);
            self.earlier.drain(..surplus);
        }
    }

    /// Keeps an exchange, dropping the oldest beyond [`KEPT_EXCHANGES`].
    pub fn remember(&mut self, exchange: Exchange) {
        self.history.push(exchange);
        let surplus = self.history.len().saturating_sub(KEPT_EXCHANGES);
        self.history.drain(..surplus);
    }
}

/// What a message is read against: the last request and how many products are on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// What the shopper looked for last.
    pub query: Option<String>,
    /// How many products are shown.
    #[serde(alias = "count")]
    pub shown: usize,
}

impl Context {
    /// The line that prompts and corpora use: `跑鞋; shown 5`, or `-` at the start of a conversation.
    pub fn line(&self) -> String {
        match &self.query {
            Some(query) => format!("{query}; shown {}", self.shown),
            None if self.shown > 0 => format!("; shown {}", self.shown),
            None => "-".into(),
        }
    }
}
