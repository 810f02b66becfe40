//! What is kept of shoppers: forgotten after the shop's time, erased on request, out of every table.

use std::io::Read;
use std::sync::Arc;

use daogou::assemble::{Core, Shop, open_catalog, shop, shop_with_models, try_encoder};
use daogou::assistant::{Input, Outcome, Turn};
use daogou::backoffice::sweep;
use daogou::domain::handoff::{Case, Clock, HandoffReason, HandoffRequest, Patience};
use daogou::domain::identifier::{ConversationId, Sku};
use daogou::domain::language::Language;
use daogou::domain::reply::{Action, Block};
use daogou::domain::session::{Attendant, Session};
use daogou::inference::absent::Absent;
use daogou::store::Store;

use crate::shop::sample_config;

const DAY: i64 = 86_400;
/// Said by the shopper and by nobody else.
const SECRET: &str = "zanzibarite";
/// An order that is paid, and its telephone number.
const ORDER: (&str, &str) = ("DG20261123043", "19900079672");

fn opened(folder: &std::path::Path) -> Shop {
    let mut config = sample_config(folder);
    config.store.forget_after_days = 0;
    shop(&config, "state", true).expect("the sample shop")
}

fn take(shop: &Shop, conversation: &str, input: Input) -> Outcome {
    let turn = Turn { conversation: ConversationId::from(conversation), update: None, input };
    shop.assistant.handle(&turn, &mut ()).expect("a turn")
}

fn say(shop: &Shop, conversation: &str, text: &str) -> Outcome {
    take(shop, conversation, Input::Message { text: text.into(), about: None })
}

fn press(shop: &Shop, conversation: &str, outcome: &Outcome, wanted: impl Fn(&Action) -> bool) -> Outcome {
    let blocks = &outcome.reply.as_ref().expect("a reply").blocks;
    let choices = blocks.iter().filter_map(|block| match block {
        Block::Choices { choices } => Some(choices),
        _ => None,
    });
    let action = choices.flatten().map(|choice| choice.action.clone()).find(wanted).expect("a button");
    take(shop, conversation, Input::Press(action))
}

/// Everything that the store holds, as text.
fn everything(store: &Store) -> String {
    let path = store.back_up(1).expect("backup");
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).expect("file")).read_to_string(&mut text).expect("text");
    text
}

fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

#[test]
fn erasing_on_request_leaves_no_word_and_no_order_of_the_shopper_in_any_table() {
    let folder = tempfile::tempdir().expect("folder");
    let shop = opened(folder.path());
    let me = "telegram:71";
    say(&shop, me, &format!("a {SECRET} backpack for hiking"));
    take(&shop, me, Input::Press(Action::Save { sku: shop.catalog.snapshot().products()[0].sku.clone() }));
    let shown = say(&shop, me, &format!("where is my order {}? phone {}", ORDER.0, ORDER.1));
    let listed = press(&shop, me, &shown, |action| matches!(action, Action::ChangeOrder { .. }));
    press(&shop, me, &listed, |action| matches!(action, Action::Confirm { yes: true, .. }));
    let before = everything(&shop.store);
    assert!(before.contains(SECRET) && before.contains(ORDER.0) && before.contains("order_changes"));
    say(&shop, "telegram:710", "a bag for work");
    let asked = say(&shop, me, "delete my data");
    press(&shop, me, &asked, |action| matches!(action, Action::PrivacyErase { confirmed: true }));
    let after = everything(&shop.store);
    for word in [SECRET, ORDER.0, ORDER.1, "delete my data"] {
        assert!(!after.contains(word), "`{word}` is still kept");
    }
    assert!(after.contains("a bag for work"), "another shopper's conversation stays");
}

#[test]
fn erasing_on_request_leaves_no_vector_of_what_was_asked_in_memory() {
    let folder = tempfile::tempdir().expect("folder");
    let mut config = sample_config(folder.path());
    config.store.forget_after_days = 0;
    let encoder = Arc::new(try_encoder(&config).expect("it loads").expect("it is there"));
    let core = Core {
        catalog: Arc::new(open_catalog(&config).expect("a catalog")),
        generator: Arc::new(Absent::because("not for this test")),
        encoder: Some(Arc::clone(&encoder) as _),
    };
    let shop = shop_with_models(&config, folder.path(), core).expect("the sample shop");
    let me = "telegram:72";
    say(&shop, me, &format!("can I return a {SECRET} that does not fit?"));
    assert!(encoder.kept() > 0);
    let asked = say(&shop, me, "delete my data");
    press(&shop, me, &asked, |action| matches!(action, Action::PrivacyErase { confirmed: true }));
    assert_eq!(encoder.kept(), 0);
}

