//! The search index of one generation: built in one go, checked when opened, read only.
//!
//! Product number n of the snapshot is document n: both are in the order of the ids, in one segment. Called by `snapshot`.

use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use tantivy::directory::{MmapDirectory, RamDirectory};
use tantivy::{Directory, DocSet, Index, ReloadPolicy, Searcher, SegmentReader, TERMINATED, TantivyDocument};

use super::error::CatalogError;
use super::record::FeedRecord;
use super::schema::Fields;
use super::tokens::Tokenizer;
use crate::domain::identifier::Sku;

/// Memory given to the writer at first, in bytes; it takes more when it needs more.
const WRITER_BYTES: usize = 64 << 20;

/// So many products are cut by one thread at a time.
const BATCH: usize = 250;

/// An open index of one segment.
pub struct ProductIndex {
    searcher: Searcher,
    fields: Fields,
}

impl ProductIndex {
    /// Indexes products, which are in the order of their ids, in a folder, or in memory when there is none.
    pub fn build(folder: Option<&Path>, records: &[FeedRecord], tokenizer: &Tokenizer) -> Result<Self, CatalogError> {
        let fields = Fields::new();
        let directory: Box<dyn Directory> = match folder {
            Some(folder) => {
                std::fs::create_dir_all(folder).map_err(CatalogError::io("create", folder))?;
                Box::new(MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?)
            }
            None => Box::new(RamDirectory::create()),
        };
        let builder = Index::builder().schema(fields.schema.clone());
        let mut writer = builder.single_segment_index_writer(directory, WRITER_BYTES)?;
        let threads = thread::available_parallelism().map_or(1, usize::from);
        for batch in records.chunks(BATCH * threads) {
            for document in documents(batch, &fields, tokenizer) {
                writer.add_document(document)?;
            }
        }
        Self::read(&writer.finalize()?, fields)
    }

    /// Opens an index and checks its files' checksums and that it holds exactly these products.
    pub fn open(folder: &Path, skus: &[&Sku]) -> Result<Self, String> {
        let index = Index::open_in_dir(folder).map_err(|error| error.to_string())?;
        let damaged = index.validate_checksum().map_err(|error| error.to_string())?;
        if let Some(file) = damaged.iter().next() {
            return Err(format!("the checksum of {} does not match", file.display()));
        }
        let fields = Fields::new();
        if index.schema() != fields.schema {
            return Err("its schema is another version's".into());
        }
        let opened = Self::read(&index, fields).map_err(|error| error.to_string())?;
        opened.verify(skus)?;
        Ok(opened)
    }

    /// Whether document n is product n, for every n.
    pub fn verify(&self, skus: &[&Sku]) -> Result<(), String> {
        let Some(segment) = self.segment() else {
            return if skus.is_empty() { Ok(()) } else { Err("it is empty".into()) };
        };
        if segment.num_docs() as usize != skus.len() {
            return Err(format!("it holds {} products, the feed {}", segment.num_docs(), skus.len()));
        }
        let inverted = segment.inverted_index(self.fields.sku).map_err(|error| error.to_string())?;
        let mut terms = inverted.terms().stream().map_err(|error| error.to_string())?;
        for (number, sku) in skus.iter().enumerate() {
            if !terms.advance() || terms.key() != sku.as_str().as_bytes() {
                return Err(format!("product `{sku}` is missing"));
            }
            let postings = inverted
                .read_postings_from_terminfo(terms.value(), tantivy::schema::IndexRecordOption::Basic)
                .map_err(|error| error.to_string())?;
            if postings.doc() == TERMINATED || postings.doc() as usize != number {
                return Err(format!("product `{sku}` is out of order"));
            }
        }
        Ok(())
    }

    /// The one segment; none when there are no products.
    pub fn segment(&self) -> Option<&SegmentReader> {
        self.searcher.segment_readers().first()
    }

    /// The fields.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    fn read(index: &Index, fields: Fields) -> Result<Self, CatalogError> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { searcher: reader.searcher(), fields })
    }
}

/// Cuts the texts of products into tokens, on every core, in their order.
fn documents(records: &[FeedRecord], fields: &Fields, tokenizer: &Tokenizer) -> Vec<TantivyDocument> {
    let cut = |part: &[FeedRecord]| -> Vec<TantivyDocument> {
        part.iter().map(|record| fields.document(record, tokenizer)).collect()
    };
    thread::scope(|scope| {
        let cut = &cut;
        let running: Vec<_> = records.chunks(BATCH).map(|part| scope.spawn(move || cut(part))).collect();
        let done = running.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        done.flatten().collect()
    })
}
