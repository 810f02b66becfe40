//! What the sampler needs to know of a vocabulary: which tokens are never said and which byte each starts with.
//!
//! Read once when a model is loaded. Called by the engine's thread only.

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;

/// A vocabulary by first bytes.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// For each token, whether it is never said: control tokens other than those that end the turn.
    pub banned: Vec<bool>,
    /// For each token, the first byte of its text; none for tokens that end the turn and for empty ones.
    pub first: Vec<Option<u8>>,
    /// A token of one byte for each byte that starts a token; empty when a byte lacks one. What such a token shows of a
    /// grammar holds for every token that starts with its byte.
    pub probes: Vec<(u8, LlamaToken)>,
    /// A token that ends the turn.
    pub end: Option<LlamaToken>,
}

impl Lexicon {
    /// Reads a model's vocabulary.
    pub fn of(model: &LlamaModel) -> Self {
        let vocab = model.vocab();
        let mut lexicon = Self { end: Some(vocab.eos()).filter(|end| vocab.is_eog(*end)), ..Self::default() };
        let mut single = [None; 256];
        for token in vocab.tokens() {
            let ends = vocab.is_eog(token);
            let banned = vocab.is_control(token) && !ends;
            let bytes = if ends || banned { Vec::new() } else { vocab.token_to_piece(token, false, None) };
            lexicon.banned.push(banned);
            lexicon.first.push(bytes.first().copied());
            if let [byte] = bytes[..] {
                single[usize::from(byte)] = Some((byte, token));
            }
        }
        let covered = lexicon.first.iter().flatten().all(|byte| single[usize::from(*byte)].is_some());
        if covered {
            lexicon.probes = single.into_iter().flatten().collect();
        }
        lexicon
    }
}
