//! Grammars: compiled once, copied for each request, and never asked for what would abort llama.cpp.
//!
//! `accept` throws a C++ exception through Rust (an abort) when the token does not fit, so a token is accepted only after
//! the same grammar let it pass. Called by the engine's thread only.

use std::collections::VecDeque;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;

use super::lexicon::Lexicon;
use crate::domain::generator::GeneratorError;

/// A turn's grammar is new each turn, a job's is not: enough for all jobs and a few conversations.
const CACHED: usize = 24;

/// Compiled grammars, the latest used first.
pub struct GrammarCache {
    entries: VecDeque<(String, LlamaSampler)>,
}

/// A grammar in the middle of a text.
pub struct GrammarState {
    sampler: LlamaSampler,
    /// Whether the grammar speaks of characters only, and of no tokens by their ids.
    by_characters: bool,
}

impl GrammarCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self { entries: VecDeque::with_capacity(CACHED) }
    }

    /// A grammar at the start of its text.
    ///
    /// # Errors
    /// [`GeneratorError::Invalid`] when the GBNF does not compile.
    pub fn start(&mut self, model: &LlamaModel, gbnf: &str) -> Result<GrammarState, GeneratorError> {
        if let Some(at) = self.entries.iter().position(|(text, _)| text == gbnf) {
            self.entries.make_contiguous()[..=at].rotate_right(1);
        } else {
            let sampler = LlamaSampler::grammar(model, gbnf, "root")
                .map_err(|error| GeneratorError::Invalid(format!("the grammar does not compile: {error}")))?;
            self.entries.truncate(CACHED - 1);
            self.entries.push_front((gbnf.to_owned(), sampler));
        }
        match self.entries.front() {
            Some((_, sampler)) => Ok(GrammarState { sampler: sampler.clone(), by_characters: !gbnf.contains('<') }),
            None => Err(GeneratorError::Invalid("the grammar cache is empty".into())),
        }
    }
}

impl GrammarState {
    /// Whether the grammar lets a token come next.
    pub fn allows(&mut self, token: LlamaToken) -> bool {
        let mut one = LlamaTokenDataArray::new(vec![LlamaTokenData::new(token, 0.0, 0.0)], false);
        self.sampler.apply(&mut one);
        one.data.first().is_some_and(|data| data.logit().is_finite())
    }

    /// Keeps the candidates that may come next, in their order.
    ///
    /// Of many candidates, only those are shown to the grammar whose first byte it allows: with 600 alternatives it takes
    /// a microsecond a token, and there may be 150,000.
    pub fn retain_allowed(&mut self, candidates: &mut Vec<LlamaTokenData>, lexicon: &Lexicon) {
        if self.by_characters && !lexicon.probes.is_empty() && candidates.len() > 2 * lexicon.probes.len() {
            let allowed = self.allowed_bytes(lexicon);
            candidates.retain(|candidate| match lexicon.first.get(candidate.id().0 as usize) {
                Some(Some(byte)) => allowed[usize::from(*byte)],
                _ => true,
            });
        }
        self.show(candidates);
    }

    /// Whether only the end may come next.
    pub fn is_complete(&mut self, lexicon: &Lexicon) -> bool {
        let Some(end) = lexicon.end else { return false };
        self.by_characters
            && !lexicon.probes.is_empty()
            && self.allows(end)
            && !self.allowed_bytes(lexicon).contains(&true)
    }

    fn allowed_bytes(&mut self, lexicon: &Lexicon) -> [bool; 256] {
        let mut probes = lexicon.probes.iter().map(|(_, token)| LlamaTokenData::new(*token, 0.0, 0.0)).collect();
        self.show(&mut probes);
        let mut allowed = [false; 256];
        for probe in probes {
            if let Some(Some(byte)) = lexicon.first.get(probe.id().0 as usize) {
                allowed[usize::from(*byte)] = true;
            }
        }
        allowed
    }

    fn show(&mut self, candidates: &mut Vec<LlamaTokenData>) {
        let mut array = LlamaTokenDataArray::new(std::mem::take(candidates), false);
        self.sampler.apply(&mut array);
        array.data.retain(|data| data.logit().is_finite());
        *candidates = array.data;
    }

    /// Moves on by a token if the grammar allows it, else stays and says `false`.
    pub fn advance(&mut self, token: LlamaToken) -> bool {
        let allowed = self.allows(token);
        if allowed {
            self.sampler.accept(token);
        }
        allowed
    }
}
