//! A shop whose answers are known, with the assistant's promises: each update is answered once, an undelivered reply again.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use daogou::assistant::{AssistantError, Input, Observer, Outcome, Timings, Turn};
use daogou::backoffice::Learning;
use daogou::config::TelegramConfig;
use daogou::domain::cart::Cart;
use daogou::domain::handoff::{HandoffReason, HandoffRequest};
use daogou::domain::identifier::{ConversationId, Generation, Sku};
use daogou::domain::language::Language;
use daogou::domain::money::{Currency, Money};
use daogou::domain::reply::{Action, Block, Card, Choice, Reply};
use daogou::domain::session::{Attendant, Session};
use daogou::domain::wording::telegram::{Reloaded, Status};
use daogou::faces::telegram::{OpenDesk, Shop, Telegram, TelegramError};
use daogou::store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::bot_api::{BotApi, TOKEN};

/// What is written word by word.
pub const WRITTEN: &str =
    "Unused goods may be returned within 30 days & opened ones <never>, so keep the box closed until you are sure.";

/// Answers `echo: …` to words, cards to `list` and `photos`, and says what an action was.
#[derive(Default)]
pub struct Scripted {
    pub sessions: Mutex<HashMap<ConversationId, Session>>,
    pub turns: Mutex<Vec<Turn>>,
    pub pause: Duration,
    pub reload_takes: Duration,
    /// How long a word of a streamed reply takes.
    pub writes_every: Duration,
    /// Whether a turn is being thought about.
    pub thinks: AtomicBool,
    /// What learns from unanswered questions.
    pub learning: Mutex<Option<Arc<Learning>>>,
}

fn request(session: &Session) -> HandoffRequest {
    HandoffRequest {
        conversation: session.conversation.clone(),
        language: session.language,
        reason: HandoffReason::Asked,
        message: "human".into(),
        history: Vec::new(),
        products: Vec::new(),
        orders: Vec::new(),
    }
}

pub fn card(ordinal: usize, image: Option<&str>) -> Card {
    let sku = || Sku::new(format!("S{ordinal}"));
    Card {
        ordinal,
        sku: sku(),
        title: format!("Shoe <{ordinal}> & co"),
        brand: "Norridge".into(),
        price: Money::from_major(299.0, Currency::CNY),
        list_price: None,
        rating: Some(4.5),
        review_count: Some(12),
        stock: Some(9),
        reason: Some("within your budget".into()),
        image: image.map(str::to_owned),
        url: Some(format!("https://shop.example/{ordinal}")),
        choices: vec![
            Choice::new("Details", Action::Detail { sku: sku() }),
            Choice::new("Save", Action::Save { sku: sku() }),
            Choice::new("Add to cart", Action::CartAdd { sku: sku() }),
        ],
    }
}

impl Scripted {
    fn answer(&self, input: &Input, session: &mut Session) -> Reply {
        let reply = Reply::new(session.language);
        let list = |images: [Option<&str>; 2]| vec![card(1, images[0]), card(2, images[1])];
        let more = vec![Choice::new("More", Action::More)];
        match input {
            Input::Message { text, about: Some(sku) } => reply.text(format!("about {sku}: {text}")),
            Input::Message { text, .. } => match text.as_str() {
                "list" => reply.text("2 found").block(Block::Products { cards: list([None, None]) }).choices(more),
                "photos" => {
                    let cards = list([Some("images/a.jpg"), Some("images/missing.jpg")]);
                    reply.text("2 found").block(Block::Products { cards }).choices(more)
                }
                "long" => reply.text("羽绒服 & <b>".repeat(3000)),
                "stream" => reply.text(WRITTEN).choices(more),
                "panic" => panic!("scripted"),
                text => reply.text(format!("echo: {text}")),
            },
            Input::Press(Action::Save { sku }) => {
                session.saved.push(sku.clone());
                reply.text(format!("saved {sku}"))
            }
            Input::Press(Action::Unsave { sku }) => {
                session.saved.retain(|saved| saved != sku);
                reply.text(format!("unsaved {sku}"))
            }
            Input::Press(Action::Language { language }) => {
                session.language = *language;
                Reply::new(*language).text("language set")
            }
            Input::Press(action) => reply.text(format!("{action:?}")),
        }
    }
}

