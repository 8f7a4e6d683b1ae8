//! Bindings → roles: components checked, compiled or mapped, and ready to be started.

use super::fault::HostFault;
use super::instance::SharedMachine;
use super::instance::bound_component::BoundComponent;
use super::instance::guest_events::GuestEvents;
use super::instance::leftover::Leftovers;
use super::instance::machine::Machine;
use super::instance::notes::Notes;
use super::instance::open_handles::StepHandles;
use super::instance::prepared::Prepared;
use super::roles::filter::PluginFilter;
use super::roles::policy::PluginPolicy;
use super::roles::signer::PluginSigner;
use super::roles::transform::PluginTransform;
use super::roles::transport::PluginTransport;
use super::store::ComponentFiles;
use crate::event::Events;
use crate::http::Client;
use crate::role::{Binding, ComponentRole, ComponentSource, Keys, Player, Roles};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the components of a run share.
pub struct Floor<'a> {
    /// The sandbox.
    pub machine: &'a SharedMachine,
    /// Where components are on this machine.
    pub files: &'a Arc<ComponentFiles>,
    /// The network, for those that want it.
    pub client: &'a Client,
    /// The keys of the spec.
    pub keys: &'a Arc<dyn Keys>,
    /// Who is told.
    pub events: &'a Events,
}

/// Makes the components of a run ready. Each is compiled once, however many steps use it; one
/// that cannot be loaded fails only its own steps.
///
/// # Errors
///
/// `host::not-a-plugin` when this machine cannot run components at all.
pub async fn load(floor: &Floor<'_>, bindings: &[Binding]) -> Result<Roles, HostFault> {
    let machine = floor.machine.get()?;
    let mut players = BTreeMap::new();
    let notes = Notes::default();
    for binding in bindings {
        let player = bind(floor, &machine, binding, &notes).await;
        let key = (binding.step.clone(), binding.word.clone());
        players.insert(key, player.unwrap_or_else(|fault| Player::Missing(fault.into())));
    }
    Ok(Roles::new(players))
}

async fn bind(
    floor: &Floor<'_>,
    machine: &Arc<Machine>,
    binding: &Binding,
    notes: &Notes,
) -> Result<Player, HostFault> {
    let (files, described) = (floor.files, &binding.component);
    let handles = match described.source {
        ComponentSource::BuiltIn(_) => StepHandles::built_in(),
        _ => StepHandles::outside(&machine.handles),
    };
    let bound = BoundComponent {
        machine: Arc::clone(machine),
        binding: binding.clone(),
        client: floor.client.clone(),
        keys: Arc::clone(floor.keys),
        events: GuestEvents::new(floor.events.clone(), &binding.step),
        leftovers: Leftovers::default(),
        notes: notes.clone(),
        handles,
    };
    Ok(match described.role {
        ComponentRole::Transport => {
            let component = Prepared::new(machine, files, described)?;
            Player::Transport(PluginTransport::described(bound, component).await?)
        }
        ComponentRole::Signer => {
            let component = Prepared::new(machine, files, described)?;
            Player::Signer(Arc::new(PluginSigner { bound, component }))
        }
        ComponentRole::Policy => {
            let component = Prepared::new(machine, files, described)?;
            Player::Policy(Arc::new(PluginPolicy { bound, component }))
        }
        ComponentRole::Filter => {
            let component = Prepared::new(machine, files, described)?;
            Player::Filter(Arc::new(PluginFilter { bound, component }))
        }
        ComponentRole::Transform => {
            let component = Prepared::new(machine, files, described)?;
            Player::Transform(Arc::new(PluginTransform { bound, component }))
        }
    })
}
