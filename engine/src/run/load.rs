//! Components for bindings: the one way in which a walk and a session come by theirs.

use super::Request;
use crate::diagnostic::Fault;
use crate::event::Events;
use crate::host::{self, ComponentFiles};
use crate::http::Client;
use crate::role::{Binding, KeySettings, Keys, RegistrySettings, Roles};
use crate::trust::Keyring;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is bound, and what the bindings may name.
#[derive(Clone, Copy)]
pub(super) struct ToLoad<'a> {
    pub(super) bindings: &'a [Binding],
    pub(super) registries: &'a BTreeMap<String, RegistrySettings>,
    pub(super) keys: &'a BTreeMap<String, KeySettings>,
}

/// Makes components ready, with one HTTP client and one keyring for all. A component that cannot
/// be loaded is no fault here: only its own steps fail.
pub(super) async fn load(
    request: &Request,
    events: &Events,
    to_load: ToLoad<'_>,
) -> Result<Roles, Fault> {
    let surroundings = &request.surroundings;
    let registries = to_load.registries.clone();
    let timeouts = request.bounds.requests;
    let client =
        Client::with_timeouts(Arc::clone(surroundings), registries, events.clone(), timeouts);
    let keyring = Keyring::new(
        to_load.keys.clone(),
        Arc::clone(surroundings),
        events.clone(),
        Arc::clone(&request.ask),
    );
    let keys: Arc<dyn Keys> = Arc::new(keyring);
    let files = Arc::new(ComponentFiles::of(surroundings));
    let machine = &request.machine;
    let floor = host::Floor { machine, files: &files, client: &client, keys: &keys, events };
    Ok(host::load(&floor, to_load.bindings).await?)
}
