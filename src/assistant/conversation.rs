//! The conversation: takes a turn, answers it from one catalog generation, saves the session, returns the outcome.
//!
//! Turns of one conversation run one after another; turns of different ones side by side. Called by the faces.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::AssistantError;
use super::admission::{Admitted, admit};
use super::answers::picked;
use super::service::ServiceParts;
use super::turn::{Input, Observer, Outcome, Timings, Turn};
use super::understand::Understanding;
use super::work::Work;
use crate::catalog::{Catalog, CatalogSnapshot};
use crate::config::AssistantConfig;
use crate::domain::dialogue::{Step, next_step};
use crate::domain::encoder::SentenceEncoder;
use crate::domain::generator::TextGenerator;
use crate::domain::handoff::People;
use crate::domain::identifier::{ConversationId, Sku};
use crate::domain::intent::{Intent, IntentKind, ItemRef, Understood};
use crate::domain::language::Localized;
use crate::domain::money::Currency;
use crate::domain::reply::{Action, Block, Choice, Reply};
use crate::domain::session::{Attendant, Exchange, Session};
use crate::domain::wording::{chat, finding};
use crate::prompts::Prompts;
use crate::store::{Store, Table};

/// Kept exchanges are cut to so many characters.
const KEPT_CHARS: usize = 200;

/// What the conversation is made of.
pub struct Parts {
    /// The products.
    pub catalog: Arc<Catalog>,
    /// The language model, or its absence.
    pub generator: Arc<dyn TextGenerator>,
    /// Tells which text answers a question; without it, word vectors do.
    pub encoder: Option<Arc<dyn SentenceEncoder>>,
    /// What to tell the language model.
    pub prompts: Arc<Prompts>,
    /// From words to intents.
    pub understanding: Understanding,
    /// What is remembered.
    pub store: Arc<Store>,
    /// One session a conversation.
    pub sessions: Table<Session>,
    /// Policies and orders.
    pub service: ServiceParts,
    /// How the conversation is led.
    pub config: AssistantConfig,
    /// The shop's name.
    pub shop: Localized,
    /// Who takes conversations over.
    pub people: People,
    /// In which currency amounts without one are meant.
    pub currency: Currency,
    /// Whether to say once that there is no model.
    pub says_plain: bool,
}

/// The assistant: answers turns.
pub struct Assistant {
    parts: Parts,
    running: Mutex<HashMap<ConversationId, Arc<Mutex<()>>>>,
}

impl Assistant {
    /// An assistant of these parts.
    pub fn new(parts: Parts) -> Self {
        Self { parts, running: Mutex::default() }
    }

    /// Its parts.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Answers one turn. The session is durable when this returns. An update that was answered before gets its reply again
    /// while that is undelivered, else none.
    ///
    /// # Errors
    /// The state cannot be kept, the index cannot be read, or the turn was cancelled by a takeover; nothing was saved then.
    pub fn handle(&self, turn: &Turn, observer: &mut dyn Observer) -> Result<Outcome, AssistantError> {
        let start = Instant::now();
        let lane = self.lane(&turn.conversation);
        let _alone = lane.lock().unwrap_or_else(PoisonError::into_inner);
        let key = turn.conversation.as_str();
        let mut session = self.parts.sessions.get(key)?.unwrap_or_else(|| Session::new(turn.conversation.clone()));
        let snapshot = self.parts.catalog.snapshot();
        if turn.update.is_some() && turn.update <= session.last_update {
            let again = (turn.update == session.last_update).then(|| session.unsent.clone()).flatten();
            return Ok(Outcome::silent(again, &snapshot, session));
        }
        let mut outcome = match session.attendant {
            Attendant::Person => Outcome::silent(None, &snapshot, session.clone()),
            _ => self.answer(turn, &mut session, snapshot, observer)?,
        };
        if turn.update.is_some() {
            session.last_update = turn.update;
            session.unsent.clone_from(&outcome.reply);
        }
        let saving = Instant::now();
        self.save(key, &session)?;
        outcome.timings.add("save", saving);
        outcome.timings.add("total", start);
        outcome.session = session;
        Ok(outcome)
    }

