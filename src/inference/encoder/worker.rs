//! The thread that reads: a GGUF of BERT's kind, the mean of whose last layer is a text's vector. Several texts go in at once.
//!
//! Owns the model and its context; ends when whoever started it is gone. Called by `Encoder` and `CrossEncoder`.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::{LlamaContextParams, LlamaPoolingType};
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::token::LlamaToken;
use unicode_normalization::UnicodeNormalization;

use super::super::engine::backend;
use super::super::error::InferenceError;
use super::super::gguf::{GgufHeader, read_header};
use super::super::manifest::Manifest;
use super::super::processor::check_processor;
use crate::domain::encoder::EncoderError;

/// No more tokens are read, of a text or of a pair.
const LONGEST: usize = 160;
/// Tokens that are read at once, as far as whole texts go. With the longest, a multiple of [`SEQUENCES`], or llama.cpp stops.
const BATCH: usize = 288;
/// Texts that are read at once.
const SEQUENCES: usize = 64;
/// Bytes of a text beyond which nothing is looked at.
const MAX_BYTES: usize = 4096;

/// What is read into one vector.
#[derive(Debug, Clone)]
pub enum Reading {
    /// A text.
    Alone(String),
    /// A question and a text, each of whose pieces sees the other's.
    Pair(String, String),
}

/// A running thread.
#[derive(Debug)]
pub struct Worker {
    inbox: Mutex<Sender<Wanted>>,
    /// Values of a vector.
    pub width: usize,
    /// What the file says of itself.
    pub header: GgufHeader,
}

struct Wanted {
    readings: Vec<Reading>,
    reply: Sender<Result<Vec<Vec<f32>>, String>>,
}

impl Worker {
    /// Loads the GGUF, checked against its manifest where one lies beside it, and starts the thread.
    ///
    /// # Errors
    /// [`InferenceError`], naming the file and what is wrong with it.
    pub fn start(path: &Path, gpu_layers: Option<u32>, threads: Option<usize>) -> Result<Self, InferenceError> {
        check_processor()?;
        let header = read_header(path)?;
        if header.architecture() != "bert" {
            return Err(refused(path, &header, "it gives text and no vectors"));
        }
        if let Some(manifest) = Manifest::beside(path)? {
            manifest.verify(path)?;
        }
        let parameters = LlamaModelParams::default().with_n_gpu_layers(gpu_layers.unwrap_or(u32::MAX >> 1));
        let model = LlamaModel::load_from_file(backend()?, path, &parameters)
            .map_err(|error| refused(path, &header, &format!("{error}; its log says why")))?;
        let threads = threads.unwrap_or(1).clamp(1, 64);
        let (inbox, wanted) = channel();
        let (ready, started) = channel();
        std::thread::Builder::new()
            .name("encoder".into())
            .spawn(move || work(&model, threads, &wanted, &ready))
            .map_err(|error| InferenceError::Thread(error.to_string()))?;
        let width = started
            .recv()
            .map_err(|_| refused(path, &header, "its thread ended"))?
            .map_err(|reason| refused(path, &header, &reason))?;
        Ok(Self { inbox: Mutex::new(inbox), width, header })
    }

    /// A vector for each, as the model gives it, in order.
    ///
    /// # Errors
    /// The thread has ended, or cannot read one.
    pub fn read(&self, readings: Vec<Reading>) -> Result<Vec<Vec<f32>>, EncoderError> {
        let (reply, answer) = channel();
        let gone = || EncoderError("its thread ended".into());
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).clone();
        inbox.send(Wanted { readings, reply }).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?.map_err(EncoderError)
    }
}

/// A file that is no encoder of the kind that is wanted.
pub fn refused(path: &Path, header: &GgufHeader, reason: &str) -> InferenceError {
    InferenceError::Load {
        path: path.to_path_buf(),
        architecture: header.architecture().to_owned(),
        reason: reason.to_owned(),
    }
}

/// A text as models were trained to read it: after its prefix, normalised, without needless spaces.
pub fn prepared(prefix: &str, text: &str) -> String {
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
    for Wanted { readings, reply } in wanted {
        // Whoever asked may have gone.
        let _ = reply.send(read_all(model, &mut context, &mut batch, &readings));
    }
}

fn tokens(model: &LlamaModel, reading: &Reading) -> Vec<LlamaToken> {
    let of = |text: &str| model.vocab().tokenize(text.as_bytes(), true, false);
    match reading {
        Reading::Alone(text) => cut(of(text), LONGEST),
        Reading::Pair(question, text) => {
            let mut both = cut(of(question), LONGEST / 2);
            let mut said = of(text);
            // Where the text begins, the question's end is said again.
            if let (Some(first), Some(end)) = (said.first_mut(), both.last()) {
                *first = *end;
            }
            both.extend(cut(said, LONGEST - both.len()));
            both
        }
    }
}

/// At most so many tokens, the last one kept.
fn cut(mut tokens: Vec<LlamaToken>, most: usize) -> Vec<LlamaToken> {
    if tokens.len() > most {
        let end = tokens[tokens.len() - 1];
        tokens.truncate(most - 1);
        tokens.push(end);
    }
    tokens
}

fn read_all(
    model: &LlamaModel,
    context: &mut LlamaContext,
    batch: &mut LlamaBatch,
    readings: &[Reading],
) -> Result<Vec<Vec<f32>>, String> {
    let mut found = Vec::with_capacity(readings.len());
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
    for reading in readings {
        let tokens = tokens(model, reading);
        // A pair is read alone: what else is in a batch changes the rounding, by a hundredth of its log-odds, and the answer to a
        // question should not hang on which other lines a product has.
        let is_pair = matches!(reading, Reading::Pair(..));
        let is_full = sequences == SEQUENCES || taken + tokens.len() > BATCH || is_pair;
        if sequences > 0 && is_full {
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
        assert_eq!(prepared("query: ", "  七天\n ＵＳＡ  ½ "), "query: 七天 USA 1⁄2");
        assert_eq!(prepared("passage: ", "😀"), "passage: 😀");
        assert!(prepared("passage: ", &"退".repeat(5000)).len() <= MAX_BYTES + 9);
    }
}
