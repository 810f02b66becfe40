//! What a message changes of the last request beyond what its slots say: limits given up, words let in again, a way back, a
//! correction.
//!
//! Plain data; filled by `assistant::understand`, applied by [`super::refinement`].

/// A limit that a shopper can give up by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Any price.
    Price,
    /// Any maker.
    Brand,
    /// Any rating.
    Rating,
    /// An attribute by its canonical name.
    Attribute(&'static str),
    /// All of them.
    All,
}

/// How the pieces of something in the cart are to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pieces {
    /// So many in all.
    Set,
    /// So many fewer.
    Fewer,
}

/// What a message changes of what came before it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// Limits given up by name ("颜色无所谓", "any brand is fine").
    pub dropped: Vec<Limit>,
    /// Words that are no longer asked for, or no longer excluded ("不一定要黑色", "豆腐的也行").
    pub released: Vec<String>,
    /// Whether what is named is wanted besides what was wanted before ("白色也行").
    pub adds: bool,
    /// Whether the message puts right what was said before ("不是，我要的是……").
    pub corrects: bool,
    /// Whether it goes back to an earlier request.
    pub back: bool,
    /// Whether the brand of what is on the screen is not wanted.
    pub other_brand: bool,
    /// Whether only what can be bought is wanted.
    pub in_stock: bool,
    /// The least rating.
    pub rating_min: Option<f32>,
    /// Whether the shopper leaves it for now ("算了不买了", "maybe later").
    pub leaves: bool,
    /// Whether it asks which of several to take.
    pub chooses: bool,
    /// Whether it says what somebody likes ("她喜欢喝咖啡").
    pub likes: bool,
    /// For the cart.
    pub pieces: Option<Pieces>,
}

impl Change {
    /// Whether the limits of the last request change in a way that no slot holds.
    pub fn touches_limits(&self) -> bool {
        !self.dropped.is_empty()
            || !self.released.is_empty()
            || self.in_stock
            || self.rating_min.is_some()
            || self.other_brand
    }
}
