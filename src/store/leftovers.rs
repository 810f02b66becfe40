//! What is left beside a store: old backups, and stores that were moved aside as broken. They hold what people said, so they go too.

use std::path::{Path, PathBuf};

use super::{StoreError, backup};

/// Deletes what is older than `before`, in seconds since 1970, by the time in its name; the newest backup stays.
pub(super) fn drop_older(folder: &Path, backups: &Path, before: i64) -> Result<usize, StoreError> {
    let is_old = |path: &PathBuf| written_at(path).is_some_and(|at| at < before);
    let old_backups = backup::newest_first(backups).into_iter().skip(1).filter(is_old);
    let mut count = 0;
    for path in old_backups.chain(broken(folder).into_iter().filter(is_old)) {
        let gone = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        gone.map_err(|cause| StoreError::File { path, cause })?;
        count += 1;
    }
    Ok(count)
}

/// The stores of this name that were moved aside.
fn broken(folder: &Path) -> Vec<PathBuf> {
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_stem()) else { return Vec::new() };
    let start = format!("{}.broken-", name.to_string_lossy());
    let Ok(entries) = std::fs::read_dir(parent) else { return Vec::new() };
    let is_one = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start));
    entries.flatten().map(|entry| entry.path()).filter(is_one).collect()
}

/// The seconds since 1970 in a name such as `state-0001790000000000.jsonl.gz` or `state.broken-1790000000000`.
fn written_at(path: &Path) -> Option<i64> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let (_, number) = name.trim_end_matches(".jsonl.gz").rsplit_once('-')?;
    number.parse::<i64>().ok().map(|millis| millis / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_leftovers_go_and_the_newest_backup_stays() {
        let folder = tempfile::tempdir().expect("folder");
        let (state, backups) = (folder.path().join("state"), folder.path().join("state-backups"));
        for path in [state.clone(), backups.clone(), folder.path().join("state.broken-1000000")] {
            std::fs::create_dir_all(path).expect("folder");
        }
        std::fs::create_dir_all(folder.path().join("other.broken-1000000")).expect("folder");
        for name in ["state-0000000000001000.jsonl.gz", "state-0000000000002000.jsonl.gz", "notes.txt"] {
            std::fs::write(backups.join(name), b"").expect("file");
        }
        assert_eq!(drop_older(&state, &backups, 1).expect("drop"), 0);
        assert_eq!(drop_older(&state, &backups, 5000).expect("drop"), 2);
        assert!(backups.join("state-0000000000002000.jsonl.gz").exists() && backups.join("notes.txt").exists());
        assert!(!folder.path().join("state.broken-1000000").exists());
        assert!(folder.path().join("other.broken-1000000").exists() && state.exists());
    }
}
