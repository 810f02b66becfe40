//! Steps about the shop's rules: the passage that answers, quoted with its source, or an honest "not covered".
//!
//! Nothing is promised that no passage says: a model's wording is checked against the passage, and the passage's own sentences
//! are said otherwise.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};

use super::AssistantError;
use super::dispute::is_money_dispute;
use super::phrase::language_name;
use super::stream::read_along;
use super::work::Work;
use crate::config::ServiceConfig;
use crate::domain::attempt::Attempts;
use crate::domain::generator::{Job, Priority};
use crate::domain::ground::{Evidence, Ungrounded, ground};
use crate::domain::handoff::HandoffReason;
use crate::domain::intent::IntentKind;
use crate::domain::language::Language;
use crate::domain::order::{ChangeRequest, OrderBook};
use crate::domain::reply::{Action, Choice, Reply};
use crate::domain::unanswered::{self, Unanswered, UnansweredCause};
use crate::domain::wording::{chat, listing, policy};
use crate::knowledge::{Answer, Knowledge, Passage, Question};
use crate::prompts::Value;
use crate::store::{Store, StoreError, Table};

/// Longer passages are quoted by their telling sentences only, in characters.
const MAX_QUOTE: usize = 480;
/// Tokens that a prompt may take, estimated.
const BUDGET: usize = 1536;
/// The longest phrased answer, in tokens.
const MAX_TOKENS: usize = 120;
/// What the prompt tells a model to say when the passage does not answer.
const NO_ANSWER: &str = "NO_ANSWER";

/// What customer service works with.
pub struct ServiceParts {
    /// The shop's policies; swapped whole at a reload.
    pub knowledge: ArcSwap<Knowledge>,
    /// The shop's orders.
    pub orders: Arc<dyn OrderBook>,
    /// Wrong tries at proving an order, by conversation and by order number.
    pub attempts: Table<Attempts>,
    /// Changes of orders that a shopper said yes to, by their key.
    pub journal: Table<JournalEntry>,
    /// Questions without an answer, by language and words.
    pub unanswered: Table<Unanswered>,
    /// The shop's choices.
    pub config: ServiceConfig,
}

impl ServiceParts {
    /// Puts customer service together.
    ///
    /// # Errors
    /// A table cannot be opened.
    pub fn new(
        knowledge: Knowledge,
        orders: Arc<dyn OrderBook>,
        store: &Store,
        config: ServiceConfig,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            knowledge: ArcSwap::from_pointee(knowledge),
            orders,
            attempts: store.table("order_attempts")?,
            journal: store.table("order_changes")?,
            unanswered: store.table(unanswered::TABLE)?,
            config,
        })
    }

    /// Whether the shop leaves a topic to people.
    pub fn is_reserved(&self, topic: Option<&str>) -> bool {
        topic.is_some_and(|topic| self.config.human_only_topics.iter().any(|reserved| reserved == topic))
    }
}

/// A change of an order on its way through the order book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// What was asked for.
    pub request: ChangeRequest,
    /// How far it came.
    pub state: JournalState,
}

/// How far a change came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalState {
    /// Said yes to; whether the order book did it is not known yet.
    Begun,
    /// Carried out.
    Done,
    /// Refused for good.
    Refused,
}

