//! A guest without a run around it: a test makes the calls itself, and sees how each ends.

use super::{Heard, component};
use crate::registry::Registry;
use engine::diagnostic::Fault;
use engine::event::{Events, Reader};
use engine::host::{self, ComponentFiles, SharedMachine};
use engine::http::Client;
use engine::role::{
    AuthSettings, Binding, Component, ComponentSource, Grants, Keys, Limits, NoKeys,
    RegistrySettings, Selector, Session, Side, Surroundings,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A guest, loaded, with what a step gives it.
pub struct Alone {
    machine: SharedMachine,
    files: Arc<ComponentFiles>,
    component: Component,
    client: Client,
    events: Events,
    place: String,
    /// What it is given.
    pub grants: Grants,
    /// What it may use.
    pub limits: Limits,
    /// What was said of it.
    pub heard: Arc<Heard>,
}

impl Alone {
    /// A guest that is given nothing.
    pub fn of(guest: &str) -> Self {
        Self::with(guest, BTreeMap::new())
    }

    /// A guest in the place of the registry's own transport: it is given the registry.
    pub fn at(guest: &str, registry: &Registry) -> Self {
        let name = registry.address().to_string();
        let settings = RegistrySettings {
            endpoint: Some(registry.url()),
            auth: Some(AuthSettings::Anonymous),
            ..RegistrySettings::default()
        };
        let mut alone = Self::with(guest, [(name.clone(), settings)].into());
        alone.grants.registries.push(name.clone());
        Self { place: name, ..alone }
    }

    fn with(guest: &str, registries: BTreeMap<String, RegistrySettings>) -> Self {
        let source = ComponentSource::Path(component(guest));
        let mut catalog = host::catalog(&[("guest".to_owned(), source)].into())
            .expect("a guest that can be loaded");
        let component = catalog.components.remove("guest").expect("a guest that can be loaded");
        let heard = Arc::new(Heard::default());
        let events = Events::new(vec![Arc::clone(&heard) as Arc<dyn Reader>]);
        let client = Client::new(Arc::new(Surroundings::default()), registries, events.clone());
        let machine = SharedMachine::default();
        let files = Arc::new(ComponentFiles::cached_in(Some(cache())));
        let (place, grants, limits) = (String::new(), Grants::default(), component.limits.clone());
        Self { machine, files, component, client, events, place, grants, limits, heard }
    }

    /// The name of the registry.
    pub fn name(&self) -> &str {
        &self.place
    }

    /// A session in which the guest acts in the call `at` about the repository `app`.
    pub async fn open(&self, side: Side, at: &str, what: &str) -> Arc<dyn Session> {
        self.session(side, json!({"at": at, "acts": {"app": what}})).await
    }

    async fn session(&self, side: Side, settings: Value) -> Arc<dyn Session> {
        let grants = Grants { writes: side == Side::Destination, ..self.grants.clone() };
        let binding = Binding {
            step: "hostile".to_owned(),
            word: "guest".to_owned(),
            component: self.component.clone(),
            grants,
            limits: self.limits.clone(),
            settings,
        };
        let keys: Arc<dyn Keys> = Arc::new(NoKeys);
        let floor = host::Floor {
            machine: &self.machine,
            files: &self.files,
            client: &self.client,
            keys: &keys,
            events: &self.events,
        };
        let roles = host::load(&floor, &[binding]).await.expect("a sandbox");
        let transport = roles.transport("hostile", "guest").expect("a guest that can be loaded");
        transport.open(&self.place, side).await.expect("a guest that can be loaded")
    }

    /// How it ends when the guest does this while it is asked for an image.
    pub async fn ask(&self, what: &str) -> Fault {
        let session = self.open(Side::Source, "resolve", what).await;
        session.resolve("app", &Selector::Tag("v1".to_owned())).await.unwrap_err()
    }
}

/// Compiled guests, kept for all tests of this process, as compiling takes most of the time.
fn cache() -> PathBuf {
    use std::sync::OnceLock;
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| tempfile::tempdir().expect("a guest that can be loaded"))
        .path()
        .join("engine")
}
