//! Customer service measured: the right passage for a question of policy, the right evidence for a question about a product, and
//! an honest "not covered" where there is none.

use serde::{Deserialize, Serialize};

use crate::assistant::{Assistant, AssistantError, Input, Turn};
use crate::domain::identifier::{ConversationId, Sku};
use crate::domain::reply::{Action, Block};
use crate::knowledge::{Knowledge, Question};

/// A question of policy with the passages that answer it; none: it is not covered.
#[derive(Debug, Clone, Deserialize)]
pub struct PolicyQuestion {
    /// The words.
    pub text: String,
    /// Right passages, as `file.md#heading`.
    pub passages: Vec<String>,
    /// The question before it in the same conversation.
    #[serde(default)]
    pub previous: Option<String>,
}

/// A question about a product.
#[derive(Debug, Clone, Deserialize)]
pub struct ProductQuestion {
    /// The words.
    pub text: String,
    /// About which product.
    pub sku: String,
    /// What the quoted evidence must contain; none: the listing does not say.
    pub must_contain: Option<Wanted>,
}

/// What evidence must contain: one piece of text, or any of several that answer as well. Case and spaces do not count ("220 V", "220v").
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Wanted {
    /// This.
    One(String),
    /// Any of these.
    Any(Vec<String>),
}

impl Wanted {
    fn pieces(&self) -> &[String] {
        match self {
            Self::One(piece) => std::slice::from_ref(piece),
            Self::Any(pieces) => pieces,
        }
    }

    fn is_in(&self, quoted: &str) -> bool {
        let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<String>();
        self.pieces().iter().any(|piece| plain(quoted).contains(&plain(piece)))
    }
}

/// How many of each kind were right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ServiceScores {
    /// Questions that have an answer.
    pub answerable: usize,
    /// Of these, answered rightly: the passage that is quoted first, or a line of the evidence, is right.
    pub right: usize,
    /// Of these, with the right one quoted first.
    pub first_right: usize,
    /// Of these, with the right one among what is quoted.
    pub any_right: usize,
    /// Answers that quote two, also where nothing answers.
    pub two_quoted: usize,
    /// Of these, taken for not covered.
    pub given_up: usize,
    /// Questions without an answer.
    pub unanswerable: usize,
    /// Of these, recognised.
    pub recognised: usize,
}

impl ServiceScores {
    /// The share of right answers.
    pub fn right_share(&self) -> f64 {
        self.right as f64 / self.answerable.max(1) as f64
    }

    /// The share of answers with the right one among what is quoted.
    pub fn any_right_share(&self) -> f64 {
        self.any_right as f64 / self.answerable.max(1) as f64
    }

    /// The share of recognised questions without an answer.
    pub fn recognised_share(&self) -> f64 {
        self.recognised as f64 / self.unanswerable.max(1) as f64
    }

    /// `quoted` tells of each quotation whether it is right, and so many of them count; none was made where it is empty. Whether the answer is right.
    fn note(&mut self, is_answerable: bool, quoted: &[bool], counted: usize) -> bool {
        self.two_quoted += usize::from(quoted.len() > 1);
        if !is_answerable {
            self.unanswerable += 1;
            self.recognised += usize::from(quoted.is_empty());
            return quoted.is_empty();
        }
        let right = |counted: usize| quoted.iter().take(counted).any(|right| *right);
        self.answerable += 1;
        self.right += usize::from(right(counted));
        self.first_right += usize::from(right(FIRST));
        self.any_right += usize::from(right(ALL));
        self.given_up += usize::from(quoted.is_empty());
        right(counted)
    }
}

/// Of passages the first counts.
const FIRST: usize = 1;
/// Of the lines of a listing each counts.
const ALL: usize = usize::MAX;

/// Asks the policies.
pub fn ask_policies(
    knowledge: &Knowledge,
    questions: &[PolicyQuestion],
    mistake: &mut dyn FnMut(String),
) -> ServiceScores {
    let mut scores = ServiceScores::default();
    for asked in questions {
        let question = Question { text: &asked.text, previous: asked.previous.as_deref(), ..Question::default() };
        let found: Vec<String> = knowledge.answers(&question).into_iter().map(|answer| answer.passage.id).collect();
        let right: Vec<bool> = found.iter().map(|id| asked.passages.contains(id)).collect();
        if !scores.note(!asked.passages.is_empty(), &right, FIRST) {
            mistake(format!("POLICY {} | wanted {:?} | found {found:?}", asked.text, asked.passages));
        }
    }
    scores
}