impl Work<'_> {
    /// Answers a question about the shop's rules.
    pub fn policy(&mut self, topic: Option<String>) -> Result<Reply, AssistantError> {
        let service = &self.parts.service;
        if service.is_reserved(topic.as_deref()) {
            return Ok(self.led_to_person(policy::reserved(self.language), HandoffReason::ReservedTopic));
        }
        let knowledge = service.knowledge.load_full();
        let previous = self.session.history.last().filter(|last| last.intent == IntentKind::Policy);
        let previous = previous.map(|last| last.shopper.clone());
        let question = Question {
            text: self.message,
            language: Some(self.language),
            previous: previous.as_deref(),
            topic: self.session.policy_topic.as_deref().filter(|_| previous.is_some()),
        };
        let mut found = knowledge.answers(&question).into_iter();
        let (found, beside) = (found.next(), found.next());
        let offers: Vec<Passage> = knowledge.offers(&question).into_iter().cloned().collect();
        if let Some(topic) = found.as_ref().map(|answer| answer.passage.topic.clone()) {
            if self.parts.service.is_reserved(Some(&topic)) {
                return Ok(self.led_to_person(policy::reserved(self.language), HandoffReason::ReservedTopic));
            }
            self.session.policy_topic = Some(topic);
        }
        let reply = match found {
            Some(answer) => {
                let beside = beside.filter(|other| !self.parts.service.is_reserved(Some(&other.passage.topic)));
                let others = offers.get(1 + usize::from(beside.is_some())..).unwrap_or_default();
                with_others(with_second(self.quoted(&answer), beside.as_ref()), others)
            }
            None if offers.is_empty() => self.uncovered()?,
            None => self.offered(&offers)?,
        };
        if is_money_dispute(self.message) {
            let mut called = self.led_to_person(policy::money_dispute(self.language), HandoffReason::MoneyDispute);
            called.blocks.splice(0..0, reply.blocks);
            self.helped = true;
            return Ok(called);
        }
        Ok(reply)
    }

    fn quoted(&mut self, answer: &Answer) -> Reply {
        let quote = quotation(answer);
        let said = self.phrased(answer, &quote).unwrap_or_else(|| answer.sentences.clone());
        quoted_reply(self.language, answer, &quote, &said)
    }

    /// The answer in the model's words, where it is trusted with them, came in time and says nothing beyond the passage; the observer
    /// sees it grow above the quotation.
    fn phrased(&mut self, answer: &Answer, quote: &str) -> Option<String> {
        let generator = self.parts.generator.as_ref();
        if !generator.is_trusted_with(Job::Answer) {
            return None;
        }
        let values = vec![
            ("language", Value::from(language_name(self.language))),
            ("question", Value::from(self.message)),
            ("passages", Value::Ranked(answer.passage.lines.clone())),
        ];
        let prompt = self.parts.prompts.fill(Job::Answer, values, BUDGET).ok()?;
        let request = prompt.request(
            MAX_TOKENS,
            Priority::Explain,
            Instant::now() + Duration::from_millis(self.parts.config.explain_ms),
        );
        let generation =
            generator.generate(request).inspect_err(|error| tracing::info!(%error, "answer quoted")).ok()?;
        let mut evidence = Evidence::default();
        evidence.add(&answer.passage.text());
        evidence.add(&answer.passage.headings.join("\n"));
        let lexicon = self.snapshot.lexicon();
        let names: Vec<String> = lexicon.brands.iter().map(|brand| brand.text.to_lowercase()).collect();
        let check = |text: &str| match text.contains(NO_ANSWER) {
            true => Err(Ungrounded::Name(NO_ANSWER.into())),
            false => ground(text, &evidence, names.iter().map(String::as_str)),
        };
        let (language, observer) = (self.language, &mut *self.observer);
        observer.draft(&quoted_reply(language, answer, quote, quote));
        let mut grown = |sure: Option<&str>| {
            if let Some(sure) = sure {
                observer.draft(&quoted_reply(language, answer, quote, &format!("{sure} …")));
            }
            observer.is_wanted()
        };
        let text = read_along(generation, &check, &mut grown)?;
        match check(&text) {
            Ok(()) => (!text.is_empty()).then_some(text),
            Err(error) => {
                tracing::info!(passage = %answer.passage.id, %error, "draft refused");
                None
            }
        }
    }

    /// Shows a passage that was offered.
    pub fn passage(&mut self, id: &str) -> Reply {
        let knowledge = self.parts.service.knowledge.load_full();
        let Some(passage) = knowledge.passage(id) else { return self.reply().text(chat::stale_button(self.language)) };
        if self.parts.service.is_reserved(Some(&passage.topic)) {
            return self.led_to_person(policy::reserved(self.language), HandoffReason::ReservedTopic);
        }
        self.session.policy_topic = Some(passage.topic.clone());
        let reply = self.reply();
        let reply =
            if passage.language == self.language { reply } else { reply.text(policy::other_language(self.language)) };
        reply.quote(passage.text(), passage.source())
    }

    /// It is open which passage is meant: asks, by buttons with their headings, and records the question.
    fn offered(&mut self, offers: &[Passage]) -> Result<Reply, AssistantError> {
        let language = self.language;
        self.record_unanswered(UnansweredCause::NoPassage)?;
        let person = Choice::new(listing::human_button(language), Action::Human);
        let choices = offers.iter().map(offer).chain([person]).collect();
        Ok(self.reply().text(policy::do_you_mean(language)).choices(choices))
    }

    /// No passage answers: says so, records the question and offers a person.
    fn uncovered(&mut self) -> Result<Reply, AssistantError> {
        self.helped = false;
        let language = self.language;
        self.record_unanswered(UnansweredCause::NoPassage)?;
        Ok(self
            .reply()
            .text(policy::not_covered(language))
            .text(policy::noted(language))
            .choices(vec![Choice::new(listing::human_button(language), Action::Human)]))
    }

    /// Keeps the question for the shop, without who asked it.
    pub fn record_unanswered(&self, cause: UnansweredCause) -> Result<(), AssistantError> {
        let (question, language) = (self.message, self.language);
        let key = unanswered::key(question, language);
        Ok(self
            .parts
            .service
            .unanswered
            .update(&key, |known| (Some(Unanswered::again(known, question, language, cause, unix_seconds())), ()))?)
    }

    /// Says why, and calls a person.
    pub fn led_to_person(&mut self, why: &str, reason: HandoffReason) -> Reply {
        let before = self.reply().text(why);
        let mut called = self.human(reason);
        called.blocks.splice(0..0, before.blocks);
        called
    }
}

/// The passage as it is quoted.
pub(super) fn quotation(answer: &Answer) -> String {
    let whole = answer.passage.text();
    if whole.chars().count() > MAX_QUOTE { answer.sentences.clone() } else { whole }
}

/// An answer above the passage that it comes from.
fn quoted_reply(language: Language, answer: &Answer, quote: &str, said: &str) -> Reply {
    let passage = &answer.passage;
    let mut reply = Reply::new(language);
    if said != quote {
        reply = reply.text(said);
    }
    if passage.language != language {
        reply = reply.text(policy::other_language(language));
    }
    reply.quote(quote, passage.source())
}

/// Adds the passage that is as likely meant.
fn with_second(reply: Reply, second: Option<&Answer>) -> Reply {
    let Some(second) = second else { return reply };
    let told = policy::or_is_it_this(reply.lang);
    reply.text(told).quote(quotation(second), second.passage.source())
}

/// Adds what else may have been meant.
fn with_others(reply: Reply, others: &[Passage]) -> Reply {
    if others.is_empty() {
        return reply;
    }
    let told = policy::or_do_you_mean(reply.lang);
    reply.text(told).choices(others.iter().map(offer).collect())
}

/// A button that shows a passage, named by its heading; a heading that stands under another is told with it.
fn offer(passage: &Passage) -> Choice {
    let heading = match passage.headings.as_slice() {
        [.., above, own] => format!("{above} › {own}"),
        [own] => own.clone(),
        [] => passage.topic.clone(),
    };
    Choice::new(heading, Action::Passage { id: passage.id.clone() })
}

/// Seconds since 1970.
pub(super) fn unix_seconds() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}
