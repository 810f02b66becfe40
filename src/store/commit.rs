//! Group commit: many writers, one flush and one `fdatasync`.

use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};

use super::StoreError;

/// Which rounds of flushing were asked for and are done.
#[derive(Debug, Default)]
struct Rounds {
    /// The round that is running or ran last.
    started: u64,
    /// The last round that has ended.
    ended: u64,
    /// Whether a round is running.
    running: bool,
    /// Why the last round failed, if it did.
    failure: Option<(u64, String)>,
}

/// Shares flushes among callers: whoever comes while one runs waits for the next, which one of them runs for all.
#[derive(Debug)]
pub(super) struct GroupCommit {
    file: PathBuf,
    rounds: Mutex<Rounds>,
    ended: Condvar,
}

impl GroupCommit {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, rounds: Mutex::new(Rounds::default()), ended: Condvar::new() }
    }

    /// Returns once everything written before the call is on the disk.
    pub(super) fn commit(&self, db: &sled::Db) -> Result<(), StoreError> {
        let mut rounds = self.rounds.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = rounds.started + 1;
        while rounds.ended < wanted {
            if rounds.running {
                rounds = self.ended.wait(rounds).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            rounds.running = true;
            rounds.started += 1;
            let round = rounds.started;
            drop(rounds);
            let outcome = self.flush(db);
            rounds = self.rounds.lock().unwrap_or_else(PoisonError::into_inner);
            rounds.running = false;
            rounds.ended = round;
            rounds.failure = outcome.err().map(|error| (round, error.to_string()));
            self.ended.notify_all();
        }
        match &rounds.failure {
            Some((round, cause)) if *round >= wanted => {
                Err(StoreError::File { path: self.file.clone(), cause: std::io::Error::other(cause.clone()) })
            }
            _ => Ok(()),
        }
    }

    fn flush(&self, db: &sled::Db) -> Result<(), StoreError> {
        db.flush()?;
        let sync = || std::fs::File::open(&self.file)?.sync_data();
        sync().map_err(|cause| StoreError::File { path: self.file.clone(), cause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_at_the_same_time_all_return_and_share_rounds() {
        let folder = tempfile::tempdir().expect("folder");
        let db = sled::open(folder.path()).expect("sled");
        let commit = GroupCommit::new(folder.path().join("db"));
        std::thread::scope(|scope| {
            for number in 0..32u8 {
                let (db, commit) = (&db, &commit);
                scope.spawn(move || {
                    db.insert([number], &[number]).expect("insert");
                    commit.commit(db).expect("commit");
                });
            }
        });
        let rounds = commit.rounds.lock().expect("rounds");
        assert!(rounds.ended <= 32 && rounds.ended == rounds.started && !rounds.running);
    }
}