impl Shop for Scripted {
    fn handle(&self, turn: &Turn, observer: &mut dyn Observer) -> Result<Outcome, AssistantError> {
        std::thread::sleep(self.pause);
        if matches!(&turn.input, Input::Message { text, .. } if text == "think") {
            // As long as it is wanted, and no longer than a test waits.
            let begun = std::time::Instant::now();
            self.thinks.store(true, Ordering::SeqCst);
            while observer.is_wanted() && begun.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(5));
            }
            self.thinks.store(false, Ordering::SeqCst);
            if !observer.is_wanted() {
                return Err(AssistantError::Cancelled);
            }
        }
        if matches!(&turn.input, Input::Message { text, .. } if text == "stream") {
            let words: Vec<&str> = WRITTEN.split(' ').collect();
            for count in 1..words.len() {
                observer.draft(&Reply::default().text(format!("{} …", words[..count].join(" "))));
                std::thread::sleep(self.writes_every);
                if !observer.is_wanted() {
                    return Err(AssistantError::Cancelled);
                }
            }
        }
        let mut session = self.session(&turn.conversation)?.unwrap_or_else(|| Session::new(turn.conversation.clone()));
        let mut handoff = None;
        let reply = if session.attendant == Attendant::Person {
            None
        } else if turn.update <= session.last_update {
            (turn.update == session.last_update).then(|| session.unsent.clone()).flatten()
        } else {
            self.turns.lock().expect("turns").push(turn.clone());
            let reply = self.answer(&turn.input, &mut session);
            if matches!(&turn.input, Input::Message { text, .. } if text == "human") {
                session.attendant = Attendant::Waiting;
                handoff = Some(request(&session));
            }
            session.last_update = turn.update;
            session.unsent = Some(reply.clone());
            self.sessions.lock().expect("sessions").insert(turn.conversation.clone(), session.clone());
            Some(reply)
        };
        Ok(Outcome {
            reply,
            understood: None,
            hits: Vec::new(),
            generation: Generation(1),
            timings: Timings::default(),
            handoff,
            session,
        })
    }

    fn delivered(&self, conversation: &ConversationId, update: i64) -> Result<(), AssistantError> {
        if let Some(session) = self.sessions.lock().expect("sessions").get_mut(conversation)
            && session.last_update == Some(update)
        {
            session.unsent = None;
        }
        Ok(())
    }

    fn session(&self, conversation: &ConversationId) -> Result<Option<Session>, AssistantError> {
        Ok(self.sessions.lock().expect("sessions").get(conversation).cloned())
    }

    fn begin(&self, conversation: &ConversationId, language: Language) -> Result<(), AssistantError> {
        let session = Session { language, cart: Cart::default(), ..Session::new(conversation.clone()) };
        self.sessions.lock().expect("sessions").insert(conversation.clone(), session);
        Ok(())
    }

    fn glance(&self, _text: &str, _language: Language) -> Result<Vec<Card>, AssistantError> {
        Ok(vec![card(1, None), card(2, None)])
    }

    fn reload(&self) -> Result<(Reloaded, Vec<String>), String> {
        std::thread::sleep(self.reload_takes);
        let done =
            Reloaded { generation: 2, unchanged: false, added: 3, changed: 2, removed: 1, rejected: 1, seconds: 0.1 };
        Ok((done, vec!["line 7: price: not a number".into()]))
    }

    fn status(&self, waiting: usize) -> Status {
        Status { model: None, device: "cpu".into(), generation: 1, products: 2, waiting, uptime_s: 60, turns_today: 5 }
    }

    fn learning(&self) -> Option<Arc<Learning>> {
        self.learning.lock().expect("learning").clone()
    }

    fn name(&self, _language: Language) -> String {
        "Test Shop".into()
    }
}

/// A running face.
pub struct Running {
    pub shop: Arc<Scripted>,
    closing: CancellationToken,
    task: tokio::task::JoinHandle<Result<(), TelegramError>>,
    _store: Arc<Store>,
}

impl Running {
    /// Runs the face against a server, with its state in a folder.
    pub fn start(api: &BotApi, folder: &Path, shop: Arc<Scripted>, config: TelegramConfig) -> Self {
        Self::start_with(api, folder, shop, config, |_| None)
    }

    /// As [`Self::start`], with a desk.
    pub fn start_with(
        api: &BotApi,
        folder: &Path,
        shop: Arc<Scripted>,
        config: TelegramConfig,
        desk: impl FnOnce(&Arc<Store>) -> Option<OpenDesk>,
    ) -> Self {
        let store = Arc::new(open_released(&folder.join("state")));
        let closing = CancellationToken::new();
        let face = Telegram {
            token: TOKEN.into(),
            api_url: api.url(),
            config,
            pictures: folder.join("catalog"),
            shop: Arc::clone(&shop) as Arc<dyn Shop>,
            store: Arc::clone(&store),
            desk: desk(&store),
            meter: Arc::new(()),
        };
        let task = tokio::spawn(face.run(closing.clone()));
        Self { shop, closing, task, _store: store }
    }

    /// Asks it to stop and waits for that.
    pub async fn stop(self) -> Result<(), TelegramError> {
        self.closing.cancel();
        self.task.await.expect("no panic")
    }

    pub async fn ended(self) -> Result<(), TelegramError> {
        self.task.await.expect("no panic")
    }
}

pub fn quick() -> TelegramConfig {
    TelegramConfig { burst_ms: 40, messages_per_second: 5000, admins: vec![900], ..TelegramConfig::default() }
}

/// Opens a store that the bot before it may hold for a moment more, as a service manager's restart finds it.
fn open_released(path: &Path) -> Store {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        match Store::open(path) {
            Ok((store, _)) => return store,
            Err(StoreError::InUse(_)) if std::time::Instant::now() < until => std::thread::yield_now(),
            Err(error) => panic!("store: {error}"),
        }
    }
}
