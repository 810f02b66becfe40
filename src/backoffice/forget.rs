//! Forgetting: what a shopper said is erased when nothing was heard of them for as long as the shop keeps it.
//!
//! Every table of the store is swept, those that come to be later too; only what is named here is spared: the saved list and the
//! chosen language, which shoppers delete themselves, handoffs that are still open, and pictures, which are nobody's. Old
//! backups and broken stores go with it. Never runs long at a time. Called by `assemble`, at the start and once a day.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::BackofficeError;
use crate::domain::handoff::Case;
use crate::domain::identifier::ConversationId;
use crate::domain::session::Session;
use crate::store::{Fate, Store, StoreError, Table};

const DAY_S: i64 = 86_400;
/// How often it is swept.
const EVERY: Duration = Duration::from_secs(DAY_S as u64);
/// Values looked at in one step.
const STEP: usize = 256;
/// The rest between two steps, so that shoppers go first.
const PAUSE: Duration = Duration::from_millis(20);
/// Backups hold erased data no longer than so many days; the sample shop's privacy policy promises it.
const BACKUP_DAYS: i64 = 30;
/// Tables that say nothing of any person.
const IMPERSONAL: &[&str] = &["telegram_files", "telegram_secret"];

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Values erased.
    pub erased: usize,
    /// Values of which a part was erased.
    pub reduced: usize,
    /// Old backups and broken stores deleted.
    pub leftovers: usize,
}

/// Erases what has not changed for `days` days before `now`, in seconds since 1970. Between two steps `goes_on` is asked, which
/// may take its time; a sweep that ends early is taken up by the next one. Durable when this returns.
///
/// # Errors
/// The state cannot be read or kept.
pub fn sweep(store: &Store, days: u32, now: i64, mut goes_on: impl FnMut() -> bool) -> Result<Swept, BackofficeError> {
    let before = now - i64::from(days) * DAY_S;
    let cases: Table<Case> = store.table("handoffs")?;
    let mut swept = Swept::default();
    // Places are judged by their cases, which go first.
    let (first, rest): (Vec<String>, Vec<String>) =
        store.table_names().into_iter().partition(|name| name == "handoffs");
    for name in first.into_iter().chain(rest) {
        let mut broom = Broom { store, before, swept: &mut swept, goes_on: &mut goes_on };
        let ended = match name.as_str() {
            name if IMPERSONAL.contains(&name) => true,
            "sessions" => broom.sweep(&name, |_, mut session: Session| {
                let changed = session.forget_chat();
                Ok(match (session.is_blank(), changed) {
                    (true, _) => Fate::Erase,
                    (false, true) => Fate::Replace(session),
                    (false, false) => Fate::Keep,
                })
            })?,
            "handoffs" => {
                broom.sweep(&name, |_, case: Case| Ok(if case.is_open() { Fate::Keep } else { Fate::Erase }))?
            }
            "handoff_places" => broom.sweep(&name, |_, conversation: ConversationId| {
                Ok(if cases.get(conversation.as_str())?.is_some() { Fate::Keep } else { Fate::Erase })
            })?,
            _ => broom.sweep(&name, |_, _: serde_json::Value| Ok(Fate::Erase))?,
        };
        if !ended {
            break;
        }
    }
    swept.leftovers = store.drop_leftovers(now - BACKUP_DAYS.min(i64::from(days)) * DAY_S)?;
    Ok(swept)
}

struct Broom<'a> {
    store: &'a Store,
    before: i64,
    swept: &'a mut Swept,
    goes_on: &'a mut dyn FnMut() -> bool,
}

impl Broom<'_> {
    /// Sweeps a table step by step; whether it came to the end.
    fn sweep<T: Serialize + DeserializeOwned>(
        &mut self,
        name: &str,
        mut judge: impl FnMut(&str, T) -> Result<Fate<T>, StoreError>,
    ) -> Result<bool, BackofficeError> {
        let table: Table<T> = self.store.table(name)?;
        let mut after: Option<Vec<u8>> = None;
        loop {
            let step = table.sweep(after.as_deref(), STEP, self.before, &mut judge)?;
            self.swept.erased += step.erased;
            self.swept.reduced += step.replaced;
            if step.erased + step.replaced > 0 {
                self.store.commit()?;
            }
            let Some(next) = step.next else { return Ok(true) };
            after = Some(next);
            if !(self.goes_on)() {
                return Ok(false);
            }
        }
    }
}

/// Sweeps at the start and once a day, on a thread of its own; stops and joins it when dropped.
#[derive(Debug)]
pub struct ForgetSchedule {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl ForgetSchedule {
    /// Starts the schedule; `clock` says the time in seconds since 1970. A sweep that fails is logged and tried again the next day.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(store: Arc<Store>, days: u32, clock: fn() -> i64) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel::<()>(1);
        let waits = move |time| matches!(stopped.recv_timeout(time), Err(RecvTimeoutError::Timeout));
        let run = move || {
            loop {
                match sweep(&store, days, clock(), || waits(PAUSE)) {
                    Ok(swept) => tracing::info!(
                        erased = swept.erased,
                        reduced = swept.reduced,
                        leftovers = swept.leftovers,
                        "old conversations forgotten"
                    ),
                    Err(error) => tracing::error!(%error, "old conversations were not forgotten"),
                }
                if !waits(EVERY) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("forget".into()).spawn(run)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for ForgetSchedule {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
