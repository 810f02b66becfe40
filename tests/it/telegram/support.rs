//! A held conversation: a shopper in a private chat, two of the staff in a group with topics, the bot between them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use daogou::config::{SupportConfig, TelegramConfig};
use daogou::domain::identifier::{ConversationId, OrderId, Sku};
use daogou::domain::language::{Language, Localized};
use daogou::domain::reply::Card;
use daogou::domain::session::{Attendant, Session};
use daogou::faces::telegram::{OpenDesk, Shop};
use daogou::inference::absent::Absent;
use daogou::prompts::Prompts;
use daogou::store::Store;
use daogou::support_desk::{Advice, Adviser, Conversations, Desk, DeskParts};
use serde_json::json;

use super::bot_api::{BotApi, Fault};
use super::scripted::{Running, Scripted, card, quick};

pub const GROUP: i64 = -1_002_000;
pub const SHOPPER: i64 = 42;
pub const LIN: i64 = 901;
const ADA: i64 = 903;
const STRANGER: i64 = 905;

/// The scripted shop as the desk sees it.
struct Behind(Arc<Scripted>);

impl Conversations for Behind {
    fn attend(&self, conversation: &ConversationId, attendant: Attendant) -> Result<Option<String>, String> {
        let mut sessions = self.0.sessions.lock().map_err(|error| error.to_string())?;
        let session = sessions.entry(conversation.clone()).or_insert_with(|| Session::new(conversation.clone()));
        session.attendant = attendant;
        session.unsent = None;
        Ok(None)
    }

    fn session(&self, conversation: &ConversationId) -> Result<Option<Session>, String> {
        Shop::session(self.0.as_ref(), conversation).map_err(|error| error.to_string())
    }
}

impl Adviser for Behind {
    fn answer(&self, question: &str, _language: Language) -> Option<Advice> {
        question
            .contains("退")
            .then(|| Advice { text: "七天内可退。".into(), basis: vec!["returns.zh.md".into()] })
    }

    fn suggest(&self, _wish: &str, _language: Language, _limit: usize) -> Vec<Card> {
        vec![card(1, None)]
    }

    fn cards(&self, _skus: &[Sku], _language: Language) -> Vec<Card> {
        Vec::new()
    }

    fn order(&self, _order: &OrderId, _language: Language) -> Option<String> {
        None
    }
}

fn start(api: &BotApi, folder: &Path, shop: Arc<Scripted>) -> Running {
    let config = TelegramConfig { support_group: Some(GROUP), ..quick() };
    let behind = Arc::new(Behind(Arc::clone(&shop)));
    Running::start_with(api, folder, shop, config, |store: &Arc<Store>| {
        let store = Arc::clone(store);
        let open: OpenDesk = Box::new(move |outbox| {
            let staff = "staff = [{ id = 901, name = { zh = \"小林\" } }, { id = 903, name = { zh = \"阿达\" } }]";
            Desk::open(DeskParts {
                store,
                outbox,
                conversations: behind.clone(),
                adviser: behind,
                generator: Arc::new(Absent::because("a test")),
                prompts: Arc::new(Prompts::load("general", &[], None).expect("prompts")),
                config: toml::from_str::<SupportConfig>(staff).expect("config"),
                shop: Localized::both("样品店", "the shop"),
            })
        });
        Some(open)
    })
}

pub struct Held {
    pub api: BotApi,
    folder: tempfile::TempDir,
    shop: Arc<Scripted>,
    running: Option<Running>,
}

impl Held {
    pub async fn open() -> Self {
        Self::with_topics(true).await
    }

    async fn with_topics(topics: bool) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let api = BotApi::start().await;
        api.lock().forum = topics.then_some(GROUP);
        let shop = Arc::new(Scripted::default());
        let running = Some(start(&api, folder.path(), Arc::clone(&shop)));
        Self { api, folder, shop, running }
    }

    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await.expect("stopped");
        }
    }

    pub async fn restart(&mut self) {
        self.stop().await;
        self.running = Some(start(&self.api, self.folder.path(), Arc::clone(&self.shop)));
    }

    pub async fn ask(&self) {
        self.api.say(SHOPPER, "human");
        self.group_shows("🆕 Test").await;
    }

    pub async fn claimed() -> Self {
        let held = Self::open().await;
        held.ask().await;
        held.api.press_in(GROUP, LIN, "认领");
        held.shopper_sees("小林 已接入").await;
        held
    }

    pub fn topic(&self) -> i64 {
        self.api.lock().topics.last().expect("a topic").0
    }

    pub async fn group_shows(&self, text: &str) {
        self.api.wait(&format!("the group shows {text}"), 20, |api| shows(api, GROUP, text) > 0).await;
    }

    pub async fn shopper_sees(&self, text: &str) {
        self.api.wait(&format!("the shopper sees {text}"), 20, |api| shows(api, SHOPPER, text) > 0).await;
    }

    pub async fn query_says(&self, query: &str, text: &str) {
        let has = |api: &BotApi| {
            api.lock().answered_queries.get(query).cloned().flatten().is_some_and(|told| told.contains(text))
        };
        self.api.wait(&format!("the press is answered {text}"), 20, has).await;
    }

    /// Waits until everything that came before has been worked on: a message of another shopper is answered.
    pub async fn settle(&self) {
        let mark = format!("mark {}", self.api.lock().calls.len());
        self.api.say(77, &mark);
        self.api.wait("a later message is answered", 20, |api| shows(api, 77, &mark) > 0).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    pub async fn close(mut self) {
        self.stop().await;
    }
}

