//! The 50,000-product benchmark: load time, search latency, resident memory, and queries while a reload runs.
//!
//! `cargo bench --bench catalog [-- PRODUCTS]`. It measures and prints; only a query that fails makes it fail.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use daogou::catalog::{Catalog, LoadOptions, Source};
use daogou::domain::search::{AttributeFilter, Filters, SearchQuery, Sort};

const KINDS: &[(&str, &str)] = &[
    ("羽绒服", "Down jacket"),
    ("跑鞋", "Running shoes"),
    ("蓝牙耳机", "Bluetooth headphones"),
    ("笔记本电脑", "Laptop"),
    ("双肩包", "Backpack"),
    ("电饭煲", "Rice cooker"),
    ("保温杯", "Thermos"),
    ("四件套", "Bedding set"),
    ("面霜", "Face cream"),
    ("猫粮", "Cat food"),
    ("帐篷", "Tent"),
    ("绘本", "Picture book"),
    ("积木", "Building blocks"),
    ("绿茶", "Green tea"),
    ("吹风机", "Hair dryer"),
    ("冲锋衣", "Shell jacket"),
    ("台灯", "Desk lamp"),
    ("行李箱", "Suitcase"),
    ("瑜伽垫", "Yoga mat"),
    ("婴儿车", "Stroller"),
];
const QUALITIES: &[(&str, &str)] = &[
    ("轻便", "lightweight"),
    ("防水", "waterproof"),
    ("保暖", "warm"),
    ("静音", "quiet"),
    ("折叠", "folding"),
    ("加厚", "thick"),
    ("透气", "breathable"),
    ("便携", "portable"),
    ("大容量", "large capacity"),
    ("复古", "retro"),
    ("儿童", "kids"),
    ("户外", "outdoor"),
    ("商务", "business"),
    ("智能", "smart"),
    ("经典", "classic"),
    ("无线", "wireless"),
];
const COLOURS: &[(&str, &str)] =
    &[("黑色", "black"), ("白色", "white"), ("红色", "red"), ("藏青色", "navy"), ("灰色", "grey"), ("绿色", "green")];
const MATERIALS: &[(&str, &str)] =
    &[("棉", "cotton"), ("聚酯纤维", "polyester"), ("尼龙", "nylon"), ("羊毛", "wool"), ("不锈钢", "stainless steel")];

