//! Generations on disk: `gen-N/` with a copy of the feed, its index and a manifest, and `CURRENT`, which names one of them.
//!
//! A generation is whole or not there: it is built under another name and renamed, and `CURRENT` is replaced in one step, each
//! synced first. Never opens an index. Called by `reload`.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::CatalogError;
use super::source::Source;
use crate::domain::identifier::Generation;
use crate::domain::money::Currency;

/// So many generations are kept, the current one among them.
const KEPT: usize = 3;

/// What a generation is, beside its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its number.
    pub generation: Generation,
    /// SHA-256 of its source files.
    pub digest: String,
    /// What the index holds (`schema::FORMAT`).
    pub format: u32,
    /// How many products there are.
    pub products: usize,
    /// The currency of prices that name none, when it was loaded.
    pub currency: Currency,
    /// Where the feed was.
    pub feed: PathBuf,
}

/// The folder that holds the generations.
#[derive(Debug, Clone)]
pub struct Generations {
    folder: PathBuf,
}

impl Generations {
    /// Under this data directory; the folder is created.
    pub fn under(data_dir: &Path) -> Result<Self, CatalogError> {
        let folder = data_dir.join("catalog");
        fs::create_dir_all(&folder).map_err(CatalogError::io("create", &folder))?;
        Ok(Self { folder })
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps other processes from changing generations until the file is dropped.
    pub fn lock(&self) -> Result<File, CatalogError> {
        let path = self.folder.join("LOCK");
        let file = File::create(&path).map_err(CatalogError::io("create", &path))?;
        file.lock().map_err(CatalogError::io("lock", &path))?;
        Ok(file)
    }

    /// The generation that is sold from.
    pub fn current(&self) -> Option<Generation> {
        let text = fs::read_to_string(self.folder.join("CURRENT")).ok()?;
        text.trim().strip_prefix("gen-")?.parse().ok().map(Generation)
    }

    /// Whole generations with a readable manifest, oldest first.
    pub fn all(&self) -> Vec<Manifest> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.strip_prefix("gen-")?.parse().ok());
        let mut manifests: Vec<Manifest> = numbers.filter_map(|number| self.manifest(Generation(number))).collect();
        manifests.sort_by_key(|manifest| manifest.generation.0);
        manifests
    }

    /// The manifest of a generation.
    pub fn manifest(&self, generation: Generation) -> Option<Manifest> {
        let text = fs::read_to_string(self.path(generation).join("manifest.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The folder of a generation.
    pub fn path(&self, generation: Generation) -> PathBuf {
        self.folder.join(format!("gen-{generation}"))
    }

    /// The folder of a generation's index.
    pub fn index(&self, generation: Generation) -> PathBuf {
        self.path(generation).join("index")
    }

    /// A generation's own copies of the files it was made from.
    pub fn source(&self, generation: Generation) -> Source {
        let folder = self.path(generation);
        let copy = |role: &str| folder.join(role);
        Source { feed: copy("feed"), reviews: Some(copy("reviews")), synonyms: Some(copy("synonyms")) }.existing()
    }

    /// The number of the next generation.
    pub fn next(&self) -> Generation {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.strip_prefix("gen-")?.parse::<u64>().ok());
        let last = numbers.chain(self.current().map(|current| current.0)).max().unwrap_or(0);
        Generation(last + 1)
    }

    /// A new folder to build the next generation in, with copies of the source's files.
    pub fn stage(&self, source: &Source) -> Result<PathBuf, CatalogError> {
        let staging = self.folder.join("building");
        if staging.exists() {
            fs::remove_dir_all(&staging).map_err(CatalogError::io("remove", &staging))?;
        }
        fs::create_dir_all(&staging).map_err(CatalogError::io("create", &staging))?;
        for (role, path) in source.files() {
            let copy = staging.join(role);
            fs::copy(path, &copy).map_err(CatalogError::io("copy", path))?;
            sync(&copy)?;
        }
        Ok(staging)
    }

    /// Makes what was built a generation.
    pub fn keep(&self, staging: &Path, manifest: &Manifest) -> Result<(), CatalogError> {
        let path = staging.join("manifest.json");
        let text = serde_json::to_string_pretty(manifest).map_err(std::io::Error::from)?;
        write_synced(&path, text.as_bytes())?;
        sync(staging)?;
        let place = self.path(manifest.generation);
        fs::rename(staging, &place).map_err(CatalogError::io("rename", staging))?;
        sync(&self.folder)
    }

    /// Replaces the manifest of a generation whose index was built anew.
    pub fn note_rebuilt(&self, manifest: &Manifest) -> Result<(), CatalogError> {
        let path = self.path(manifest.generation).join("manifest.json.new");
        let text = serde_json::to_string_pretty(manifest).map_err(std::io::Error::from)?;
        write_synced(&path, text.as_bytes())?;
        fs::rename(&path, path.with_extension("")).map_err(CatalogError::io("rename", &path))
    }

    /// Names the generation that is sold from, in one step.
    pub fn choose(&self, generation: Generation) -> Result<(), CatalogError> {
        let path = self.folder.join("CURRENT.new");
        write_synced(&path, format!("gen-{generation}\n").as_bytes())?;
        fs::rename(&path, self.folder.join("CURRENT")).map_err(CatalogError::io("rename", &path))?;
        sync(&self.folder)
    }

    /// Removes all but the newest generations and the current one. Running queries keep their files open.
    pub fn prune(&self) {
        let current = self.current();
        let all = self.all();
        let surplus = all.len().saturating_sub(KEPT);
        for manifest in all.iter().take(surplus).filter(|manifest| Some(manifest.generation) != current) {
            if let Err(error) = fs::remove_dir_all(self.path(manifest.generation)) {
                tracing::warn!(generation = manifest.generation.0, %error, "an old catalog generation was not removed");
            }
        }
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), CatalogError> {
    let mut file = File::create(path).map_err(CatalogError::io("create", path))?;
    file.write_all(bytes).map_err(CatalogError::io("write", path))?;
    file.sync_all().map_err(CatalogError::io("sync", path))
}

/// Syncs a file or a folder's list of names.
fn sync(path: &Path) -> Result<(), CatalogError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(CatalogError::io("sync", path))
}
