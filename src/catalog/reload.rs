//! The catalog handle: loads feeds into new generations and swaps them in while queries run.
//!
//! A failed load changes nothing; a damaged index is built anew from the generation's own copy of the feed, and when that fails
//! the former generation is opened. Called by `assemble`, `backoffice` and `cli`.

use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use arc_swap::ArcSwap;
use flate2::read::MultiGzDecoder;

use super::diff::CatalogDiff;
use super::error::CatalogError;
use super::feed::{FeedOptions, FeedReport};
use super::generations::{Generations, Manifest};
use super::schema::FORMAT;
use super::snapshot::CatalogSnapshot;
use super::source::{Contents, Source};
use crate::domain::identifier::Generation;

/// What a load accepts.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// How feeds are read.
    pub feed: FeedOptions,
    /// More bad lines than this percentage refuse the load; fewer are left out and reported.
    pub max_bad_percent: f64,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self { feed: FeedOptions::default(), max_bad_percent: 5.0 }
    }
}

/// What a load did.
#[derive(Debug)]
pub struct LoadOutcome {
    /// The generation that is sold from now.
    pub generation: Generation,
    /// Whether the files were those of that generation already, so that nothing was indexed.
    pub unchanged: bool,
    /// What the feed holds.
    pub report: FeedReport,
    /// Against the generation before; against nothing when there was none.
    pub diff: CatalogDiff,
    /// How long it took.
    pub seconds: f64,
}

/// The catalog of a running shop.
pub struct Catalog {
    generations: Generations,
    options: LoadOptions,
    current: ArcSwap<CatalogSnapshot>,
    loading: Mutex<()>,
}

impl Catalog {
    /// Opens the current generation of a data directory. A damaged index is built anew; a generation that cannot be is passed
    /// over for the newest one that can.
    ///
    /// # Errors
    /// [`CatalogError::NothingLoaded`] when there is no generation that can be opened.
    pub fn open(data_dir: &Path, options: LoadOptions) -> Result<Self, CatalogError> {
        let generations = Generations::under(data_dir)?;
        let snapshot = open_best(&generations, &options)?;
        Ok(Self { generations, options, current: ArcSwap::from_pointee(snapshot), loading: Mutex::new(()) })
    }

    /// Opens the current generation; loads the source first when no kept generation was made from it. A source that does not
    /// load is logged and the current generation goes on, if there is one.
    pub fn open_or_load(data_dir: &Path, source: &Source, options: LoadOptions) -> Result<Self, CatalogError> {
        let opened = match Self::open(data_dir, options.clone()) {
            Err(CatalogError::NothingLoaded(_)) => return Self::first(data_dir, source, options),
            other => other?,
        };
        let known = |digest: String| opened.generations.all().iter().any(|kept| kept.digest == digest);
        match source.digest().map(known) {
            Ok(true) => {}
            Ok(false) => {
                if let Err(error) = opened.load(source) {
                    tracing::error!(%error, "the feed was not loaded; the shop goes on with the current generation");
                }
            }
            Err(error) => {
                tracing::error!(%error, "the feed cannot be read; the shop goes on with the current generation");
            }
        }
        Ok(opened)
    }

    /// Loads the first generation of a data directory.
    pub fn first(data_dir: &Path, source: &Source, options: LoadOptions) -> Result<Self, CatalogError> {
        let generations = Generations::under(data_dir)?;
        let lock = generations.lock()?;
        let contents = accept(source, &options)?;
        let snapshot = build(&generations, source, contents, &options)?;
        generations.choose(snapshot.generation())?;
        drop(lock);
        Ok(Self { generations, options, current: ArcSwap::from_pointee(snapshot), loading: Mutex::new(()) })
    }

    /// The generation that is sold from; whoever holds it keeps it for as long as they like.
    pub fn snapshot(&self) -> Arc<CatalogSnapshot> {
        self.current.load_full()
    }

    /// Builds a new generation from a source, checks it, and swaps it in. Queries that run keep the generation they began with.
    ///
    /// # Errors
    /// The feed has too many bad lines, breaks off or is empty, or the disk fails; the current generation stays.
    pub fn load(&self, source: &Source) -> Result<LoadOutcome, CatalogError> {
        let started = Instant::now();
        let _one = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let _lock = self.generations.lock()?;
        let before = self.snapshot();
        let contents = accept(source, &self.options)?;
        let report = contents.feed.report.clone();
        if contents.digest == before.digest() {
            let (generation, diff) = (before.generation(), CatalogDiff::default());
            let seconds = started.elapsed().as_secs_f64();
            return Ok(LoadOutcome { generation, unchanged: true, report, diff, seconds });
        }
        let snapshot = build(&self.generations, source, contents, &self.options)?;
        let generation = snapshot.generation();
        let diff = CatalogDiff::between(before.products(), snapshot.products());
        self.generations.choose(generation)?;
        self.current.store(Arc::new(snapshot));
        self.generations.prune();
        let seconds = started.elapsed().as_secs_f64();
        Ok(LoadOutcome { generation, unchanged: false, report, diff, seconds })
    }

    /// What loading a source would change, without loading it.
    pub fn diff(&self, source: &Source) -> Result<(CatalogDiff, FeedReport), CatalogError> {
        let contents = source.read(&self.options.feed)?;
        let products = contents.feed.records.iter().map(|record| &record.product);
        Ok((CatalogDiff::between(self.snapshot().products(), products), contents.feed.report))
    }

