//! The machine of a process, which its runs share.

use super::machine::Machine;
use crate::host::fault::HostFault;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// What runs components, made when it is first needed. All clones share it, with the components
/// that it has loaded: two runs of one process that were given clones make and load them once.
#[derive(Clone, Default)]
pub struct SharedMachine(Arc<Shared>);

#[derive(Default)]
struct Shared {
    made: OnceLock<Result<Arc<Machine>, HostFault>>,
    times_made: AtomicUsize,
}

impl SharedMachine {
    /// The machine.
    ///
    /// # Errors
    ///
    /// `host::not-a-plugin` when this machine cannot run components at all.
    pub(in crate::host) fn get(&self) -> Result<Arc<Machine>, HostFault> {
        let make = || {
            self.0.times_made.fetch_add(1, Ordering::Relaxed);
            Machine::new().map(Arc::new)
        };
        self.0.made.get_or_init(make).clone()
    }

    /// How often wasmtime's engines were made for it: 0 until they were needed, then 1.
    pub fn times_made(&self) -> usize {
        self.0.times_made.load(Ordering::Relaxed)
    }

    /// How many components were compiled, or mapped from compiled code.
    pub fn components_loaded(&self) -> usize {
        let made = self.0.made.get().and_then(|made| made.as_ref().ok());
        made.map_or(0, |machine| machine.components_loaded())
    }
}
