//! Sentence encoders in this process: GGUFs of BERT's kind, read by llama.cpp, each on a thread of its own.
//!
//! What was read lately is kept in memory, since one question is looked at several times in a turn. The shop's own texts are kept on
//! disk where that is asked for; what shoppers write never is.
//! `models/train/pipeline/encoder.py` trains the bundled one and says what its numbers mean. Started by `assemble`.

mod cross;
mod remembered;
mod worker;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

pub use self::cross::CrossEncoder;
use self::remembered::{Key, Remembered, key};
use self::worker::{Reading, Worker, prepared, refused};
use super::error::InferenceError;
use super::gguf::{GgufHeader, MetaValue};
use crate::domain::encoder::{EncoderError, Sense, SentenceEncoder, Side};
use crate::domain::language::Language;

/// Vectors that are kept in memory, about 1.5 KB each.
const KEPT: usize = 8192;

/// How to start.
#[derive(Debug, Clone)]
pub struct EncoderSettings {
    /// The GGUF.
    pub model: PathBuf,
    /// Layers to put on the GPU; all when absent.
    pub gpu_layers: Option<u32>,
    /// Threads; one when absent, since llama.cpp's threads wait for each other busily, which beside other work on few cores takes
    /// many times longer.
    pub threads: Option<usize>,
    /// Where vectors of the shop's own texts are kept from one start to the next.
    pub remembered: Option<PathBuf>,
}

/// Reads sentences with llama.cpp.
#[derive(Debug)]
pub struct Encoder {
    worker: Worker,
    /// Reads a question and a text together, where there is one for that.
    cross: Option<CrossEncoder>,
    /// By a keyed hash of side and text: what people wrote is not kept.
    kept: Mutex<HashMap<u64, Sense>>,
    hashes: RandomState,
    remembered: Mutex<Remembered>,
    scale: (f32, f32),
    praise: HashMap<Language, Vec<f32>>,
    intents: Option<Vec<f32>>,
}

impl Encoder {
    /// Loads the GGUF and starts its thread.
    ///
    /// # Errors
    /// [`InferenceError`], naming the file and what is wrong with it.
    pub fn start(settings: &EncoderSettings) -> Result<Self, InferenceError> {
        let path = settings.model.as_path();
        let worker = Worker::start(path, settings.gpu_layers, settings.threads)?;
        let digest = Sha256::digest(std::fs::read(path).map_err(|error| InferenceError::read(path, error))?);
        let scale = scale(&worker.header)
            .ok_or_else(|| refused(path, &worker.header, "it does not say `daogou.scale` and `daogou.none`"))?;
        let shipped = path.with_extension("senses");
        let remembered = Remembered::open(digest.into(), worker.width, &shipped, settings.remembered.clone());
        let praise = [Language::Zh, Language::En].into_iter().filter_map(|language| {
            Some((language, numbers(&worker.header, &format!("daogou.praise.{}", language.code()))?))
        });
        let praise = praise.collect();
        let intents = numbers(&worker.header, "daogou.intents");
        Ok(Self {
            worker,
            cross: None,
            kept: Mutex::default(),
            hashes: RandomState::new(),
            remembered: Mutex::new(remembered),
            scale,
            praise,
            intents,
        })
    }

    /// With one that reads a question and a text together.
    pub fn with_cross(self, cross: Option<CrossEncoder>) -> Self {
        Self { cross, ..self }
    }

    /// How much of what was read lately is in memory: vectors and odds.
    pub fn kept(&self) -> usize {
        let vectors = self.kept.lock().unwrap_or_else(PoisonError::into_inner).len();
        vectors + self.cross.as_ref().map_or(0, CrossEncoder::kept)
    }

    /// Writes what is remembered to a file, for shipping it beside the model.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_remembered(&self, path: &Path) -> std::io::Result<()> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner).write(path)
    }

    /// Reads texts that are not kept.
    fn read(&self, side: Side, texts: &[&str]) -> Result<Vec<Sense>, EncoderError> {
        let prefix = match side {
            Side::Question => "query: ",
            Side::Text => "passage: ",
        };
        let found = self.worker.read(texts.iter().map(|text| Reading::Alone(prepared(prefix, text))).collect())?;
        Ok(found.into_iter().map(Sense::new).collect())
    }
}

impl SentenceEncoder for Encoder {
    fn encode(&self, side: Side, texts: &[&str]) -> Result<Vec<Sense>, EncoderError> {
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let keys: Vec<u64> = texts.iter().map(|text| self.hashes.hash_one((side, text))).collect();
        let mut found: Vec<Option<Sense>> = {
            let kept = lock();
            keys.iter().map(|key| kept.get(key).cloned()).collect()
        };
        let missing: Vec<usize> = (0..texts.len()).filter(|place| found[*place].is_none()).collect();
        if !missing.is_empty() {
            let new: Vec<&str> = missing.iter().map(|place| texts[*place]).collect();
            let read = self.read(side, &new)?;
            let mut kept = lock();
            if kept.len() + read.len() > KEPT {
                kept.clear();
            }
            for (place, sense) in missing.into_iter().zip(read) {
                if kept.len() < KEPT {
                    kept.insert(keys[place], sense.clone());
                }
                found[place] = Some(sense);
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    fn remember(&self, side: Side, texts: &[&str]) -> Result<Vec<Sense>, EncoderError> {
        let keys: Vec<Key> = texts.iter().map(|text| key(side, text)).collect();
        let lock = || self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let missing: Vec<usize> = {
            let known = lock();
            (0..texts.len()).filter(|place| !known.has(&keys[*place])).collect()
        };
        if !missing.is_empty() {
            let new: Vec<&str> = missing.iter().map(|place| texts[*place]).collect();
            tracing::info!(texts = new.len(), "the shop's texts are encoded; they will be known at the next start");
            let read = self.read(side, &new)?;
            lock().add(missing.into_iter().map(|place| keys[place]).zip(read).collect());
        }
        let known = lock();
        Ok(keys.iter().filter_map(|key| known.get(key)).collect())
    }

    fn forget(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
        if let Some(cross) = &self.cross {
            cross.forget();
        }
    }

    fn scale(&self) -> (f32, f32) {
        self.scale
    }

    fn odds(&self, question: &str, texts: &[&str]) -> Option<Result<Vec<f32>, EncoderError>> {
        self.cross.as_ref().map(|cross| cross.odds(question, texts))
    }

    fn intents(&self) -> Option<&[f32]> {
        self.intents.as_deref()
    }

    fn praise(&self, review: &Sense, language: Language) -> Option<f32> {
        let weights = self.praise.get(&language)?;
        let (bias, weights) = weights.split_last()?;
        Some(review.values().iter().zip(weights).map(|(value, weight)| value * weight).sum::<f32>() + bias)
    }
}

fn scale(header: &GgufHeader) -> Option<(f32, f32)> {
    let number = |key: &str| match header.metadata.get(key) {
        Some(MetaValue::Float(value)) => Some(*value as f32),
        _ => None,
    };
    Some((number("daogou.scale")?, number("daogou.none")?))
}

/// A list of numbers.
fn numbers(header: &GgufHeader, key: &str) -> Option<Vec<f32>> {
    header.text(key)?.split_whitespace().map(|value| value.parse().ok()).collect()
}
