//! Regular expressions written in the source, compiled at their first use. They read folded text (see `message`).

use std::sync::OnceLock;

use regex::Regex;

use super::message::{Found, Message};

/// A regular expression; one that does not compile matches nothing and is logged once (tests compile them all).
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Keeps the source until it is needed.
    pub const fn new(source: &'static str) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    fn compiled(&self) -> Option<&Regex> {
        // A word's edge is one of ASCII letters: between a digit and a Han character there is one.
        let source = self.source.replace(r"\b", r"(?-u:\b)");
        let compile = || Regex::new(&source).inspect_err(|error| tracing::error!(%error, "invalid pattern")).ok();
        self.compiled.get_or_init(compile).as_ref()
    }

    /// Whether it matches anywhere in a text.
    pub fn is_in(&self, text: &str) -> bool {
        self.compiled().is_some_and(|regex| regex.is_match(text))
    }

    /// Whether it matches anywhere in a message.
    pub fn hits(&self, message: &Message) -> bool {
        self.is_in(message.folded())
    }

    /// All matches in a message, from left to right.
    pub fn find<'m>(&'m self, message: &'m Message) -> impl Iterator<Item = Found<'m>> {
        self.compiled().into_iter().flat_map(|regex| message.find(regex))
    }
}