/// Asks the policies in conversations, each question in one of its own, after the message before it where there is one: whether it is
/// understood as a question of policy, too. No two sets of an assistant have one name.
///
/// # Errors
/// A turn failed.
pub fn ask_policies_in_chat(
    assistant: &Assistant,
    set: &str,
    questions: &[PolicyQuestion],
    mistake: &mut dyn FnMut(String),
) -> Result<ServiceScores, AssistantError> {
    let mut scores = ServiceScores::default();
    for (number, asked) in questions.iter().enumerate() {
        let conversation = ConversationId::new(format!("eval-policy:{set}:{number}"));
        let say = |text: &str| {
            let input = Input::Message { text: text.to_owned(), about: None };
            assistant.handle(&Turn { conversation: conversation.clone(), update: None, input }, &mut ())
        };
        if let Some(previous) = &asked.previous {
            say(previous)?;
        }
        let outcome = say(&asked.text)?;
        let blocks = outcome.reply.map(|reply| reply.blocks).unwrap_or_default();
        let sources = blocks.into_iter().filter_map(|block| match block {
            Block::Quote { source, .. } => Some(source.replacen(" › ", "#", 1)),
            _ => None,
        });
        let sources: Vec<String> = sources.collect();
        let right: Vec<bool> = sources.iter().map(|source| asked.passages.contains(source)).collect();
        if !scores.note(!asked.passages.is_empty(), &right, FIRST) {
            let read = outcome.understood.as_ref();
            let read = read.map(|understood| (understood.intent.intent.name(), understood.confidence));
            mistake(format!("CHAT {} | wanted {:?} | read {read:?} | quoted {sources:?}", asked.text, asked.passages));
        }
    }
    Ok(scores)
}

/// Asks about products, each in a conversation of its own in which the shopper has opened the product and answers its card. No two sets of
/// an assistant have one name.
///
/// # Errors
/// A turn failed.
pub fn ask_products(
    assistant: &Assistant,
    set: &str,
    questions: &[ProductQuestion],
    mistake: &mut dyn FnMut(String),
) -> Result<ServiceScores, AssistantError> {
    let mut scores = ServiceScores::default();
    for (number, asked) in questions.iter().enumerate() {
        let conversation = ConversationId::new(format!("eval-product:{set}:{number}"));
        let sku = Sku::from(asked.sku.as_str());
        let opened = Input::Press(Action::Detail { sku: sku.clone() });
        assistant.handle(&Turn { conversation: conversation.clone(), update: None, input: opened }, &mut ())?;
        let input = Input::Message { text: asked.text.clone(), about: Some(sku) };
        let outcome = assistant.handle(&Turn { conversation, update: None, input }, &mut ())?;
        let blocks = outcome.reply.map(|reply| reply.blocks).unwrap_or_default();
        let (mut quoted, mut said) = (Vec::new(), Vec::new());
        for block in blocks {
            match block {
                Block::Quote { text, .. } => quoted.push(text.to_lowercase()),
                Block::Text { text } => said.push(text),
                _ => {}
            }
        }
        let wanted = asked.must_contain.as_ref();
        let right: Vec<bool> = quoted.iter().map(|text| wanted.is_some_and(|wanted| wanted.is_in(text))).collect();
        if !scores.note(wanted.is_some(), &right, ALL) {
            let wanted = wanted.map(Wanted::pieces);
            mistake(format!(
                "PRODUCT {} {} | wanted {wanted:?} | quoted {quoted:?} | said {said:?}",
                asked.sku, asked.text
            ));
        }
    }
    Ok(scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_right_by_id_and_silence_is_right_where_there_is_none() {
        let folder = tempfile::tempdir().expect("folder");
        let text = "# Returns\n\n## How long\nReturn any item within 30 days of delivery.\n\n## Who pays\nWe pay the return postage.\n";
        std::fs::write(folder.path().join("returns.en.md"), text).expect("write");
        let knowledge = Knowledge::load(folder.path(), None).expect("knowledge");
        let ask = |text: &str, passages: &[&str]| PolicyQuestion {
            text: text.into(),
            passages: passages.iter().map(|id| (*id).to_owned()).collect(),
            previous: None,
        };
        let questions = [
            ask("how many days do I have to return something?", &["returns.en.md#How long"]),
            ask("who pays the postage of a return?", &["returns.en.md#How long"]),
            ask("do you offer student discounts?", &[]),
        ];
        let mut mistakes = Vec::new();
        let scores = ask_policies(&knowledge, &questions, &mut |mistake| mistakes.push(mistake));
        assert_eq!((scores.answerable, scores.right, scores.unanswerable, scores.recognised), (2, 1, 1, 1));
        assert_eq!((scores.first_right, scores.two_quoted), (1, 0));
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    }

    #[test]
    fn of_passages_the_first_counts_and_of_lines_each() {
        let note = |counted: usize| {
            let mut scores = ServiceScores::default();
            for (is_answerable, quoted) in [(true, &[false, true][..]), (true, &[true]), (true, &[false]), (true, &[])]
            {
                scores.note(is_answerable, quoted, counted);
            }
            assert!(scores.note(false, &[], counted) && !scores.note(false, &[false, false], counted));
            scores
        };
        let wanted = ServiceScores {
            answerable: 4,
            right: 1,
            first_right: 1,
            any_right: 2,
            two_quoted: 2,
            given_up: 1,
            unanswerable: 2,
            recognised: 1,
        };
        assert_eq!(note(FIRST), wanted);
        assert_eq!(note(ALL), ServiceScores { right: 2, ..wanted });
    }
}
