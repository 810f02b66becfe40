//! Backups: every table as JSON Lines in one gzip file, written beside and renamed into place.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::{StoreError, unix_millis};

const SUFFIX: &str = ".jsonl.gz";

#[derive(Serialize, Deserialize)]
struct Line {
    table: String,
    key: String,
    value: Box<serde_json::value::RawValue>,
}

/// Writes all tables into `folder/state-MILLISECONDS.jsonl.gz` and deletes all but the newest `keep` (at least one).
pub(super) fn write(db: &sled::Db, folder: &Path, keep: usize) -> Result<PathBuf, StoreError> {
    std::fs::create_dir_all(folder).map_err(|cause| StoreError::File { path: folder.to_owned(), cause })?;
    let path = folder.join(format!("state-{:016}{SUFFIX}", unix_millis()));
    let partial = path.with_extension("partial");
    write_lines(db, &partial)
        .and_then(|()| std::fs::rename(&partial, &path))
        .and_then(|()| File::open(folder)?.sync_all())
        .map_err(|cause| StoreError::File { path: path.clone(), cause })?;
    for old in newest_first(folder).into_iter().skip(keep.max(1)) {
        std::fs::remove_file(&old).map_err(|cause| StoreError::File { path: old.clone(), cause })?;
    }
    Ok(path)
}

fn write_lines(db: &sled::Db, path: &Path) -> std::io::Result<()> {
    let mut writer = BufWriter::new(GzEncoder::new(File::create(path)?, Compression::fast()));
    for name in db.tree_names() {
        let table = String::from_utf8_lossy(&name).into_owned();
        let tree = db.open_tree(&name).map_err(std::io::Error::other)?;
        for entry in &tree {
            let (key, value) = entry.map_err(std::io::Error::other)?;
            let value = serde_json::from_slice(&value)?;
            let line = Line { table: table.clone(), key: String::from_utf8_lossy(&key).into_owned(), value };
            serde_json::to_writer(&mut writer, &line)?;
            writer.write_all(b"\n")?;
        }
    }
    let file = writer.into_inner().map_err(|error| error.into_error())?.finish()?;
    file.sync_all()
}

/// Puts every line of a backup into an empty store.
pub(super) fn restore(db: &sled::Db, path: &Path) -> Result<(), StoreError> {
    let file = |cause| StoreError::File { path: path.to_owned(), cause };
    let reader = BufReader::new(GzDecoder::new(File::open(path).map_err(file)?));
    for line in reader.lines() {
        let line: Line = serde_json::from_str(&line.map_err(file)?).map_err(|cause| file(cause.into()))?;
        db.open_tree(&line.table)?.insert(&line.key, line.value.get().as_bytes())?;
    }
    Ok(())
}

/// The backups of a folder, newest first; none when there is no such folder.
pub(super) fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_backup = |path: &PathBuf| path.to_string_lossy().ends_with(SUFFIX);
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_backup).collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    found
}
