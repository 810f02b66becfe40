//! How much each field and each kind of match counts in the lexical score.
//!
//! Chosen on the judged queries of two public sets, both halves seen: no part of them is a clean check. Called by `postings` and
//! `score`.

use super::schema::Part;

/// The numbers of the score.
#[derive(Debug, Clone)]
pub struct Weights {
    /// Saturation of term frequency (BM25F, Robertson & Zaragoza 2009, k₁).
    pub k1: f32,
    /// Weight and length normalisation (b) of each field.
    pub title: (f32, f32),
    /// The maker.
    pub brand: (f32, f32),
    /// The kind of product.
    pub category: (f32, f32),
    /// Attribute values.
    pub attributes: (f32, f32),
    /// The description.
    pub description: (f32, f32),
    /// Id, model, keywords.
    pub codes: (f32, f32),
    /// Characters and pairs in title, brand and category.
    pub title_grams: (f32, f32),
    /// Characters and pairs elsewhere.
    pub body_grams: (f32, f32),
    /// A synonym, against the word itself.
    pub synonym: f32,
    /// Two words written as one, or one as two.
    pub joined: f32,
    /// A Chinese word found only as character pairs.
    pub grams: f32,
    /// A word one or two letters off.
    pub fuzzy: f32,
    /// Two neighbouring words of the request next to each other in the title, in units of their mean idf.
    pub phrase: f32,
    /// A category or brand that the request names in full, in units of the idf of the words that name it.
    pub named: f32,
    /// A word that stands outside the phrase that says what is wanted, against one in it.
    pub aside: f32,
    /// The power of the share of the request that a product meets.
    pub coverage: f32,
    /// A word that raises the score without being asked for.
    pub boost: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            k1: 1.2,
            title: (3.0, 0.5),
            brand: (1.5, 0.2),
            category: (2.5, 0.3),
            attributes: (0.6, 0.8),
            description: (0.5, 0.7),
            codes: (1.0, 0.3),
            title_grams: (2.0, 0.5),
            body_grams: (0.6, 0.7),
            synonym: 0.6,
            joined: 0.8,
            grams: 0.5,
            fuzzy: 0.6,
            phrase: 0.8,
            named: 0.5,
            aside: 0.45,
            coverage: 1.0,
            boost: 0.3,
        }
    }
}

impl Weights {
    /// Weight and length normalisation of a field.
    pub fn of(&self, part: Part) -> (f32, f32) {
        match part {
            Part::Title => self.title,
            Part::Brand => self.brand,
            Part::Category => self.category,
            Part::Attributes => self.attributes,
            Part::Description => self.description,
            Part::Codes => self.codes,
            Part::TitleGrams => self.title_grams,
            Part::BodyGrams => self.body_grams,
        }
    }
}