    /// Notes that the reply to an update has reached the shopper.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn delivered(&self, conversation: &ConversationId, update: i64) -> Result<(), AssistantError> {
        let lane = self.lane(conversation);
        let _alone = lane.lock().unwrap_or_else(PoisonError::into_inner);
        self.parts.sessions.update(conversation.as_str(), |session| {
            let session = session.map(|mut session| {
                if session.last_update == Some(update) {
                    session.unsent = None;
                }
                session
            });
            (session, ())
        })?;
        Ok(())
    }

    /// Changes a session outside a turn, as a takeover does, and makes the change durable.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn change_session(
        &self,
        conversation: &ConversationId,
        change: impl FnOnce(&mut Session),
    ) -> Result<Session, AssistantError> {
        let lane = self.lane(conversation);
        let _alone = lane.lock().unwrap_or_else(PoisonError::into_inner);
        let key = conversation.as_str();
        let mut session = self.parts.sessions.get(key)?.unwrap_or_else(|| Session::new(conversation.clone()));
        change(&mut session);
        self.save(key, &session)?;
        Ok(session)
    }

    fn save(&self, key: &str, session: &Session) -> Result<(), AssistantError> {
        self.parts.sessions.put(key, session)?;
        Ok(self.parts.store.commit()?)
    }

    fn lane(&self, conversation: &ConversationId) -> Arc<Mutex<()>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.len() > 4096 {
            running.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        running.entry(conversation.clone()).or_default().clone()
    }

    fn answer(
        &self,
        turn: &Turn,
        session: &mut Session,
        snapshot: Arc<CatalogSnapshot>,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, AssistantError> {
        let generation = snapshot.generation();
        let (input, about) = match &turn.input {
            Input::Message { text, about } => (Some(admit(text, self.parts.config.max_message_chars)), about.clone()),
            Input::Press(_) => (None, None),
        };
        if let Some(language) = input.as_ref().and_then(|input| input.language)
            && !session.language_chosen
        {
            session.language = language;
        }
        session.turns += 1;
        let pressed = match (&turn.input, &input) {
            (Input::Press(action), _) => Some(action.clone()),
            (_, Some(admitted)) => picked(session, &admitted.text),
            _ => None,
        };
        let (pressed, said) = match pressed {
            Some(Action::Say { text }) => (None, Some(admit(&text, self.parts.config.max_message_chars))),
            pressed => (pressed, input),
        };
        let language = session.language;
        let message = said.as_ref().map(|admitted| admitted.text.clone()).unwrap_or_default();
        let mut work = Work {
            parts: &self.parts,
            snapshot,
            session,
            language,
            message: &message,
            observer,
            timings: Timings::default(),
            hits: Vec::new(),
            handoff: None,
            helped: true,
        };
        let (mut reply, understood) = match (pressed, said) {
            (Some(action), _) => (work.press(action)?, None),
            (None, Some(admitted)) => work.converse(&admitted, about)?,
            (None, None) => (work.reply().text(chat::stale_button(language)), None),
        };
        // What was carried out is kept, so that whoever took over learns of it.
        let acted = matches!(turn.input, Input::Press(Action::Confirm { yes: true, .. }));
        if !acted && !work.observer.is_wanted() {
            return Err(AssistantError::Cancelled);
        }
        work.settle(&mut reply, understood.as_ref());
        let Work { timings, hits, handoff, .. } = work;
        Ok(Outcome { reply: Some(reply), understood, hits, generation, timings, handoff, session: session.clone() })
    }
}

impl Outcome {
    fn silent(reply: Option<Reply>, snapshot: &CatalogSnapshot, session: Session) -> Self {
        Self {
            reply,
            understood: None,
            hits: Vec::new(),
            generation: snapshot.generation(),
            timings: Timings::default(),
            handoff: None,
            session,
        }
    }
}

