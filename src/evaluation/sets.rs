//! Evaluation sets by kind: `*.txt` of labelled messages; `*.jsonl` whose first line has `passages` (questions of policy), `sku`
//! (questions about products), `aspect` (aspects of reviews) or `label` (sentiment); folders with `products.jsonl`, `queries.jsonl`
//! and `qrels.tsv`. All but the messages may be packed (`.gz`). Other files are named and left out.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::aspects::AspectLabel;
use super::service::{PolicyQuestion, ProductQuestion};
use crate::assistant::understand::labelled::{self, LabelError, Labelled};

/// Why a set cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// A file cannot be read.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A line does not have the form of the first one.
    #[error("{path}, line {line}: {cause}")]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Why.
        cause: serde_json::Error,
    },
    /// A line is no labelled message.
    #[error("{path}: {cause}")]
    Label {
        /// Which file.
        path: PathBuf,
        /// Which line and why.
        cause: LabelError,
    },
}

/// One review or other text with its label.
#[derive(Debug, Clone, Deserialize)]
pub struct Opinion {
    /// The words.
    pub text: String,
    /// 1, `positive`, true: praise.
    pub label: serde_json::Value,
}

impl Opinion {
    /// Whether the text belongs to the fixed fifth that no training may use: FNV-1a 32 of its bytes is a multiple of five.
    pub fn is_held_out(&self) -> bool {
        let hash =
            self.text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        hash.is_multiple_of(5)
    }

    /// Whether the label says praise.
    pub fn is_praise(&self) -> bool {
        match &self.label {
            serde_json::Value::Bool(praise) => *praise,
            serde_json::Value::Number(number) => number.as_f64().is_some_and(|number| number > 0.0),
            label => label.as_str().is_some_and(|label| matches!(label, "positive" | "pos" | "1")),
        }
    }
}

/// Queries with graded products.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// The feed.
    pub feed: PathBuf,
    /// Queries by number.
    pub queries: Vec<(String, String)>,
    /// Grades by query and product.
    pub grades: HashMap<String, HashMap<String, f64>>,
}

/// All that was found under the paths.
#[derive(Debug, Default)]
pub struct Sets {
    /// Labelled messages, all files together.
    pub messages: Vec<Labelled>,
    /// Texts with labels, by file.
    pub opinions: Vec<(PathBuf, Vec<Opinion>)>,
    /// Questions of policy, by file.
    pub policies: Vec<(PathBuf, Vec<PolicyQuestion>)>,
    /// Questions about products, by file.
    pub products: Vec<(PathBuf, Vec<ProductQuestion>)>,
    /// Sentences with aspects, by file.
    pub aspects: Vec<(PathBuf, Vec<AspectLabel>)>,
    /// Queries with grades, by folder.
    pub rankings: Vec<(PathBuf, Ranking)>,
    /// Files of no known kind.
    pub left_out: Vec<PathBuf>,
}

/// Reads every set under the paths.
///
/// # Errors
/// A file cannot be read, or a line of labelled messages is none.
pub fn read_sets(paths: &[PathBuf]) -> Result<Sets, SetError> {
    let mut sets = Sets::default();
    paths.iter().try_for_each(|path| read_path(path, &mut sets))?;
    Ok(sets)
}

fn read_path(path: &Path, sets: &mut Sets) -> Result<(), SetError> {
    if path.is_dir() {
        if path.join("qrels.tsv").is_file() {
            sets.rankings.push((path.to_owned(), read_ranking(path)?));
            return Ok(());
        }
        let entries = fs::read_dir(path).map_err(|cause| SetError::Unreadable { path: path.to_owned(), cause })?;
        let mut entries: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        entries.sort();
        return entries.iter().try_for_each(|entry| read_path(entry, sets));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match name.trim_end_matches(".gz").rsplit_once('.') {
        Some((_, "txt")) => {
            let text = read(path)?;
            let messages = labelled::read(&text).map_err(|cause| SetError::Label { path: path.to_owned(), cause })?;
            sets.messages.extend(messages);
        }
        Some((_, "jsonl")) => read_lines(path, &read(path)?, sets)?,
        _ => sets.left_out.push(path.to_owned()),
    }
    Ok(())
}

/// A file of JSON lines is of the kind that its first line has the keys of.
fn read_lines(path: &Path, text: &str, sets: &mut Sets) -> Result<(), SetError> {
    let first: serde_json::Value =
        text.lines().next().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
    let has = |key: &str| first.get(key).is_some();
    let place = path.to_owned();
    match (has("text"), has("passages"), has("sku"), has("aspect"), has("label")) {
        (true, true, ..) => sets.policies.push((place, parse(path, text)?)),
        (true, _, true, ..) => sets.products.push((place, parse(path, text)?)),
        (true, _, _, true, true) => sets.aspects.push((place, parse(path, text)?)),
        (true, .., true) => sets.opinions.push((place, parse(path, text)?)),
        _ => sets.left_out.push(place),
    }
    Ok(())
}

fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<Vec<T>, SetError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let parsed = lines.map(|(number, line)| {
        let wrong = |cause| SetError::Line { path: path.to_owned(), line: number + 1, cause };
        serde_json::from_str(line).map_err(wrong)
    });
    parsed.collect()
}

