//! An admin answers a question once, in the chat.

use std::sync::Arc;

use daogou::backoffice::Learning;
use daogou::domain::language::Language;
use daogou::domain::unanswered::{TABLE, Unanswered, UnansweredCause, key};
use daogou::store::Store;

use super::bot_api::BotApi;
use super::scripted::{Running, Scripted, quick};

const ADMIN: i64 = 900;
const QUESTION: &str = "可以开专用发票吗";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_answers_a_question_once_and_a_shopper_cannot() {
    let folder = tempfile::tempdir().expect("folder");
    let policies = folder.path().join("policies");
    let api = BotApi::start().await;
    let shop = Arc::new(Scripted::default());
    let (taught, at) = (Arc::clone(&shop), policies.clone());
    let running = Running::start_with(&api, folder.path(), shop, quick(), |store: &Arc<Store>| {
        let asked = |old| (Some(Unanswered::again(old, QUESTION, Language::Zh, UnansweredCause::NoPassage, 1)), ());
        store.table::<Unanswered>(TABLE).expect("table").update(&key(QUESTION, Language::Zh), asked).expect("asked");
        *taught.learning.lock().expect("learning") =
            Some(Arc::new(Learning::open(Arc::clone(store), &at).expect("open")));
        None
    });
    api.say(42, "/unanswered");
    let shown = api.wait_for_messages(42, 1).await;
    assert!(!shown[0].text.contains(QUESTION), "{}", shown[0].text);
    api.say(ADMIN, "/unanswered");
    let shown = api.wait_for_messages(ADMIN, 1).await;
    assert!(shown[0].text.contains("1. 可以开专用发票吗（1 次）"), "{}", shown[0].text);
    let button = shown[0].buttons[0].1.clone();
    api.press(42, shown[0].id, &button);
    api.press_label(ADMIN, "1");
    api.wait_for_messages(ADMIN, 2).await;
    api.say(ADMIN, "可以，请提供税号。");
    let shown = api.wait_for_messages(ADMIN, 3).await;
    assert!(shown[2].text.contains("可以，请提供税号。"), "{}", shown[2].text);
    let file = policies.join("faq_added.zh.md");
    assert!(!file.exists(), "only a tap writes");
    api.press_label(ADMIN, "加入常见问题");
    let shown = api.wait_for_messages(ADMIN, 4).await;
    assert!(shown[3].text.contains("faq_added.zh.md"), "{}", shown[3].text);
    assert!(std::fs::read_to_string(file).expect("file").contains("## 可以开专用发票吗\n\n可以，请提供税号。"));
    api.say(ADMIN, "羽绒服");
    assert_eq!(
        api.wait_for_messages(ADMIN, 5).await[4].text,
        "echo: 羽绒服",
        "what comes after is an ordinary message"
    );
    running.stop().await.expect("stopped");
}