pub fn shows(api: &BotApi, chat: i64, text: &str) -> usize {
    api.texts(chat).iter().filter(|shown| shown.contains(text)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_conversation_from_the_call_to_the_rating() {
    let held = Held::open().await;
    let api = &held.api;
    held.ask().await;
    let topic = held.topic();
    assert!(api.shown(GROUP).iter().all(|message| message.topic == Some(topic)));
    api.say(SHOPPER, "能退吗");
    held.group_shows("👤 Test: 能退吗").await;
    held.shopper_sees("echo: 能退吗").await;
    let lin = api.press_in(GROUP, LIN, "认领");
    let ada = api.press_in(GROUP, ADA, "认领");
    held.shopper_sees("已接入").await;
    let told = |query: &str| api.lock().answered_queries.get(query).cloned().flatten().unwrap_or_default();
    api.wait("both presses are answered", 20, |_| api.lock().answered_queries.len() >= 2).await;
    let (winner, loser) = if shows(api, SHOPPER, "小林 已接入") == 1 { (LIN, ada) } else { (ADA, lin) };
    let (name, other) = if winner == LIN { ("小林", ADA) } else { ("阿达", LIN) };
    assert_eq!(shows(api, SHOPPER, "已接入"), 1);
    assert!(told(&loser).contains(name), "the loser is told who has it");
    api.say(SHOPPER, "还在吗");
    held.group_shows("👤 Test: 还在吗").await;
    api.say_in(GROUP, winner, Some(topic), None, "// 老顾客");
    api.say_in(GROUP, other, Some(topic), None, "我插一句");
    held.group_shows("没有发给顾客").await;
    let words = api.say_in(GROUP, winner, Some(topic), None, "在的，三天");
    held.shopper_sees(&format!("{name}：在的，三天")).await;
    api.edit_in(GROUP, winner, topic, words, "在的，两天");
    held.shopper_sees(&format!("{name}：在的，两天")).await;
    api.send(SHOPPER, json!({ "voice": { "file_id": "VOICE", "file_unique_id": "B", "duration": 3, "mime_type": "audio/ogg", "file_size": 1101 } }));
    api.wait("the voice message is passed on", 20, |api| {
        api.shown(GROUP).iter().any(|message| message.file.as_deref() == Some("VOICE"))
    })
    .await;
    api.say(SHOPPER, "那能退吗");
    held.group_shows("👤 Test: 那能退吗").await;
    api.press_in(GROUP, winner, "起草回复");
    held.group_shows("七天内可退。").await;
    assert_eq!(shows(api, SHOPPER, "七天内可退。"), 0, "a draft waits for a tap");
    api.press_in(GROUP, winner, "发送");
    held.shopper_sees(&format!("{name}：七天内可退。")).await;
    api.press_in(GROUP, winner, "结束");
    held.group_shows("为什么结束？").await;
    api.press_in(GROUP, winner, "已解决");
    held.shopper_sees("怎么样？").await;
    api.press_label(SHOPPER, "★★★★★");
    held.shopper_sees("谢谢评价").await;
    held.group_shows("顾客评价：★★★★★").await;
    api.say(SHOPPER, "谢谢");
    held.shopper_sees("echo: 谢谢").await;
    for never in ["老顾客", "我插一句", "echo: 还在吗", "看不懂"] {
        assert_eq!(shows(api, SHOPPER, never), 0, "{never}");
    }
    held.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_cancels_the_turn_that_is_being_answered_and_nothing_of_it_is_shown() {
    let held = Held::open().await;
    held.ask().await;
    let before = held.api.texts(SHOPPER).len();
    held.api.say(SHOPPER, "think");
    held.api.wait("the bot is at it", 20, |_| held.shop.thinks.load(Ordering::SeqCst)).await;
    held.api.press_in(GROUP, LIN, "认领");
    held.shopper_sees("小林 已接入").await;
    held.api.wait("the turn is cancelled", 20, |_| !held.shop.thinks.load(Ordering::SeqCst)).await;
    held.settle().await;
    let after: Vec<String> = held.api.texts(SHOPPER).split_off(before);
    assert_eq!(after.len(), 1, "{after:?}");
    assert_eq!(shows(&held.api, GROUP, "👤 Test: think"), 1, "the person has the message");
    held.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_in_the_middle_loses_and_doubles_nothing() {
    let mut held = Held::claimed().await;
    let topic = held.topic();
    for round in 0..3 {
        held.api.say(SHOPPER, &format!("问{round}。"));
        held.api.say_in(GROUP, LIN, Some(topic), None, &format!("答{round}"));
        held.restart().await;
    }
    for round in 0..3 {
        held.group_shows(&format!("问{round}")).await;
        held.shopper_sees(&format!("小林：答{round}")).await;
    }
    held.settle().await;
    for round in 0..3 {
        assert_eq!(shows(&held.api, GROUP, &format!("问{round}")), 1);
        assert_eq!(shows(&held.api, SHOPPER, &format!("答{round}")), 1);
        assert_eq!(shows(&held.api, SHOPPER, &format!("echo: 问{round}")), 0, "the bot is silent after a restart too");
    }
    held.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sender_is_told_what_did_not_arrive_and_what_may_have() {
    let held = Held::claimed().await;
    let topic = held.topic();
    held.api.plan(|method, call| {
        let words = call["text"].as_str().unwrap_or_default();
        match words {
            _ if method != "sendMessage" || call["chat_id"] != json!(SHOPPER) => None,
            "小林：一" => Some(Fault::Refused { code: 403, description: "Forbidden: bot was blocked by the user" }),
            "小林：二" => Some(Fault::DroppedAfter),
            _ => None,
        }
    });
    held.api.say_in(GROUP, LIN, Some(topic), None, "一");
    held.group_shows("没有送达顾客：一").await;
    held.api.say_in(GROUP, LIN, Some(topic), None, "二");
    held.group_shows("不确定是否已送达").await;
    held.settle().await;
    assert_eq!(shows(&held.api, SHOPPER, "小林：二"), 1, "not sent twice by itself");
    held.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_outside_the_group_can_act_as_staff() {
    let held = Held::open().await;
    held.ask().await;
    let api = &held.api;
    let claim = api.shown(GROUP)[0].buttons.iter().find(|(label, _)| label == "认领").cloned().expect("button");
    // A shopper presses a button of the group from a private chat, writes commands, and writes from another group.
    api.press_data_in(SHOPPER, SHOPPER, 5, &claim.1);
    api.press_data_in(-999, LIN, 5, &claim.1);
    api.say(SHOPPER, "/claim");
    api.say(SHOPPER, "/close solved");
    api.say_in(-999, LIN, Some(held.topic()), None, "/claim@ShopBot");
    // Someone of the group who is not of the staff, and presses that name nothing.
    let stranger = api.press_data_in(GROUP, STRANGER, 5, &claim.1);
    held.query_says(&stranger, "不在客服名单").await;
    for forged in ["", ".d0", "0123456789abcdef.d0", &format!("{}9", claim.1), "{\"do\":\"claim\"}"] {
        let query = api.press_data_in(GROUP, LIN, 5, forged);
        api.wait("the forged press is answered", 20, |api| api.lock().answered_queries.contains_key(&query)).await;
    }
    api.say_in(GROUP, STRANGER, Some(held.topic()), None, "把卡号发给我");
    held.group_shows("不在客服名单").await;
    held.settle().await;
    assert_eq!(shows(api, SHOPPER, "已接入"), 0);
    assert_eq!(shows(api, SHOPPER, "把卡号发给我"), 0);
    assert_eq!(shows(api, GROUP, "已认领"), 0);
    held.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_without_topics_works_by_replies() {
    let held = Held::with_topics(false).await;
    held.ask().await;
    let head = held.api.shown(GROUP)[0].id;
    held.api.say_in(GROUP, LIN, None, Some(head), "/claim");
    held.shopper_sees("小林 已接入").await;
    held.api.say(SHOPPER, "你好");
    held.group_shows("👤 Test: 你好").await;
    let message = held.api.shown(GROUP).into_iter().find(|message| message.text.contains("你好")).expect("relayed");
    assert_eq!(message.replies_to, Some(head));
    held.api.say_in(GROUP, LIN, None, Some(message.id), "您好");
    held.shopper_sees("小林：您好").await;
    held.api.say_in(GROUP, LIN, None, None, "午饭吃什么");
    held.api.say_in(GROUP, LIN, None, None, "/queue");
    held.group_shows("小林 处理中，已回复").await;
    held.settle().await;
    assert_eq!(shows(&held.api, SHOPPER, "午饭"), 0);
    held.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_was_deleted_is_opened_again() {
    let held = Held::claimed().await;
    held.api.lock().topics.clear();
    held.api.say(SHOPPER, "还在吗");
    held.group_shows("👤 Test: 还在吗").await;
    assert_eq!(held.api.lock().topics.len(), 1);
    held.api.say_in(GROUP, LIN, Some(held.topic()), None, "在的");
    held.shopper_sees("小林：在的").await;
    held.close().await;
}
