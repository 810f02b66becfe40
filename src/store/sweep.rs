//! Sweeping: goes through a table a few values at a time and lets the caller erase or replace those that have not changed for long.
//!
//! Every value carries when it changed last (see `table`). A value written before that was noted counts as changed when it is
//! first swept. What is changed at the same time by someone else is left alone.

use std::ops::Bound;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::{StoreError, Table};

/// What becomes of an old value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate<T> {
    /// It stays.
    Keep,
    /// It goes.
    Erase,
    /// Another takes its place.
    Replace(T),
}

/// What one step of a sweep did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SweepStep {
    /// Values erased.
    pub erased: usize,
    /// Values replaced.
    pub replaced: usize,
    /// The key after which the next step goes on; none at the end of the table.
    pub next: Option<Vec<u8>>,
}

#[derive(Deserialize)]
struct Age {
    at: Option<i64>,
    #[serde(rename = "d")]
    _value: IgnoredAny,
}

impl<T: Serialize + DeserializeOwned> Table<T> {
    /// Looks at the next `limit` values after a key, and asks `judge` about each that has not changed since `before`, in
    /// seconds since 1970. An old value that cannot be read is erased. Durable after [`super::Store::commit`].
    ///
    /// # Errors
    /// sled failed, or a value cannot be written.
    pub fn sweep(
        &self,
        after: Option<&[u8]>,
        limit: usize,
        before: i64,
        mut judge: impl FnMut(&str, T) -> Result<Fate<T>, StoreError>,
    ) -> Result<SweepStep, StoreError> {
        let mut step = SweepStep::default();
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        for (count, entry) in self.tree.range::<&[u8], _>((start, Bound::Unbounded)).take(limit).enumerate() {
            let (key, old) = entry?;
            if count + 1 == limit {
                step.next = Some(key.to_vec());
            }
            let changed = match serde_json::from_slice::<Age>(&old) {
                Ok(Age { at: Some(at), .. }) if at >= before => continue,
                Ok(Age { at: Some(_), .. }) => true,
                _ => false,
            };
            let name = String::from_utf8_lossy(&key);
            let fate = match self.decode(&key, &old) {
                Ok(value) if !changed => Fate::Replace(value),
                Ok(value) => judge(&name, value)?,
                Err(error) => {
                    tracing::warn!(table = self.name, cause = %kind(&error), "an old value that cannot be read is erased");
                    Fate::Erase
                }
            };
            let new = match fate {
                Fate::Keep => continue,
                Fate::Erase => None,
                Fate::Replace(value) => Some(self.encode(&name, &value, Some(&old))?),
            };
            let is_new = new.is_some();
            if self.tree.compare_and_swap(&key, Some(old), new)?.is_ok() {
                step.erased += usize::from(!is_new);
                step.replaced += usize::from(is_new && changed);
            }
        }
        Ok(step)
    }
}

/// Why a value cannot be read, without its key, which may name a person.
fn kind(error: &StoreError) -> String {
    match error {
        StoreError::Value { cause, .. } => cause.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    const DAY: i64 = 86_400;

    fn now() -> i64 {
        i64::try_from(crate::store::unix_millis() / 1000).expect("now")
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("folder");
        let (store, _) = Store::open(&folder.path().join("state")).expect("store");
        (folder, store)
    }

    #[test]
    fn only_old_values_are_judged_and_a_step_looks_at_no_more_than_its_limit() {
        let (_folder, store) = store();
        let table = store.table::<u32>("numbers").expect("table");
        for number in 0..10 {
            table.put(&format!("{number}"), &number).expect("put");
        }
        let nothing = table.sweep(None, 100, now() - DAY, |_, _| Ok(Fate::Erase)).expect("sweep");
        assert_eq!(nothing, SweepStep::default());
        let later = now() + DAY;
        let first = table.sweep(None, 4, later, |_, _| Ok(Fate::Erase)).expect("sweep");
        assert_eq!((first.erased, first.next.as_deref()), (4, Some(b"3".as_slice())));
        let judge = |_: &str, number| Ok(if number == 5 { Fate::Replace(50) } else { Fate::Keep });
        let rest = table.sweep(first.next.as_deref(), 100, later, judge).expect("sweep");
        assert_eq!((rest.erased, rest.replaced, rest.next), (0, 1, None));
        assert_eq!((table.len(), table.get("5").expect("get")), (6, Some(50)));
    }

    #[test]
    fn a_value_that_is_written_again_unchanged_grows_older_all_the_same() {
        let (_folder, store) = store();
        let table = store.table::<String>("words").expect("table");
        let old = format!("{{\"v\":1,\"at\":{},\"d\":\"same\"}}", now() - 10 * DAY);
        table.tree.insert("a", old.as_bytes()).expect("insert");
        table.put("a", &"same".into()).expect("put");
        table.update("a", |old| (old, ())).expect("update");
        let count = |before| table.sweep(None, 9, before, |_, _| Ok(Fate::Keep)).map(|_| ()).expect("sweep");
        count(now());
        let erased = table.sweep(None, 9, now() - 9 * DAY, |_, _| Ok(Fate::Erase)).expect("sweep").erased;
        assert_eq!(erased, 1);
        table.put("a", &"other".into()).expect("put");
        assert_eq!(table.sweep(None, 9, now() - DAY, |_, _| Ok(Fate::Erase)).expect("sweep").erased, 0);
    }

    #[test]
    fn a_value_without_a_time_counts_from_the_first_sweep() {
        let (_folder, store) = store();
        let table = store.table::<u32>("numbers").expect("table");
        table.tree.insert("a", b"{\"v\":1,\"d\":7}".as_slice()).expect("insert");
        table.tree.insert("broken", b"{\"v\":1,\"d\":\"seven\"}".as_slice()).expect("insert");
        let first = table.sweep(None, 9, now() - DAY, |_, _| Ok(Fate::Erase)).expect("sweep");
        assert_eq!((first.erased, table.get("a").expect("get")), (1, Some(7)), "what cannot be read goes");
        assert_eq!(table.sweep(None, 9, now() - DAY, |_, _| Ok(Fate::Erase)).expect("sweep").erased, 0);
        assert_eq!(table.sweep(None, 9, now() + DAY, |_, _| Ok(Fate::Erase)).expect("sweep").erased, 1);
    }
}
