//! One engine of wasmtime, with everything linked that a component may import.

use super::guest::Guest;
use crate::host::bindings::Everything;
use crate::host::fault::HostFault;
use std::collections::BTreeMap;
use std::sync::Mutex;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, Store};

/// Bytes that a guest may pass to the host in one call: a manifest, a page of names.
const HOST_CALL_FUEL: usize = 32 << 20;

/// Where components of one kind are run.
pub(in crate::host) struct Sandbox {
    pub(in crate::host) engine: Engine,
    pub(in crate::host) linker: Linker<Guest>,
    /// Components that were compiled or mapped, by digest: several steps may use one.
    pub(in crate::host) loaded: Mutex<BTreeMap<String, Component>>,
}

impl Sandbox {
    pub(in crate::host) fn new(config: &Config) -> Result<Self, HostFault> {
        let broken = |error: wasmtime::Error| HostFault::NotAPlugin(error.to_string());
        let engine = Engine::new(config).map_err(broken)?;
        let mut linker = Linker::new(&engine);
        Everything::add_to_linker::<_, HasSelf<_>>(&mut linker, |guest: &mut Guest| guest)
            .map_err(broken)?;
        Ok(Self { engine, linker, loaded: Mutex::default() })
    }

    /// A store for one instance, with its bounds set.
    pub(in crate::host) fn store(&self, guest: Guest) -> Store<Guest> {
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.memory);
        store.set_hostcall_fuel(HOST_CALL_FUEL);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(super::guest::on_tick);
        store
    }
}
