//! The desk as a whole: a real store, a recording face.

mod help;

use std::sync::Arc;

use super::recording::{Recording, Sessions, SmallShop, recording};
use super::{Desk, DeskParts, Place};
use crate::config::SupportConfig;
use crate::domain::generator::TextGenerator;
use crate::domain::handoff::{CloseReason, DeskAction, HandoffReason, HandoffRequest, Said, StaffId};
use crate::domain::identifier::ConversationId;
use crate::domain::language::{Language, Localized};
use crate::domain::outbox::{Content, MediaKind, MessageId, OutboxError, TopicId};
use crate::domain::session::{Attendant, Exchange, Session};
use crate::inference::absent::Absent;
use crate::prompts::Prompts;
use crate::store::Store;

const LIN: StaffId = StaffId(1);
const ADA: StaffId = StaffId(2);
const STRANGER: StaffId = StaffId(66);
const NOW: i64 = 1_795_392_000;

struct Shop {
    folder: tempfile::TempDir,
    desk: Option<Desk>,
    face: Arc<Recording>,
    sessions: Arc<Sessions>,
    config: SupportConfig,
    generator: Arc<dyn TextGenerator>,
    updates: i64,
}

fn config(extra: &str) -> SupportConfig {
    let staff = "staff = [{ id = 1, name = { zh = \"小林\" } }, { id = 2, name = { zh = \"阿达\" } }]\n";
    toml::from_str(&format!("{staff}{extra}")).expect("config")
}

impl Shop {
    fn open() -> Self {
        Self::with(config(""), recording(), Arc::new(Absent::because("a test")))
    }

    fn with(config: SupportConfig, face: Arc<Recording>, generator: Arc<dyn TextGenerator>) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let mut shop = Self { folder, desk: None, face, sessions: Arc::default(), config, generator, updates: 0 };
        shop.restart();
        shop
    }

    /// Closes the desk and its store, and opens both again.
    fn restart(&mut self) {
        self.desk = None;
        let (store, _) = Store::open(&self.folder.path().join("state")).expect("store");
        let jobs = self.generator.describe().jobs;
        let desk = Desk::open(DeskParts {
            store: Arc::new(store),
            outbox: self.face.clone(),
            conversations: self.sessions.clone(),
            adviser: Arc::new(SmallShop),
            generator: self.generator.clone(),
            prompts: Arc::new(Prompts::load("general", &jobs, None).expect("prompts")),
            config: self.config.clone(),
            shop: Localized::both("样品店", "the shop"),
        });
        self.desk = Some(desk.expect("desk"));
    }

    fn desk(&self) -> &Desk {
        self.desk.as_ref().expect("open")
    }

    fn update(&mut self) -> i64 {
        self.updates += 1;
        self.updates
    }

    fn ask(&mut self) {
        let session = waiting();
        let request = HandoffRequest {
            conversation: conversation(),
            language: Language::Zh,
            reason: HandoffReason::Asked,
            message: "转人工，我要退货".into(),
            history: session.history.clone(),
            products: vec!["E1".into()],
            orders: vec!["DG1".into()],
        };
        assert!(self.desk().follow(&session, Some(&request), "张三", NOW).expect("follow"));
    }

    fn place(&self) -> Place {
        let head = self.face.to_staff.lock().expect("posts").first().map(|(_, message, _)| *message);
        match self.face.topic() {
            Some(topic) => Place { topic: Some(topic), reply_to: None },
            None => Place { topic: None, reply_to: head },
        }
    }

    fn press(&mut self, staff: StaffId, action: DeskAction) -> Option<String> {
        let update = self.update();
        self.desk().press(&conversation(), staff, update, &action, NOW).expect("press")
    }

    fn staff_says(&mut self, staff: StaffId, text: &str) -> Option<String> {
        let update = self.update();
        let said = Said { message: MessageId(update), content: Content::text(text) };
        self.desk().staff_said(self.place(), staff, update, said, NOW).expect("said")
    }

    fn shopper_says(&mut self, text: &str) -> Attendant {
        let update = self.update();
        let said = Said { message: MessageId(update), content: Content::text(text) };
        self.desk().shopper_said(&conversation(), update, said, NOW).expect("said")
    }

    fn attendant(&self) -> Attendant {
        self.sessions.0.lock().expect("sessions").get(&conversation()).copied().unwrap_or_default()
    }

    fn last_draft(&self) -> u64 {
        let case = self.desk().case(&conversation()).expect("read").expect("case");
        case.drafts.last().expect("draft").id
    }

    fn claimed() -> Self {
        let mut shop = Self::open();
        shop.ask();
        assert_eq!(shop.press(LIN, DeskAction::Claim), None);
        shop
    }
}

