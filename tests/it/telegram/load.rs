//! A bench, not a test of speed: a hundred shoppers at once for a minute. Every message must be answered, in order.
//!
//! `DAOGOU_BIN=target/release/daogou cargo test --test it hundred_shoppers -- --ignored --nocapture`

use std::time::{Duration, Instant};

use super::binary::{configure, memory, processor_time, serve, terminate};
use super::bot_api::BotApi;

const SHOPPERS: i64 = 100;
const REQUESTS: [&str; 12] = [
    "a down jacket for winter",
    "三百以内的降噪耳机",
    "only black ones",
    "第二款有评价吗",
    "compare the first two",
    "退货要几天",
    "show me my cart",
    "running shoes under 500",
    "有没有便宜点的",
    "ideas for a birthday gift",
    "a backpack for a 15 inch laptop",
    "谢谢",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a bench of one minute; see the head of this file"]
async fn a_hundred_shoppers_for_a_minute() {
    let seconds: u64 = std::env::var("LOAD_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let think: u64 = std::env::var("LOAD_THINK_MS").ok().and_then(|text| text.parse().ok()).unwrap_or(1000);
    let folder = tempfile::tempdir().expect("folder");
    let config = configure(folder.path());
    let api = BotApi::start().await;
    let child = serve(&config, &api);
    api.say(1, "hello");
    api.wait("the first answer", 120, |api| !api.shown(1).is_empty()).await;
    let before = processor_time(&child);
    let end = Instant::now() + Duration::from_secs(seconds);
    let shoppers: Vec<_> =
        (0..SHOPPERS).map(|number| tokio::spawn(shop(api.clone(), 1000 + number, end, think))).collect();
    let (mut visible, mut full) = (Vec::new(), Vec::new());
    for shopper in shoppers {
        for (first, whole) in shopper.await.expect("shopper") {
            visible.push(first);
            full.push(whole);
        }
    }
    let turns = full.len();
    let (now, most) = memory(&child);
    let each = (processor_time(&child) - before) * 1e3 / turns.max(1) as f64;
    let (stop, _) = terminate(child);
    println!(
        "{SHOPPERS} shoppers, {seconds} s, {think} ms between messages: {turns} turns, {:.1} turns/s; typing sign p50 {:.0} ms, p95 {:.0} ms; \
         full answer p50 {:.0} ms, p95 {:.0} ms; processor {each:.1} ms a turn; memory {now} MiB, at most {most} MiB; stopped in {:.1} s",
        turns as f64 / seconds as f64,
        percentile(&mut visible, 50),
        percentile(&mut visible, 95),
        percentile(&mut full, 50),
        percentile(&mut full, 95),
        stop.as_secs_f64(),
    );
    assert!(turns >= SHOPPERS as usize);
}

/// Writes, waits for the answer, thinks; returns milliseconds to the typing sign and to the answer.
async fn shop(api: BotApi, person: i64, end: Instant, think: u64) -> Vec<(f64, f64)> {
    let mut times = Vec::new();
    let mut number = person as usize;
    while Instant::now() < end {
        let before = api.shown(person).len();
        let signs = typing_signs(&api, person);
        let start = Instant::now();
        api.say(person, REQUESTS[number % REQUESTS.len()]);
        number += 1;
        let mut visible = None;
        loop {
            if visible.is_none() && typing_signs(&api, person) > signs {
                visible = Some(start.elapsed());
            }
            if api.shown(person).len() > before {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "shopper {person} was not answered");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let whole = start.elapsed();
        times.push((visible.unwrap_or(whole).as_secs_f64() * 1e3, whole.as_secs_f64() * 1e3));
        tokio::time::sleep(Duration::from_millis(think / 2 + (number as u64 * 7919) % think.max(1))).await;
    }
    times
}

fn typing_signs(api: &BotApi, person: i64) -> usize {
    api.lock().typing.get(&person).copied().unwrap_or_default()
}

fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() * percent / 100).min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}
