//! The whole training pipeline, tiny: from text to a GGUF that llama.cpp reads as PyTorch does.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::path::Path;
use std::process::Command;

use daogou::domain::linear_text::LinearText;
use daogou::domain::matcher::Matcher;
use daogou::inference::manifest::Manifest;

use crate::encoder;

/// The exit code of `models/train/run` where no Python has the training packages.
const NO_PACKAGES: i32 = 3;

#[test]
fn a_smoke_run_of_training_ends_in_models_that_load_and_agree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = tempfile::tempdir().unwrap();
    let done = Command::new(root.join("models/train/run"))
        .args(["--smoke", "--data", "/nonexistent", "--daogou", env!("CARGO_BIN_EXE_daogou"), "--out"])
        .arg(out.path())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    if done.status.code() == Some(NO_PACKAGES) {
        eprintln!("skipped: {}", errors.trim());
        return;
    }
    assert!(done.status.success(), "{errors}");

    for name in ["intent-prior.bin", "sentiment.bin"] {
        let bytes = std::fs::read(out.path().join(name)).unwrap();
        assert!(LinearText::load(&bytes).unwrap().labels().len() >= 2, "{name}");
    }
    Matcher::load(&std::fs::read(out.path().join("matcher.bin")).unwrap()).unwrap();
    encoder::agrees(&out.path().join("daogou-encoder.gguf"), &out.path().join("encoder_parity.jsonl"));
    let [alone, together, pairs] = ["daogou-encoder.gguf", "daogou-cross-encoder.gguf", "cross_encoder_parity.jsonl"]
        .map(|name| out.path().join(name));
    encoder::agrees_on_pairs(&alone, &together, &pairs);
    let gguf = out.path().join("daogou-compact.gguf");
    let manifest = Manifest::beside(&gguf).unwrap().unwrap();
    manifest.verify(&gguf).unwrap();
    assert_eq!(manifest.prompt_profile, "compact");

    let read = |name: &str| std::fs::read(out.path().join(name)).unwrap();
    assert!(read("tokenizer.model").len() > 10_000 && !read("continued/checkpoint.pt").is_empty());
    let begun: serde_json::Value = serde_json::from_slice(&read("continued/begun.json")).unwrap();
    assert_eq!(begun["from"], "daogou-compact.gguf", "training also begins from a GGUF");

    let parity: serde_json::Value =
        serde_json::from_slice(&std::fs::read(out.path().join("parity.json")).unwrap()).unwrap();
    let reports: Vec<_> = parity.as_object().unwrap().values().collect();
    assert_eq!(reports.len(), 2, "{parity}");
    for report in reports {
        assert_eq!(report["tokenized_differently"], 0, "{parity}");
        assert!(report["prompts"].as_u64().unwrap() >= 60, "{parity}");
    }
}
