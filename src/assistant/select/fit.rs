//! Measures the choice on Amazon's product questions, and writes what its weights are fitted on.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::json;

use super::super::line::{Line, Source};
use super::{features, select};
use crate::domain::encoder::SentenceEncoder;
use crate::inference::encoder::{CrossEncoder, Encoder, EncoderSettings};

#[derive(Deserialize)]
struct Candidate {
    text: String,
    source: String,
    label: u8,
}

#[derive(Deserialize)]
struct Asked {
    question: String,
    candidates: Vec<Candidate>,
}

/// A question with the lines that may answer it, and how well each does: 0 not, 1 in part, 2 in full.
#[derive(Clone)]
struct Case {
    set: String,
    question: String,
    lines: Vec<Line>,
    labels: Vec<u8>,
}

/// ePQA's and hetPQA's development questions; none where they are not.
fn amazon() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/answers/pqa_en");
    let folder = std::env::var_os("DAOGOU_PQA").map_or(folder, PathBuf::from);
    let mut cases = Vec::new();
    for (file, full) in [("epqa_dev.jsonl", 2), ("hetpqa_dev.jsonl", 1)] {
        let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
            println!("skipped: {file} is not in {} (set DAOGOU_PQA)", folder.display());
            continue;
        };
        for line in text.lines() {
            let asked: Asked = serde_json::from_str(line).expect("a question");
            let labels = asked.candidates.iter().map(|one| if one.label >= full { 2 } else { u8::from(one.label > 0) });
            let labels = labels.collect();
            let lines = asked.candidates.iter().map(line_of).collect();
            cases.push(Case { set: file.into(), question: asked.question, lines, labels });
        }
    }
    cases
}

fn line_of(candidate: &Candidate) -> Line {
    let source = match candidate.source.to_lowercase().as_str() {
        "attribute" => Source::Attribute,
        "bullet" => Source::Highlight,
        "review" => Source::Review,
        "cqa" => Source::Answer,
        _ => Source::Description,
    };
    Line { source, text: candidate.text.clone() }
}

/// The one that `DAOGOU_ENCODER` names, with the cross-encoder that `DAOGOU_CROSS_ENCODER` names; none without the first.
fn encoder() -> Option<Box<dyn SentenceEncoder>> {
    let model = PathBuf::from(std::env::var_os("DAOGOU_ENCODER")?);
    let settings = EncoderSettings { model, gpu_layers: None, threads: Some(1), remembered: None };
    let cross = std::env::var_os("DAOGOU_CROSS_ENCODER").map(PathBuf::from);
    let cross = cross.map(|path| CrossEncoder::start(&path, None, Some(1)).expect("a cross-encoder"));
    Some(Box::new(Encoder::start(&settings).expect("an encoder").with_cross(cross)))
}

/// Every fifth product is left out of what matcher and encoder learn, and weights are fitted on these.
const LEFT_OUT: usize = 5;

/// So many questions of a product, spread over those that it has.
const MOST: usize = 8;

/// How attributes are asked for by their names.
const PLAIN_ZH: [(&str, &str); 4] = [("", "是什么"), ("什么", ""), ("", "？"), ("", "是多少")];
const PLAIN_EN: [(&str, &str); 4] = [("what is the ", ""), ("what ", ""), ("", "?"), ("which ", " is it")];

/// Plain questions for the first and the last attribute whose name no other line has.
fn plain_questions(lines: &[Line]) -> Vec<(String, usize)> {
    let named = lines.iter().enumerate().filter_map(|(place, line)| {
        let (name, _) = line.text.split_once('：').or_else(|| line.text.split_once(": "))?;
        let name = name.split(['（', '(']).next()?.trim();
        let alone = lines.iter().filter(|line| line.text.contains(name)).count() == 1;
        let forms = if name.is_ascii() { PLAIN_EN } else { PLAIN_ZH };
        let (before, after) = forms[place % forms.len()];
        (alone && name.len() < 40 && line.source == Source::Attribute)
            .then(|| (format!("{before}{name}{after}"), place))
    });
    let found: Vec<(String, usize)> = named.collect();
    let ends = found.first().into_iter().chain(found.last().filter(|_| found.len() > 1));
    ends.cloned().collect()
}

/// The files of a folder, then those of the folders within, as `pipeline/questions.py` has them.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let within = std::fs::read_dir(folder).expect("listings").map(|entry| entry.expect("a file").path());
    let (folders, mut files): (Vec<PathBuf>, Vec<PathBuf>) = within.partition(|path| path.is_dir());
    files.sort();
    let mut further: Vec<PathBuf> = folders.iter().flat_map(|folder| listed(folder)).collect();
    further.sort();
    files.into_iter().chain(further).collect()
}

