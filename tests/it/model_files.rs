//! Model files and manifests, good and bad, as the engine meets them at its start.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use daogou::domain::generator::{Job, TextGenerator};
use daogou::inference::engine::{Engine, EngineSettings};
use daogou::inference::manifest::sha256_of;

use crate::engine::model;
use crate::tiny_gguf::{Shape, TinyGguf};

#[test]
fn a_bad_file_gives_an_error_that_names_it() {
    let good = model(&TinyGguf::new(Shape::Qwen));
    let bytes = std::fs::read(&good.path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let start = |name: &str, content: Option<&[u8]>| {
        let path = folder.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let error = Engine::start(&EngineSettings::for_model(&path)).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
        error
    };
    assert!(start("missing.gguf", None).contains("No such file"));
    assert!(start("empty.gguf", Some(b"")).contains("empty"));
    assert!(
        start("foreign.gguf", Some(b"PK\x03\x04 a zip file, long enough to look at")).contains("not with \"GGUF\"")
    );
    assert!(start("cut.gguf", Some(&bytes[..bytes.len() - 4096])).contains("truncated"));
    assert!(start("header.gguf", Some(&bytes[..900])).contains("header"));
    let renamed = replaced(&bytes, b"qwen2.block_count", b"qwen2.block_xount");
    assert!(start("keyless.gguf", Some(&renamed)).contains("llama.cpp cannot load"));
    for cut in (0..bytes.len()).step_by(1499) {
        start("any.gguf", Some(&bytes[..cut]));
    }
}

#[test]
fn a_manifest_is_obeyed_and_its_sum_checked() {
    let model = model(&TinyGguf::new(Shape::Llama));
    let manifest = model.path.with_extension("toml");
    let text = |sum: &str| {
        format!(
            "name = \"tiny\"\nsha256 = \"{sum}\"\nprompt_profile = \"compact\"\njobs = [\"parse\"]\nlicence = \"Apache-2.0\"\n"
        )
    };
    std::fs::write(&manifest, text(&"0".repeat(64))).unwrap();
    let error = Engine::start(&EngineSettings::for_model(&model.path)).unwrap_err().to_string();
    assert!(error.contains("tiny.gguf has SHA-256") && error.contains(&"0".repeat(64)), "{error}");
    let sum = sha256_of(&model.path).unwrap();
    std::fs::write(&manifest, text(&sum)).unwrap();
    let engine = Engine::start(&EngineSettings::for_model(&model.path)).unwrap();
    let description = engine.describe();
    assert_eq!((description.name.as_str(), description.prompt_profile.as_str()), ("tiny", "compact"));
    assert!(engine.is_trusted_with(Job::Parse));
    assert!(!engine.is_trusted_with(Job::Answer));
    std::fs::write(&manifest, "name = ").unwrap();
    let error = Engine::start(&EngineSettings::for_model(&model.path)).unwrap_err().to_string();
    assert!(error.contains("tiny.toml"), "{error}");
}

#[test]
fn a_model_without_a_manifest_takes_its_profile_from_the_gguf() {
    let described = |tiny: &TinyGguf| {
        let model = model(tiny);
        Engine::start(&EngineSettings::for_model(&model.path)).unwrap().describe()
    };
    let plain = described(&TinyGguf { template: None, ..TinyGguf::new(Shape::Qwen) });
    assert_eq!((plain.prompt_profile.as_str(), plain.jobs.len(), plain.device.as_str()), ("general", 8, "cpu"));
    assert_eq!(plain.offloaded_layers, (0, 3));
    let own = described(&TinyGguf { profile: Some("compact".into()), ..TinyGguf::new(Shape::Llama) });
    assert_eq!(own.prompt_profile, "compact");
}

fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(at) = bytes.windows(old.len()).position(|window| window == old) {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
    bytes
}