fn conversation() -> ConversationId {
    "telegram:7".into()
}

fn waiting() -> Session {
    let mut session = Session::new(conversation());
    session.attendant = Attendant::Waiting;
    session.language = Language::Zh;
    let exchange = |text: &str| Exchange {
        shopper: text.into(),
        reply: "好的".into(),
        intent: crate::domain::intent::IntentKind::Policy,
    };
    session.history = vec![exchange("这副耳机能退吗")];
    session
}

#[test]
fn a_topic_opens_with_who_why_the_last_turns_products_and_orders() {
    let mut shop = Shop::open();
    shop.ask();
    let head = shop.face.staff().remove(0);
    for part in ["张三", "中文", "要求人工", "转人工，我要退货", "这副耳机能退吗", "商品 E1", "DG1：已发货"]
    {
        assert!(head.contains(part), "{part} is missing in\n{head}");
    }
    assert!(!head.contains("概要（模型）"), "no model, no summary of a model");
    assert!(shop.face.topic().is_some());
}

#[test]
fn of_two_who_claim_at_once_one_wins_and_the_other_is_told() {
    for _ in 0..20 {
        let mut shop = Shop::open();
        shop.ask();
        let desk = shop.desk();
        let claim = |staff: StaffId, update: i64| {
            desk.press(&conversation(), staff, update, &DeskAction::Claim, NOW).expect("press")
        };
        let (lin, ada) = std::thread::scope(|scope| {
            let lin = scope.spawn(|| claim(LIN, 101));
            let ada = scope.spawn(|| claim(ADA, 102));
            (lin.join().expect("lin"), ada.join().expect("ada"))
        });
        let owner = desk.case(&conversation()).expect("read").expect("case").owner().expect("claimed");
        let (winner, loser) = if owner == LIN { (lin, ada) } else { (ada, lin) };
        assert_eq!(winner, None);
        let name = if owner == LIN { "小林" } else { "阿达" };
        assert!(loser.expect("told").contains(name));
        let joined: Vec<String> = shop.face.shopper().into_iter().filter(|text| text.contains("已接入")).collect();
        assert_eq!(joined.len(), 1);
        assert!(joined[0].contains(name));
    }
}

#[test]
fn words_and_files_go_both_ways_with_the_name_that_the_shop_chose_and_notes_stay() {
    let mut shop = Shop::claimed();
    assert_eq!(shop.shopper_says("盒子丢了还能退吗"), Attendant::Person);
    shop.staff_says(LIN, "// 老顾客，客气点");
    shop.staff_says(LIN, "！先查一下");
    assert!(shop.staff_says(LIN, "/relase").expect("told").contains("没有这个命令"));
    shop.staff_says(LIN, "可以的，请拍张照片");
    let update = shop.update();
    let photo = Content::Media { kind: MediaKind::Photo, file: "F1".into(), caption: "在这里".into() };
    shop.desk()
        .shopper_said(&conversation(), update, Said { message: MessageId(update), content: photo }, NOW)
        .expect("said");
    assert_eq!(shop.face.shopper()[1..], ["小林：可以的，请拍张照片"]);
    let staff = shop.face.staff();
    assert!(staff.contains(&"👤 张三: 盒子丢了还能退吗".to_owned()), "{staff:?}");
    let (_, _, post) = shop.face.to_staff.lock().expect("posts").last().cloned().expect("photo");
    assert_eq!(
        post.content,
        Content::Media { kind: MediaKind::Photo, file: "F1".into(), caption: "👤 张三: 在这里".into() }
    );
}

