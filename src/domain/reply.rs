//! What a person is shown: blocks that every face can draw, and the actions behind their buttons.

use serde::{Deserialize, Serialize};

use super::identifier::{OrderId, Sku};
use super::language::Language;
use super::money::Money;
use super::order::ChangeKind;

/// Something a button does. A face keeps it on its side, or encodes and signs it; it never trusts what comes back unchecked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
#[allow(missing_docs)]
pub enum Action {
    /// As if the shopper had typed this.
    Say {
        text: String,
    },
    Detail {
        sku: Sku,
    },
    Similar {
        sku: Sku,
    },
    Reviews {
        sku: Sku,
    },
    Compare {
        skus: Vec<Sku>,
    },
    CartAdd {
        sku: Sku,
    },
    CartRemove {
        sku: Sku,
    },
    CartShow,
    CartClear,
    Save {
        sku: Sku,
    },
    Unsave {
        sku: Sku,
    },
    SavedShow,
    More,
    /// Takes the n-th relaxation that was offered last, from 0.
    Relax {
        index: usize,
    },
    /// Answers the pending clarifying question with the n-th choice, from 0.
    Choose {
        index: usize,
    },
    Human,
    /// Shows a passage of the shop's policies, by its id.
    Passage {
        id: String,
    },
    Language {
        language: Language,
    },
    PrivacyShow,
    PrivacyErase {
        confirmed: bool,
    },
    /// Carries out, or drops, the change of an order that was listed last.
    Confirm {
        id: u64,
        yes: bool,
    },
    Order {
        id: OrderId,
    },
    /// Prepares a change of an order.
    ChangeOrder {
        id: OrderId,
        change: ChangeKind,
    },
    /// Rates the help of a person, 1–5.
    Rate {
        stars: u8,
    },
    /// For admins: chooses an unanswered question, by its key, to answer it.
    Teach {
        key: String,
    },
    /// For admins: adds, or drops, the answer that was shown last.
    TeachConfirm {
        yes: bool,
    },
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What it says.
    pub label: String,
    /// What it does.
    pub action: Action,
}

impl Choice {
    /// A button.
    pub fn new(label: impl Into<String>, action: Action) -> Self {
        Self { label: label.into(), action }
    }
}

/// A product as shown; every field is copied from one catalog generation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Position in the list shown, from 1.
    pub ordinal: usize,
    /// Which product.
    pub sku: Sku,
    /// Its title in the shopper's language.
    pub title: String,
    /// Its brand; may be empty.
    pub brand: String,
    /// Its price.
    pub price: Option<Money>,
    /// The price before a reduction.
    pub list_price: Option<Money>,
    /// Its rating, 0–5.
    pub rating: Option<f32>,
    /// Number of reviews.
    pub review_count: Option<u32>,
    /// Pieces left; none: not tracked.
    pub stock: Option<u32>,
    /// Why it meets the request; one sentence.
    pub reason: Option<String>,
    /// A path beside the feed, or an address.
    pub image: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// What can be done with it.
    pub choices: Vec<Choice>,
}

/// One part of a reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "block")]
pub enum Block {
    /// Plain text; line breaks count.
    Text {
        /// The text.
        text: String,
    },
    /// Words quoted from the shop's policies, a listing or a review, with where they stand.
    Quote {
        /// The words, unchanged.
        text: String,
        /// Where they stand, such as `returns.zh.md › 退货期限`.
        source: String,
    },
    /// Products.
    Products {
        /// The cards, in order.
        cards: Vec<Card>,
    },
    /// Rows and columns.
    Table {
        /// Column titles; the first may be empty.
        header: Vec<String>,
        /// Rows of as many cells.
        rows: Vec<Vec<String>>,
    },
    /// Buttons.
    Choices {
        /// The buttons, in order.
        choices: Vec<Choice>,
    },
    /// A picture.
    Picture {
        /// A path beside the feed, or an address.
        source: String,
        /// What is said below it.
        caption: String,
    },
}

/// A whole reply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// Its language.
    pub lang: Language,
    /// Its parts.
    pub blocks: Vec<Block>,
}

impl Reply {
    /// An empty reply in a language.
    pub fn new(lang: Language) -> Self {
        Self { lang, blocks: Vec::new() }
    }

    /// Adds a text, unless it is empty.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.trim().is_empty() {
            self.blocks.push(Block::Text { text });
        }
        self
    }

    /// Adds a quotation.
    pub fn quote(mut self, text: impl Into<String>, source: impl Into<String>) -> Self {
        self.blocks.push(Block::Quote { text: text.into(), source: source.into() });
        self
    }

    /// Adds buttons, unless there are none.
    pub fn choices(mut self, choices: Vec<Choice>) -> Self {
        if !choices.is_empty() {
            self.blocks.push(Block::Choices { choices });
        }
        self
    }

    /// Adds a block.
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// The cards of all blocks.
    pub fn cards(&self) -> impl Iterator<Item = &Card> {
        self.blocks.iter().flat_map(|block| match block {
            Block::Products { cards } => cards.as_slice(),
            _ => &[],
        })
    }

    /// Everything that is said in words, for tests and plain faces.
    pub fn plain_text(&self) -> String {
        let mut lines = Vec::new();
        for block in &self.blocks {
            match block {
                Block::Text { text } | Block::Quote { text, .. } => lines.push(text.clone()),
                Block::Products { cards } => {
                    for card in cards {
                        lines.push(card.title.clone());
                        lines.extend(card.price.map(|price| price.to_string()));
                        lines.extend(card.reason.clone());
                    }
                }
                Block::Table { header, rows } => {
                    lines.push(header.join(" | "));
                    lines.extend(rows.iter().map(|row| row.join(" | ")));
                }
                Block::Choices { choices } => lines.extend(choices.iter().map(|choice| choice.label.clone())),
                Block::Picture { caption, .. } => lines.push(caption.clone()),
            }
        }
        lines.join("\n")
    }
}
