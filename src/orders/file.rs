//! The order book as a file: the shop's JSON Lines, and beside the state the changes that were carried out.
//!
//! The shop's file is only read, and read again when it was written; changes are appended to a file of our own, each durable
//! before it is reported, and laid over the orders that the shop's file holds.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::OrdersError;
use crate::domain::identifier::OrderId;
use crate::domain::language::Localized;
use crate::domain::order::{
    Address, ChangeKind, ChangeRequest, Order, OrderBook, OrderBookError, OrderEvent, OrderStatus,
};

/// One change as kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Carried {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    #[serde(flatten)]
    request: ChangeRequest,
}

#[derive(Debug, Default)]
struct Book {
    orders: HashMap<String, Order>,
    carried: Vec<Carried>,
    written: Option<SystemTime>,
}

/// Orders in a file.
#[derive(Debug)]
pub struct FileOrderBook {
    path: PathBuf,
    changes: PathBuf,
    book: Mutex<Book>,
}

impl FileOrderBook {
    /// Reads the shop's file and the changes made so far; a file that is missing holds nothing.
    ///
    /// # Errors
    /// A line is not an order, or the files cannot be read.
    pub fn open(path: &Path, changes: &Path) -> Result<Self, OrdersError> {
        mend(changes).map_err(|cause| OrdersError::File { path: changes.to_owned(), cause })?;
        let carried = read_lines::<Carried>(changes)?;
        let book = Book { carried, ..Book::default() };
        let opened = Self { path: path.to_owned(), changes: changes.to_owned(), book: Mutex::new(book) };
        let mut book = opened.book.lock().unwrap_or_else(PoisonError::into_inner);
        opened.read(&mut book)?;
        drop(book);
        Ok(opened)
    }

    /// How many orders there are.
    pub fn len(&self) -> usize {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).orders.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the shop's file when it was written since the last time.
    fn read(&self, book: &mut Book) -> Result<(), OrdersError> {
        let written = std::fs::metadata(&self.path).and_then(|about| about.modified()).ok();
        if book.written.is_some() && book.written == written {
            return Ok(());
        }
        let orders = read_lines::<Order>(&self.path)?;
        book.orders = orders.into_iter().map(|order| (key(&order.id), order)).collect();
        for carried in book.carried.clone() {
            if let Some(order) = book.orders.get_mut(&key(&carried.request.order_id)) {
                match order.status == carried.request.expected_status {
                    true => apply(order, &carried),
                    // The shop's file is right about its own orders; whoever wrote it may not have seen the change.
                    false => {
                        tracing::debug!(order = %order.id, "the order has moved on from a change that was carried out")
                    }
                }
            }
        }
        book.written = written;
        Ok(())
    }

    fn append(&self, carried: &Carried) -> std::io::Result<()> {
        if let Some(folder) = self.changes.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut line = serde_json::to_vec(carried)?;
        line.push(b'\n');
        let is_new = !self.changes.exists();
        mend(&self.changes)?;
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&self.changes)?;
        file.write_all(&line)?;
        file.sync_data()?;
        // A new file is found again after a power loss only when its folder is written too.
        match self.changes.parent().filter(|_| is_new) {
            Some(folder) => std::fs::File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

impl OrderBook for FileOrderBook {
    fn find(&self, id: &OrderId) -> Result<Option<Order>, OrderBookError> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.read(&mut book) {
            tracing::warn!(%error, "the orders of the last reading stay in use");
        }
        Ok(book.orders.get(&key(id)).cloned())
    }

    fn change(&self, request: &ChangeRequest) -> Result<Order, OrderBookError> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let known = book.carried.iter().any(|carried| carried.request.key == request.key);
        let Some(order) = book.orders.get(&key(&request.order_id)).cloned() else {
            return Err(OrderBookError::Refused("no such order".into()));
        };
        if known {
            return Ok(order);
        }
        if order.status != request.expected_status {
            return Err(OrderBookError::Refused("the order has moved on meanwhile".into()));
        }
        let carried = Carried { at: OffsetDateTime::now_utc(), request: request.clone() };
        self.append(&carried).map_err(|error| OrderBookError::Unavailable(error.to_string()))?;
        let mut changed = order;
        apply(&mut changed, &carried);
        book.orders.insert(key(&request.order_id), changed.clone());
        book.carried.push(carried);
        Ok(changed)
    }
}