#[test]
fn after_the_shops_time_a_conversation_is_forgotten_and_the_saved_list_is_not() {
    let folder = tempfile::tempdir().expect("folder");
    let shop = opened(folder.path());
    say(&shop, "telegram:1", &format!("a {SECRET} backpack"));
    say(&shop, "telegram:2", &format!("{SECRET} headphones"));
    let sku: Sku = shop.catalog.snapshot().products()[0].sku.clone();
    take(&shop, "telegram:2", Input::Press(Action::Save { sku: sku.clone() }));
    for at in [now(), now() + 179 * DAY] {
        let swept = sweep(&shop.store, 180, at, || true).expect("sweep");
        assert_eq!((swept.erased, swept.reduced), (0, 0), "too early");
    }
    let swept = sweep(&shop.store, 180, now() + 181 * DAY, || true).expect("sweep");
    assert!(swept.erased >= 1 && swept.reduced == 1, "{swept:?}");
    assert!(!everything(&shop.store).contains(SECRET));
    let sessions = &shop.assistant.parts().sessions;
    assert!(sessions.get("telegram:1").expect("get").is_none());
    assert_eq!(sessions.get("telegram:2").expect("get").map(|session| session.saved), Some(vec![sku]));
    let again = sweep(&shop.store, 180, now() + 181 * DAY, || true).expect("sweep");
    assert_eq!((again.erased, again.reduced), (0, 0), "nothing is left to do");
}

#[test]
fn closed_handoffs_and_every_other_table_go_and_open_handoffs_stay() {
    let folder = tempfile::tempdir().expect("folder");
    let (store, _) = Store::open(&folder.path().join("state")).expect("store");
    let clock =
        Clock { now: now(), open_since: None, patience: Patience { warn: 60, requeue: 60, remind: 60, give_up: 60 } };
    let cases = store.table::<Case>("handoffs").expect("table");
    let places = store.table::<ConversationId>("handoff_places").expect("table");
    for name in ["open", "closed"] {
        let conversation = ConversationId::from(name);
        let request = HandoffRequest {
            conversation: conversation.clone(),
            language: Language::En,
            reason: HandoffReason::Asked,
            message: SECRET.into(),
            history: Vec::new(),
            products: Vec::new(),
            orders: Vec::new(),
        };
        let mut case = Case::open(request, &clock);
        if name == "closed" {
            case.state = daogou::domain::handoff::HandoffState::Released;
        }
        cases.put(name, &case).expect("put");
        places.put(&format!("topic/{name}"), &conversation).expect("put");
        let session = Session { attendant: case.attendant(), turns: 3, ..Session::new(conversation) };
        store.table("sessions").expect("table").put(name, &session).expect("put");
    }
    store.table("a_table_of_tomorrow").expect("table").put("k", &SECRET.to_owned()).expect("put");
    store.table("telegram_files").expect("table").put("picture.jpg", &"AgAC".to_owned()).expect("put");
    sweep(&store, 180, now() + 181 * DAY, || true).expect("sweep");
    assert!(cases.get("closed").expect("get").is_none() && cases.get("open").expect("get").is_some());
    assert!(places.get("topic/closed").expect("get").is_none() && places.get("topic/open").expect("get").is_some());
    let open = store.table::<Session>("sessions").expect("table").get("open").expect("get").expect("session");
    assert_eq!((open.attendant, open.turns), (Attendant::Waiting, 0));
    assert!(store.table::<String>("a_table_of_tomorrow").expect("table").is_empty());
    assert_eq!(store.table::<String>("telegram_files").expect("table").len(), 1);
}

#[test]
fn a_sweep_of_many_values_rests_between_steps_and_can_be_stopped() {
    let folder = tempfile::tempdir().expect("folder");
    let (store, _) = Store::open(&folder.path().join("state")).expect("store");
    let table = store.table::<String>("words").expect("table");
    for number in 0..1000 {
        table.put(&format!("{number:04}"), &"word".into()).expect("put");
    }
    let mut rests = 0;
    let stopped = sweep(&store, 1, now() + 2 * DAY, || {
        rests += 1;
        rests < 2
    });
    let stopped = stopped.expect("sweep").erased;
    assert!(stopped > 0 && stopped < 1000, "{stopped}");
    let rest = sweep(&store, 1, now() + 2 * DAY, || true).expect("sweep").erased;
    assert_eq!(stopped + rest, 1000);
    assert!(table.is_empty());
}

#[test]
fn nothing_that_a_shopper_says_is_logged_however_much_is_logged() {
    let folder = tempfile::tempdir().expect("folder");
    let said = format!(
        "a {SECRET} backpack\nwhere is my order {}? phone {}\nwhat is your {SECRET} policy\n我叫{SECRET}，质量太差，我要投诉\n\
         does the first one fit a {SECRET}\nsearch {SECRET}@example.com\n",
        ORDER.0, ORDER.1
    );
    let mut daogou = std::process::Command::new(env!("CARGO_BIN_EXE_daogou"))
        .args(["chat", "--data-dir"])
        .arg(folder.path())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("DAOGOU_LOG", "trace")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("daogou starts");
    std::io::Write::write_all(&mut daogou.stdin.take().expect("stdin"), said.as_bytes()).expect("said");
    let output = daogou.wait_with_output().expect("daogou ends");
    let (answered, logged) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && answered.contains(ORDER.0), "{answered}");
    assert!(logged.lines().count() > 100, "a trace says much: {logged}");
    for word in [SECRET, ORDER.0, ORDER.1, "投诉"] {
        let found = logged.lines().find(|line| line.contains(word));
        assert_eq!(found, None, "`{word}` is logged");
    }
}
