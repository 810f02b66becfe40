//! A cross-encoder: reads a question together with each text and says how likely it answers.
//!
//! `models/train/pipeline/cross_encoder.py` trains the bundled one. Started by `assemble`, asked through [`super::Encoder`].

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::numbers;
use super::worker::{Reading, Worker, prepared, refused};
use crate::domain::encoder::EncoderError;
use crate::inference::error::InferenceError;

/// Answers that are kept, since a question is looked at several times in a turn.
const KEPT: usize = 4096;

/// Reads pairs with llama.cpp.
#[derive(Debug)]
pub struct CrossEncoder {
    worker: Worker,
    weights: Vec<f32>,
    bias: f32,
    /// By a keyed hash of question and text: what people wrote is not kept.
    kept: Mutex<HashMap<u64, f32>>,
    hashes: RandomState,
}

impl CrossEncoder {
    /// Loads the GGUF and starts its thread.
    ///
    /// # Errors
    /// [`InferenceError`], naming the file and what is wrong with it.
    pub fn start(path: &Path, gpu_layers: Option<u32>, threads: Option<usize>) -> Result<Self, InferenceError> {
        let worker = Worker::start(path, gpu_layers, threads)?;
        let mut weights = numbers(&worker.header, "daogou.odds").unwrap_or_default();
        let bias = weights.pop().unwrap_or_default();
        if weights.len() != worker.width {
            return Err(refused(path, &worker.header, "its `daogou.odds` are not a weight for each value and a bias"));
        }
        Ok(Self { worker, weights, bias, kept: Mutex::default(), hashes: RandomState::new() })
    }

    pub(super) fn forget(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn kept(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The log-odds of each text.
    pub(super) fn odds(&self, question: &str, texts: &[&str]) -> Result<Vec<f32>, EncoderError> {
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let keys: Vec<u64> = texts.iter().map(|text| self.hashes.hash_one((question, text))).collect();
        let known: Vec<Option<f32>> = {
            let kept = lock();
            keys.iter().map(|key| kept.get(key).copied()).collect()
        };
        let asked = prepared("query: ", question);
        let missing = (0..texts.len()).filter(|place| known[*place].is_none());
        let pairs: Vec<Reading> =
            missing.map(|place| Reading::Pair(asked.clone(), prepared("", texts[place]))).collect();
        let mut read = if pairs.is_empty() { Vec::new() } else { self.worker.read(pairs)? }.into_iter();
        let mut kept = lock();
        if kept.len() + read.len() > KEPT {
            kept.clear();
        }
        let odds = known.into_iter().zip(keys).map(|(known, key)| {
            known.unwrap_or_else(|| {
                let vector = read.next().unwrap_or_default();
                let odds =
                    vector.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum::<f32>() + self.bias;
                kept.insert(key, odds);
                odds
            })
        });
        Ok(odds.collect())
    }
}
