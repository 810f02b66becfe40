//! The real binary with the bundled model, against the recording server.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::bot_api::{BotApi, TOKEN};

/// A configuration of the sample shop whose state lies in a folder.
pub fn configure(folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = |name: &str| root.join(name).display().to_string();
    let text = format!(
        "data_dir = {:?}\n[shop]\nfeed = {:?}\nreviews = {:?}\npolicies = {:?}\norders = {:?}\nsynonyms = {:?}\n[model]\npath = {:?}\n\
         [telegram]\nburst_ms = 0\nmessages_per_second = 10000\n[ops]\nlisten = \"127.0.0.1:0\"\n",
        folder.join("data").display().to_string(),
        path("catalog/products.jsonl"),
        path("catalog/reviews.jsonl"),
        path("catalog/policies"),
        path("catalog/orders.jsonl"),
        path("catalog/synonyms.txt"),
        path("models/daogou-compact.gguf"),
    );
    let config = folder.join("daogou.toml");
    std::fs::write(&config, text).expect("configuration");
    config
}

/// `daogou serve`; `DAOGOU_BIN` names another build of it, such as a release one.
pub fn serve(config: &Path, api: &BotApi) -> Child {
    let binary = std::env::var("DAOGOU_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_daogou").to_owned());
    Command::new(binary)
        .args(["serve", "--config"])
        .arg(config)
        .env("TELOXIDE_TOKEN", TOKEN)
        .env("TELOXIDE_API_URL", api.url())
        .env("OMP_WAIT_POLICY", "passive")
        .env("DAOGOU_LOG", "error")
        .stdin(Stdio::null())
        .spawn()
        .expect("daogou serve")
}

/// Sends SIGTERM and waits; how long it took and whether it ended well.
pub fn terminate(mut child: Child) -> (Duration, bool) {
    let start = Instant::now();
    let killed = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().expect("kill");
    assert!(killed.success());
    let status = child.wait().expect("status");
    (start.elapsed(), status.success())
}

/// Ids and English titles of the first products of the sample feed that have a title.
pub fn products(count: usize) -> Vec<(String, String)> {
    let feed = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog/products.jsonl");
    let text = std::fs::read_to_string(feed).expect("feed");
    text.lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("json"))
        .map(|product| {
            (product["id"].as_str().expect("id").to_owned(), product["title"]["en"].as_str().expect("title").to_owned())
        })
        .take(count)
        .collect()
}

/// Seconds of processor time that a process has used.
pub fn processor_time(child: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    // After the name in brackets: state is the 3rd field, user and system time the 14th and 15th, in hundredths.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

/// Memory of a process as Linux counts it: now and at most, in MiB.
pub fn memory(child: &Child) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    };
    (field("VmRSS:").unwrap_or_default() / 1024, field("VmHWM:").unwrap_or_default() / 1024)
}
