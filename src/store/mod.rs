//! Floor 1: what the shop remembers, in sled. The only place that knows sled.
//!
//! Values are JSON with a version, in one [`Table`] a kind. Nothing is durable until [`Store::commit`] returns; a
//! conversation's reply is sent after that. Called by floor 2 and by `assemble`, always from blocking threads.

mod backup;
mod commit;
mod error;
mod leftovers;
mod schedule;
mod sweep;
mod table;

use std::path::{Path, PathBuf};

pub use self::error::StoreError;
pub use self::schedule::BackupSchedule;
pub use self::sweep::{Fate, SweepStep};
pub use self::table::Table;

use self::commit::GroupCommit;

/// How a store was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// As it was, or new.
    Whole,
    /// From a backup, because it could not be opened; what came after the backup is lost.
    Restored {
        /// From which backup.
        backup: PathBuf,
        /// Where the broken store was moved.
        broken: PathBuf,
        /// Why it did not open.
        cause: String,
    },
}

/// An open store: one process a folder.
#[derive(Debug)]
pub struct Store {
    db: sled::Db,
    commit: GroupCommit,
    folder: PathBuf,
    backups: PathBuf,
}

impl Store {
    /// Opens, or makes, the store in a folder; its backups lie beside it in `backups`. A store that does not open is moved
    /// aside and the newest usable backup takes its place.
    ///
    /// # Errors
    /// [`StoreError::InUse`], or [`StoreError::Broken`] when there is no usable backup either.
    pub fn open(folder: &Path) -> Result<(Self, Opened), StoreError> {
        let backups = backups_of(folder);
        let file = |cause| StoreError::File { path: folder.to_owned(), cause };
        std::fs::create_dir_all(folder).map_err(file)?;
        let cause = match open_sled(folder) {
            Ok(db) => return Ok((Self::of(db, folder, backups), Opened::Whole)),
            Err(OpenFailure::InUse) => return Err(StoreError::InUse(folder.to_owned())),
            Err(OpenFailure::Broken(cause)) => cause,
        };
        let broken = folder.with_extension(format!("broken-{}", unix_millis()));
        std::fs::rename(folder, &broken).map_err(file)?;
        for backup in backup::newest_first(&backups) {
            std::fs::create_dir_all(folder).map_err(file)?;
            match open_sled(folder) {
                Ok(db) => match backup::restore(&db, &backup) {
                    Ok(()) => {
                        let store = Self::of(db, folder, backups);
                        store.commit()?;
                        return Ok((store, Opened::Restored { backup, broken, cause }));
                    }
                    Err(error) => {
                        tracing::warn!(backup = %backup.display(), %error, "backup not usable");
                        drop(db);
                        std::fs::remove_dir_all(folder).map_err(file)?;
                    }
                },
                Err(_) => break,
            }
        }
        std::fs::rename(&broken, folder).map_err(file)?;
        Err(StoreError::Broken { path: folder.to_owned(), cause, backups })
    }

    /// Unpacks the newest usable backup of a store into another folder and opens that, to read while the store itself is in use; none
    /// where there is no backup.
    ///
    /// # Errors
    /// The other folder cannot be written.
    pub fn open_backup(folder: &Path, into: &Path) -> Result<Option<(Self, PathBuf)>, StoreError> {
        for backup in backup::newest_first(&backups_of(folder)) {
            let (copy, _) = Self::open(into)?;
            match backup::restore(&copy.db, &backup) {
                Ok(()) => return Ok(Some((copy, backup))),
                Err(error) => tracing::warn!(backup = %backup.display(), %error, "backup not usable"),
            }
        }
        Ok(None)
    }

