//! Prompts as tokens, and tokens as text, with a model's own vocabulary.
//!
//! Control tokens are recognised in the template's text only. Between two of them the text is tokenized in one piece, as
//! llama.cpp itself would. Never decodes. Called by `engine` in the caller's thread.

use std::sync::Arc;

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token_type::LlamaTokenAttr;

use super::template::{ChatTemplate, Piece};
use crate::domain::generator::{ChatMessage, GeneratorError};

/// A tokenized prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// All of it.
    pub tokens: Vec<LlamaToken>,
    /// How many leading tokens are worth caching.
    pub shared: usize,
}

/// A model's vocabulary with its chat template.
#[derive(Debug)]
pub struct Tokenizer {
    model: Arc<LlamaModel>,
    template: ChatTemplate,
    controls: Vec<Control>,
    /// User-defined tokens that look like control tokens: llama.cpp matches them even in plain text.
    lookalikes: Vec<String>,
    /// Bytes of the longest token.
    longest: usize,
}

#[derive(Debug)]
struct Control {
    text: String,
    token: LlamaToken,
    strips_left: bool,
    strips_right: bool,
}

/// Text between two control tokens, with the byte ranges that people or feeds wrote.
#[derive(Default)]
struct Stretch {
    text: String,
    written: Vec<std::ops::Range<usize>>,
}

impl Tokenizer {
    /// Reads the vocabulary and compiles the model's chat template.
    ///
    /// # Errors
    /// The template engine's message.
    pub fn new(model: Arc<LlamaModel>) -> Result<Self, String> {
        let vocab = model.vocab();
        let mut controls = Vec::new();
        let mut lookalikes = Vec::new();
        let mut longest = 1;
        for token in vocab.tokens() {
            longest = longest.max(vocab.token_to_piece(token, true, None).len());
            let attributes = vocab.attr(token);
            let control = vocab.is_control(token);
            if !control && !attributes.contains(LlamaTokenAttr::UserDefined) {
                continue;
            }
            let Some(text) = vocab.text(token).map(|text| text.to_string_lossy().into_owned()) else { continue };
            if control && !text.is_empty() {
                controls.push(Control {
                    text,
                    token,
                    strips_left: attributes.contains(LlamaTokenAttr::LStrip),
                    strips_right: attributes.contains(LlamaTokenAttr::RStrip),
                });
            } else if text.len() > 2 && text.starts_with('<') && text.ends_with('>') {
                lookalikes.push(text);
            }
        }
        // The longest first, so that one token's text inside another's does not win.
        controls.sort_by_key(|control| std::cmp::Reverse(control.text.len()));
        let named =
            |token: LlamaToken| vocab.text(token).map(|text| text.to_string_lossy().into_owned()).unwrap_or_default();
        let source = model.chat_template(None).ok().and_then(|template| template.to_string().ok());
        let template = ChatTemplate::compile(source.as_deref(), named(vocab.bos()), named(vocab.eos()))?;
        Ok(Self { template, controls, lookalikes, longest, model })
    }

    /// A chat prompt whose first `shared` messages are worth caching.
    ///
    /// # Errors
    /// [`GeneratorError::Invalid`] when the template refuses the messages.
    pub fn chat(&self, messages: &[ChatMessage], shared: usize) -> Result<Prompt, GeneratorError> {
        let pieces = self.render(messages)?;
        let end = pieces
            .iter()
            .position(|piece| matches!(piece, Piece::Written { message, .. } if *message >= shared))
            .unwrap_or(pieces.len());
        let tokens = self.tokens(&pieces);
        let shared = if shared == 0 { 0 } else { common_prefix(&self.tokens(&pieces[..end]), &tokens) };
        Ok(Prompt { tokens, shared })
    }

