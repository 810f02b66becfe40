//! A sentence encoder in this process: a GGUF of BERT's kind, read by llama.cpp on a thread of its own.
//!
//! What was read lately is kept in memory, since one question is looked at several times in a turn. The shop's own texts are kept on
//! disk where that is asked for; what shoppers write never is.
//! `models/train/pipeline/encoder.py` trains the bundled one and says what its numbers mean. Started by `assemble`.

mod remembered;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use self::remembered::{Key, Remembered, key};
use super::engine::backend;
use super::error::InferenceError;
use super::gguf::{GgufHeader, MetaValue, read_header};
use super::manifest::Manifest;
use super::processor::check_processor;
use crate::domain::encoder::{EncoderError, Sense, SentenceEncoder, Side};
use crate::domain::language::Language;

/// No more tokens of a text are read.
const LONGEST: usize = 160;
/// Tokens that are read at once, as far as whole texts go. With the longest, a multiple of [`SEQUENCES`], or llama.cpp stops.
const BATCH: usize = 288;
/// Texts that are read at once.
const SEQUENCES: usize = 64;
/// Vectors that are kept in memory, about 1.5 KB each.
const KEPT: usize = 8192;
/// Bytes of a text beyond which nothing is looked at.
const MAX_BYTES: usize = 4096;

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
    inbox: Mutex<Sender<Wanted>>,
    /// By a keyed hash of side and text: what people wrote is not kept.
    kept: Mutex<HashMap<u64, Sense>>,
    hashes: RandomState,
    remembered: Mutex<Remembered>,
    scale: (f32, f32),
    praise: HashMap<Language, Vec<f32>>,
}

struct Wanted {
    texts: Vec<String>,
    reply: Sender<Result<Vec<Vec<f32>>, String>>,
}

