//! Evaluation sets by kind: `*.txt` of labelled messages, `*.jsonl` of texts with `label`, folders with `products.jsonl`,
//! `queries.jsonl` and `qrels.tsv`. Other files are named and left out.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

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
    let text = read(path)?;
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("txt") => {
            let messages = labelled::read(&text).map_err(|cause| SetError::Label { path: path.to_owned(), cause })?;
            sets.messages.extend(messages);
        }
        Some("jsonl") => {
            let opinions = text.lines().map(serde_json::from_str::<Opinion>).collect::<Result<Vec<Opinion>, _>>();
            match opinions {
                Ok(opinions) if !opinions.is_empty() => sets.opinions.push((path.to_owned(), opinions)),
                _ => sets.left_out.push(path.to_owned()),
            }
        }
        _ => sets.left_out.push(path.to_owned()),
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, SetError> {
    fs::read_to_string(path).map_err(|cause| SetError::Unreadable { path: path.to_owned(), cause })
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
    Ok(Ranking { feed: folder.join("products.jsonl"), queries, grades })
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
        let sets = read_sets(&[folder.path().to_owned()]).expect("sets");
        assert_eq!((sets.messages.len(), sets.opinions.len(), sets.left_out.len()), (1, 1, 1));
    }
}
