//! A component that was checked and compiled, in its role, and where each of its instances is made.

use super::guest::Guest;
use super::machine::Machine;
use super::sandbox::Sandbox;
use crate::host::bindings::filter::{FilterPlugin, FilterPluginPre};
use crate::host::bindings::policy::{PolicyPlugin, PolicyPluginPre};
use crate::host::bindings::signer::{SignerPlugin, SignerPluginPre};
use crate::host::bindings::transform::{TransformPlugin, TransformPluginPre};
use crate::host::bindings::transport::{TransportPlugin, TransportPluginPre};
use crate::host::fault::HostFault;
use crate::host::store::ComponentFiles;
use crate::host::store::component::{check_imports, read};
use crate::role::{Component, ComponentSource};
use std::sync::{Arc, OnceLock, PoisonError};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Store;
use wasmtime::component::InstancePre;

/// A component in a role: its exports found, its instances still to be made.
pub(in crate::host) trait Role: Clone + Send + Sync + Sized {
    /// An instance, which can be called.
    type Instance: Send;

    /// Finds the exports of the role.
    fn of(linked: InstancePre<Guest>) -> wasmtime::Result<Self>;

    /// Makes an instance.
    fn instantiate(
        &self,
        store: &mut Store<Guest>,
    ) -> impl Future<Output = wasmtime::Result<Self::Instance>> + Send;
}

macro_rules! roles {
    ($($made:ident => $instance:ty),* $(,)?) => {$(
        impl Role for $made<Guest> {
            type Instance = $instance;

            fn of(linked: InstancePre<Guest>) -> wasmtime::Result<Self> {
                Self::new(linked)
            }

            async fn instantiate(&self, store: &mut Store<Guest>) -> wasmtime::Result<$instance> {
                self.instantiate_async(store).await
            }
        }
    )*};
}

roles! {
    TransportPluginPre => TransportPlugin,
    SignerPluginPre => SignerPlugin,
    PolicyPluginPre => PolicyPlugin,
    FilterPluginPre => FilterPlugin,
    TransformPluginPre => TransformPlugin,
}

/// A component, ready to be started.
pub(in crate::host) struct Prepared<P> {
    component: Component,
    files: Arc<ComponentFiles>,
    pooled: Option<P>,
    /// Made when it is first needed.
    beside: OnceLock<Result<P, HostFault>>,
}

/// What one instance is made in, and from.
pub(in crate::host) struct Start<P> {
    // In the order of dropping: the slot is free when nothing of the store is left in it.
    pub(in crate::host) store: Store<Guest>,
    pub(in crate::host) slot: Option<OwnedSemaphorePermit>,
    pub(in crate::host) pre: P,
}

impl<P: Role> Prepared<P> {
    /// Reads, checks and compiles a component.
    pub(in crate::host) fn new(
        machine: &Machine,
        files: &Arc<ComponentFiles>,
        component: &Component,
    ) -> Result<Self, HostFault> {
        let built_in = matches!(component.source, ComponentSource::BuiltIn(_));
        let pool = if built_in { machine.pool() } else { None };
        let pooled = pool.and_then(|pool| prepare(files, &pool.sandbox, component).ok());
        let (component, files) = (component.clone(), Arc::clone(files));
        let prepared = Self { component, files, pooled, beside: OnceLock::new() };
        if prepared.pooled.is_none() {
            prepared.beside(machine)?;
        }
        Ok(prepared)
    }

    /// A place in the pool, or beside it where the pool is full or the component is not for it.
    pub(in crate::host) fn start(
        &self,
        machine: &Machine,
        guest: Guest,
    ) -> Result<Start<P>, HostFault> {
        if let Some(pre) = &self.pooled
            && let Some(pool) = machine.pool()
            && let Some(slot) = pool.slot()
        {
            let store = pool.sandbox.store(guest);
            return Ok(Start { store, slot: Some(slot), pre: pre.clone() });
        }
        let pre = self.beside(machine)?.clone();
        Ok(Start { store: machine.beside()?.store(guest), slot: None, pre })
    }

    fn beside(&self, machine: &Machine) -> Result<&P, HostFault> {
        let made = || prepare(&self.files, machine.beside()?, &self.component);
        self.beside.get_or_init(made).as_ref().map_err(Clone::clone)
    }
}

fn prepare<P: Role>(
    files: &ComponentFiles,
    sandbox: &Sandbox,
    component: &Component,
) -> Result<P, HostFault> {
    let loaded = loaded(files, sandbox, component)?;
    let unfit = |error: wasmtime::Error| HostFault::NotAPlugin(format!("{error:#}"));
    let linked = sandbox.linker.instantiate_pre(&loaded).map_err(unfit)?;
    P::of(linked).map_err(unfit)
}

fn loaded(
    files: &ComponentFiles,
    sandbox: &Sandbox,
    component: &Component,
) -> Result<wasmtime::component::Component, HostFault> {
    let mut all = sandbox.loaded.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = all.get(&component.digest) {
        return Ok(loaded.clone());
    }
    let bytes = read(&component.source, files.pulled.as_ref())?;
    if bytes.digest != component.digest {
        let message = format!("`{}` changed on disk while it was in use", component.name);
        return Err(HostFault::NotAPlugin(message));
    }
    let loaded = files.cache.load(&sandbox.engine, &bytes)?;
    check_imports(&sandbox.engine, &loaded, component)?;
    all.insert(component.digest.clone(), loaded.clone());
    Ok(loaded)
}

#[cfg(test)]
#[path = "prepared_tests.rs"]
mod tests;
