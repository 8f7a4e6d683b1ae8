//! The sandbox that all components of a process share: wasmtime's engines, the imports, the ticker.

use super::pool::Pool;
use super::sandbox::Sandbox;
use super::ticker::Ticker;
use crate::host::config::config;
use crate::host::fault::HostFault;
use std::sync::PoisonError;

/// What runs components. It holds nothing of a run: no grant, no setting, no file of a user.
pub(in crate::host) struct Machine {
    /// For the components of this program.
    pub(in crate::host) pool: Option<Pool>,
    /// For all others, and for more instances than the pool has.
    pub(in crate::host) beside: Sandbox,
    pub(in crate::host) ticker: Ticker,
}

impl Machine {
    /// A sandbox.
    ///
    /// # Errors
    ///
    /// `host::not-a-plugin` when this machine cannot run components at all.
    pub(in crate::host) fn new() -> Result<Self, HostFault> {
        let beside = Sandbox::new(&config())?;
        let pool = Pool::new();
        let engines = pool.iter().map(|pool| &pool.sandbox).chain([&beside]);
        let engines = engines.map(|sandbox| sandbox.engine.weak()).collect();
        let ticker =
            Ticker::start(engines).map_err(|error| HostFault::NotAPlugin(error.to_string()))?;
        Ok(Self { pool, beside, ticker })
    }

    /// How many components are loaded, in the pool and beside it.
    pub(super) fn components_loaded(&self) -> usize {
        let sandboxes = self.pool.iter().map(|pool| &pool.sandbox).chain([&self.beside]);
        let count = |one: &Sandbox| one.loaded.lock().unwrap_or_else(PoisonError::into_inner).len();
        sandboxes.map(count).sum()
    }
}
