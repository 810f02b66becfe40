//! Scores single terms over all fields of an index (BM25F), finds title phrases, and knows which words exist.
//!
//! The score of a document depends on the term and the document alone. Called by `score` and `request`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocSet, InvertedIndexReader, TERMINATED, Term};

use super::error::CatalogError;
use super::index::ProductIndex;
use super::schema::{PARTS, Part};
use super::weights::Weights;
use crate::domain::language::is_han;

/// The documents of one term with their scores, in no particular order.
#[derive(Debug, Clone, Default)]
pub struct TermScores {
    /// Document and score.
    pub docs: Vec<(u32, f32)>,
    /// Inverse document frequency over all fields searched.
    pub idf: f32,
}

/// Which fields a term is sought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Fields of words.
    Words,
    /// Fields of Chinese characters and pairs.
    Grams,
}

/// The fields of an index, ready to be read.
pub struct PostingsReader {
    fields: Vec<PartReader>,
    documents: usize,
}

struct PartReader {
    part: Part,
    field: Field,
    inverted: Arc<InvertedIndexReader>,
    norms: FieldNormReader,
    /// Weight over normalised length, by the length's code.
    factors: Box<[f32; 256]>,
}

impl PostingsReader {
    /// Reads the fields' statistics.
    pub fn new(index: &ProductIndex, weights: &Weights) -> Result<Self, CatalogError> {
        let Some(segment) = index.segment() else { return Ok(Self { fields: Vec::new(), documents: 0 }) };
        let documents = segment.max_doc() as usize;
        let mut fields = Vec::with_capacity(PARTS.len());
        for (part, field) in PARTS.into_iter().zip(index.fields().parts) {
            let inverted = segment.inverted_index(field)?;
            let mean = (inverted.total_num_tokens() as f32 / documents.max(1) as f32).max(1.0);
            let (weight, b) = weights.of(part);
            let factors = Box::new(std::array::from_fn(|code| {
                let length = FieldNormReader::id_to_fieldnorm(code as u8) as f32;
                weight / (1.0 - b + b * length / mean)
            }));
            fields.push(PartReader { part, field, inverted, norms: segment.get_fieldnorms_reader(field)?, factors });
        }
        Ok(Self { fields, documents })
    }

    /// How many documents there are.
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// Whether any field of the scope has the term.
    pub fn has(&self, token: &str, scope: Scope) -> Result<bool, CatalogError> {
        for field in self.in_scope(scope) {
            if field.inverted.get_term_info(&Term::from_field_text(field.field, token))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// idf(t) · tf′(k₁+1)/(tf′+k₁) with tf′ the frequencies of all fields, each weighed and normalised by its length.
    pub fn score(&self, token: &str, scope: Scope, k1: f32, scratch: &mut Scratch) -> Result<TermScores, CatalogError> {
        for field in self.in_scope(scope) {
            let term = Term::from_field_text(field.field, token);
            let Some(mut postings) = field.inverted.read_postings(&term, IndexRecordOption::WithFreqs)? else {
                continue;
            };
            let mut doc = postings.doc();
            while doc != TERMINATED {
                let factor = field.factors[field.norms.fieldnorm_id(doc) as usize];
                scratch.add(doc, factor * postings.term_freq() as f32);
                doc = postings.advance();
            }
        }
        let idf = self.idf(scratch.touched.len());
        let docs =
            scratch.drain().map(|(doc, frequency)| (doc, idf * frequency * (k1 + 1.0) / (frequency + k1))).collect();
        Ok(TermScores { docs, idf })
    }

    /// The idf of a term that so many documents have: ln(1 + (N − n + ½)/(n + ½)).
    pub fn idf(&self, frequency: usize) -> f32 {
        let (all, with) = (self.documents as f32, frequency as f32);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }

    /// The documents whose title has the second term right after the first.
    pub fn title_phrase(&self, first: &str, second: &str) -> Result<Vec<u32>, CatalogError> {
        let Some(title) = self.fields.iter().find(|field| field.part == Part::Title) else { return Ok(Vec::new()) };
        let read = |token: &str| {
            let term = Term::from_field_text(title.field, token);
            title.inverted.read_postings(&term, IndexRecordOption::WithFreqsAndPositions)
        };
        let (Some(mut left), Some(mut right)) = (read(first)?, read(second)?) else { return Ok(Vec::new()) };
        let (mut starts, mut ends) = (Vec::new(), Vec::new());
        let mut found = Vec::new();
        let (mut a, mut b) = (left.doc(), right.doc());
        while a != TERMINATED && b != TERMINATED {
            if a < b {
                a = left.seek(b);
            } else if b < a {
                b = right.seek(a);
            } else {
                left.positions(&mut starts);
                right.positions(&mut ends);
                if starts.iter().any(|start| ends.contains(&(start + 1))) {
                    found.push(a);
                }
                a = left.advance();
                b = right.advance();
            }
        }
        Ok(found)
    }

    /// The words of titles, brands and categories with the number of documents in whose titles (else elsewhere) they are.
    pub fn vocabulary(&self) -> Result<HashMap<String, u32>, CatalogError> {
        let mut vocabulary: HashMap<String, u32> = HashMap::new();
        for field in self.fields.iter().filter(|field| matches!(field.part, Part::Title | Part::Brand | Part::Category))
        {
            let mut terms = field.inverted.terms().stream()?;
            while terms.advance() {
                let Ok(term) = std::str::from_utf8(terms.key()) else { continue };
                let frequency = terms.value().doc_freq;
                vocabulary
                    .entry(term.to_owned())
                    .and_modify(|known| *known = frequency.max(*known))
                    .or_insert(frequency);
            }
        }
        Ok(vocabulary)
    }

    /// The Chinese words of all fields.
    pub fn han_words(&self) -> Result<HashSet<String>, CatalogError> {
        let mut words = HashSet::new();
        for field in self.in_scope(Scope::Words) {
            let mut terms = field.inverted.terms().stream()?;
            while terms.advance() {
                if let Ok(term) = std::str::from_utf8(terms.key())
                    && term.chars().all(is_han)
                {
                    words.insert(term.to_owned());
                }
            }
        }
        Ok(words)
    }

    fn in_scope(&self, scope: Scope) -> impl Iterator<Item = &PartReader> {
        self.fields
            .iter()
            .filter(move |field| matches!(field.part, Part::TitleGrams | Part::BodyGrams) == (scope == Scope::Grams))
    }
}

/// A number for each document, cleared by what was touched.
pub struct Scratch {
    sums: Vec<f32>,
    touched: Vec<u32>,
}

impl Scratch {
    /// For so many documents.
    pub fn new(documents: usize) -> Self {
        Self { sums: vec![0.0; documents], touched: Vec::new() }
    }

    /// Adds to a document's number.
    pub fn add(&mut self, doc: u32, amount: f32) {
        let Some(sum) = self.sums.get_mut(doc as usize) else { return };
        if *sum == 0.0 {
            self.touched.push(doc);
        }
        *sum += amount;
    }

    /// Gives every number that is not zero, and forgets it.
    pub fn drain(&mut self) -> impl Iterator<Item = (u32, f32)> + '_ {
        let sums = &mut self.sums;
        self.touched.drain(..).map(move |doc| (doc, std::mem::take(&mut sums[doc as usize])))
    }
}
