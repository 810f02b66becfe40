//! Vectors of a shop's own texts, kept on disk so that a start does not wait for them. Never of what shoppers write.
//!
//! A file is a line that names the format, the SHA-256 of the model, and records: the SHA-256 of side and text, a step (f32,
//! little-endian), then a byte for each value, how many steps it is. A file of another model, or one that is broken, counts as empty and is written anew.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::domain::encoder::{PackedSense, Sense, Side};

const HEAD: &[u8] = b"daogou senses 2\n";
const KEY: usize = 32;
const STEP: usize = 4;
/// A file that has more is begun anew, so that texts of the past do not pile up.
const MOST: usize = 100_000;

/// What a text is found by.
pub type Key = [u8; KEY];

/// Known vectors, and where new ones are written.
#[derive(Debug)]
pub struct Remembered {
    known: HashMap<Key, PackedSense>,
    model: [u8; KEY],
    file: Option<PathBuf>,
}

/// What a text is found by: its digest, with the side that it is read from.
pub fn key(side: Side, text: &str) -> Key {
    let side = if side == Side::Question { b"question\n".as_slice() } else { b"text\n" };
    Sha256::new().chain_update(side).chain_update(text).finalize().into()
}

impl Remembered {
    /// Reads what was shipped and what was kept at `file`, as far as they are of this model.
    pub fn open(model: [u8; KEY], width: usize, shipped: &Path, file: Option<PathBuf>) -> Self {
        let mut known = read(shipped, model, width).unwrap_or_default();
        if let Some(path) = &file {
            match read(path, model, width) {
                Some(own) if own.len() <= MOST => known.extend(own),
                // Of another model, broken or too long.
                _ if path.exists() => drop(std::fs::remove_file(path)),
                _ => {}
            }
        }
        Self { known, model, file }
    }

    /// A text's vector.
    pub fn get(&self, key: &Key) -> Option<Sense> {
        self.known.get(key).map(PackedSense::sense)
    }

    /// Whether a text's vector is known.
    pub fn has(&self, key: &Key) -> bool {
        self.known.contains_key(key)
    }

    /// Keeps vectors; a file that cannot be written is logged.
    pub fn add(&mut self, new: Vec<(Key, Sense)>) {
        let new: Vec<(Key, PackedSense)> = new.iter().map(|(key, sense)| (*key, sense.into())).collect();
        if let Some(path) = &self.file
            && let Err(error) = self.append(path, &new)
        {
            tracing::warn!(file = %path.display(), %error, "what the passages mean is not kept for the next start");
        }
        self.known.extend(new);
    }

    /// Writes all of it to a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut sorted: Vec<(&Key, &PackedSense)> = self.known.iter().collect();
        sorted.sort_unstable_by_key(|(key, _)| **key);
        let mut file = File::create(path)?;
        file.write_all(&self.head())?;
        sorted.into_iter().try_for_each(|(key, sense)| file.write_all(&record(key, sense)))
    }

    fn append(&self, path: &Path, new: &[(Key, PackedSense)]) -> std::io::Result<()> {
        let is_new = !path.exists();
        if let Some(folder) = path.parent().filter(|_| is_new) {
            std::fs::create_dir_all(folder)?;
        }
        let mut bytes = if is_new { self.head() } else { Vec::new() };
        new.iter().for_each(|(key, sense)| bytes.extend(record(key, sense)));
        OpenOptions::new().append(true).create(true).open(path)?.write_all(&bytes)
    }

    fn head(&self) -> Vec<u8> {
        [HEAD, &self.model].concat()
    }
}

fn record(key: &Key, sense: &PackedSense) -> Vec<u8> {
    let (step, steps) = sense.parts();
    key.iter().copied().chain(step.to_le_bytes()).chain(steps.iter().map(|steps| steps.cast_unsigned())).collect()
}

fn read(path: &Path, model: [u8; KEY], width: usize) -> Option<HashMap<Key, PackedSense>> {
    let bytes = std::fs::read(path).ok()?;
    let records = bytes.strip_prefix(HEAD)?.strip_prefix(&model)?;
    let found = records.chunks(KEY + STEP + width).map(|record| {
        let (key, values) = record.split_first_chunk::<KEY>()?;
        let (step, steps) = values.split_first_chunk::<STEP>()?;
        let step = f32::from_le_bytes(*step);
        let steps: Box<[i8]> = steps.iter().map(|steps| steps.cast_signed()).collect();
        (steps.len() == width && step.is_finite()).then(|| (*key, PackedSense::of(step, steps)))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sense(values: [f32; 3]) -> Sense {
        Sense::new(values.to_vec())
    }

    #[test]
    fn what_is_kept_is_known_after_a_restart_and_forgotten_for_another_model() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("data/encoder.senses");
        let open = |model: u8| Remembered::open([model; KEY], 3, Path::new("none"), Some(file.clone()));
        let (one, other) = (key(Side::Text, "退货"), key(Side::Question, "退货"));
        assert_ne!(one, other);
        open(1).add(vec![(one, sense([1.0, 2.0, 2.0]))]);
        open(1).add(vec![(other, sense([0.0, 1.0, 0.0]))]);
        let again = open(1);
        assert!((again.get(&one).expect("kept").values()[1] - 2.0 / 3.0).abs() < 5e-3);
        assert!(again.get(&other).is_some());
        assert!(open(2).get(&one).is_none() && !file.exists());
    }

    #[test]
    fn a_file_that_is_cut_counts_as_empty() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("encoder.senses");
        let mut kept = Remembered::open([1; KEY], 3, Path::new("none"), Some(file.clone()));
        kept.add(vec![(key(Side::Text, "a"), sense([1.0, 0.0, 0.0])), (key(Side::Text, "b"), sense([1.0, 0.0, 0.0]))]);
        let bytes = std::fs::read(&file).expect("bytes");
        std::fs::write(&file, &bytes[..bytes.len() - 5]).expect("cut");
        let mut kept = Remembered::open([1; KEY], 3, Path::new("none"), Some(file.clone()));
        assert!(kept.get(&key(Side::Text, "a")).is_none());
        kept.add(vec![(key(Side::Text, "a"), sense([1.0, 0.0, 0.0]))]);
        assert!(Remembered::open([1; KEY], 3, Path::new("none"), Some(file)).get(&key(Side::Text, "a")).is_some());
    }

    #[test]
    fn what_is_shipped_is_known_too() {
        let folder = tempfile::tempdir().expect("folder");
        let shipped = folder.path().join("model.senses");
        let mut made = Remembered::open([1; KEY], 3, Path::new("none"), None);
        made.add(vec![(key(Side::Text, "a"), sense([0.0, 0.0, 1.0]))]);
        made.write(&shipped).expect("written");
        assert!(Remembered::open([1; KEY], 3, &shipped, None).get(&key(Side::Text, "a")).is_some());
    }
}
