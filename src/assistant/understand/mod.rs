//! From a message to an intent: rules, the catalog's words, the linear models and the language model, fused by confidence.
//!
//! Pure but for the language model; never changes a session, never searches. Called by the conversation, `parse` and `eval`.

pub mod context;
mod early;
pub mod fuse;
mod grammar;
pub mod guess;
pub mod labelled;
pub mod message;
mod model;
mod needs;
pub mod owned;
pub(in crate::assistant) mod pattern;
pub mod plain;
pub mod prior;
pub mod rules;
pub(in crate::assistant) mod sayings;
mod sense;
pub mod slots;
pub mod span;
pub mod tagger;
pub mod vocabulary;

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::fuse::{FITTED, FITTED_WITH_SENSE, INTENTS, IntentVote, Verdict, Weights, judge};
use self::guess::Guess;
use self::message::Message;
use self::model::ModelReading;
use self::pattern::Pattern;
use self::prior::{IntentPrior, PriorContext};
use self::rules::Ruling;
use self::span::{Slot, Span, merge};
use self::tagger::features::Seen;
use self::tagger::file::TaggerError;
use self::tagger::{Tagger, Vote};
use self::vocabulary::{Known, Vocabulary};
use crate::catalog::CatalogSnapshot;
use crate::domain::encoder::SentenceEncoder;
use crate::domain::generator::TextGenerator;
use crate::domain::identifier::Generation;
use crate::domain::intent::{Intent, IntentKind, Understood};
use crate::domain::language::Language;
use crate::domain::linear_text::LinearTextError;
use crate::domain::session::Context;
use crate::prompts::Prompts;

/// Why understanding cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum UnderstandError {
    /// The prior's file.
    #[error("intent prior: {0}")]
    Prior(#[from] LinearTextError),
    /// The tagger's file.
    #[error("{0}")]
    Tagger(#[from] TaggerError),
}

/// The linear models that the program carries in itself.
const PRIOR: &[u8] = include_bytes!("../../../models/intent-prior.bin");
const GUESS: &[u8] = include_bytes!("../../../models/intent-guess.bin");
const TAGGER: &[u8] = include_bytes!("../../../models/span-tagger.bin");

/// Which sources are heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sources {
    /// Rules, and known words where nothing fitted is heard.
    pub rules: bool,
    /// The prior over intents and the span tagger.
    pub linear: bool,
    /// The language model.
    pub model: bool,
}

impl Sources {
    /// All of them.
    pub const ALL: Self = Self { rules: true, linear: true, model: true };
}

/// The confidence, at least, of an intent that the words or the context settle.
const SETTLED: f32 = 0.6;

static IN_GENERAL: Pattern = Pattern::new(
    r"^[^?？]{0,12}(?:介绍(?:一下|下)?|详情|详细(?:信息|介绍|说说|看看|点)?|具体(?:信息|参数|说说|点|看看)?|参数|细节)(?:看看|呢|吧|给我看看?)?[。.!！?？]*$|\b(?:tell me|know|hear|see|read|some|show me|give me)\b[a-z ]{0,10}\b(?:more|details?|specs?|specifications?|info(?:rmation)?)\b[a-z0-9# ]{0,24}[.!?]*$|^(?:details?|more info(?:rmation)?|specs?)\b[a-z0-9# ]{0,24}[.!?]*$|^tell me about [a-z0-9# ]{0,16}[.!?]*$",
);

/// Whether a message asks about a product without asking anything in particular: "tell me more about the first one", "第二款详情".
pub fn asks_in_general(text: &str) -> bool {
    text.trim().parse::<u32>().is_ok() || IN_GENERAL.hits(&Message::new(text))
}

/// Reads messages.
pub struct Understanding {
    prior: IntentPrior,
    guess: Guess,
    tagger: Tagger,
    prompts: Arc<Prompts>,
    deadline: Duration,
    /// Without the sentence encoder's opinion, and with it.
    weights: [Weights; 2],
    encoder: Option<Arc<dyn SentenceEncoder>>,
    vocabulary: Mutex<Option<(Generation, Arc<Vocabulary>)>>,
}

