//! kill -9 between the listing of an order's change, the yes, and the confirmation: the change is carried out exactly once.

use std::collections::BTreeMap;
use std::time::Duration;

use super::binary::{configure, serve, terminate};
use super::bot_api::BotApi;

/// Orders of the sample that may be cancelled freely, their phone numbers, and how long after the yes the bot is killed, in ms.
const ORDERS: [(&str, &str, u64); 6] = [
    ("DG20261123041", "19900019495", 0),
    ("DG20261123042", "19900065785", 3),
    ("DG20261123043", "19900079672", 8),
    ("DG20261123044", "19900030296", 15),
    ("DG20261123045", "19900010237", 30),
    ("DG20261123047", "19900031839", 60),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_an_order_survives_kills_and_is_carried_out_once() {
    let folder = tempfile::tempdir().expect("folder");
    let config = configure(folder.path());
    let api = BotApi::start().await;
    let mut child = serve(&config, &api);
    for (place, (order, phone, delay)) in ORDERS.into_iter().enumerate() {
        // Even numbers speak Chinese.
        let shopper = 200 + 2 * place as i64;
        let shows =
            |text: &'static str| move |api: &BotApi| api.texts(shopper).iter().any(|shown| shown.contains(text));
        api.say(shopper, &format!("订单 {order} 到哪了，手机 {phone}"));
        api.wait("the order is shown", 120, shows("合计")).await;
        api.press_label(shopper, "取消订单");
        api.wait("the change is listed", 60, shows("确认取消吗")).await;
        child.kill().expect("kill -9");
        child.wait().expect("killed");
        child = serve(&config, &api);
        api.press_label(shopper, "确认");
        tokio::time::sleep(Duration::from_millis(delay * 10)).await;
        child.kill().expect("kill -9");
        child.wait().expect("killed");
        child = serve(&config, &api);
        api.wait("the change is confirmed", 120, shows("已取消")).await;
        let again = api.shown(shopper).iter().any(|message| message.buttons.iter().any(|(label, _)| label == "确认"));
        if again {
            api.press_label(shopper, "确认");
        }
    }
    let (_, is_well) = terminate(child);
    assert!(is_well);
    let changes = std::fs::read_to_string(folder.path().join("data/order-changes.jsonl")).expect("changes");
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for line in changes.lines() {
        let change: serde_json::Value = serde_json::from_str(line).expect("a change");
        *times.entry(change["order_id"].as_str().expect("order").to_owned()).or_default() += 1;
    }
    let wanted: BTreeMap<String, usize> = ORDERS.iter().map(|(order, ..)| ((*order).to_owned(), 1)).collect();
    assert_eq!(times, wanted);
}