/// The questions of listings in a folder, of every so many, and if wanted plain ones for attributes by their names; the set is the file's name and
/// the product's place in all files.
fn listings(folder: &Path, every: usize, with_plain: bool) -> Vec<Case> {
    let files = listed(folder);
    let mut cases: Vec<Case> = Vec::new();
    let mut product = 0;
    for file in files {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let (mut lines, mut numbers): (Vec<Line>, Vec<String>) = Default::default();
        let mut plainly: Option<usize> = None;
        for row in std::fs::read_to_string(&file).expect("text").lines() {
            if row.starts_with("# ") {
                (lines, numbers) = Default::default();
                product += 1;
                plainly = Some(product - 1);
            } else if let Some((number, rest)) = row.strip_prefix('[').and_then(|row| row.split_once("] ")) {
                let (kind, text) = rest.split_once(' ').expect("a kind and a text");
                let source = match kind {
                    "attr" => Source::Attribute,
                    "review" => Source::Review,
                    _ => Source::Description,
                };
                lines.push(Line { source, text: text.into() });
                numbers.push(number.into());
            } else if let Some((question, right)) = row.strip_prefix("? ").and_then(|row| row.rsplit_once(" => ")) {
                if (product - 1) % every != 0 {
                    continue;
                }
                if let Some(product) = plainly.take().filter(|_| with_plain) {
                    for (question, place) in plain_questions(&lines) {
                        let labels = (0..lines.len()).map(|other| 2 * u8::from(other == place)).collect();
                        let set = format!("{name} {product}");
                        cases.push(Case { set, question, lines: lines.clone(), labels });
                    }
                }
                let right: Vec<&str> = right.split(',').collect();
                let labels = numbers.iter().map(|number| 2 * u8::from(right.contains(&number.as_str()))).collect();
                let set = format!("{name} {}", product - 1);
                cases.push(Case { set, question: question.into(), lines: lines.clone(), labels });
            }
        }
    }
    let of_products = cases.chunk_by(|one, other| one.set == other.set);
    of_products.flat_map(|cases| cases.iter().step_by(cases.len().div_ceil(MOST)).cloned()).collect()
}

/// Precision of the first choice over the questions that have an answer: of ePQA's the full ones (label 2).
#[test]
fn the_chosen_evidence_is_right_often_enough() {
    for file in ["epqa_dev.jsonl", "hetpqa_dev.jsonl"] {
        let cases: Vec<Case> = amazon().into_iter().filter(|case| case.set == file).collect();
        let encoder = encoder();
        let (mut asked_for, mut right, mut supported) = (0u32, 0u32, 0u32);
        for case in cases.iter().filter(|case| case.labels.contains(&2)) {
            let best = case.labels[select(&case.question, &case.lines, encoder.as_deref())[0].place];
            asked_for += 1;
            right += u32::from(best == 2);
            supported += u32::from(best > 0);
        }
        let share = |count: u32| f64::from(count) / f64::from(asked_for.max(1));
        println!("{file}: P@1 {:.3}, any support {:.3}, n {asked_for}", share(right), share(supported));
        assert!(asked_for == 0 || share(right) >= 0.66, "{file}: P@1 {:.3}", share(right));
    }
}

/// `DAOGOU_FEATURES=FILE cargo test --lib what_the_weights_are_fitted_on -- --ignored` writes a line a question: Amazon's, those of the
/// left-out listings of `models/train/listings`, written for this project, and all of a folder of the same form that `DAOGOU_ASKED` names.
#[test]
#[ignore = "writes a file for models/train/pipeline/evidence.py"]
fn what_the_weights_are_fitted_on() {
    let path = std::env::var("DAOGOU_FEATURES").expect("DAOGOU_FEATURES names the file to write");
    let own = listings(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/train/listings"), LEFT_OUT, true);
    let asked =
        std::env::var_os("DAOGOU_ASKED").map(|folder| listings(Path::new(&folder), 1, false)).unwrap_or_default();
    let asked = asked.into_iter().map(|case| Case { set: format!("asked {}", case.set), ..case });
    let cases: Vec<Case> = amazon().into_iter().chain(own).chain(asked).collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    // Models of one thread each, side by side: threads of one model that wait for each other are slower.
    let parts = std::thread::scope(|scope| {
        let parts: Vec<_> = cases
            .chunks(cases.len().div_ceil(workers).max(1))
            .map(|part| {
                scope.spawn(move || {
                    let encoder = encoder();
                    part.iter().map(|case| row(case, encoder.as_deref())).collect::<Vec<_>>()
                })
            })
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("rows")).collect::<Vec<_>>()
    });
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("a file"));
    parts.iter().for_each(|row| writeln!(file, "{row}").expect("written"));
    file.flush().expect("written");
}

/// What speaks for each line.
fn row(case: &Case, encoder: Option<&dyn SentenceEncoder>) -> serde_json::Value {
    let (found, _) = features(&case.question, &case.lines, encoder);
    let ranking: Vec<&[f32]> = found.iter().map(|features| features.ranking.as_slice()).collect();
    let deciding: Vec<Vec<f32>> = found.iter().map(|features| features.deciding(0.0).to_vec()).collect();
    json!({ "set": case.set, "question": case.question, "labels": case.labels, "ranking": ranking, "deciding": deciding })
}