impl Understanding {
    /// Reads messages with the bundled linear models, and with a language model where it is trusted with parsing; it has until
    /// the deadline, then the others answer alone.
    ///
    /// # Errors
    /// A bundled model is damaged.
    pub fn new(prompts: Arc<Prompts>, deadline: Duration) -> Result<Self, UnderstandError> {
        Ok(Self {
            prior: IntentPrior::load(PRIOR)?,
            guess: Guess::load(GUESS)?,
            tagger: Tagger::load(TAGGER)?,
            prompts,
            deadline,
            weights: [FITTED, FITTED_WITH_SENSE],
            encoder: None,
            vocabulary: Mutex::default(),
        })
    }

    /// With another guess and another span tagger.
    pub fn with_models(self, guess: Guess, tagger: Tagger) -> Self {
        Self { guess, tagger, ..self }
    }

    /// With another prior.
    pub fn with_prior(self, prior: IntentPrior) -> Self {
        Self { prior, ..self }
    }

    /// With other weights of the sources: without the sentence encoder's opinion, and with it.
    pub fn with_weights(self, weights: [Weights; 2]) -> Self {
        Self { weights, ..self }
    }

    /// With a sentence encoder's opinion of the intent.
    pub fn with_encoder(self, encoder: Option<Arc<dyn SentenceEncoder>>) -> Self {
        Self { encoder, ..self }
    }

    /// What a message means, read against what the shopper sees.
    pub fn understand(
        &self,
        text: &str,
        context: &Context,
        snapshot: &CatalogSnapshot,
        generator: &dyn TextGenerator,
    ) -> Understood {
        self.understand_by(Sources::ALL, text, context, snapshot, generator)
    }

    /// The same by some of the sources only, to measure what each is worth.
    pub fn understand_by(
        &self,
        sources: Sources,
        text: &str,
        context: &Context,
        snapshot: &CatalogSnapshot,
        generator: &dyn TextGenerator,
    ) -> Understood {
        let vocabulary = self.vocabulary(snapshot);
        let synonyms = |word: &str| snapshot.synonyms_of(word).to_vec();
        let message = Message::new(text);
        let known = vocabulary.find(&message);
        let ruling = if sources.rules { rules::read(&message, context) } else { Ruling::default() };
        let seen = Seen { message: &message, context, intent: IntentKind::Unclear, known: &known, ruling: &ruling };
        let (prior, weights) =
            if sources.linear { self.linear(text, &seen) } else { (plain::intents(context), &self.weights[0]) };
        let asks_model = sources.model && ruling.intent.is_none();
        let model =
            asks_model.then(|| model::read(&message, context, generator, &self.prompts, self.deadline)).flatten();
        let vote = model.as_ref().map(|reading| reading.vote);
        let weights = if sources.linear { *weights } else { Weights { prior: 0.0, ..*weights } };
        let mut verdict = judge(ruling.intent, &prior, vote, &weights);
        if sources == Sources::ALL || sources.linear && sources.rules {
            early::settle(&mut verdict, &message, context, &known, &ruling);
        }
        let spans = match &model {
            Some(reading) if !sources.linear => reading.spans.clone(),
            None if !sources.linear => plain::spans(&message, &known, &ruling, verdict.intent),
            _ => self.spans(&message, context, &verdict, &known, &ruling, model.as_ref()),
        };
        let mut understood = settle(&message, context, verdict, &spans, ruling);
        let intent = &mut understood.intent;
        intent.category = intent.query.as_deref().and_then(|query| slots::category_of(query, &vocabulary, synonyms));
        if intent.query.is_none() && intent.items.is_empty() {
            understood.kinds = needs::kinds(&message, &vocabulary);
        }
        let is_sku = |id: &str| snapshot.product(&id.into()).is_some();
        let is_kind = |word: &str| vocabulary.names_a_kind(word);
        if context::adjust(&mut understood, &message, context, is_sku, is_kind) {
            understood.confidence = understood.confidence.max(SETTLED);
        }
        understood
    }

