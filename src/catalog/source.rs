//! The files that a catalog is made of, and reading them.
//!
//! Never judges whether what was read is good enough to sell from; `reload` does. Called by `reload` and `snapshot`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::CatalogError;
use super::feed::{Feed, FeedOptions, read_feed};
use super::reviews::{Reviews, read_reviews};
use super::synonyms::{BUILT_IN, Synonyms};

/// Where a catalog comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The product feed.
    pub feed: PathBuf,
    /// Buyers' reviews, when there are any.
    pub reviews: Option<PathBuf>,
    /// The shop's own synonyms, beside the built-in ones.
    pub synonyms: Option<PathBuf>,
}

/// What was read from a source.
pub struct Contents {
    /// Products and the report on them.
    pub feed: Feed,
    /// Reviews and what was wrong with them.
    pub reviews: Reviews,
    /// Built-in and own synonyms.
    pub synonyms: Synonyms,
    /// Of all files together, in hexadecimal.
    pub digest: String,
}

impl Source {
    /// A feed (or a folder with `products.jsonl` or `products.jsonl.gz`) with the `reviews.jsonl` and `synonyms.txt` beside it.
    pub fn beside(feed: &Path) -> Self {
        let pick =
            |folder: &Path, names: &[&str]| names.iter().map(|name| folder.join(name)).find(|path| path.is_file());
        let feed = match feed.is_dir() {
            true => pick(feed, &["products.jsonl", "products.jsonl.gz"]).unwrap_or_else(|| feed.join("products.jsonl")),
            false => feed.to_owned(),
        };
        let folder = feed.parent().unwrap_or(Path::new(""));
        Self {
            reviews: pick(folder, &["reviews.jsonl", "reviews.jsonl.gz"]),
            synonyms: pick(folder, &["synonyms.txt"]),
            feed,
        }
    }

    /// A source with those of its optional files that are there.
    pub fn existing(self) -> Self {
        let there = |path: &PathBuf| path.is_file();
        Self { feed: self.feed, reviews: self.reviews.filter(there), synonyms: self.synonyms.filter(there) }
    }

    /// SHA-256 over the bytes of all files, each under its role.
    pub fn digest(&self) -> Result<String, CatalogError> {
        let mut hasher = Sha256::new();
        for (role, path) in self.files() {
            hasher.update(role.as_bytes());
            let mut file = File::open(path).map_err(CatalogError::io("open", path))?;
            let mut buffer = vec![0; 1 << 16];
            loop {
                let count = file.read(&mut buffer).map_err(CatalogError::io("read", path))?;
                if count == 0 {
                    break;
                }
                hasher.update(&buffer[..count]);
            }
        }
        Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Reads all files. Bad lines are reported, not refused; a file that cannot be opened is an error.
    pub fn read(&self, options: &FeedOptions) -> Result<Contents, CatalogError> {
        let open = |path: &Path| File::open(path).map_err(CatalogError::io("open", path));
        let feed = read_feed(open(&self.feed)?, options);
        let reviews = match &self.reviews {
            Some(path) => read_reviews(open(path)?),
            None => Reviews::default(),
        };
        let own = match &self.synonyms {
            Some(path) => std::fs::read_to_string(path).map_err(CatalogError::io("read", path))?,
            None => String::new(),
        };
        let path = self.synonyms.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let synonyms = Synonyms::parse(BUILT_IN.into_iter().chain([(path.as_str(), own.as_str())]))?;
        Ok(Contents { feed, reviews, synonyms, digest: self.digest()? })
    }

    /// The files with their roles.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let optional = [("reviews", &self.reviews), ("synonyms", &self.synonyms)];
        let optional = optional.into_iter().filter_map(|(role, path)| path.as_deref().map(|path| (role, path)));
        std::iter::once(("feed", self.feed.as_path())).chain(optional)
    }
}
