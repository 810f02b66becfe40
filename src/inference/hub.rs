//! Fetching well-known instruct GGUFs by the conventions of the Hugging Face hub.
//!
//! Resumes where an earlier attempt stopped, compares the SHA-256 that the hub states, and writes a manifest beside the file.
//! Nothing is fetched unless `daogou model pull` is asked to.

use std::path::{Path, PathBuf};

use hf_hub::Cache;
use hf_hub::api::Progress;
use hf_hub::api::sync::{ApiBuilder, ApiError, ApiRepo};

use super::manifest::{ALL_JOBS, DEFAULT_PROFILE, Manifest, sha256_of};

/// Where files lie until they are complete, in the models' folder.
const STAGING: &str = ".hub";
const RETRIES: usize = 4;

/// A model that can be asked for by name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HubModel {
    /// What to ask for.
    pub name: &'static str,
    /// Owner and repository on the hub.
    pub repository: &'static str,
    /// Its files; llama.cpp is given the first and finds the others beside it.
    pub files: &'static [&'static str],
    /// SPDX.
    pub licence: &'static str,
    /// Size in GiB, about.
    pub gib: f32,
}

/// The models that have a name here. Their licences allow commercial use.
pub const MODELS: [HubModel; 5] = [
    HubModel {
        name: "qwen2.5-0.5b",
        repository: "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
        files: &["qwen2.5-0.5b-instruct-q4_k_m.gguf"],
        licence: "Apache-2.0",
        gib: 0.5,
    },
    HubModel {
        name: "qwen2.5-1.5b",
        repository: "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
        files: &["qwen2.5-1.5b-instruct-q4_k_m.gguf"],
        licence: "Apache-2.0",
        gib: 1.0,
    },
    HubModel {
        name: "qwen2.5-7b",
        repository: "Qwen/Qwen2.5-7B-Instruct-GGUF",
        files: &["qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf", "qwen2.5-7b-instruct-q4_k_m-00002-of-00002.gguf"],
        licence: "Apache-2.0",
        gib: 4.4,
    },
    HubModel {
        name: "qwen3-4b",
        repository: "Qwen/Qwen3-4B-GGUF",
        files: &["Qwen3-4B-Q4_K_M.gguf"],
        licence: "Apache-2.0",
        gib: 2.3,
    },
    HubModel {
        name: "qwen3-8b",
        repository: "Qwen/Qwen3-8B-GGUF",
        files: &["Qwen3-8B-Q4_K_M.gguf"],
        licence: "Apache-2.0",
        gib: 4.7,
    },
];

/// Why a model was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The hub, or the way to it, failed; what was fetched is kept.
    #[error("cannot fetch {file} from {repository}: {reason}")]
    Fetch {
        /// The file.
        file: String,
        /// The repository.
        repository: String,
        /// What went wrong.
        reason: String,
    },
    /// What arrived is not what the hub states; it was thrown away.
    #[error("{file} arrived with SHA-256 {found}, the hub states {expected}: try again")]
    Checksum {
        /// The file.
        file: String,
        /// As the hub states.
        expected: String,
        /// Of what arrived.
        found: String,
    },
    /// A local file could not be written.
    #[error("cannot write {}: {reason}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        reason: std::io::Error,
    },
}

/// The model of a name.
pub fn named(name: &str) -> Option<&'static HubModel> {
    MODELS.iter().find(|model| model.name.eq_ignore_ascii_case(name))
}