impl Work<'_> {
    fn converse(
        &mut self,
        admitted: &Admitted,
        about: Option<Sku>,
    ) -> Result<(Reply, Option<Understood>), AssistantError> {
        if !admitted.has_words() {
            return Ok(self.wordless());
        }
        let context = self.session.context();
        let mut understood = self.stage("understand", |work| {
            Ok(work.parts.understanding.understand(
                &admitted.text,
                &context,
                &work.snapshot,
                work.parts.generator.as_ref(),
            ))
        })?;
        let is_reply = about.is_some();
        if let Some(sku) = about {
            if understood.intent.items.is_empty() {
                understood.intent.items.push(ItemRef::Name("it".into()));
            }
            self.session.focus = Some(sku);
        }
        self.lean_on_screen(&mut understood, &admitted.text);
        self.lean_on_product(&mut understood, &admitted.text, is_reply);
        self.lean_on_policies(&mut understood, &admitted.text);
        self.exclude_shown_brand(&mut understood);
        let reply = match self.answer_first(&understood)? {
            Some(reply) => reply,
            None => {
                let step = next_step(self.session, &understood, self.parts.config.clarify_below);
                if !matches!(step, Step::Clarify(_)) {
                    self.session.pending = None;
                }
                self.take(step)?
            }
        };
        let reply = self.with_notices(reply, admitted, &understood);
        Ok((reply, Some(understood)))
    }

    /// "Not this brand" is the brand of the product spoken of, else of the first on the screen.
    fn exclude_shown_brand(&self, understood: &mut Understood) {
        let shown = self.session.focus.as_ref().or(self.session.shown.first());
        let product = shown.filter(|_| understood.change.other_brand).and_then(|sku| self.snapshot.product(sku));
        let brand = product.map(|product| product.brand.get(self.language).to_owned());
        understood.intent.exclude.extend(brand.filter(|brand| !brand.is_empty()));
    }

    /// A message of signs alone: says kindly that words are needed, and offers some.
    fn wordless(&mut self) -> (Reply, Option<Understood>) {
        let understood = Understood::surely(Intent::of(IntentKind::Unclear, self.language));
        let examples = self.examples();
        (self.reply().text(chat::no_words(self.language)).choices(examples), Some(understood))
    }

    /// Says what the shopper should know of how the message was read.
    fn with_notices(&mut self, mut reply: Reply, admitted: &Admitted, understood: &Understood) -> Reply {
        let language = self.language;
        let mut notices = Vec::new();
        if admitted.cut {
            notices.push(chat::too_long(language, self.parts.config.max_message_chars));
        }
        let own = self.parts.currency;
        if let Some(named) = understood.intent.currency.as_deref().filter(|named| *named != own.code()) {
            notices.push(finding::other_currency(language, named, own.code()));
        }
        if self.parts.says_plain && !self.session.told_plain {
            self.session.told_plain = true;
            notices.push(chat::without_model(language).to_owned());
        }
        for text in notices {
            reply.blocks.push(Block::Text { text });
        }
        reply
    }

    /// After the answer: counts failures, keeps the exchange and the buttons.
    fn settle(&mut self, reply: &mut Reply, understood: Option<&Understood>) {
        if let Some(understood) = understood {
            self.session.failures = if self.helped { 0 } else { self.session.failures + 1 };
            if self.session.failures >= 2 && self.session.attendant == Attendant::Bot {
                self.session.failures = 0;
                *reply = self.give_up(std::mem::take(reply));
                reply.lang = self.language;
            }
            self.session.remember(Exchange {
                shopper: self.message.chars().take(KEPT_CHARS).collect(),
                reply: reply.plain_text().chars().take(KEPT_CHARS).collect(),
                intent: understood.intent.intent,
            });
        }
        // A reply without buttons leaves the last ones where they are: a number still picks one of them.
        let has_cards = reply.cards().next().is_some();
        let choices = reply.blocks.iter().filter_map(|block| match block {
            Block::Choices { choices } => Some(choices.clone()),
            _ => None,
        });
        let choices: Vec<Choice> = choices.flatten().collect();
        if has_cards || !choices.is_empty() {
            self.session.offered = if has_cards { Vec::new() } else { choices };
        }
    }
}
