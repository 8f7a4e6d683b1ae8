//! Bindings → roles: components checked, compiled or mapped, and ready to be started.

use super::bindings::filter::FilterPluginPre;
use super::bindings::policy::PolicyPluginPre;
use super::bindings::signer::SignerPluginPre;
use super::bindings::transform::TransformPluginPre;
use super::bindings::transport::TransportPluginPre;
use super::component::{check_imports, read};
use super::fault::HostFault;
use super::filter::PluginFilter;
use super::leftover::Leftovers;
use super::machine::Machine;
use super::policy::PluginPolicy;
use super::seat::Seat;
use super::signer::PluginSigner;
use super::transform::PluginTransform;
use super::transport::PluginTransport;
use crate::event::Events;
use crate::http::Client;
use crate::role::{Binding, ComponentRole, Keys, Player, Roles};
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::component::Component;

/// What the components of a run share.
pub struct Floor<'a> {
    /// The sandbox.
    pub machine: &'a Arc<Machine>,
    /// The network, for those that want it.
    pub client: &'a Client,
    /// The keys of the spec.
    pub keys: &'a Arc<dyn Keys>,
    /// Who is told.
    pub events: &'a Events,
}

/// Makes the components of a run ready. Each is compiled once, however many steps use it; one
/// that cannot be loaded fails only its own steps.
pub async fn load(floor: &Floor<'_>, bindings: &[Binding]) -> Roles {
    let mut loaded: BTreeMap<String, Result<Component, HostFault>> = BTreeMap::new();
    let mut players = BTreeMap::new();
    for binding in bindings {
        let component = loaded
            .entry(binding.component.digest.clone())
            .or_insert_with(|| compile(floor.machine, binding))
            .clone();
        let player = match component {
            Ok(component) => seated(floor, &component, binding).await,
            Err(fault) => Err(fault),
        };
        let key = (binding.step.clone(), binding.word.clone());
        players.insert(key, player.unwrap_or_else(|fault| Player::Missing(fault.into())));
    }
    Roles::new(players)
}

fn compile(machine: &Machine, binding: &Binding) -> Result<Component, HostFault> {
    let bytes = read(&binding.component.source)?;
    if bytes.digest != binding.component.digest {
        let message = format!("`{}` changed on disk while it was in use", binding.component.name);
        return Err(HostFault::NotAPlugin(message));
    }
    let component = machine.cache.load(&machine.engine, &bytes)?;
    check_imports(&machine.engine, &component, &binding.component)?;
    Ok(component)
}

async fn seated(
    floor: &Floor<'_>,
    component: &Component,
    binding: &Binding,
) -> Result<Player, HostFault> {
    let unfit = |error: wasmtime::Error| HostFault::NotAPlugin(format!("{error:#}"));
    let pre = floor.machine.linker.instantiate_pre(component).map_err(unfit)?;
    let seat = Seat {
        machine: Arc::clone(floor.machine),
        binding: binding.clone(),
        client: floor.client.clone(),
        keys: Arc::clone(floor.keys),
        events: floor.events.clone(),
        leftovers: Leftovers::default(),
    };
    Ok(match binding.component.role {
        ComponentRole::Transport => {
            let pre = TransportPluginPre::new(pre).map_err(unfit)?;
            Player::Transport(PluginTransport::new(seat, pre).await?)
        }
        ComponentRole::Signer => {
            let pre = SignerPluginPre::new(pre).map_err(unfit)?;
            Player::Signer(Arc::new(PluginSigner { seat, pre }))
        }
        ComponentRole::Policy => {
            let pre = PolicyPluginPre::new(pre).map_err(unfit)?;
            Player::Policy(Arc::new(PluginPolicy { seat, pre }))
        }
        ComponentRole::Filter => {
            let pre = FilterPluginPre::new(pre).map_err(unfit)?;
            Player::Filter(Arc::new(PluginFilter { seat, pre }))
        }
        ComponentRole::Transform => {
            let pre = TransformPluginPre::new(pre).map_err(unfit)?;
            Player::Transform(Arc::new(PluginTransform { seat, pre }))
        }
    })
}
