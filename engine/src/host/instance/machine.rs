//! The sandbox that all components of a run share: wasmtime's engines, the imports, the ticker.

use super::pool::Pool;
use super::sandbox::Sandbox;
use super::ticker::Ticker;
use crate::host::config::config;
use crate::host::fault::HostFault;
use crate::host::store::compiled::Cache;
use crate::host::store::store::Store;
use std::path::PathBuf;

/// What runs components.
pub struct Machine {
    /// For the components of this program.
    pub(in crate::host) pool: Option<Pool>,
    /// For all others, and for more instances than the pool has.
    pub(in crate::host) beside: Sandbox,
    pub(in crate::host) ticker: Ticker,
    pub(in crate::host) cache: Cache,
    pub(in crate::host) pulled: Option<Store>,
}

impl Machine {
    /// A sandbox. `cache` is the user's cache directory; without one, components that are not
    /// built in are compiled in each run.
    ///
    /// # Errors
    ///
    /// `host::not-a-plugin` when this machine cannot run components at all.
    pub fn new(cache: Option<PathBuf>) -> Result<Self, HostFault> {
        let beside = Sandbox::new(&config())?;
        let pool = Pool::new();
        let engines = pool.iter().map(|pool| &pool.sandbox).chain([&beside]);
        let engines = engines.map(|sandbox| sandbox.engine.weak()).collect();
        let ticker =
            Ticker::start(engines).map_err(|error| HostFault::NotAPlugin(error.to_string()))?;
        Ok(Self { pool, beside, ticker, cache: Cache::new(cache), pulled: None })
    }

    /// The same, with a store of pulled components.
    #[must_use]
    pub fn with_store(self, pulled: Option<Store>) -> Self {
        Self { pulled, ..self }
    }
}
