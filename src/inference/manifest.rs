//! The manifest beside a GGUF: what the model is, which prompts suit it and which jobs it is trusted with.
//!
//! `models/daogou-1.gguf` has `models/daogou-1.toml`. A GGUF without one is taken for a large instruct model. Called by
//! `engine`, `daogou model` and `daogou eval`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::InferenceError;
use super::gguf::GgufHeader;
use crate::domain::generator::Job;

/// The prompt profile of a GGUF that names none.
pub const DEFAULT_PROFILE: &str = "general";
/// The GGUF key that names a prompt profile.
pub const PROFILE_KEY: &str = "daogou.prompt_profile";
/// Every job there is.
pub const ALL_JOBS: [Job; 8] =
    [Job::Parse, Job::Score, Job::Reason, Job::Answer, Job::Summarise, Job::Translate, Job::Describe, Job::Sentiment];

/// What is written beside a GGUF; unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The model's name.
    pub name: String,
    /// Of the GGUF, 64 hexadecimal digits; absent when the file is not pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// A folder under `prompts/`.
    pub prompt_profile: String,
    /// What `daogou eval` has earned the model.
    pub jobs: Vec<Job>,
    /// Of the weights, as an SPDX expression.
    pub licence: String,
    /// One sentence on where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Calibrated numbers, such as `rank_weight`, the weight of the model's scores in ranking; read by whoever needs them.
    #[serde(default, skip_serializing_if = "toml::Table::is_empty")]
    pub thresholds: toml::Table,
}

impl Manifest {
    /// Where the manifest of a GGUF lies: the same name with `.toml`.
    pub fn path_for(model: &Path) -> PathBuf {
        model.with_extension("toml")
    }

    /// Reads the manifest beside a model; `None` when there is none.
    ///
    /// # Errors
    /// [`InferenceError::Manifest`] when it cannot be read or is not valid, naming key and line.
    pub fn beside(model: &Path) -> Result<Option<Self>, InferenceError> {
        let path = Self::path_for(model);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(InferenceError::Manifest { path, reason: error.to_string() }),
        };
        Self::parse(&text).map(Some).map_err(|reason| InferenceError::Manifest { path, reason })
    }

    /// Parses a manifest's text.
    ///
    /// # Errors
    /// The reason, with the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let manifest: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        if let Some(sum) = &manifest.sha256
            && (sum.len() != 64 || !sum.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            return Err(format!("sha256 is {sum:?} and not 64 hexadecimal digits"));
        }
        let profile = &manifest.prompt_profile;
        if profile.is_empty() || !profile.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            return Err(format!("prompt_profile is {profile:?} and not a folder's name"));
        }
        if manifest.thresholds.contains_key("rank_weight")
            && !manifest.rank_weight().is_some_and(|weight| (0.0..=1.0).contains(&weight))
        {
            return Err("thresholds.rank_weight is not a number from 0 to 1".into());
        }
        Ok(manifest)
    }

    /// The fitted weight of the model's scores in ranking, if there is one.
    pub fn rank_weight(&self) -> Option<f32> {
        let weight = self.thresholds.get("rank_weight")?;
        weight.as_float().or_else(|| weight.as_integer().map(|whole| whole as f64)).map(|weight| weight as f32)
    }

    /// What is assumed of a GGUF without a manifest: trusted with every job.
    pub fn assumed(model: &Path, header: &GgufHeader) -> Self {
        let stem = model.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Self {
            name: header.text("general.name").map_or(stem, str::to_owned),
            sha256: None,
            prompt_profile: header.text(PROFILE_KEY).unwrap_or(DEFAULT_PROFILE).to_owned(),
            jobs: ALL_JOBS.to_vec(),
            licence: header.text("general.license").unwrap_or("unknown").to_owned(),
            description: None,
            thresholds: toml::Table::new(),
        }
    }

    /// Compares the model's SHA-256 with the manifest's, if it has one.
    ///
    /// # Errors
    /// [`InferenceError::Checksum`], or [`InferenceError::Read`].
    pub fn verify(&self, model: &Path) -> Result<(), InferenceError> {
        let Some(expected) = &self.sha256 else { return Ok(()) };
        let found = sha256_of(model).map_err(|source| InferenceError::read(model, source))?;
        if found.eq_ignore_ascii_case(expected) {
            return Ok(());
        }
        Err(InferenceError::Checksum { path: model.to_path_buf(), expected: expected.to_ascii_lowercase(), found })
    }
}

/// SHA-256 of a file in lowercase hexadecimal.
///
/// # Errors
/// Those of reading.
pub fn sha256_of(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = \"tiny\"\nprompt_profile = \"compact\"\njobs = [\"parse\", \"score\"]\nlicence = \"Apache-2.0\"\n[thresholds]\nparse = 0.4\n";

    #[test]
    fn a_manifest_is_read() {
        let manifest = Manifest::parse(GOOD).unwrap();
        assert_eq!(manifest.jobs, [Job::Parse, Job::Score]);
        assert_eq!(manifest.thresholds["parse"].as_float(), Some(0.4));
    }

    #[test]
    fn unknown_keys_jobs_and_bad_sums_are_refused() {
        assert!(Manifest::parse(&format!("shoe = 1\n{GOOD}")).unwrap_err().contains("shoe"));
        assert!(Manifest::parse(&GOOD.replace("score", "sing")).unwrap_err().contains("sing"));
        assert!(Manifest::parse(&format!("sha256 = \"abc\"\n{GOOD}")).unwrap_err().contains("64"));
        assert!(Manifest::parse(&GOOD.replace("compact", "../x")).unwrap_err().contains("folder"));
    }
}
