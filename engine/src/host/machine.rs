//! The sandbox that all components of a run share: wasmtime's engine, the imports, the ticker.

use super::bindings::TransportPlugin;
use super::compiled::Cache;
use super::config::config;
use super::fault::HostFault;
use super::guest::Guest;
use super::store;
use super::ticker::Ticker;
use std::path::PathBuf;
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Engine, Store};

/// Bytes that a guest may pass to the host in one call: a manifest, a page of names.
const HOST_CALL_FUEL: usize = 32 << 20;

/// What runs components.
pub struct Machine {
    pub(super) engine: Engine,
    pub(super) linker: Linker<Guest>,
    pub(super) ticker: Ticker,
    pub(super) cache: Cache,
    pub(super) pulled: Option<store::Store>,
}

impl Machine {
    /// A sandbox. `cache` is the user's cache directory; without one, components that are not
    /// built in are compiled in each run.
    ///
    /// # Errors
    ///
    /// `host::not-a-plugin` when this machine cannot run components at all.
    pub fn new(cache: Option<PathBuf>) -> Result<Self, HostFault> {
        let broken = |error: &dyn std::fmt::Display| HostFault::NotAPlugin(error.to_string());
        let engine = Engine::new(&config()).map_err(|error| broken(&error))?;
        let mut linker = Linker::new(&engine);
        TransportPlugin::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest: &mut Guest| guest)
            .map_err(|error| broken(&error))?;
        let ticker = Ticker::start(&engine).map_err(|error| broken(&error))?;
        Ok(Self { engine, linker, ticker, cache: Cache::new(cache), pulled: None })
    }

    /// The same, with a store of pulled components.
    #[must_use]
    pub fn with_store(self, pulled: Option<store::Store>) -> Self {
        Self { pulled, ..self }
    }

    /// A store for one instance, with its bounds set.
    pub(super) fn store(&self, guest: Guest) -> Store<Guest> {
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.memory);
        store.set_hostcall_fuel(HOST_CALL_FUEL);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(super::guest::on_tick);
        store
    }
}
