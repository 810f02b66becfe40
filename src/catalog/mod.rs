//! Floor 1: the catalog. Feeds are read, indexed and searched here; the only place that knows tantivy.
//!
//! [`Catalog`] is the handle of a running shop; [`CatalogSnapshot`] is one immutable generation, held for a whole turn.

mod audience;
mod diff;
mod docset;
mod error;
mod feed;
mod fields;
mod fold;
mod generations;
mod head;
mod index;
mod lexicon;
mod limits;
mod lines;
mod measure;
mod names;
mod postings;
mod record;
mod relax;
mod reload;
mod request;
mod reviews;
mod schema;
mod score;
mod search;
mod snapshot;
mod source;
mod spelling;
mod synonyms;
mod tallies;
mod texts;
mod tokens;
mod units;
mod values;
mod weights;

pub use diff::{CatalogDiff, Change};
pub use error::CatalogError;
pub use feed::{Feed, FeedOptions, FeedProblem, FeedReport, read_feed};
pub use fold::{fold, key};
pub use lexicon::{Lexicon, Name};
pub use record::FeedRecord;
pub use reload::{Catalog, LoadOptions, LoadOutcome};
pub use reviews::{Reviews, read_reviews};
pub use snapshot::CatalogSnapshot;
pub use source::{Contents, Source};
