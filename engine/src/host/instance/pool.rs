//! Memory and stacks that instances use one after the other.
//!
//! A new instance for each call is what keeps calls apart; that its memory, its tables and its
//! stack were mapped and unmapped each time was a third of the CPU of a sync of small images.
//! wasmtime gives a part back as it was made: pages that the guest wrote are reset from the
//! component's image before anybody else has them.
//!
//! The pool is cut to the components of this program. Others may have any shape, and those that
//! find it full must not fail: both run beside it, with memory of their own.

use super::sandbox::Sandbox;
use crate::host::config::config;
use crate::host::store::compiled::InPlace;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

/// Instances at once. What a run of one image needs at most is about 20; each takes 4 GiB of
/// addresses, but memory only for what it writes.
const SLOTS: u32 = 64;
/// Core instances of one component: the module itself, and two that tie it to its imports.
const CORE_INSTANCES: u32 = 4;
/// Tables of one component.
const TABLES: u32 = 4;
/// Bytes that a slot keeps of its memory. A call writes about 60 KiB.
const KEPT_BYTES: usize = 256 << 10;

/// The sandbox whose parts are used again.
pub(in crate::host) struct Pool {
    pub(in crate::host) sandbox: Sandbox,
    free: Arc<Semaphore>,
}

impl Pool {
    /// A pool, unless this machine has no room for its addresses.
    pub(in crate::host) fn new() -> Option<Self> {
        let mut parts = PoolingAllocationConfig::new();
        parts
            .total_component_instances(SLOTS)
            .total_core_instances(SLOTS * CORE_INSTANCES)
            .total_memories(SLOTS)
            .total_tables(SLOTS * TABLES)
            .total_stacks(SLOTS)
            .max_memories_per_component(1)
            .max_core_instances_per_component(CORE_INSTANCES)
            .max_tables_per_component(TABLES)
            .linear_memory_keep_resident(KEPT_BYTES)
            .table_keep_resident(KEPT_BYTES)
            .pagemap_scan(Enabled::Auto);
        let mut config = config();
        config.with_custom_code_memory(Some(Arc::new(InPlace)));
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(parts));
        let sandbox = Sandbox::new(&config).ok()?;
        Some(Self { sandbox, free: Arc::new(Semaphore::new(SLOTS as usize)) })
    }

    /// Whether at least half of the slots are free.
    pub(in crate::host) fn is_half_free(&self) -> bool {
        self.free.available_permits() >= SLOTS as usize / 2
    }

    /// A slot, if one is free. To be dropped after the store that it is for.
    pub(in crate::host) fn slot(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }
}