    /// Opens a store and closes it again, without restoring anything; how many tables it has.
    ///
    /// # Errors
    /// As [`Self::open`]; [`StoreError::Damaged`] where a backup would take its place.
    pub fn check(folder: &Path) -> Result<usize, StoreError> {
        let backups = backups_of(folder);
        match open_sled(folder) {
            Ok(db) => Ok(Self::of(db, folder, backups).table_names().len()),
            Err(OpenFailure::InUse) => Err(StoreError::InUse(folder.to_owned())),
            Err(OpenFailure::Broken(cause)) => Err(match backup::newest_first(&backups).into_iter().next() {
                Some(backup) => StoreError::Damaged { path: folder.to_owned(), cause, backup },
                None => StoreError::Broken { path: folder.to_owned(), cause, backups },
            }),
        }
    }

    fn of(db: sled::Db, folder: &Path, backups: PathBuf) -> Self {
        Self { db, commit: GroupCommit::new(folder.join("db")), folder: folder.to_owned(), backups }
    }

    /// The path of a file that belongs to this store and lies beside it.
    pub fn beside(&self, name: &str) -> PathBuf {
        beside(&self.folder, name)
    }

    /// The table of a kind of value.
    ///
    /// # Errors
    /// sled cannot open it.
    pub fn table<T>(&self, name: &str) -> Result<Table<T>, StoreError> {
        Ok(Table::new(name, self.db.open_tree(name)?))
    }

    /// The names of all tables, in order.
    pub fn table_names(&self) -> Vec<String> {
        let own = |name: &sled::IVec| name.as_ref() != b"__sled__default";
        let names = self.db.tree_names();
        let mut names: Vec<String> =
            names.iter().filter(|name| own(name)).map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        names.sort_unstable();
        names
    }

    /// Deletes backups, save the newest, and stores that were moved aside as broken, when they are older than `before`, in
    /// seconds since 1970. Returns how many.
    ///
    /// # Errors
    /// One cannot be deleted.
    pub fn drop_leftovers(&self, before: i64) -> Result<usize, StoreError> {
        leftovers::drop_older(&self.folder, &self.backups, before)
    }

    /// Makes everything written before this call durable, against kill -9 and power loss: sled's flush, then `fdatasync` of
    /// its file (flush alone is not enough on Linux). Calls at the same time share one flush.
    ///
    /// # Errors
    /// The disk refused; what was written may be lost.
    pub fn commit(&self) -> Result<(), StoreError> {
        self.commit.commit(&self.db)
    }

    /// Writes a backup and deletes all but the newest `keep`; returns the new file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn back_up(&self, keep: usize) -> Result<PathBuf, StoreError> {
        backup::write(&self.db, &self.backups, keep)
    }
}

/// Where the backups of a store lie.
fn backups_of(folder: &Path) -> PathBuf {
    beside(folder, "backups")
}

fn beside(folder: &Path, name: &str) -> PathBuf {
    let own = folder.file_name().map(|own| own.to_string_lossy().into_owned()).unwrap_or_default();
    folder.with_file_name(format!("{own}-{name}"))
}

enum OpenFailure {
    InUse,
    Broken(String),
}

/// The thread that opens a store.
const OPENING: &str = "store-open";

/// Keeps a panic of sled over a damaged file off standard error: it is caught, and the caller says what is wrong.
pub fn quiet_opening() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().name() != Some(OPENING) {
            usual(panic);
        }
    }));
}

/// sled 0.34 may panic on a damaged file, and reports a held lock as an I/O error.
fn open_sled(folder: &Path) -> Result<sled::Db, OpenFailure> {
    let folder = folder.to_owned();
    let open = move || sled::Config::new().path(&folder).cache_capacity(64 << 20).flush_every_ms(None).open();
    let thread = std::thread::Builder::new().name(OPENING.into()).spawn(open);
    match thread.map_err(|error| OpenFailure::Broken(error.to_string()))?.join() {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(sled::Error::Io(error))) if is_lock(&error) => Err(OpenFailure::InUse),
        Ok(Err(sled::Error::Corruption { .. })) | Err(_) => Err(OpenFailure::Broken("its file is damaged".into())),
        Ok(Err(error)) => Err(OpenFailure::Broken(error.to_string())),
    }
}

fn is_lock(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::WouldBlock || error.to_string().contains("could not acquire lock")
}

