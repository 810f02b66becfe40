//! `daogou parse`: reads messages from JSON lines and prints what each means.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;

use super::Common;
use super::catalog::open_or_sample;
use crate::assemble;
use crate::assistant::understand::Understanding;
use crate::domain::generator::TextGenerator;
use crate::domain::session::Context;
use crate::inference::absent::Absent;

/// Says what messages mean.
///
/// Input, on standard input: JSON lines `{"id": "m1", "text": "只看索尼的，别超过八百", "shown": {"query": "耳机", "count": 5}}`; `shown` is
/// what the shopper looked for last and how many products are on the screen, left out at the start of a conversation; other
/// keys are ignored. Output: one line a message
/// `{"id": "m1", "intent": {"intent": "refine", "lang": "zh", "brand": "索尼", "price_max": 800}, "confidence": 0.97, "source":
/// "fused"}`; `confidence` is the calibrated probability that the intent is right; `source` is rules, prior, model or fused.
/// Slots: query, category, brand, price_min, price_max, price_near, currency, attributes {colour, size, material, season, use,
/// audience, feature}, exclude, sort, items (ordinals from 1, −1 the last, or names), order_id, topic, quantity; what is absent was
/// not said. Of longer messages the first `assistant.max_message_chars` characters are read. A line that is no message is named by its number on standard error; the others are answered, and the exit code
/// is 1. Categories and brands are those of the loaded catalog, or of the sample shop.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do without the language model: rules, the catalog's words and the linear models alone.
    #[arg(long)]
    no_model: bool,
}

#[derive(Debug, Deserialize)]
struct Line {
    id: serde_json::Value,
    text: String,
    #[serde(default)]
    shown: Option<Context>,
}

/// Reads and prints.
///
/// # Errors
/// The catalog, a prompt or a model file is wrong, or the input cannot be read; not a bad line.
pub fn run(args: Args, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let snapshot = open_or_sample(None, common)?;
    let (generator, encoder): (Arc<dyn TextGenerator>, _) = match args.no_model {
        true => (Arc::new(Absent::because("--no-model was given")), None),
        false => (assemble::load_model(&config), assemble::load_encoder(&config)),
    };
    let prompts = Arc::new(assemble::load_prompts(&config, generator.as_ref())?);
    let understanding =
        Understanding::new(prompts, Duration::from_millis(config.assistant.understand_ms))?.with_encoder(encoder);
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut is_clean = true;
    for (number, line) in io::stdin().lock().split(b'\n').enumerate() {
        let line = line.context("cannot read standard input")?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let message: Line = match serde_json::from_slice(&line) {
            Ok(message) => message,
            Err(error) => {
                eprintln!("daogou: line {}: {error}", number + 1);
                is_clean = false;
                continue;
            }
        };
        let context = message.shown.unwrap_or_default();
        let text: String = message.text.chars().take(config.assistant.max_message_chars).collect();
        let understood = understanding.understand(&text, &context, &snapshot, generator.as_ref());
        let answer = json!({
            "id": message.id,
            "intent": understood.intent,
            "confidence": (f64::from(understood.confidence) * 1e4).round() / 1e4,
            "source": understood.source,
        });
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