/// Cuts off a last line that a crash left unfinished: nobody was told of its change.
fn mend(path: &Path) -> std::io::Result<()> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(cause),
    };
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    if whole < bytes.len() {
        tracing::warn!(path = %path.display(), bytes = bytes.len() - whole, "an unfinished change is cut off");
        std::fs::OpenOptions::new().write(true).open(path)?.set_len(u64::try_from(whole).unwrap_or(u64::MAX))?;
    }
    Ok(())
}

/// Order numbers are compared without case.
fn key(id: &OrderId) -> String {
    id.as_str().to_uppercase()
}

fn apply(order: &mut Order, carried: &Carried) {
    let (status, zh, en) = match carried.request.change {
        ChangeKind::Cancel | ChangeKind::Refund => (OrderStatus::Cancelled, "买家取消", "Cancelled by the buyer"),
        ChangeKind::Return => (OrderStatus::ReturnRequested, "买家申请退货", "Return requested by the buyer"),
        ChangeKind::Exchange => (OrderStatus::ExchangeRequested, "买家申请换货", "Exchange requested by the buyer"),
        ChangeKind::Address => {
            let street = carried.request.detail.clone().unwrap_or_default();
            order.address = Address { street, ..Address::default() };
            (order.status, "买家修改收货地址", "Address changed by the buyer")
        }
        ChangeKind::Invoice | ChangeKind::Urge | ChangeKind::Other => return,
    };
    order.status = status;
    order.events.push(OrderEvent { at: carried.at, status, place: None, note: Some(Localized::both(zh, en)) });
}

fn read_lines<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>, OrdersError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(OrdersError::File { path: path.to_owned(), cause }),
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|cause| OrdersError::Line {
                path: path.to_owned(),
                line: number + 1,
                cause,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"id":"DG1","created":"2026-11-20T10:00:00+08:00","status":"paid","contact":{"phone":"19900010237"},"items":[],"total":9.5,"note":"show all orders"}"#;

    fn open(folder: &Path) -> FileOrderBook {
        FileOrderBook::open(&folder.join("orders.jsonl"), &folder.join("changes.jsonl")).expect("book")
    }

    fn cancel(key: &str) -> ChangeRequest {
        ChangeRequest {
            key: key.into(),
            order_id: "dg1".into(),
            change: ChangeKind::Cancel,
            detail: None,
            expected_status: OrderStatus::Paid,
        }
    }

    #[test]
    fn a_change_is_carried_out_once_and_survives_reopening() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("orders.jsonl"), LINE).expect("write");
        let book = open(folder.path());
        for _ in 0..2 {
            assert_eq!(book.change(&cancel("k1")).expect("changed").status, OrderStatus::Cancelled);
        }
        assert!(matches!(book.change(&cancel("k2")), Err(OrderBookError::Refused(_))), "it is not paid any more");
        let again = open(folder.path()).find(&"DG1".into()).expect("find").expect("order");
        assert_eq!(again.status, OrderStatus::Cancelled);
        assert_eq!(again.events.len(), 1);
    }

    #[test]
    fn a_change_that_a_crash_left_unfinished_is_cut_off_and_can_be_made_again() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("orders.jsonl"), LINE).expect("write");
        open(folder.path()).change(&cancel("k1")).expect("changed");
        let changes = folder.path().join("changes.jsonl");
        let whole = std::fs::read(&changes).expect("changes");
        for length in 0..whole.len() {
            std::fs::write(&changes, &whole[..length]).expect("torn");
            let book = open(folder.path());
            assert_eq!(book.find(&"DG1".into()).expect("find").expect("order").status, OrderStatus::Paid, "{length}");
            assert_eq!(book.change(&cancel("k1")).expect("again").status, OrderStatus::Cancelled);
            let lines = std::fs::read_to_string(&changes).expect("changes").lines().count();
            assert_eq!(lines, 1, "{length} bytes were left");
        }
    }

    #[test]
    fn a_bad_line_is_named() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("orders.jsonl");
        std::fs::write(&path, format!("{LINE}\n{{}}\n")).expect("write");
        let error = FileOrderBook::open(&path, &folder.path().join("c")).expect_err("bad").to_string();
        assert!(error.contains("orders.jsonl:2:"), "{error}");
    }
}
