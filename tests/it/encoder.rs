//! The sentence encoder: llama.cpp reads it as PyTorch does.

use std::path::{Path, PathBuf};

use daogou::domain::encoder::{SentenceEncoder, Side};
use daogou::inference::encoder::{Encoder, EncoderSettings};
use serde::Deserialize;

/// As `models/train/pipeline/encoder_file.py` writes it.
#[derive(Deserialize)]
struct Case {
    question: bool,
    text: String,
    vector: Vec<f32>,
}

fn bundled() -> Encoder {
    let model = std::env::var_os("DAOGOU_ENCODER")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("models/daogou-encoder.gguf"), PathBuf::from);
    Encoder::start(&EncoderSettings { model, gpu_layers: None, threads: None, remembered: None })
        .expect("the bundled encoder")
}

#[test]
fn llama_cpp_reads_sentences_as_pytorch_does() {
    let path = std::env::var_os("DAOGOU_ENCODER_PARITY")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/encoder_parity.jsonl"), PathBuf::from);
    let text = std::fs::read_to_string(path).expect("cases");
    let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).expect("a case")).collect();
    let encoder = bundled();
    for (question, side) in [(true, Side::Question), (false, Side::Text)] {
        let of: Vec<&Case> = cases.iter().filter(|case| case.question == question).collect();
        let texts: Vec<&str> = of.iter().map(|case| case.text.as_str()).collect();
        for (case, sense) in of.iter().zip(encoder.encode(side, &texts).expect("vectors")) {
            let (mut both, mut own, mut others) = (0.0f32, 0.0f32, 0.0f32);
            for (one, other) in case.vector.iter().zip(sense.values()) {
                both += one * other;
                own += one * one;
                others += other * other;
            }
            let cosine = both / (own * others).sqrt();
            println!("{cosine:.4} {}", case.text);
            assert!(cosine > 0.99, "{}: {cosine}", case.text);
        }
    }
}