/// Fetches a model into a folder and returns the path to give to the engine. Files that are there already are kept.
/// `endpoint` replaces the hub's address; `report` hears of each file's name, its bytes so far and its size.
///
/// # Errors
/// [`HubError`] naming the file; a later attempt goes on where this one stopped.
pub fn pull(
    model: &HubModel,
    folder: &Path,
    endpoint: Option<String>,
    token: Option<String>,
    report: &dyn Fn(&str, u64, u64),
) -> Result<PathBuf, HubError> {
    let staging = folder.join(STAGING);
    std::fs::create_dir_all(&staging).map_err(|reason| HubError::Write { path: staging.clone(), reason })?;
    let mut builder = ApiBuilder::from_cache(Cache::new(staging.clone())).with_token(token).with_retries(RETRIES);
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/').to_owned());
    }
    let failed = |file: &str, error: &ApiError| HubError::Fetch {
        file: file.to_owned(),
        repository: model.repository.to_owned(),
        reason: innermost(error),
    };
    let repository = builder.build().map_err(|error| failed(model.files[0], &error))?.model(model.repository.into());
    let cached = staging.join(format!("models--{}", model.repository.replace('/', "--")));
    let first = folder.join(model.files[0]);
    let mut sum = None;
    for file in model.files {
        let target = folder.join(file);
        if target.exists() {
            continue;
        }
        let found = fetch(&repository, &cached, file, &target, Reporter { file, done: 0, size: 0, report }).map_err(
            |error| match error {
                Fetching::Hub(error) => failed(file, &error),
                Fetching::Told(error) => error,
            },
        )?;
        if target == first {
            sum = Some(found);
        }
    }
    // Only links are left in it.
    let _ = std::fs::remove_dir_all(&cached);
    if let Some(sum) = sum {
        write_manifest(model, &first, sum)?;
    }
    Ok(first)
}

/// Turns hf-hub's steps into sums.
struct Reporter<'a> {
    file: &'a str,
    done: u64,
    size: u64,
    report: &'a dyn Fn(&str, u64, u64),
}

impl Progress for Reporter<'_> {
    fn init(&mut self, size: usize, _filename: &str) {
        (self.done, self.size) = (0, size as u64);
    }

    fn update(&mut self, size: usize) {
        self.done += size as u64;
        (self.report)(self.file, self.done, self.size);
    }

    fn finish(&mut self) {}
}

enum Fetching {
    Hub(ApiError),
    Told(HubError),
}

/// Fetches one file, checks it and moves it to its place; returns its SHA-256.
fn fetch(
    repository: &ApiRepo,
    staging: &Path,
    file: &str,
    target: &Path,
    progress: impl Progress,
) -> Result<String, Fetching> {
    let write = |reason| Fetching::Told(HubError::Write { path: target.to_path_buf(), reason });
    let pointer = match repository.download_with_progress(file, progress) {
        Ok(pointer) => pointer,
        // hf-hub gives up after its last attempt even when that one succeeded, and cannot go on with a complete file.
        Err(error) => match complete_part(staging) {
            Some((part, found)) => {
                std::fs::rename(&part, target).map_err(write)?;
                return Ok(found);
            }
            None => return Err(Fetching::Hub(error)),
        },
    };
    // The hub's cache names a large file after the SHA-256 that the hub states.
    let blob = pointer.canonicalize().map_err(write)?;
    let expected = blob.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let found = sha256_of(&blob).map_err(write)?;
    if found != expected {
        let _ = std::fs::remove_file(&blob);
        let _ = std::fs::remove_file(&pointer);
        return Err(Fetching::Told(HubError::Checksum { file: file.to_owned(), expected, found }));
    }
    std::fs::rename(&blob, target).map_err(write)?;
    Ok(found)
}

/// A file in the repository's cache whose content has the SHA-256 that it is named after, though it is not marked complete.
fn complete_part(cached: &Path) -> Option<(PathBuf, String)> {
    let parts = std::fs::read_dir(cached.join("blobs")).ok()?.flatten().map(|entry| entry.path());
    parts.filter(|path| path.extension().is_some_and(|extension| extension == "part")).find_map(|path| {
        let sum = sha256_of(&path).ok()?;
        (path.file_stem()? == sum.as_str()).then_some((path, sum))
    })
}

fn write_manifest(model: &HubModel, path: &Path, sum: String) -> Result<(), HubError> {
    let manifest = Manifest {
        name: model.name.to_owned(),
        sha256: Some(sum),
        prompt_profile: DEFAULT_PROFILE.to_owned(),
        jobs: ALL_JOBS.to_vec(),
        licence: model.licence.to_owned(),
        description: Some(format!("fetched from the Hugging Face repository {}", model.repository)),
        thresholds: toml::Table::new(),
    };
    let path = Manifest::path_for(path);
    let write = |reason| HubError::Write { path: path.clone(), reason };
    let text = toml::to_string(&manifest).map_err(|error| write(std::io::Error::other(error.to_string())))?;
    std::fs::write(&path, text).map_err(write)
}

fn innermost(error: &ApiError) -> String {
    let mut reason = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        reason = inner.to_string();
        source = inner.source();
    }
    reason
}
