//! The real binary with faults in every way between it and the server: each message is answered once and in order.

use super::binary::{configure, products, serve, terminate};
use super::bot_api::BotApi;
use super::faults::one_in;
use super::killed::shown;

const SHOPPERS: i64 = 25;
const MESSAGES: usize = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_hundred_questions_through_faults_are_each_answered_once_by_the_real_binary() {
    let folder = tempfile::tempdir().expect("folder");
    let config = configure(folder.path());
    let products = products(100);
    let api = BotApi::start().await;
    api.plan(one_in(12));
    api.lock().repeat_every = Some(2);
    let child = serve(&config, &api);
    // Odd numbers speak English (see `person_json`), so that titles are known.
    let person = |shopper: i64| 2 * shopper + 1;
    for number in 0..MESSAGES {
        for shopper in 0..SHOPPERS {
            api.say(
                person(shopper),
                &format!("/start p_{}", products[(number * 7 + shopper as usize) % products.len()].0),
            );
        }
    }
    let is_answered = |api: &BotApi, shopper: i64| api.shown(person(shopper)).len() >= MESSAGES;
    api.wait("every message answered", 300, |api| (0..SHOPPERS).all(|shopper| is_answered(api, shopper))).await;
    let (_, is_well) = terminate(child);
    assert!(is_well);
    for shopper in 0..SHOPPERS {
        let wanted: Vec<usize> = (0..MESSAGES).map(|number| (number * 7 + shopper as usize) % products.len()).collect();
        assert_eq!(shown(&api.texts(person(shopper)), &products), wanted, "shopper {shopper}");
    }
    let faults = api.lock().faults;
    assert!(faults > 60, "only {faults} faults were injected");
    println!("{} messages, {faults} faults, each answered once", SHOPPERS as usize * MESSAGES);
}