    /// One prompt for each text appended to the last message; all but that text is worth caching.
    ///
    /// # Errors
    /// As [`Self::chat`].
    pub fn candidates(&self, messages: &[ChatMessage], appended: &[String]) -> Result<Vec<Prompt>, GeneratorError> {
        let mut pieces = self.render(messages)?;
        let last = messages.len() - 1;
        let position = pieces
            .iter()
            .rposition(|piece| matches!(piece, Piece::Written { message, .. } if *message == last))
            .ok_or_else(|| GeneratorError::Invalid("the template leaves out the last message".into()))?;
        let head = self.tokens(&pieces[..=position]);
        let mut prompts = Vec::with_capacity(appended.len());
        for candidate in appended {
            let text = format!("{}{candidate}", messages[last].content);
            pieces[position] = Piece::Written { message: last, text };
            let tokens = self.tokens(&pieces);
            prompts.push(Prompt { shared: common_prefix(&head, &tokens), tokens });
        }
        Ok(prompts)
    }

    /// How many tokens texts take at least, found without tokenizing them.
    pub fn at_least<'a>(&self, texts: impl Iterator<Item = &'a str>) -> usize {
        texts.map(str::len).sum::<usize>() / self.longest
    }

    /// Tokens of plain text.
    pub fn plain(&self, text: &str) -> Vec<LlamaToken> {
        self.model.vocab().tokenize(text.as_bytes(), false, false)
    }

    /// The bytes of a token; none for a control token.
    pub fn bytes(&self, token: LlamaToken) -> Vec<u8> {
        self.model.vocab().token_to_piece(token, false, None)
    }

    fn render(&self, messages: &[ChatMessage]) -> Result<Vec<Piece>, GeneratorError> {
        if messages.is_empty() {
            return Err(GeneratorError::Invalid("a prompt without messages".into()));
        }
        self.template.render(messages).map_err(|reason| GeneratorError::Invalid(format!("chat template: {reason}")))
    }

    fn tokens(&self, pieces: &[Piece]) -> Vec<LlamaToken> {
        let vocab = self.model.vocab();
        let mut tokens = Vec::new();
        let mut stretch = Stretch::default();
        for piece in pieces {
            match piece {
                Piece::Written { text, .. } => {
                    let start = stretch.text.len();
                    stretch.text.push_str(text);
                    stretch.written.push(start..stretch.text.len());
                }
                Piece::Control(text) => self.control(text, &mut stretch, &mut tokens),
            }
        }
        self.flush(&mut stretch, &mut tokens);
        if vocab.should_add_bos() && tokens.first() != Some(&vocab.bos()) {
            tokens.insert(0, vocab.bos());
        }
        tokens
    }

    /// Splits the template's text at its control tokens.
    fn control(&self, text: &str, stretch: &mut Stretch, tokens: &mut Vec<LlamaToken>) {
        let mut rest = text;
        loop {
            let next = self
                .controls
                .iter()
                .filter_map(|control| rest.find(&control.text).map(|at| (at, control)))
                .min_by_key(|(at, control)| (*at, std::cmp::Reverse(control.text.len())));
            let Some((at, control)) = next else { break };
            let before = if control.strips_left { rest[..at].trim_end() } else { &rest[..at] };
            stretch.text.push_str(before);
            self.flush(stretch, tokens);
            tokens.push(control.token);
            rest = &rest[at + control.text.len()..];
            if control.strips_right {
                rest = rest.trim_start();
            }
        }
        stretch.text.push_str(rest);
    }

    fn flush(&self, stretch: &mut Stretch, tokens: &mut Vec<LlamaToken>) {
        let Stretch { text, written } = std::mem::take(stretch);
        if text.is_empty() {
            return;
        }
        let vocab = self.model.vocab();
        let mut start = 0;
        for cut in self.cuts(&text, &written) {
            tokens.extend(vocab.tokenize(&text.as_bytes()[start..cut], false, false));
            start = cut;
        }
        tokens.extend(vocab.tokenize(&text.as_bytes()[start..], false, false));
    }

    /// Where to cut written text so that no token which only looks like plain text is recognised in it.
    fn cuts(&self, text: &str, written: &[std::ops::Range<usize>]) -> Vec<usize> {
        let mut cuts: Vec<usize> = Vec::new();
        for range in written {
            for lookalike in &self.lookalikes {
                cuts.extend(text[range.clone()].match_indices(lookalike.as_str()).map(|(at, _)| range.start + at + 1));
            }
        }
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }
}

/// How many leading tokens two sequences share.
pub fn common_prefix(one: &[LlamaToken], other: &[LlamaToken]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}
