//! kill -9 under load: nothing acknowledged is lost, and what shows twice is what was on its way at a kill.

use std::time::Duration;

use super::binary::{configure, products, serve, terminate};
use super::bot_api::BotApi;

const SHOPPERS: i64 = 20;
const KILLS: usize = 20;
/// Messages on their way at once, on a machine that is not idle; with one of each shopper it would be twenty.
const IN_THE_AIR: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_under_load_lose_nothing_and_keep_the_order() {
    let folder = tempfile::tempdir().expect("folder");
    let config = configure(folder.path());
    let products = products(200);
    let api = BotApi::start().await;
    let mut child = serve(&config, &api);
    let mut asked = 0;
    let ask = |count: usize, asked: &mut usize| {
        for _ in 0..count {
            for shopper in 1..=SHOPPERS {
                // Odd numbers speak English (see `person_json`), so that titles are known.
                api.say(2 * shopper + 1, &format!("/start p_{}", products[*asked % products.len()].0));
            }
            *asked += 1;
        }
    };
    let answered = |api: &BotApi| (1..=SHOPPERS).map(|shopper| api.shown(2 * shopper + 1).len()).sum::<usize>();
    for kill in 0..KILLS {
        let before = answered(&api);
        ask(3, &mut asked);
        // Killed in the middle of the work: after some answers, a different number each time.
        let wanted = before + 3 + (kill * 7) % 40;
        api.wait("some answers before the kill", 60, |api| answered(api) >= wanted).await;
        child.kill().expect("kill -9");
        child.wait().expect("killed");
        ask(1, &mut asked);
        child = serve(&config, &api);
    }
    api.wait("every message answered", 120, |api| {
        (1..=SHOPPERS).all(|shopper| without_repeats(&api.texts(2 * shopper + 1), &products).len() >= asked)
    })
    .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (took, is_well) = terminate(child);
    assert!(is_well && took < Duration::from_secs(10), "stopped in {took:?}");
    let wanted: Vec<usize> = (0..asked).map(|number| number % products.len()).collect();
    let mut repeats = 0;
    for shopper in 1..=SHOPPERS {
        let texts = api.texts(2 * shopper + 1);
        let answers = without_repeats(&texts, &products);
        assert_eq!(answers, wanted, "shopper {shopper}");
        repeats += texts.len() - answers.len();
    }
    println!("{} messages, {KILLS} kills, {repeats} shown twice", asked * SHOPPERS as usize);
    // A kill between Telegram's taking a message and our noting it shows it again: only what is on its way, a few over all chats.
    assert!(repeats <= IN_THE_AIR * KILLS, "{repeats} messages shown twice");
}

/// Which products were shown, one shown twice in a row counted once.
fn without_repeats(texts: &[String], products: &[(String, String)]) -> Vec<usize> {
    let mut shown = shown(texts, products);
    shown.dedup();
    shown
}

/// Which products were shown. Titles are unique enough at the head of a message.
pub fn shown(texts: &[String], products: &[(String, String)]) -> Vec<usize> {
    let place = |text: &String| products.iter().position(|(_, title)| text.starts_with(&format!("{title} · ")));
    texts.iter().map(|text| place(text).unwrap_or_else(|| panic!("no product in {text}"))).collect()
}
