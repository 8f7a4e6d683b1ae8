//! One transport without a walk around it: for a call of its author, and to pull components.

use super::Request;
use crate::diagnostic::Fault;
use crate::host::{self, Machine};
use crate::http::Client;
use crate::role::{Binding, Keys, NoKeys, RegistrySettings, Transport};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Loads a transport, which gets what its binding grants, and no key.
pub(super) async fn alone(
    request: &Request,
    registries: BTreeMap<String, RegistrySettings>,
    binding: Binding,
) -> Result<Arc<dyn Transport>, Fault> {
    let machine = Arc::new(Machine::new(request.surroundings.cache())?);
    let (surroundings, events) = (Arc::clone(&request.surroundings), &request.events);
    let timeouts = request.bounds.requests;
    let client = Client::with_timeouts(surroundings, registries, events.clone(), timeouts);
    let keys: Arc<dyn Keys> = Arc::new(NoKeys);
    let floor = host::Floor { machine: &machine, client: &client, keys: &keys, events };
    let (step, word) = (binding.step.clone(), binding.word.clone());
    let roles = host::load(&floor, &[binding]).await;
    roles.transport(&step, &word).cloned()
}