    /// Goes back to the newest generation that is older than the current one.
    pub fn rollback(&self) -> Result<Generation, CatalogError> {
        let _one = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let _lock = self.generations.lock()?;
        let current = self.snapshot().generation();
        let older = self.generations.all().into_iter().rev().filter(|kept| kept.generation.0 < current.0);
        for manifest in older {
            match open_one(&self.generations, &manifest, &self.options) {
                Ok(snapshot) => {
                    self.generations.choose(manifest.generation)?;
                    self.current.store(Arc::new(snapshot));
                    return Ok(manifest.generation);
                }
                Err(error) => tracing::warn!(generation = manifest.generation.0, %error, "generation passed over"),
            }
        }
        Err(CatalogError::NoFormerGeneration(self.generations.folder().to_owned()))
    }

    /// The feed of the current generation, unpacked, as it was loaded.
    pub fn export(&self) -> Result<Vec<u8>, CatalogError> {
        let path = self.generations.source(self.snapshot().generation()).feed;
        let bytes = std::fs::read(&path).map_err(CatalogError::io("read", &path))?;
        if !bytes.starts_with(&[0x1f, 0x8b]) {
            return Ok(bytes);
        }
        let mut lines = Vec::new();
        MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut lines).map_err(CatalogError::io("unpack", &path))?;
        Ok(lines)
    }

    /// Takes over the generation that another process (`daogou catalog load`) has made current since; its number when it did.
    pub fn refresh(&self) -> Result<Option<Generation>, CatalogError> {
        let _one = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(named) = self.generations.current() else { return Ok(None) };
        if named == self.snapshot().generation() {
            return Ok(None);
        }
        let Some(manifest) = self.generations.manifest(named) else { return Ok(None) };
        self.current.store(Arc::new(open_one(&self.generations, &manifest, &self.options)?));
        Ok(Some(named))
    }
}

/// Reads a source and refuses what is not good enough to sell from.
fn accept(source: &Source, options: &LoadOptions) -> Result<Contents, CatalogError> {
    let contents = source.read(&options.feed)?;
    let report = &contents.feed.report;
    let path = source.feed.clone();
    if let Some(reason) = &report.truncated {
        return Err(CatalogError::Truncated { path, reason: reason.clone() });
    }
    if report.products == 0 {
        return Err(CatalogError::EmptyFeed { path, reason: report.first_problem() });
    }
    if report.bad as f64 * 100.0 > options.max_bad_percent * report.lines as f64 {
        return Err(CatalogError::TooManyBadLines {
            path,
            bad: report.bad,
            lines: report.lines,
            limit: options.max_bad_percent,
            first: report.first_problem(),
        });
    }
    for problem in report.problems.iter().take(20) {
        tracing::warn!(feed = %source.feed.display(), "left out: {problem}");
    }
    Ok(contents)
}

fn build(
    generations: &Generations,
    source: &Source,
    contents: Contents,
    options: &LoadOptions,
) -> Result<CatalogSnapshot, CatalogError> {
    let generation = generations.next();
    let staging = generations.stage(source)?;
    let manifest = Manifest {
        generation,
        digest: contents.digest.clone(),
        format: FORMAT,
        products: contents.feed.records.len(),
        currency: options.feed.currency,
        feed: source.feed.clone(),
    };
    let snapshot = CatalogSnapshot::build(contents, generation, Some(&staging.join("index")))?;
    generations.keep(&staging, &manifest)?;
    Ok(snapshot)
}

/// The current generation, else the newest that opens.
fn open_best(generations: &Generations, options: &LoadOptions) -> Result<CatalogSnapshot, CatalogError> {
    let current = generations.current();
    let mut kept = generations.all();
    kept.sort_by_key(|manifest| (Some(manifest.generation) == current, manifest.generation.0));
    for manifest in kept.iter().rev() {
        match open_one(generations, manifest, options) {
            Ok(snapshot) => {
                if Some(manifest.generation) != current {
                    let generation = manifest.generation.0;
                    tracing::error!(
                        generation,
                        "the current catalog generation does not open; the shop goes on with this one"
                    );
                    generations.choose(manifest.generation)?;
                }
                return Ok(snapshot);
            }
            Err(error) => {
                tracing::error!(generation = manifest.generation.0, %error, "a catalog generation does not open")
            }
        }
    }
    Err(CatalogError::NothingLoaded(generations.folder().to_owned()))
}

/// Opens a generation, building its index anew from its copy of the feed when that is damaged or of another format.
fn open_one(
    generations: &Generations,
    manifest: &Manifest,
    options: &LoadOptions,
) -> Result<CatalogSnapshot, CatalogError> {
    let generation = manifest.generation;
    let source = generations.source(generation);
    let options = FeedOptions { currency: manifest.currency, ..options.feed.clone() };
    let read = || -> Result<Contents, CatalogError> {
        let contents = source.read(&options)?;
        match contents.digest == manifest.digest {
            true => Ok(contents),
            false => Err(CatalogError::Damaged { generation, reason: "its copy of the feed has changed".into() }),
        }
    };
    let index = generations.index(generation);
    if manifest.format == FORMAT {
        match CatalogSnapshot::open(read()?, generation, &index) {
            Ok(snapshot) => return Ok(snapshot),
            Err(error) => tracing::warn!(%error, "the index is built anew from the generation's copy of the feed"),
        }
    }
    let contents = read()?;
    if index.exists() {
        std::fs::remove_dir_all(&index).map_err(CatalogError::io("remove", &index))?;
    }
    let snapshot = CatalogSnapshot::build(contents, generation, Some(&index))?;
    generations.note_rebuilt(&Manifest { format: FORMAT, ..manifest.clone() })?;
    Ok(snapshot)
}