#[test]
fn changes_of_a_message_reach_the_other_side_and_cannot_become_notes() {
    let mut shop = Shop::claimed();
    shop.staff_says(LIN, "三天到");
    let message = MessageId(shop.updates);
    let said = |text: &str| Said { message, content: Content::text(text) };
    let (place, update) = (shop.place(), shop.update());
    shop.desk().staff_edited(place, LIN, update, said("两天到"), NOW).expect("edited");
    assert_eq!(shop.face.shopper().last().map(String::as_str), Some("小林：两天到"));
    let update = shop.update();
    shop.desk().staff_edited(place, LIN, update, said("// 算了"), NOW).expect("edited");
    assert_eq!(shop.face.shopper().last().map(String::as_str), Some("小林：两天到"));
    assert!(shop.face.staff().last().expect("told").contains("收不回来"));
}

#[test]
fn the_bot_is_silent_from_the_claim_until_the_release() {
    let mut shop = Shop::open();
    let before = shop.desk().epoch(&conversation());
    shop.ask();
    assert!(shop.desk().permits_bot(&conversation(), before), "the bot goes on while the shopper waits");
    assert_eq!(shop.shopper_says("在吗"), Attendant::Waiting);
    shop.press(LIN, DeskAction::Claim);
    assert!(!shop.desk().permits_bot(&conversation(), before));
    assert_eq!((shop.attendant(), shop.shopper_says("你好")), (Attendant::Person, Attendant::Person));
    shop.press(LIN, DeskAction::Release);
    assert!(!shop.desk().permits_bot(&conversation(), before), "what was begun before the claim is dropped for good");
    assert!(shop.desk().permits_bot(&conversation(), shop.desk().epoch(&conversation())));
    assert_eq!((shop.attendant(), shop.shopper_says("好的")), (Attendant::Bot, Attendant::Bot));
}

#[test]
fn everything_survives_a_restart_in_each_state_and_nothing_comes_twice() {
    let mut shop = Shop::open();
    shop.ask();
    shop.restart();
    assert_eq!(shop.shopper_says("在吗"), Attendant::Waiting);
    let again = Said { message: MessageId(shop.updates), content: Content::text("在吗") };
    shop.restart();
    shop.desk().shopper_said(&conversation(), shop.updates, again, NOW).expect("said");
    assert_eq!(shop.face.staff().iter().filter(|text| text.contains("在吗")).count(), 1);
    shop.press(LIN, DeskAction::Claim);
    shop.restart();
    assert_eq!(shop.attendant(), Attendant::Person);
    assert!(!shop.desk().permits_bot(&conversation(), 0));
    assert!(shop.press(ADA, DeskAction::Claim).expect("told").contains("小林"));
    shop.press(LIN, DeskAction::TransferTo { staff: ADA });
    shop.restart();
    assert!(shop.staff_says(LIN, "还是我来").is_none());
    assert!(shop.face.staff().last().expect("told").contains("阿达"));
    shop.staff_says(ADA, "您好");
    assert_eq!(shop.face.shopper().last().map(String::as_str), Some("阿达：您好"));
    shop.press(ADA, DeskAction::CloseAs { reason: CloseReason::Solved });
    shop.restart();
    assert_eq!((shop.attendant(), shop.shopper_says("谢谢")), (Attendant::Bot, Attendant::Bot));
    assert!(!shop.face.shopper().iter().any(|text| text.contains("还是我来")));
    assert_eq!(shop.face.shopper().iter().filter(|text| *text == "阿达：您好").count(), 1);
}

#[test]
fn a_request_that_a_crash_cut_off_is_taken_up_from_the_session() {
    let shop = Shop::open();
    assert!(shop.desk().follow(&waiting(), None, "张三", NOW).expect("follow"));
    assert!(shop.face.staff()[0].contains("这副耳机能退吗"));
    assert!(!shop.desk().follow(&waiting(), None, "张三", NOW).expect("follow"), "once");
    assert_eq!(shop.face.staff().len(), 1);
}

