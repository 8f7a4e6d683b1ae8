//! The sandbox that all components of a process share: wasmtime's engines, the imports, the ticker.

use super::open_handles::ProcessHandles;
use super::pool::Pool;
use super::sandbox::Sandbox;
use super::ticker::Ticker;
use crate::host::config::config;
use crate::host::fault::HostFault;
use std::sync::{Arc, OnceLock, PoisonError};

/// What runs components. It holds nothing of a run: no grant, no setting, no file of a user.
///
/// Each of its two engines is made when a component first needs it: most runs use built-in components
/// only, and a wasmtime engine with its imports costs milliseconds.
pub(in crate::host) struct Machine {
    pool: OnceLock<Option<Pool>>,
    beside: OnceLock<Result<Sandbox, HostFault>>,
    pub(in crate::host) ticker: Ticker,
    /// Of the components from outside.
    pub(in crate::host) handles: Arc<ProcessHandles>,
}

impl Machine {
    /// A sandbox.
    ///
    /// # Errors
    ///
    /// `host::not-a-plugin` when the thread that bounds computing cannot be started.
    pub(in crate::host) fn new() -> Result<Self, HostFault> {
        let ticker = Ticker::start().map_err(|error| HostFault::NotAPlugin(error.to_string()))?;
        Ok(Self {
            pool: OnceLock::new(),
            beside: OnceLock::new(),
            ticker,
            handles: ProcessHandles::new(),
        })
    }

    /// For the components of this program; none where this computer has no room for its addresses.
    pub(in crate::host) fn pool(&self) -> Option<&Pool> {
        let made = || {
            let pool = Pool::new()?;
            self.ticker.watch(pool.sandbox.engine.weak());
            Some(pool)
        };
        self.pool.get_or_init(made).as_ref()
    }

    /// For all others, and for more instances than the pool has.
    ///
    /// # Errors
    ///
    /// `host::not-a-plugin` when this computer cannot run components at all.
    pub(in crate::host) fn beside(&self) -> Result<&Sandbox, HostFault> {
        let made = || {
            let sandbox = Sandbox::new(&config())?;
            self.ticker.watch(sandbox.engine.weak());
            Ok(sandbox)
        };
        self.beside.get_or_init(made).as_ref().map_err(Clone::clone)
    }

    /// How many components are loaded, in the pool and beside it.
    pub(super) fn components_loaded(&self) -> usize {
        let pool = self.pool.get().and_then(Option::as_ref).map(|pool| &pool.sandbox);
        let beside = self.beside.get().and_then(|made| made.as_ref().ok());
        let count = |one: &Sandbox| one.loaded.lock().unwrap_or_else(PoisonError::into_inner).len();
        pool.into_iter().chain(beside).map(count).sum()
    }
}