impl Encoder {
    /// Loads the GGUF and starts its thread.
    ///
    /// # Errors
    /// [`InferenceError`], naming the file and what is wrong with it.
    pub fn start(settings: &EncoderSettings) -> Result<Self, InferenceError> {
        check_processor()?;
        let path = settings.model.as_path();
        let header = read_header(path)?;
        let refused = |reason: &str| InferenceError::Load {
            path: path.to_path_buf(),
            architecture: header.architecture().to_owned(),
            reason: reason.to_owned(),
        };
        if header.architecture() != "bert" {
            return Err(refused("it gives text and no vectors"));
        }
        if let Some(manifest) = Manifest::beside(path)? {
            manifest.verify(path)?;
        }
        let digest = Sha256::digest(std::fs::read(path).map_err(|error| InferenceError::read(path, error))?);
        let scale = scale(&header).ok_or_else(|| refused("it does not say `daogou.scale` and `daogou.none`"))?;
        let layers = settings.gpu_layers.unwrap_or(u32::MAX >> 1);
        let parameters = LlamaModelParams::default().with_n_gpu_layers(layers);
        let model = LlamaModel::load_from_file(backend()?, path, &parameters)
            .map_err(|error| refused(&format!("{error}; its log says why")))?;
        let threads = settings.threads.unwrap_or(1).clamp(1, 64);
        let (inbox, wanted) = channel();
        let (ready, started) = channel();
        std::thread::Builder::new()
            .name("encoder".into())
            .spawn(move || work(&model, threads, &wanted, &ready))
            .map_err(|error| InferenceError::Thread(error.to_string()))?;
        let fails = |reason: String| refused(&reason);
        let width = started.recv().map_err(|_| refused("its thread ended"))?.map_err(fails)?;
        let shipped = path.with_extension("senses");
        let remembered = Remembered::open(digest.into(), width, &shipped, settings.remembered.clone());
        let praise = [Language::Zh, Language::En].into_iter().filter_map(|language| {
            let text = header.text(&format!("daogou.praise.{}", language.code()))?;
            let weights: Option<Vec<f32>> = text.split_whitespace().map(|value| value.parse().ok()).collect();
            Some((language, weights?))
        });
        Ok(Self {
            inbox: Mutex::new(inbox),
            kept: Mutex::default(),
            hashes: RandomState::new(),
            remembered: Mutex::new(remembered),
            scale,
            praise: praise.collect(),
        })
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
        let (reply, answer) = channel();
        let texts = texts.iter().map(|text| prepared(side, text)).collect();
        let gone = || EncoderError("its thread ended".into());
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).clone();
        inbox.send(Wanted { texts, reply }).map_err(|_| gone())?;
        let found = answer.recv().map_err(|_| gone())?.map_err(EncoderError)?;
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
            (0..texts.len()).filter(|place| known.get(&keys[*place]).is_none()).collect()
        };
        if !missing.is_empty() {
            let new: Vec<&str> = missing.iter().map(|place| texts[*place]).collect();
            tracing::info!(texts = new.len(), "the shop's texts are encoded; they will be known at the next start");
            let read = self.read(side, &new)?;
            lock().add(missing.into_iter().map(|place| keys[place]).zip(read).collect());
        }
        let known = lock();
        Ok(keys.iter().filter_map(|key| known.get(key).cloned()).collect())
    }

    fn scale(&self) -> (f32, f32) {
        self.scale
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

/// A text as the model was trained to read it: after its prefix, normalised, without needless spaces.
fn prepared(side: Side, text: &str) -> String {
    let prefix = match side {
        Side::Question => "query: ",
        Side::Text => "passage: ",
    };
    let end = (0..=text.len().min(MAX_BYTES)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let whole: String = prefix.chars().chain(text[..end].nfkc()).filter(|c| *c != '\0').collect();
    whole.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// The thread's whole life.
fn work(model: &LlamaModel, threads: usize, wanted: &Receiver<Wanted>, ready: &Sender<Result<usize, String>>) {
    let size = (BATCH + LONGEST) as u32;
    let threads = i32::try_from(threads).unwrap_or(1);
    let parameters = LlamaContextParams::default()
        .with_n_ctx(NonZeroU32::new(size))
        .with_n_batch(size)
        .with_n_ubatch(size)
        .with_n_seq_max(SEQUENCES as u32)
        .with_embeddings(true)
        .with_pooling_type(LlamaPoolingType::Mean)
        .with_n_threads(threads)
        .with_n_threads_batch(threads);
    let context = backend()
        .map_err(|error| error.to_string())
        .and_then(|backend| model.new_context(backend, parameters).map_err(|error| format!("no memory: {error}")));
    let mut context = match context {
        Ok(context) => context,
        Err(reason) => {
            let _ = ready.send(Err(reason));
            return;
        }
    };
    if ready.send(Ok(usize::try_from(model.n_embd()).unwrap_or_default())).is_err() {
        return;
    }
    let mut batch = LlamaBatch::new(size as usize, SEQUENCES as i32);
    for Wanted { texts, reply } in wanted {
        // Whoever asked may have gone.
        let _ = reply.send(read_all(model, &mut context, &mut batch, &texts));
    }
}

fn tokens(model: &LlamaModel, text: &str) -> Vec<LlamaToken> {
    let mut tokens = model.vocab().tokenize(text.as_bytes(), true, false);
    if tokens.len() > LONGEST {
        let end = tokens[tokens.len() - 1];
        tokens.truncate(LONGEST - 1);
        tokens.push(end);
    }
    tokens
}

fn read_all(
    model: &LlamaModel,
    context: &mut LlamaContext,
    batch: &mut LlamaBatch,
    texts: &[String],
) -> Result<Vec<Vec<f32>>, String> {
    let mut found = Vec::with_capacity(texts.len());
    let (mut sequences, mut taken) = (0, 0);
    batch.clear();
    let mut flush = |batch: &mut LlamaBatch, sequences: &mut usize| -> Result<(), String> {
        if *sequences > 0 {
            context.encode(batch).map_err(|error| error.to_string())?;
            for sequence in 0..*sequences {
                let vector = context.embeddings_seq_ith(sequence as i32).map_err(|error| error.to_string())?;
                found.push(vector.to_vec());
            }
        }
        batch.clear();
        *sequences = 0;
        Ok(())
    };
    for text in texts {
        let tokens = tokens(model, text);
        if sequences == SEQUENCES || (sequences > 0 && taken + tokens.len() > BATCH) {
            flush(batch, &mut sequences)?;
            taken = 0;
        }
        batch.add_sequence(&tokens, sequences as i32, true).map_err(|error| error.to_string())?;
        sequences += 1;
        taken += tokens.len();
    }
    flush(batch, &mut sequences)?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_normalised_after_its_prefix_and_cut_at_a_letter() {
        assert_eq!(prepared(Side::Question, "  七天\n ＵＳＡ  ½ "), "query: 七天 USA 1⁄2");
        assert_eq!(prepared(Side::Text, "😀"), "passage: 😀");
        assert!(prepared(Side::Text, &"退".repeat(5000)).len() <= MAX_BYTES + 9);
    }
}