    /// What the prior, the guess, the sentence encoder and the language model say of a message's intent, each by itself, to fit their
    /// weights.
    pub fn opinions(
        &self,
        text: &str,
        context: &Context,
        snapshot: &CatalogSnapshot,
        generator: &dyn TextGenerator,
    ) -> ([f32; INTENTS], [f32; INTENTS], Option<[f32; INTENTS]>, Option<IntentVote>) {
        let vocabulary = self.vocabulary(snapshot);
        let message = Message::new(text);
        let (known, ruling) = (vocabulary.find(&message), rules::read(&message, context));
        let seen = Seen { message: &message, context, intent: IntentKind::Unclear, known: &known, ruling: &ruling };
        let situation = PriorContext { query: context.query.as_deref(), shown: context.shown };
        let model = model::read(&message, context, generator, &self.prompts, self.deadline);
        let vote = model.map(|reading| reading.vote);
        (self.prior.predict(text, situation), self.guess.predict(&seen), self.sensed(text, situation), vote)
    }

    fn sensed(&self, text: &str, context: PriorContext<'_>) -> Option<[f32; INTENTS]> {
        sense::predict(self.encoder.as_deref()?, text, context)
    }

    /// The linear opinions as one, by a weighted mean of logarithms, and the weights that are right for them.
    fn linear(&self, text: &str, seen: &Seen<'_>) -> ([f32; INTENTS], &Weights) {
        let context = PriorContext { query: seen.context.query.as_deref(), shown: seen.context.shown };
        // Where the rules settle it, the others only fill the alternatives.
        let sensed = seen.ruling.intent.is_none().then(|| self.sensed(text, context)).flatten();
        let weights = &self.weights[usize::from(sensed.is_some())];
        (fuse::blend(&self.prior.predict(text, context), &self.guess.predict(seen), sensed.as_ref(), weights), weights)
    }

    fn spans(
        &self,
        message: &Message,
        context: &Context,
        verdict: &Verdict,
        known: &[Known<'_>],
        ruling: &Ruling,
        model: Option<&ModelReading>,
    ) -> Vec<Span> {
        let seen = Seen { message, context, intent: verdict.intent, known, ruling };
        let mut spans: Vec<Span> = ruling.order_ids.clone();
        merge(&mut spans, ruling.prices.iter().cloned());
        spans.retain(|span| span.slot.suits(verdict.intent));
        let voted = model.map_or(&[][..], |reading| reading.spans.as_slice()).iter();
        let votes: Vec<Vote> =
            voted.map(|span| Vote { span: span.clone(), weight: self.weights[0].span_vote }).collect();
        let silence = if model.is_some() { self.weights[0].silence } else { 0.0 };
        let tagged = self.tagger.tag(&seen, &votes, silence);
        let tagged = tagged.into_iter().filter(|span| !fuse::is_owned_by_rules(span.slot) || ruling.prices.is_empty());
        let is_spoken_for = |span: &Span| ruling.spoken_for.iter().any(|range| is_within(&span.range, range));
        let is_verb = |span: &Span| message.folded_words(&span.range) == "last" && rules::pointing::lasts(message);
        merge(
            &mut spans,
            tagged.filter(|span| if span.slot == Slot::Items { !is_verb(span) } else { !is_spoken_for(span) }),
        );
        owned::correct(&mut spans, known, ruling, verdict.intent);
        if !spans.iter().any(|span| span.slot == Slot::Items) {
            let pointing = ruling.items.iter().filter(|span| span.slot.suits(verdict.intent)).cloned();
            merge(&mut spans, pointing);
        }
        spans
    }

    /// The words of a catalog generation, gathered once.
    fn vocabulary(&self, snapshot: &CatalogSnapshot) -> Arc<Vocabulary> {
        let mut kept = self.vocabulary.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((generation, vocabulary)) if *generation == snapshot.generation() => vocabulary.clone(),
            _ => {
                let vocabulary = Arc::new(Vocabulary::new(snapshot.lexicon()));
                *kept = Some((snapshot.generation(), vocabulary.clone()));
                vocabulary
            }
        }
    }
}

fn is_within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn settle(message: &Message, context: &Context, verdict: Verdict, spans: &[Span], ruling: Ruling) -> Understood {
    let earlier = context.query.as_deref().and_then(Language::detect).unwrap_or_default();
    let mut intent = Intent::of(verdict.intent, message.language_or(earlier));
    slots::fill(&mut intent, message, spans, &ruling);
    Understood {
        intent,
        confidence: verdict.confidence,
        source: verdict.source,
        alternatives: verdict.alternatives,
        change: ruling.change,
        kinds: Vec::new(),
        shares: verdict.shares.to_vec(),
    }
}
