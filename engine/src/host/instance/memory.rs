//! Holds what a guest keeps to its limit: in its own memories, and in the engine's.
//!
//! The attack: a component may have thousands of memories, each within a limit for one; and bytes
//! that it puts behind a handle are in the engine's memory, not in its own. So all of them count
//! together, the bytes behind handles until the last of them is gone. What is on its way in one
//! call does not count yet; `sandbox.rs` bounds that.

use crate::host::fault::HostFault;
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wasmtime::ResourceLimiter;

/// Elements of all tables; a component of any toolchain has a few thousand.
const MAX_TABLE_ELEMENTS: usize = 100_000;
/// Core instances, memories and tables of one component; those that carry an interpreter with
/// its libraries have a few dozen.
const MAX_PARTS: usize = 200;

/// The memory of one instance.
pub(in crate::host) struct Memory {
    limit: u64,
    /// Bytes of all its memories.
    own: u64,
    /// Bytes that it gave to the engine and that are still there.
    given: Arc<AtomicU64>,
    elements: usize,
    /// Whether it ever wanted more than it may have.
    pub(in crate::host) refused: bool,
}

/// Bytes of a guest in the engine's memory.
struct Given {
    bytes: Vec<u8>,
    count: Arc<AtomicU64>,
}

impl Memory {
    pub(in crate::host) fn new(limit: u64) -> Self {
        Self { limit, own: 0, given: Arc::default(), elements: 0, refused: false }
    }

    /// Whether it has at most so many bytes, and never wanted more than it may have.
    pub(in crate::host) fn is_within(&self, most_bytes: u64) -> bool {
        !self.refused && self.own.saturating_add(self.given.load(Ordering::Relaxed)) <= most_bytes
    }

    /// Takes bytes over from the guest. They count until nobody has a part of them.
    pub(in crate::host) fn take_over(&mut self, bytes: Vec<u8>) -> Result<Bytes, HostFault> {
        let more = bytes.len() as u64;
        let before = self.given.fetch_add(more, Ordering::Relaxed);
        let given = Given { bytes, count: Arc::clone(&self.given) };
        if self.own.saturating_add(before).saturating_add(more) > self.limit {
            self.refused = true;
            return Err(HostFault::OutOfMemory(self.limit));
        }
        Ok(Bytes::from_owner(given))
    }
}

impl AsRef<[u8]> for Given {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        self.count.fetch_sub(self.bytes.len() as u64, Ordering::Relaxed);
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self.own.saturating_add(desired.saturating_sub(current) as u64);
        let fits = wanted.saturating_add(self.given.load(Ordering::Relaxed)) <= self.limit;
        if fits {
            self.own = wanted;
        }
        self.refused |= !fits;
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let wanted = self.elements.saturating_add(desired.saturating_sub(current));
        let fits = wanted <= MAX_TABLE_ELEMENTS;
        if fits {
            self.elements = wanted;
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        MAX_PARTS
    }

    fn tables(&self) -> usize {
        MAX_PARTS
    }

    fn memories(&self) -> usize {
        MAX_PARTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_count_together() {
        let mut memory = Memory::new(100);
        assert!(memory.memory_growing(0, 60, None).unwrap());
        assert!(memory.memory_growing(60, 80, None).unwrap());
        assert!(!memory.refused);
        assert!(!memory.memory_growing(0, 21, None).unwrap(), "a second one");
        assert!(memory.refused);
        assert!(memory.memory_growing(0, 20, None).unwrap());
    }

    #[test]
    fn memories_and_bytes_count_together() {
        let mut memory = Memory::new(100);
        assert!(memory.memory_growing(0, 60, None).unwrap());
        assert_eq!(memory.take_over(vec![0; 41]), Err(HostFault::OutOfMemory(100)));
        let bytes = memory.take_over(vec![0; 30]).unwrap();
        assert!(!memory.memory_growing(60, 71, None).unwrap());
        drop(bytes);
        assert!(memory.memory_growing(60, 71, None).unwrap());
    }

    #[test]
    fn tables_count_together() {
        let mut memory = Memory::new(0);
        assert!(memory.table_growing(0, MAX_TABLE_ELEMENTS, None).unwrap());
        assert!(!memory.table_growing(0, 1, None).unwrap());
    }

    #[test]
    fn bytes_count_until_the_last_of_them_is_gone() {
        let mut memory = Memory::new(100);
        let mut bytes = memory.take_over(vec![0; 60]).unwrap();
        let part = bytes.split_off(50);
        drop(bytes);
        assert_eq!(memory.take_over(vec![0; 60]), Err(HostFault::OutOfMemory(100)));
        drop(part);
        assert!(memory.take_over(vec![0; 60]).is_ok());
    }
}
