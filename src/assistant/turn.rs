//! One turn: what comes in, what goes out, and what was done in between.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;

use crate::domain::handoff::HandoffRequest;
use crate::domain::identifier::{ConversationId, Generation, Sku};
use crate::domain::intent::Understood;
use crate::domain::reply::{Action, Reply};
use crate::domain::session::Session;

/// What a shopper did.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Wrote a message; `about` is the product whose card it answers, if any.
    Message {
        /// The words.
        text: String,
        /// The product whose card is answered.
        about: Option<Sku>,
    },
    /// Pressed a button.
    Press(Action),
}

/// One message or button, with where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Whose conversation.
    pub conversation: ConversationId,
    /// The face's number of this update, rising within a conversation: the same one twice is answered once.
    pub update: Option<i64>,
    /// What came.
    pub input: Input,
}

/// Told of a turn's progress while it runs; faces show a typing sign or stream the reply.
pub trait Observer {
    /// A stage begins.
    fn stage(&mut self, _name: &'static str) {}
    /// The reply while a model still phrases parts of it. Everything in it has passed the check that the whole reply must pass; a
    /// later one, and in the end the reply itself, takes its place.
    fn draft(&mut self, _so_far: &Reply) {}
    /// Whether the turn is still wanted; asked between stages.
    fn is_wanted(&self) -> bool {
        true
    }
}

/// Watches nothing.
impl Observer for () {}

/// Milliseconds of each stage, in order of their names.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Timings(BTreeMap<&'static str, f64>);

impl Timings {
    /// Adds the time since `start` to a stage.
    pub fn add(&mut self, stage: &'static str, start: Instant) {
        *self.0.entry(stage).or_default() += start.elapsed().as_secs_f64() * 1e3;
    }

    /// Stage and milliseconds.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.0.iter().map(|(stage, ms)| (*stage, *ms))
    }
}

/// One hit as the command line prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShownHit {
    /// Which.
    pub sku: Sku,
    /// Its title in the shopper's language.
    pub title: String,
    /// In major units.
    pub price: Option<f64>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// Higher is better; comparable within one search only.
    pub score: f32,
    /// Why it is shown.
    pub reason: Option<String>,
}

/// What came of a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What to show; none when the bot is silent because a person attends, or the update was answered before.
    pub reply: Option<Reply>,
    /// What the message was taken for; none for a button.
    pub understood: Option<Understood>,
    /// The products shown, best first.
    pub hits: Vec<ShownHit>,
    /// From which catalog generation every fact was copied.
    pub generation: Generation,
    /// How long each stage took.
    pub timings: Timings,
    /// Set when a person is to be called.
    pub handoff: Option<HandoffRequest>,
    /// The session after the turn, as saved.
    pub session: Session,
}
