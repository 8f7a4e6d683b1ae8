//! Bindings → roles: components checked, compiled or mapped, and ready to be started.

use super::bindings::TransportPluginPre;
use super::bindings::exports::engine::plugin::transport as wit;
use super::component::{check_imports, read};
use super::fault::HostFault;
use super::leftover::Leftovers;
use super::machine::Machine;
use super::transport::{Bound, PluginTransport};
use crate::diagnostic::Fault;
use crate::event::Events;
use crate::http::Client;
use crate::role::{Binding, Capabilities, Roles, Side, Transport};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::component::Component;

/// Makes the components of a run ready. Each is compiled once, however many steps use it; one
/// that cannot be loaded fails only its own steps.
pub async fn load(
    machine: &Arc<Machine>,
    bindings: &[Binding],
    client: &Client,
    events: &Events,
) -> Roles {
    let mut loaded: BTreeMap<String, Result<Component, HostFault>> = BTreeMap::new();
    let mut transports = BTreeMap::new();
    for binding in bindings {
        let component = loaded
            .entry(binding.component.digest.clone())
            .or_insert_with(|| compile(machine, binding))
            .clone();
        let transport = match component {
            Ok(component) => bound(machine, &component, binding, client, events).await,
            Err(fault) => Err(fault),
        };
        let key = (binding.step.clone(), binding.word.clone());
        transports.insert(key, transport.map_err(Fault::from));
    }
    Roles::new(transports)
}

fn compile(machine: &Machine, binding: &Binding) -> Result<Component, HostFault> {
    let bytes = read(&binding.component.source, machine.pulled.as_ref())?;
    if bytes.digest != binding.component.digest {
        let message = format!("`{}` changed on disk while it was in use", binding.component.name);
        return Err(HostFault::NotAPlugin(message));
    }
    let component = machine.cache.load(&machine.engine, &bytes)?;
    check_imports(&machine.engine, &component, &binding.component.wants)?;
    Ok(component)
}

async fn bound(
    machine: &Arc<Machine>,
    component: &Component,
    binding: &Binding,
    client: &Client,
    events: &Events,
) -> Result<Arc<dyn Transport>, HostFault> {
    let unfit = |error: wasmtime::Error| HostFault::NotAPlugin(format!("{error:#}"));
    let pre = machine.linker.instantiate_pre(component).map_err(unfit)?;
    let pre = TransportPluginPre::new(pre).map_err(unfit)?;
    let mut transport = PluginTransport {
        machine: Arc::clone(machine),
        pre,
        binding: binding.clone(),
        client: client.clone(),
        events: events.clone(),
        capabilities: Capabilities::default(),
        leftovers: Leftovers::default(),
    };
    transport.capabilities = describe(&transport).await?;
    Ok(Arc::new(Bound(Arc::new(transport))))
}

/// Asks the component what it can do, within the bounds of any call.
async fn describe(transport: &PluginTransport) -> Result<Capabilities, HostFault> {
    let mut store = transport.machine.store(transport.guest("", Side::Source));
    let running = transport.machine.ticker.run();
    let limits = &transport.binding.limits;
    let described = async {
        let plugin = transport.pre.instantiate_async(&mut store).await?;
        plugin.engine_plugin_transport().call_describe(&mut store).await
    };
    let described =
        tokio::time::timeout(Duration::from_millis(limits.time_millis), described).await;
    drop(running);
    match described {
        Ok(Ok(wit::Capabilities {
            concurrent,
            lists_repositories,
            lists_tags,
            writes,
            deletes,
            referrers,
            names_in_groups,
            shared_blobs,
            ..
        })) => Ok(Capabilities {
            concurrent,
            lists_repositories,
            lists_tags,
            writes,
            deletes,
            referrers,
            names_in_groups,
            shared_blobs,
        }),
        Ok(Err(error)) => Err(match error.downcast_ref::<HostFault>() {
            Some(own) => own.clone(),
            None if store.data().memory.refused => HostFault::OutOfMemory(limits.memory_bytes),
            None => HostFault::Trap(super::words::plain(&format!("{error:#}"))),
        }),
        Err(_) => Err(HostFault::OutOfTime(limits.time_millis)),
    }
}
