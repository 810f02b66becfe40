//! The sentence encoder: llama.cpp reads it as PyTorch does, and a bad file is refused by name.

use std::path::Path;

use daogou::domain::encoder::{SentenceEncoder, Side};
use daogou::inference::encoder::{CrossEncoder, Encoder, EncoderSettings};
use serde::Deserialize;

/// As `models/train/pipeline/encoder_file.py` writes it; of the vector the first values.
#[derive(Deserialize)]
struct Case {
    question: bool,
    text: String,
    vector: Vec<f32>,
}

fn settings(model: &Path) -> EncoderSettings {
    EncoderSettings { model: model.to_owned(), gpu_layers: None, threads: None, remembered: None }
}

/// Holds an encoder against the vectors that PyTorch computed before its weights were rounded.
pub fn agrees(model: &Path, cases: &Path) {
    let text = std::fs::read_to_string(cases).expect("cases");
    let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).expect("a case")).collect();
    let encoder = Encoder::start(&settings(model)).expect("the encoder loads");
    for (question, side) in [(true, Side::Question), (false, Side::Text)] {
        let of: Vec<&Case> = cases.iter().filter(|case| case.question == question).collect();
        assert!(of.len() > 5, "{} cases", of.len());
        let texts: Vec<&str> = of.iter().map(|case| case.text.as_str()).collect();
        for (case, sense) in of.iter().zip(encoder.encode(side, &texts).expect("vectors")) {
            let (mut both, mut own, mut others) = (0.0f32, 0.0f32, 0.0f32);
            for (one, other) in case.vector.iter().zip(sense.values()) {
                both += one * other;
                own += one * one;
                others += other * other;
            }
            let cosine = both / (own * others).sqrt();
            assert!(cosine > 0.98, "{}: {cosine}", case.text);
        }
    }
}

/// As `models/train/pipeline/cross_encoder_file.py` writes it.
#[derive(Deserialize)]
struct Pair {
    question: String,
    text: String,
    odds: f32,
}

/// Holds a cross-encoder against the odds that PyTorch computed before its weights were rounded.
pub fn agrees_on_pairs(encoder: &Path, cross: &Path, pairs: &Path) {
    let text = std::fs::read_to_string(pairs).expect("pairs");
    let pairs: Vec<Pair> = text.lines().map(|line| serde_json::from_str(line).expect("a pair")).collect();
    assert!(pairs.len() > 20, "{} pairs", pairs.len());
    let cross = CrossEncoder::start(cross, None, None).expect("the cross-encoder loads");
    let encoder = Encoder::start(&settings(encoder)).expect("the encoder loads").with_cross(Some(cross));
    let spread = pairs.iter().map(|pair| pair.odds.abs()).fold(0.0, f32::max);
    for pair in &pairs {
        let odds = encoder.odds(&pair.question, &[&pair.text, "-", &pair.text]).expect("it reads pairs").expect("odds");
        assert!(
            (odds[0] - pair.odds).abs() < 0.05 * spread.max(1.0),
            "{}: {} for {}",
            pair.question,
            odds[0],
            pair.odds
        );
        assert!((odds[0] - odds[2]).abs() < 0.02 && odds.len() == 3, "{odds:?}");
    }
}

#[test]
fn llama_cpp_reads_sentences_as_pytorch_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    agrees(&root.join("models/daogou-encoder.gguf"), &root.join("tests/data/encoder_parity.jsonl"));
}

#[test]
fn llama_cpp_reads_pairs_as_pytorch_does() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let pairs = models.join("../tests/data/cross_encoder_parity.jsonl");
    agrees_on_pairs(&models.join("daogou-encoder.gguf"), &models.join("daogou-cross-encoder.gguf"), &pairs);
}

#[test]
fn texts_read_together_mean_what_they_mean_alone() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/daogou-encoder.gguf");
    let (one, other) =
        (Encoder::start(&settings(&model)).expect("one"), Encoder::start(&settings(&model)).expect("other"));
    let long = "退货运费由谁承担，多久到账。".repeat(400);
    let texts: Vec<String> =
        (0..150).map(|n| format!("第 {n} 双鞋防水吗, number {n}?")).chain([long, String::new()]).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let together = one.encode(Side::Text, &texts).expect("vectors");
    assert_eq!(together.len(), texts.len());
    for place in [0, 77, 149, 150, 151] {
        let alone = other.encode(Side::Text, &texts[place..=place]).expect("a vector");
        assert!(alone[0].likeness(&together[place]) > 0.999, "{place}");
    }
    let asked = one.encode(Side::Question, &[texts[3], texts[3]]).expect("vectors");
    assert_eq!(asked[0], asked[1]);
}

#[test]
fn a_question_finds_its_answer_across_languages() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/daogou-encoder.gguf");
    let encoder = Encoder::start(&settings(&model)).expect("the encoder loads");
    let texts = ["退货运费由买家承担", "杭州门店每天十点营业", "发票在收货后 7 天内开出"];
    let texts = encoder.encode(Side::Text, &texts).expect("vectors");
    for (question, right) in
        [("who pays to send it back", 0), ("when do you open the shop", 1), ("can I get an invoice", 2)]
    {
        let asked = &encoder.encode(Side::Question, &[question]).expect("a vector")[0];
        let best = (0..texts.len())
            .max_by(|one, other| asked.likeness(&texts[*one]).total_cmp(&asked.likeness(&texts[*other])));
        assert_eq!(best, Some(right), "{question}");
    }
}

#[test]
fn a_file_that_is_no_encoder_is_refused_by_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text_model = root.join("models/daogou-compact.gguf");
    let error = Encoder::start(&settings(&text_model)).expect_err("refused").to_string();
    assert!(error.contains("daogou-compact.gguf") && error.contains("no vectors"), "{error}");
    let folder = tempfile::tempdir().expect("folder");
    let cut = folder.path().join("cut.gguf");
    let bytes = std::fs::read(root.join("models/daogou-encoder.gguf")).expect("bytes");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("written");
    assert!(Encoder::start(&settings(&cut)).expect_err("refused").to_string().contains("cut.gguf"));
    let alone =
        CrossEncoder::start(&root.join("models/daogou-encoder.gguf"), None, None).expect_err("refused").to_string();
    assert!(alone.contains("daogou-encoder.gguf") && alone.contains("daogou.odds"), "{alone}");
    let missing = Encoder::start(&settings(&folder.path().join("none.gguf"))).expect_err("refused").to_string();
    assert!(missing.contains("none.gguf"), "{missing}");
}

#[test]
fn a_cross_encoder_that_does_not_load_is_named_and_takes_nothing_else_with_it() {
    let folder = tempfile::tempdir().expect("folder");
    let mut config = crate::shop::sample_config(folder.path());
    config.model.cross_encoder = folder.path().join("cut.gguf");
    let bytes =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/daogou-cross-encoder.gguf")).expect("bytes");
    std::fs::write(&config.model.cross_encoder, &bytes[..bytes.len() / 2]).expect("written");
    let error = daogou::assemble::try_cross_encoder(&config).expect_err("refused").to_string();
    assert!(error.contains("cut.gguf"), "{error}");
    let encoder = daogou::assemble::try_encoder(&config).expect("it loads").expect("it is there");
    assert!(encoder.odds("防水吗", &["材质：尼龙"]).is_none());
}
