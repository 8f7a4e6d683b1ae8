//! A component that was checked and compiled, and a seat for each of its instances.

use super::bindings::TransportPluginPre;
use super::component::{check_imports, read};
use super::fault::HostFault;
use super::guest::Guest;
use super::machine::Machine;
use super::sandbox::Sandbox;
use crate::role::{Component, ComponentSource};
use std::sync::OnceLock;
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Store;

/// A component, ready to be started.
pub(super) struct Prepared {
    component: Component,
    pooled: Option<TransportPluginPre<Guest>>,
    /// Made when it is first needed.
    beside: OnceLock<Result<TransportPluginPre<Guest>, HostFault>>,
}

/// What one instance is made in, and from.
pub(super) struct Seat<'a> {
    // In the order of dropping: the slot is free when nothing of the store is left in it.
    pub(super) store: Store<Guest>,
    pub(super) slot: Option<OwnedSemaphorePermit>,
    pub(super) pre: &'a TransportPluginPre<Guest>,
}

impl Prepared {
    /// Reads, checks and compiles a component.
    pub(super) fn new(machine: &Machine, component: &Component) -> Result<Self, HostFault> {
        let pool = machine
            .pool
            .as_ref()
            .filter(|_| matches!(component.source, ComponentSource::BuiltIn(_)));
        let pooled = pool.and_then(|pool| prepare(machine, &pool.sandbox, component).ok());
        let prepared = Self { component: component.clone(), pooled, beside: OnceLock::new() };
        if prepared.pooled.is_none() {
            prepared.beside(machine)?;
        }
        Ok(prepared)
    }

    /// A seat in the pool, or beside it where the pool is full or the component is not for it.
    pub(super) fn seat(&self, machine: &Machine, guest: Guest) -> Result<Seat<'_>, HostFault> {
        if let (Some(pool), Some(pre)) = (&machine.pool, &self.pooled)
            && let Some(slot) = pool.slot()
        {
            return Ok(Seat { store: pool.sandbox.store(guest), slot: Some(slot), pre });
        }
        let pre = self.beside(machine)?;
        Ok(Seat { store: machine.beside.store(guest), slot: None, pre })
    }

    fn beside(&self, machine: &Machine) -> Result<&TransportPluginPre<Guest>, HostFault> {
        let made = || prepare(machine, &machine.beside, &self.component);
        self.beside.get_or_init(made).as_ref().map_err(Clone::clone)
    }
}

fn prepare(
    machine: &Machine,
    sandbox: &Sandbox,
    component: &Component,
) -> Result<TransportPluginPre<Guest>, HostFault> {
    let bytes = read(&component.source)?;
    if bytes.digest != component.digest {
        let message = format!("`{}` changed on disk while it was in use", component.name);
        return Err(HostFault::NotAPlugin(message));
    }
    let loaded = machine.cache.load(&sandbox.engine, &bytes)?;
    check_imports(&sandbox.engine, &loaded, &component.wants)?;
    let unfit = |error: wasmtime::Error| HostFault::NotAPlugin(format!("{error:#}"));
    let pre = sandbox.linker.instantiate_pre(&loaded).map_err(unfit)?;
    TransportPluginPre::new(pre).map_err(unfit)
}

#[cfg(test)]
#[path = "prepared_tests.rs"]
mod tests;
