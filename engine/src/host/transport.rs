//! A component in the role of a transport, with what one step gives it.

use super::directory::Directory;
use super::guest::{Activity, Guest};
use super::leftover::Leftovers;
use super::machine::Machine;
use super::memory::Memory;
use super::prepared::Prepared;
use super::session::PluginSession;
use crate::diagnostic::Fault;
use crate::event::Events;
use crate::http::Client;
use crate::role::{Access, Binding, Capabilities, Errand, Patience, Session, Side, Transport};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::component::ResourceTable;

/// The directory that a place on disk is granted as.
const ROOT: &str = "root";

/// One component, bound to one step.
pub(super) struct PluginTransport {
    pub(super) machine: Arc<Machine>,
    pub(super) component: Arc<Prepared>,
    pub(super) binding: Binding,
    pub(super) client: Client,
    pub(super) events: Events,
    pub(super) capabilities: Capabilities,
    pub(super) leftovers: Leftovers,
}

impl PluginTransport {
    fn wants(&self, interface: &str) -> bool {
        self.binding.component.wants.interfaces.iter().any(|want| want == interface)
    }

    /// The errand of a call at a place: a registry's name is granted to a component that wants
    /// the network, because the step named it.
    pub(super) fn errand(&self, place: &str, repository: &str, access: Access) -> Errand {
        let named = self.wants("http") && !place.is_empty();
        Errand {
            step: self.binding.step.clone(),
            registry: named.then(|| place.to_owned()),
            repository: repository.to_owned(),
            also_read: BTreeSet::new(),
            access,
            granted: self.binding.grants.http.clone(),
            patience: Patience::default(),
        }
    }

    /// A fresh state for an instance at a place.
    pub(super) fn guest(&self, place: &str, side: Side) -> Guest {
        let writes = side == Side::Destination && self.binding.grants.writes;
        let directory = |path| Directory::new(path, writes, self.leftovers.clone());
        let granted = self.binding.grants.directories.iter();
        let mut directories: BTreeMap<String, Directory> =
            granted.map(|(name, path)| (name.clone(), directory(path.clone()))).collect();
        if self.wants("fs") && !place.is_empty() {
            directories.insert(ROOT.to_owned(), directory(PathBuf::from(place)));
        }
        let limits = self.binding.limits.clone();
        Guest {
            table: ResourceTable::new(),
            errand: self.errand(place, "", Access::Read),
            client: self.client.clone(),
            directories,
            memory: Memory::new(limits.memory_bytes),
            limits,
            events: self.events.clone(),
            activity: Activity::default(),
            given: Vec::new(),
            requests: 0,
            log_bytes: 0,
            handles: 0,
            started: Instant::now(),
            in_imports: Duration::ZERO,
        }
    }
}

/// The transport itself: sessions share it.
pub(super) struct Bound(pub(super) Arc<PluginTransport>);

#[async_trait]
impl Transport for Bound {
    fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
    }

    async fn open(&self, place: &str, side: Side) -> Result<Arc<dyn Session>, Fault> {
        Ok(Arc::new(PluginSession::new(Arc::clone(&self.0), place, side)))
    }
}
