//! `daogou statistics`: what goes on in the shop, in counts.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::Common;
use super::catalog::open_or_sample;
use crate::backoffice::statistics::{Statistics, statistics};
use crate::catalog::CatalogSnapshot;
use crate::domain::identifier::Sku;
use crate::domain::language::Language;
use crate::store::{Store, StoreError};

/// Counts conversations, turns, intents, saved products, carts, handoffs and unanswered questions of what is kept.
///
/// While `daogou serve` runs, the newest backup of its state is counted, and that is said on standard error. `--json` prints one object:
/// `{"conversations", "turns", "languages", "intents", "saved": [[sku, count]], "carts", "handoffs": {"waiting", "claimed", "released",
/// "closed": {reason: count}, "rated", "mean_rating"}, "unanswered", "unanswered_times"}`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The state of which face: a folder of the data directory.
    #[arg(long, default_value = "telegram", value_name = "FACE")]
    state: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Counts and prints.
///
/// # Errors
/// The state cannot be read.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let folder: PathBuf = config.data_dir.join(&args.state);
    let mut output = std::io::stdout().lock();
    if !folder.is_dir() {
        eprintln!("daogou: {} has kept nothing yet", args.state);
        return Ok(ExitCode::SUCCESS);
    }
    let unpacked = tempfile::tempdir()?;
    let store = match Store::open(&folder) {
        Ok((store, _)) => store,
        Err(StoreError::InUse(_)) => {
            let copy = unpacked.path().join("state");
            let (store, backup) =
                Store::open_backup(&folder, &copy)?.context("the shop is running and has no backup yet")?;
            eprintln!("daogou: the shop is running; counted is its backup {}", backup.display());
            store
        }
        Err(error) => return Err(error.into()),
    };
    let counted = statistics(&store)?;
    if args.json {
        writeln!(output, "{}", serde_json::to_string(&counted)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let snapshot = open_or_sample(None, common)?;
    write!(output, "{}", words(&counted, &snapshot))?;
    Ok(ExitCode::SUCCESS)
}

fn words(counted: &Statistics, snapshot: &CatalogSnapshot) -> String {
    let counts = |counts: &BTreeMap<String, usize>| {
        let mut sorted: Vec<(&String, &usize)> = counts.iter().collect();
        sorted.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        sorted.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    let products = |list: &[(Sku, usize)]| {
        let title = |sku: &Sku| snapshot.product(sku).map_or("", |product| product.title.get(Language::En));
        list.iter().map(|(sku, count)| format!("\n  {count:>5}  {sku} {}", title(sku))).collect::<String>()
    };
    let handoffs = &counted.handoffs;
    let rating =
        handoffs.mean_rating.map_or_else(String::new, |mean| format!("; rated {mean:.1} by {}", handoffs.rated));
    let mut lines = vec![
        format!("conversations: {} ({}), {} turns", counted.conversations, counts(&counted.languages), counted.turns),
        format!("recent messages by intent: {}", counts(&counted.intents)),
        format!(
            "handoffs: {} waiting, {} claimed, {} released, closed: {}{rating}",
            handoffs.waiting,
            handoffs.claimed,
            handoffs.released,
            if handoffs.closed.is_empty() { "none".into() } else { counts(&handoffs.closed) }
        ),
        format!("unanswered: {} questions, asked {} times", counted.unanswered, counted.unanswered_times),
    ];
    for (what, list) in [("saved most", &counted.saved), ("most in carts", &counted.carts)] {
        if !list.is_empty() {
            lines.push(format!("{what}:{}", products(list)));
        }
    }
    lines.join("\n") + "\n"
}
