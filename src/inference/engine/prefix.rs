//! Shared prompt prefixes: each decoded once in a sequence of its own and copied from there.
//!
//! Keeps the accounts only; the worker decodes and copies. A prefix in use is never dropped.

use llama_cpp_2::token::LlamaToken;

use crate::inference::tokenizer::common_prefix;

/// Shorter prefixes are cheaper to decode again than to keep.
const WORTH_KEEPING: usize = 12;
/// A kept prefix serves when it covers all but so many of the tokens that the prompt would share: where text follows the
/// prefix without a control token between, the last token may differ.
const SLACK: usize = 4;

/// A kept prefix.
#[derive(Debug)]
pub struct Prefix {
    /// Its tokens.
    pub tokens: Vec<LlamaToken>,
    /// How many are decoded.
    pub decoded: usize,
    /// Lanes that wait for it or were copied from it.
    users: usize,
    last_used: u64,
}

/// Which part of which prefix a lane takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixShare {
    /// The prefix's place.
    pub place: usize,
    /// So many leading tokens.
    pub tokens: usize,
}

/// The kept prefixes; a place is a sequence of the context.
#[derive(Debug)]
pub struct PrefixCache {
    places: Vec<Option<Prefix>>,
    clock: u64,
}

impl PrefixCache {
    /// Room for so many prefixes.
    pub fn new(places: usize) -> Self {
        Self { places: (0..places).map(|_| None).collect(), clock: 0 }
    }

    /// Cells of the context that the kept prefixes take.
    pub fn cells(&self) -> usize {
        self.places.iter().flatten().map(|prefix| prefix.tokens.len()).sum()
    }

    /// The prefix at a place.
    pub fn get(&self, place: usize) -> Option<&Prefix> {
        self.places.get(place)?.as_ref()
    }

    /// The kept prefix that covers what a prompt shares; the prompt's last token is never covered.
    pub fn find(&self, prompt: &[LlamaToken], shared: usize) -> Option<PrefixShare> {
        let share = self.longest(prompt)?;
        (share.tokens >= WORTH_KEEPING && share.tokens + SLACK >= shared).then_some(share)
    }

    /// The kept prefix with the most leading tokens of a prompt.
    pub fn longest(&self, prompt: &[LlamaToken]) -> Option<PrefixShare> {
        let most = prompt.len().saturating_sub(1);
        self.places
            .iter()
            .enumerate()
            .filter_map(|(place, prefix)| {
                let tokens = common_prefix(&prefix.as_ref()?.tokens, prompt).min(most);
                Some(PrefixShare { place, tokens })
            })
            .max_by_key(|share| share.tokens)
    }

    /// Keeps a new prefix if it is worth it and a place is free; the place's sequence must be empty.
    pub fn insert(&mut self, tokens: &[LlamaToken]) -> Option<usize> {
        if tokens.len() < WORTH_KEEPING {
            return None;
        }
        let place = self.places.iter().position(Option::is_none)?;
        self.clock += 1;
        self.places[place] = Some(Prefix { tokens: tokens.to_vec(), decoded: 0, users: 0, last_used: self.clock });
        Some(place)
    }

    /// Counts a lane in.
    pub fn hold(&mut self, place: usize) {
        self.clock += 1;
        if let Some(prefix) = self.places.get_mut(place).and_then(Option::as_mut) {
            prefix.users += 1;
            prefix.last_used = self.clock;
        }
    }

    /// Counts a lane out.
    pub fn release(&mut self, place: usize) {
        if let Some(prefix) = self.places.get_mut(place).and_then(Option::as_mut) {
            prefix.users = prefix.users.saturating_sub(1);
        }
    }

    /// Notes that more of a prefix is decoded.
    pub fn decoded(&mut self, place: usize, tokens: usize) {
        if let Some(prefix) = self.places.get_mut(place).and_then(Option::as_mut) {
            prefix.decoded = tokens;
        }
    }

    /// Forgets the unused prefix that was used longest ago, but for one; returns its place.
    pub fn evict(&mut self, but: Option<usize>) -> Option<usize> {
        let place = self
            .places
            .iter()
            .enumerate()
            .filter_map(|(place, prefix)| Some((place, prefix.as_ref()?)))
            .filter(|(place, prefix)| prefix.users == 0 && Some(*place) != but)
            .min_by_key(|(_, prefix)| prefix.last_used)?
            .0;
        self.places[place] = None;
        Some(place)
    }

    /// Forgets a prefix whatever its use, after a failure.
    pub fn forget(&mut self, place: usize) {
        if let Some(prefix) = self.places.get_mut(place) {
            *prefix = None;
        }
    }

    /// How many places there are.
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// Whether every place is taken.
    pub fn is_full(&self) -> bool {
        self.places.iter().all(Option::is_some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(range: std::ops::Range<i32>) -> Vec<LlamaToken> {
        range.map(LlamaToken).collect()
    }

    #[test]
    fn the_prefix_used_longest_ago_goes_unless_it_is_in_use() {
        let mut cache = PrefixCache::new(2);
        let first = cache.insert(&tokens(0..20)).unwrap();
        let second = cache.insert(&tokens(100..120)).unwrap();
        assert!(cache.is_full() && cache.insert(&tokens(200..220)).is_none());
        cache.hold(first);
        assert_eq!(cache.evict(None), Some(second));
        assert_eq!(cache.evict(None), None);
        cache.release(first);
        assert_eq!(cache.evict(Some(first)), None);
        assert_eq!(cache.evict(None), Some(first));
    }

    #[test]
    fn a_prompt_finds_what_it_shares_but_never_its_last_token() {
        let mut cache = PrefixCache::new(2);
        let place = cache.insert(&tokens(0..20)).unwrap();
        let found = cache.find(&tokens(0..40), 20).unwrap();
        assert_eq!(found, PrefixShare { place, tokens: 20 });
        assert_eq!(cache.find(&tokens(0..20), 20).unwrap().tokens, 19);
        assert_eq!(cache.find(&tokens(0..40), 30), None);
        assert_eq!(cache.insert(&tokens(0..3)), None);
    }
}