fn read(path: &Path) -> Result<String, SetError> {
    let unreadable = |cause| SetError::Unreadable { path: path.to_owned(), cause };
    if path.extension().is_none_or(|extension| extension != "gz") {
        return fs::read_to_string(path).map_err(unreadable);
    }
    let mut text = String::new();
    let file = fs::File::open(path).map_err(unreadable)?;
    MultiGzDecoder::new(file).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

fn read_ranking(folder: &Path) -> Result<Ranking, SetError> {
    let mut grades: HashMap<String, HashMap<String, f64>> = HashMap::new();
    for line in read(&folder.join("qrels.tsv"))?.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (Some(query), Some(grade)) = (fields.first(), fields.last().and_then(|grade| grade.parse().ok())) else {
            continue;
        };
        let product = fields[fields.len() - 2];
        grades.entry((*query).to_owned()).or_default().insert(product.to_owned(), grade);
    }
    let queries = read(&folder.join("queries.jsonl"))?;
    let queries = queries.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let word = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let queries = queries.map(|query| (word(&query["id"]), word(&query["text"]))).collect();
    let feed = ["products.jsonl", "products.jsonl.gz"].map(|name| folder.join(name));
    let feed = feed.iter().find(|feed| feed.is_file()).unwrap_or(&feed[0]).clone();
    Ok(Ranking { feed, queries, grades })
}

/// nDCG at a depth with exponential gains (Järvelin and Kekäläinen 2002), for product ids in the order found.
pub fn ndcg(found: &[String], grades: &HashMap<String, f64>, depth: usize) -> f64 {
    let discounted = |grades: &mut dyn Iterator<Item = f64>| -> f64 {
        grades.take(depth).enumerate().map(|(rank, grade)| (grade.exp2() - 1.0) / ((rank + 2) as f64).log2()).sum()
    };
    let mut ideal: Vec<f64> = grades.values().copied().collect();
    ideal.sort_by(|a, b| b.total_cmp(a));
    let best = discounted(&mut ideal.into_iter());
    if best <= 0.0 {
        return 0.0;
    }
    discounted(&mut found.iter().map(|id| grades.get(id).copied().unwrap_or(0.0))) / best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ideal_order_scores_one() {
        let grades = HashMap::from([("a".to_owned(), 3.0), ("b".to_owned(), 1.0)]);
        assert!((ndcg(&["a".into(), "b".into()], &grades, 10) - 1.0).abs() < 1e-9);
        assert!(ndcg(&["b".into(), "a".into()], &grades, 10) < 1.0);
        assert_eq!(ndcg(&["x".into()], &grades, 10), 0.0);
    }

    #[test]
    fn a_set_has_its_kind_by_its_form() {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(folder.path().join("a.txt"), "greet | - | hi\n").expect("write");
        fs::write(folder.path().join("b.jsonl"), "{\"text\": \"good\", \"label\": 1}\n").expect("write");
        fs::write(folder.path().join("c.jsonl"), "{\"id\": 1}\n").expect("write");
        fs::write(folder.path().join("d.jsonl"), "{\"id\": 1, \"text\": \"?\", \"passages\": []}\n").expect("write");
        fs::write(folder.path().join("e.jsonl"), "{\"text\": \"?\", \"sku\": \"A\"}\n").expect("write");
        fs::write(folder.path().join("f.jsonl"), "{\"text\": \"good fit\", \"aspect\": \"fit\", \"label\": 1}\n")
            .expect("write");
        let sets = read_sets(&[folder.path().to_owned()]).expect("sets");
        assert_eq!((sets.messages.len(), sets.opinions.len(), sets.left_out.len()), (1, 1, 1));
        assert_eq!((sets.policies.len(), sets.products.len(), sets.aspects.len()), (1, 1, 1));
        fs::write(folder.path().join("b.jsonl"), "{\"text\": \"good\", \"label\": 1}\n{}\n").expect("write");
        let error = read_sets(&[folder.path().join("b.jsonl")]).expect_err("refused").to_string();
        assert!(error.contains("b.jsonl, line 2"), "{error}");
    }
}
