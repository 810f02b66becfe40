//! `daogou model info`.

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use crate::domain::generator::TextGenerator;
use crate::inference::engine::{Engine, EngineSettings};
use crate::inference::gguf::read_header;
use crate::inference::manifest::Manifest;
use crate::inference::processor::threads_for;

/// Loads the model and prints what is known of it.
///
/// # Errors
/// It does not load.
pub fn run(settings: &EngineSettings, json: bool) -> anyhow::Result<ExitCode> {
    let header = read_header(&settings.model)?;
    let engine = Engine::start(settings)?;
    let description = engine.describe();
    let manifest = engine.manifest();
    let manifest_file = Manifest::path_for(&settings.model);
    let threads = threads_for(description.parameters, settings.threads);
    let own = |key: &str| header.integer(&format!("{}.{key}", header.architecture()));
    let mut report = Map::new();
    report.insert("name".into(), json!(description.name));
    report.insert("file".into(), json!(settings.model.display().to_string()));
    report.insert("file_mib".into(), json!(round(header.file_bytes as f64 / f64::from(1 << 20), 1)));
    report.insert("architecture".into(), json!(header.architecture()));
    report.insert("parameters".into(), json!(description.parameters));
    report.insert("layers".into(), json!(own("block_count").unwrap_or_default() as u64));
    report.insert("width".into(), json!(own("embedding_length").unwrap_or_default() as u64));
    report.insert("vocabulary".into(), json!(vocabulary(&header.metadata)));
    report.insert("trained_context".into(), json!(own("context_length").unwrap_or_default() as u64));
    report.insert("context".into(), json!(description.context));
    report.insert("longest_prompt".into(), json!(engine.sequence_limit()));
    report.insert(
        "chat_template".into(),
        json!(header.text("tokenizer.chat_template").map_or("none: ChatML", |_| "its own")),
    );
    report.insert("prompt_profile".into(), json!(description.prompt_profile));
    report.insert("jobs".into(), serde_json::to_value(&description.jobs)?);
    report.insert("licence".into(), json!(manifest.licence));
    let manifest_state = match (manifest_file.exists(), &manifest.sha256) {
        (true, Some(_)) => format!("{}, SHA-256 as it says", manifest_file.display()),
        (true, None) => format!("{}, without a SHA-256", manifest_file.display()),
        (false, _) => "none: taken for an instruct model that is trusted with every job".to_owned(),
    };
    report.insert("manifest".into(), json!(manifest_state));
    report.insert("device".into(), json!(description.device));
    let (offloaded, layers) = description.offloaded_layers;
    report.insert("offloaded_layers".into(), json!(format!("{offloaded} of {layers}")));
    report.insert("threads".into(), json!(format!("{} for tokens, {} for prompts", threads.decode, threads.prefill)));
    super::print(&report, json)?;
    Ok(ExitCode::SUCCESS)
}

fn vocabulary(metadata: &std::collections::BTreeMap<String, crate::inference::gguf::MetaValue>) -> Value {
    match metadata.get("tokenizer.ggml.tokens") {
        Some(crate::inference::gguf::MetaValue::Array(length)) => json!(length),
        _ => Value::Null,
    }
}

/// Rounds to so many decimals.
pub fn round(number: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (number * scale).round() / scale
}
