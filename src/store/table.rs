//! One kind of value by key, as JSON with a version.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use super::{StoreError, unix_millis};

/// The version written now. A reader of a later one must still read this one.
const VERSION: u8 = 1;

/// `at` is when the value changed last, in seconds since 1970: writing the same value again leaves it as it was.
#[derive(Serialize)]
struct Written<'a, T> {
    v: u8,
    at: i64,
    d: &'a T,
}

#[derive(Deserialize)]
struct Read<T> {
    d: T,
}

#[derive(Deserialize)]
struct Stamped<'a> {
    at: Option<i64>,
    #[serde(borrow)]
    d: &'a RawValue,
}

/// Values of one kind by text key, in key order.
#[derive(Debug, Clone)]
pub struct Table<T> {
    pub(super) name: String,
    pub(super) tree: sled::Tree,
    kind: PhantomData<fn() -> T>,
}

impl<T> Table<T> {
    pub(super) fn new(name: &str, tree: sled::Tree) -> Self {
        Self { name: name.to_owned(), tree, kind: PhantomData }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// Deletes a value; whether there was one.
    ///
    /// # Errors
    /// sled failed.
    pub fn remove(&self, key: &str) -> Result<bool, StoreError> {
        Ok(self.tree.remove(key)?.is_some())
    }
}

impl<T: Serialize + DeserializeOwned> Table<T> {
    /// The value under a key.
    ///
    /// # Errors
    /// sled failed, or the value cannot be read.
    pub fn get(&self, key: &str) -> Result<Option<T>, StoreError> {
        self.tree.get(key)?.map(|bytes| self.decode(key.as_bytes(), &bytes)).transpose()
    }

    /// Writes a value; durable after [`super::Store::commit`].
    ///
    /// # Errors
    /// sled failed, or the value cannot be written as JSON.
    pub fn put(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let old = self.tree.get(key)?;
        self.tree.insert(key, self.encode(key, value, old.as_deref())?)?;
        Ok(())
    }

    /// Writes a value unless there is one; whether it was written. Two at once: one wins.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub fn put_new(&self, key: &str, value: &T) -> Result<bool, StoreError> {
        let new = self.encode(key, value, None)?;
        Ok(self.tree.compare_and_swap(key, None as Option<&[u8]>, Some(new))?.is_ok())
    }

    /// Changes a value as one step, retried while others change it too. `change` returns the new value (none: delete it) and
    /// what to hand back.
    ///
    /// # Errors
    /// sled failed, or a value cannot be read or written.
    pub fn update<R>(&self, key: &str, mut change: impl FnMut(Option<T>) -> (Option<T>, R)) -> Result<R, StoreError> {
        loop {
            let old = self.tree.get(key)?;
            let value = old.as_ref().map(|bytes| self.decode(key.as_bytes(), bytes)).transpose()?;
            let (new, result) = change(value);
            let new = new.map(|value| self.encode(key, &value, old.as_deref())).transpose()?;
            if self.tree.compare_and_swap(key, old, new)?.is_ok() {
                return Ok(result);
            }
        }
    }

    /// The values whose keys begin with a prefix, in key order.
    ///
    /// # Errors
    /// sled failed, or a value cannot be read.
    pub fn with_prefix(&self, prefix: &str) -> Result<Vec<(String, T)>, StoreError> {
        self.tree
            .scan_prefix(prefix)
            .map(|entry| {
                let (key, bytes) = entry?;
                Ok((String::from_utf8_lossy(&key).into_owned(), self.decode(&key, &bytes)?))
            })
            .collect()
    }

    pub(super) fn encode(&self, key: &str, value: &T, old: Option<&[u8]>) -> Result<Vec<u8>, StoreError> {
        let failed = |cause| self.value_error(key.as_bytes(), cause);
        let d = to_raw_value(value).map_err(failed)?;
        let old = old.and_then(|old| serde_json::from_slice::<Stamped<'_>>(old).ok());
        let unchanged = old.filter(|old| old.d.get() == d.get()).and_then(|old| old.at);
        let at = unchanged.unwrap_or_else(|| i64::try_from(unix_millis() / 1000).unwrap_or(i64::MAX));
        serde_json::to_vec(&Written { v: VERSION, at, d: &d }).map_err(failed)
    }

    pub(super) fn decode(&self, key: &[u8], bytes: &[u8]) -> Result<T, StoreError> {
        serde_json::from_slice::<Read<T>>(bytes).map(|read| read.d).map_err(|cause| self.value_error(key, cause))
    }

    fn value_error(&self, key: &[u8], cause: serde_json::Error) -> StoreError {
        StoreError::Value { table: self.name.clone(), key: String::from_utf8_lossy(key).into_owned(), cause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> (tempfile::TempDir, Table<Vec<u32>>) {
        let folder = tempfile::tempdir().expect("folder");
        let db = sled::open(folder.path()).expect("sled");
        let tree = db.open_tree("t").expect("tree");
        (folder, Table::new("t", tree))
    }

    #[test]
    fn changes_at_the_same_time_are_all_kept() {
        let (_folder, table) = table();
        std::thread::scope(|scope| {
            for number in 0..8 {
                let table = &table;
                scope.spawn(move || {
                    table
                        .update("k", |old| {
                            let mut numbers = old.unwrap_or_default();
                            numbers.push(number);
                            (Some(numbers), ())
                        })
                        .expect("update");
                });
            }
        });
        let mut numbers = table.get("k").expect("get").expect("value");
        numbers.sort_unstable();
        assert_eq!(numbers, (0..8).collect::<Vec<_>>());
    }

    #[test]
    fn only_the_first_of_two_claims_wins() {
        let (_folder, table) = table();
        assert!(table.put_new("claim", &vec![1]).expect("put"));
        assert!(!table.put_new("claim", &vec![2]).expect("put"));
        assert_eq!(table.get("claim").expect("get"), Some(vec![1]));
    }

    #[test]
    fn a_value_of_another_kind_is_an_error_that_names_it() {
        let (_folder, table) = table();
        table.tree.insert("odd", b"{\"v\":1,\"d\":\"text\"}".as_slice()).expect("insert");
        let error = table.get("odd").expect_err("refused").to_string();
        assert!(error.contains("`odd`") && error.contains("`t`"), "{error}");
    }
}