fn unix_millis() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_committed_is_there_after_reopening() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("state");
        {
            let (store, opened) = Store::open(&path).expect("open");
            assert_eq!(opened, Opened::Whole);
            store.table::<u32>("numbers").expect("table").put("a", &7).expect("put");
            store.commit().expect("commit");
        }
        let (store, _) = Store::open(&path).expect("open");
        assert_eq!(store.table::<u32>("numbers").expect("table").get("a").expect("get"), Some(7));
    }

    #[test]
    fn what_was_committed_is_in_the_files_at_that_moment() {
        let folder = tempfile::tempdir().expect("folder");
        let (store, _) = Store::open(&folder.path().join("state")).expect("open");
        let table = store.table::<String>("sessions").expect("table");
        for round in 0..5u32 {
            for number in 0..40u32 {
                table.put(&format!("{round}/{number}"), &"word ".repeat(number as usize * 20)).expect("put");
            }
            store.commit().expect("commit");
            // What a kill at this moment leaves: the files as they are, while the store is open.
            let left = folder.path().join(format!("left-{round}"));
            std::fs::create_dir(&left).expect("folder");
            for entry in std::fs::read_dir(folder.path().join("state")).expect("files").flatten() {
                if entry.path().is_file() {
                    std::fs::copy(entry.path(), left.join(entry.file_name())).expect("copy");
                }
            }
            let (copy, opened) = Store::open(&left).expect("opens");
            assert_eq!(opened, Opened::Whole);
            assert_eq!(copy.table::<String>("sessions").expect("table").len(), 40 * (round as usize + 1));
        }
    }

    #[test]
    fn a_backup_can_be_read_while_the_store_is_in_use() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("state");
        let (store, _) = Store::open(&path).expect("open");
        assert!(Store::open_backup(&path, &folder.path().join("copy")).expect("none").is_none());
        store.table::<u32>("numbers").expect("table").put("a", &7).expect("put");
        let written = store.back_up(3).expect("backup");
        let (copy, backup) = Store::open_backup(&path, &folder.path().join("copy")).expect("copy").expect("a backup");
        assert_eq!((copy.table::<u32>("numbers").expect("table").get("a").expect("get"), backup), (Some(7), written));
    }

    #[test]
    fn a_second_process_is_refused_and_nothing_is_moved() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("state");
        let _held = Store::open(&path).expect("open");
        assert!(matches!(Store::open(&path), Err(StoreError::InUse(_))));
        assert!(path.join("db").exists());
    }

    #[test]
    fn a_damaged_store_is_restored_from_the_newest_backup() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("state");
        {
            let (store, _) = Store::open(&path).expect("open");
            let table = store.table::<String>("sessions").expect("table");
            table.put("羽绒服/1", &"kept".to_owned()).expect("put");
            store.back_up(3).expect("backup");
        }
        std::fs::write(path.join("conf"), b"not a configuration of sled").expect("damage");
        let (store, opened) = Store::open(&path).expect("restored");
        assert!(matches!(opened, Opened::Restored { .. }), "{opened:?}");
        let table = store.table::<String>("sessions").expect("table");
        assert_eq!(table.get("羽绒服/1").expect("get").as_deref(), Some("kept"));
    }

    #[test]
    fn a_damaged_store_without_a_backup_is_an_error_and_is_left_in_place() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("state");
        drop(Store::open(&path).expect("open"));
        std::fs::write(path.join("conf"), b"not a configuration of sled").expect("damage");
        assert!(matches!(Store::open(&path), Err(StoreError::Broken { .. })));
        assert!(path.join("conf").exists());
    }

    #[test]
    fn old_backups_are_deleted() {
        let folder = tempfile::tempdir().expect("folder");
        let (store, _) = Store::open(&folder.path().join("state")).expect("open");
        for _ in 0..4 {
            store.back_up(2).expect("backup");
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        assert_eq!(backup::newest_first(&store.backups).len(), 2);
    }
}
