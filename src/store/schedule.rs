//! Backups on a schedule, on a thread of their own.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use super::{Store, backup};

/// Writes a backup whenever the newest is older than the period; stops and joins its thread when dropped.
#[derive(Debug)]
pub struct BackupSchedule {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl BackupSchedule {
    /// Starts the schedule: every so often, keeping so many. A backup that fails is logged and tried again after the period.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(store: Arc<Store>, every: Duration, keep: usize) -> std::io::Result<Self> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = Arc::clone(&stop);
        let thread =
            std::thread::Builder::new().name("backup".into()).spawn(move || run(&store, every, keep, &stopped))?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for BackupSchedule {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(store: &Store, every: Duration, keep: usize, stop: &(Mutex<bool>, Condvar)) {
    loop {
        let wait = every.saturating_sub(newest_age(store).unwrap_or(Duration::MAX));
        let guard = stop.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited =
            stop.1.wait_timeout_while(guard, wait, |stopped| !*stopped).unwrap_or_else(PoisonError::into_inner);
        if *waited.0 {
            return;
        }
        drop(waited);
        match store.back_up(keep) {
            Ok(path) => tracing::info!(path = %path.display(), "backup written"),
            Err(error) => {
                tracing::error!(%error, "backup failed");
                let guard = stop.0.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = stop.1.wait_timeout_while(guard, every, |stopped| !*stopped);
                if *waited.unwrap_or_else(PoisonError::into_inner).0 {
                    return;
                }
            }
        }
    }
}

/// How long ago the newest backup was written; none when there is none.
fn newest_age(store: &Store) -> Option<Duration> {
    let newest = backup::newest_first(&store.backups).into_iter().next()?;
    let written = std::fs::metadata(newest).ok()?.modified().ok()?;
    SystemTime::now().duration_since(written).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_without_a_backup_gets_one_at_once_and_the_thread_ends_when_told() {
        let folder = tempfile::tempdir().expect("folder");
        let (store, _) = Store::open(&folder.path().join("state")).expect("open");
        let store = Arc::new(store);
        let schedule = BackupSchedule::start(Arc::clone(&store), Duration::from_secs(3600), 2).expect("start");
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while backup::newest_first(&store.backups).is_empty() {
            assert!(std::time::Instant::now() < until, "no backup was written");
            std::thread::yield_now();
        }
        drop(schedule);
        assert_eq!(Arc::strong_count(&store), 1);
    }
}