#[test]
fn what_cannot_be_delivered_is_said_and_what_may_have_been_is_not_sent_twice() {
    let mut shop = Shop::claimed();
    let fail = |shop: &Shop, error| shop.face.failures.lock().expect("failures").push_back(error);
    fail(&shop, OutboxError::Never("blocked".into()));
    shop.staff_says(LIN, "第一句");
    assert!(shop.face.staff().last().expect("told").contains("没有送达顾客：第一句"));
    fail(&shop, OutboxError::Later("no network".into()));
    shop.staff_says(LIN, "第二句");
    assert_eq!(shop.face.shopper().len(), 1, "not yet");
    shop.desk().tick(NOW + 3).expect("tick");
    assert_eq!(shop.face.shopper()[1..], ["小林：第二句"]);
    fail(&shop, OutboxError::Unknown("broken".into()));
    shop.staff_says(LIN, "第三句");
    shop.desk().tick(NOW + 60).expect("tick");
    assert_eq!(shop.face.shopper().len(), 2, "not sent again by itself");
    assert!(shop.face.staff().last().expect("told").contains("不确定是否已送达"));
    let id = shop.last_draft();
    assert_eq!(shop.press(LIN, DeskAction::SendDraft { id }), None);
    assert_eq!(shop.face.shopper().last().map(String::as_str), Some("小林：第三句"));
}

#[test]
fn who_is_not_of_the_staff_can_do_nothing() {
    let mut shop = Shop::open();
    shop.ask();
    for action in
        [DeskAction::Claim, DeskAction::Release, DeskAction::History, DeskAction::TransferTo { staff: STRANGER }]
    {
        assert!(shop.press(STRANGER, action).expect("told").contains("不在客服名单"));
    }
    assert!(shop.staff_says(STRANGER, "/claim").expect("told").contains("不在客服名单"));
    shop.press(LIN, DeskAction::Claim);
    assert!(shop.press(LIN, DeskAction::TransferTo { staff: STRANGER }).is_some());
    shop.staff_says(STRANGER, "把钱转给我");
    assert!(!shop.face.shopper().iter().any(|text| text.contains("把钱转给我")));
    assert_eq!(shop.attendant(), Attendant::Person);
}

#[test]
fn a_shopper_who_writes_commands_is_a_shopper() {
    let mut shop = Shop::open();
    shop.ask();
    shop.shopper_says("/claim");
    assert_eq!(shop.desk().case(&conversation()).expect("read").expect("case").attendant(), Attendant::Waiting);
    let place = Place { topic: Some(TopicId(424_242)), reply_to: None };
    let said = Said { message: MessageId(9), content: Content::text("/claim") };
    let told = shop.desk().staff_said(place, LIN, 900, said, NOW).expect("said");
    assert!(told.expect("told").contains("不属于任何会话"));
}

#[test]
fn a_group_without_topics_is_served_by_replies() {
    let face = Arc::new(Recording { without_topics: true, ..Recording::default() });
    let mut shop = Shop::with(config(""), face, Arc::new(Absent::because("a test")));
    shop.ask();
    shop.staff_says(LIN, "/claim");
    shop.staff_says(LIN, "您好");
    assert_eq!(shop.face.shopper().last().map(String::as_str), Some("小林：您好"));
    let posts = shop.face.to_staff.lock().expect("posts").clone();
    assert!(posts[1..].iter().all(|(topic, _, post)| topic.is_none() && post.reply_to == Some(posts[0].1)));
    drop(posts);
    let update = shop.update();
    let said = Said { message: MessageId(update), content: Content::text("午饭吃什么") };
    shop.desk().staff_said(Place::default(), LIN, update, said, NOW).expect("said");
    assert_eq!(shop.face.shopper().last().map(String::as_str), Some("小林：您好"), "small talk stays in the group");
}