/// A small linear congruential generator (Knuth's MMIX constants), so that every run measures the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(50_000);
    let folder = std::env::temp_dir().join(format!("daogou-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let outcome = std::panic::catch_unwind(|| measure(&folder, count));
    std::fs::remove_dir_all(&folder).expect("removed");
    if outcome.is_err() {
        std::process::exit(1);
    }
}

fn measure(folder: &Path, count: usize) {
    let (first, second) = (folder.join("first.jsonl"), folder.join("second.jsonl"));
    write_feed(&first, count, 1);
    write_feed(&second, count, 2);
    println!("{count} products, {:.1} MiB of feed", std::fs::metadata(&first).expect("size").len() as f64 / 1048576.0);

    let (empty, before) = (resident_mib(), processor_seconds());
    let started = Instant::now();
    let source = |path: &Path| Source { feed: path.to_owned(), reviews: None, synonyms: None };
    let catalog = Catalog::first(folder, &source(&first), LoadOptions::default()).expect("loaded");
    println!(
        "load: {:.2} s ({:.2} s of processor time); resident memory {:.0} MiB, {empty:.0} MiB before",
        started.elapsed().as_secs_f64(),
        processor_seconds() - before,
        resident_mib()
    );
    drop(catalog);
    let started = Instant::now();
    let catalog = Catalog::open_or_load(folder, &source(&first), LoadOptions::default()).expect("opened");
    println!("open again, unchanged: {:.2} s", started.elapsed().as_secs_f64());

    for (name, queries) in
        [("words", worded(2000)), ("words and limits", limited(2000)), ("limits alone", browsed(300))]
    {
        let snapshot = catalog.snapshot();
        let mut times: Vec<Duration> = Vec::with_capacity(queries.len());
        let mut found = 0;
        for query in &queries {
            let started = Instant::now();
            found += snapshot.search(query).expect("a query never fails").total;
            times.push(started.elapsed());
        }
        println!("search, {name}: {}; {} found on average", percentiles(times), found / queries.len());
    }

    let done = AtomicBool::new(false);
    let queries = limited(500);
    std::thread::scope(|scope| {
        let searching = scope.spawn(|| {
            let (mut times, mut generations) = (Vec::new(), Vec::new());
            while !done.load(Ordering::Acquire) || times.len() < 100 {
                let query = &queries[times.len() % queries.len()];
                let started = Instant::now();
                let result = catalog.snapshot().search(query).expect("a query never fails");
                times.push(started.elapsed());
                generations.push(result.generation);
            }
            generations.dedup();
            println!(
                "during a reload: {} queries, none failed, generations {generations:?}: {}",
                times.len(),
                percentiles(times)
            );
        });
        let outcome = catalog.load(&source(&second)).expect("reloaded");
        done.store(true, Ordering::Release);
        searching.join().expect("searched");
        println!("reload: {:.2} s; resident memory {:.0} MiB", outcome.seconds, resident_mib());
    });
}

fn write_feed(path: &Path, count: usize, seed: u64) {
    let mut dice = Dice(seed);
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("created"));
    for number in 0..count {
        let kind = dice.pick(KINDS);
        let (one, two, three) = (dice.pick(QUALITIES), dice.pick(QUALITIES), dice.pick(QUALITIES));
        let (colour, material) = (dice.pick(COLOURS), dice.pick(MATERIALS));
        let model = format!(
            "{}{}-{}",
            (b'A' + dice.below(26) as u8) as char,
            (b'A' + dice.below(26) as u8) as char,
            dice.below(9000)
        );
        let brand = dice.below(300);
        let product = serde_json::json!({
            "id": format!("P{number:06}"),
            "title": {
                "zh": format!("品牌{brand} {}{}{} {} {model}", one.0, two.0, kind.0, colour.0),
                "en": format!("Brand{brand} {} {} {} {} {model}", one.1, two.1, kind.1, colour.1),
            },
            "description": {
                "zh": format!("这款{}采用{}材质，{}又{}，适合日常使用。做工细致，尺寸合适，颜色是{}。", kind.0, material.0, two.0, three.0, colour.0),
                "en": format!("This {} is made of {}, {} and {}, and good for every day. Well made, true to size, in {}.", kind.1, material.1, two.1, three.1, colour.1),
            },
            "category": { "zh": kind.0, "en": kind.1 },
            "brand": { "zh": format!("品牌{brand}"), "en": format!("Brand{brand}") },
            "price": 20 + dice.below(3000),
            "stock": dice.below(50),
            "attributes": {
                "colour": { "zh": colour.0, "en": colour.1 },
                "material": { "zh": material.0, "en": material.1 },
                "size": ["S", "M", "L", "XL"],
                "feature": [{ "zh": one.0, "en": one.1 }, { "zh": three.0, "en": three.1 }],
            },
            "rating": 3.0 + dice.below(20) as f64 / 10.0,
            "sales": dice.below(10_000),
        });
        writeln!(file, "{product}").expect("written");
    }
    file.flush().expect("flushed");
}

fn worded(count: usize) -> Vec<SearchQuery> {
    let mut dice = Dice(3);
    let text = |dice: &mut Dice| {
        let (kind, quality, colour) = (dice.pick(KINDS), dice.pick(QUALITIES), dice.pick(COLOURS));
        match dice.below(6) {
            0 => format!("我想买一款{}的{}", quality.0, kind.0),
            1 => format!("{} {}", quality.1, kind.1),
            2 => format!(
                "show me a {} {} in {} that is made of wool, priced under 500 yuan",
                quality.1, kind.1, colour.1
            ),
            3 => format!("{}{}", colour.0, kind.0),
            4 => format!("{}s for travle", kind.1),
            _ => format!("brand{} {}", dice.below(300), kind.1),
        }
    };
    (0..count).map(|_| SearchQuery { text: text(&mut dice), limit: 10, ..SearchQuery::default() }).collect()
}

fn limited(count: usize) -> Vec<SearchQuery> {
    let mut dice = Dice(4);
    let mut queries = worded(count);
    for query in &mut queries {
        let colour = dice.pick(COLOURS).0.to_owned();
        query.filters = Filters {
            price_max: Some(500.0),
            in_stock: true,
            attributes: vec![AttributeFilter { name: "colour".into(), value: colour }],
            exclude: vec![dice.pick(MATERIALS).0.to_owned()],
            ..Filters::default()
        };
        query.sort = *dice.pick(&[Sort::Relevance, Sort::PriceAsc, Sort::Rating, Sort::Sales]);
    }
    queries
}

fn browsed(count: usize) -> Vec<SearchQuery> {
    let mut queries = limited(count);
    for query in &mut queries {
        query.text.clear();
        query.filters.attributes.push(AttributeFilter { name: "feature".into(), value: "waterproof".into() });
    }
    queries
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    format!("p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms, most {:.2} ms", at(0.5), at(0.95), at(0.99), at(1.0))
}

/// Processor time of all threads so far, in seconds (`/proc/self/stat`, hundredths); 0 where there is no such file.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Resident memory of this process (`/proc/self/status`), in MiB; 0 where there is no such file.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}
