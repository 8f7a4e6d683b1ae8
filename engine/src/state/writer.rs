//! Writes changes on a thread of its own, many in one transaction: ten thousand images do not
//! cost ten thousand syncs, and no copy waits for a disk.

use super::error::StateFault;
use super::file;
use super::rows::{self, Change};
use crate::diagnostic::Fault;
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Changes that wait at most; a faster run waits for the disk.
const WAITING: usize = 1024;
/// Changes of one transaction at most.
const BATCH: usize = 1000;
/// How long a change may wait for others. What a killed run loses at most.
const GATHER: Duration = Duration::from_millis(500);

enum Order {
    Write(Box<Change>),
    /// Write all before this, and say how it went.
    Flush(SyncSender<Result<(), Fault>>),
}

/// The way to the writing thread.
pub(super) struct Writer {
    orders: Option<SyncSender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It opens the file with its first change.
    pub(super) fn start(path: &Path) -> Result<Self, Fault> {
        let (orders, receiver) = sync_channel(WAITING);
        let path = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("state".to_owned())
            .spawn(move || write_all(&path, &receiver))
            .map_err(|cause| StateFault::Unwritable(cause.to_string()))?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    /// Takes a change. A failure to write it is told by [`Writer::flush`].
    pub(super) fn write(&self, change: Change) -> Result<(), Fault> {
        self.order(Order::Write(Box::new(change)))
    }

    /// Waits until all is written, and gives the first failure since the last flush.
    pub(super) fn flush(&self) -> Result<(), Fault> {
        let (sender, receiver) = sync_channel(1);
        self.order(Order::Flush(sender))?;
        receiver.recv().unwrap_or_else(|_| Err(gone()))
    }

    fn order(&self, order: Order) -> Result<(), Fault> {
        let orders = self.orders.as_ref().ok_or_else(gone)?;
        orders.send(order).map_err(|_| gone())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // What it could not write was told by `flush`, or nobody asked.
            drop(thread.join());
        }
    }
}

fn gone() -> Fault {
    StateFault::Unwritable("its writer has ended".to_owned()).into()
}

fn write_all(path: &Path, orders: &Receiver<Order>) {
    let (mut connection, mut failed) = (None, None);
    while let Ok(first) = orders.recv() {
        let mut changes = Vec::new();
        let asked = gather(first, orders, &mut changes);
        if let Err(cause) = write_batch(path, &mut connection, &changes) {
            failed.get_or_insert(StateFault::Unwritable(cause.to_string()));
        }
        if let Some(asked) = asked {
            // Whoever asked may be gone by now.
            drop(asked.send(failed.take().map_or(Ok(()), |fault| Err(fault.into()))));
        }
    }
}

/// Takes what comes within the time, up to a full batch or a flush.
fn gather(
    first: Order,
    orders: &Receiver<Order>,
    changes: &mut Vec<Change>,
) -> Option<SyncSender<Result<(), Fault>>> {
    let deadline = Instant::now() + GATHER;
    let mut order = Ok(first);
    loop {
        match order {
            Ok(Order::Write(change)) => changes.push(*change),
            Ok(Order::Flush(asked)) => return Some(asked),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
        }
        if changes.len() == BATCH {
            return None;
        }
        order = orders.recv_timeout(deadline.saturating_duration_since(Instant::now()));
    }
}

fn write_batch(
    path: &Path,
    connection: &mut Option<Connection>,
    changes: &[Change],
) -> rusqlite::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let connection = match connection {
        Some(connection) => connection,
        none => none.insert(file::connection(path)?),
    };
    let transaction = connection.transaction()?;
    for change in changes {
        rows::apply(&transaction, change)?;
    }
    transaction.commit()
}
