//! Score and share of the request for each document, summed or raised word by word.
//!
//! Pure. Called by `score`.

/// One document that meets a word or a form of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    /// Which.
    pub doc: u32,
    /// Its score.
    pub score: f32,
    /// How far it is met, at most 1.
    pub share: f32,
}

/// Score and share for each document, cleared by what was touched.
pub(super) struct Table {
    rows: Vec<(f32, f32)>,
    touched: Vec<u32>,
}

impl Table {
    /// For so many documents.
    pub fn new(documents: usize) -> Self {
        Self { rows: vec![(0.0, 0.0); documents], touched: Vec::new() }
    }

    fn row(&mut self, doc: u32) -> &mut (f32, f32) {
        let row = &mut self.rows[doc as usize];
        if row.1 == 0.0 {
            self.touched.push(doc);
        }
        row
    }

    /// Adds to what a document has.
    pub fn add(&mut self, doc: u32, score: f32, share: f32) {
        let row = self.row(doc);
        *row = (row.0 + score, row.1 + share);
    }

    /// Raises what a document has to this.
    pub fn offer(&mut self, doc: u32, score: f32, share: f32) {
        let row = self.row(doc);
        *row = (row.0.max(score), row.1.max(share));
    }

    /// What was touched, in that order; afterwards the table is empty.
    pub fn drain(&mut self) -> impl Iterator<Item = Match> + '_ {
        let rows = &mut self.rows;
        self.touched.drain(..).map(move |doc| {
            let (score, share) = std::mem::take(&mut rows[doc as usize]);
            Match { doc, score, share }
        })
    }
}
