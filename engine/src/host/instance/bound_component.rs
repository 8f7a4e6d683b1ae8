//! A component in a run: bound to one step, with what the step gives it.

use super::guest_events::GuestEvents;
use super::image_in_hand::Show;
use super::known_faults::Given;
use super::leftover::Leftovers;
use super::machine::Machine;
use super::memory::Memory;
use super::notes::Notes;
use super::open_handles::StepHandles;
use crate::diagnostic::Fault;
use crate::host::fault::HostFault;
use crate::host::imports::directory::Directory;
use crate::host::instance::guest::{Activity, Guest};
use crate::host::roles::conversions::plain;
use crate::http::Client;
use crate::oci::PlaceKind;
use crate::role::{Access, Binding, CallAccess, ComponentRole, Keys, Side, UncountedTime};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::Store;
use wasmtime::component::ResourceTable;

/// The directory that a place on disk is granted as.
const ROOT: &str = "root";

/// One component, bound to one step.
pub(in crate::host) struct BoundComponent {
    pub(in crate::host) machine: Arc<Machine>,
    pub(in crate::host) binding: Binding,
    pub(in crate::host) client: Client,
    pub(in crate::host) keys: Arc<dyn Keys>,
    pub(in crate::host) events: GuestEvents,
    pub(in crate::host) leftovers: Leftovers,
    pub(in crate::host) notes: Notes,
    pub(in crate::host) handles: StepHandles,
}

impl BoundComponent {
    fn wants(&self, interface: &str) -> bool {
        self.binding.component.wants.interfaces.iter().any(|want| want == interface)
    }

    /// What a call at a place may do on the network: a component that wants it reaches the registry
    /// of that name, if the step grants it.
    pub(in crate::host) fn call_access(
        &self,
        place: &str,
        repository: &str,
        access: Access,
    ) -> CallAccess {
        let granted = self.binding.grants.registries.iter().any(|registry| registry == place);
        let named = self.wants("http") && granted;
        CallAccess {
            step: self.binding.step.clone(),
            registry: named.then(|| place.to_owned()),
            repository: repository.to_owned(),
            also_read: BTreeSet::new(),
            access,
            granted: self.binding.grants.http.clone(),
            uncounted: UncountedTime::default(),
        }
    }

    /// Whether a place of this transport is one file.
    pub(in crate::host) fn places_are_files(&self) -> bool {
        self.binding.component.reference.is_some_and(|form| form.place == PlaceKind::File)
    }

    /// Whether a place of this transport is on disk, as far as its manifest says.
    fn places_are_paths(&self) -> bool {
        self.binding.component.reference.is_none_or(|form| form.shape.is_path())
    }

    /// What the guest is told of its place: a registry's name, of a file its name, else nothing.
    pub(in crate::host) fn told_place(&self, place: &str, guest: &Guest) -> String {
        match guest.directories.get(ROOT).filter(|_| self.places_are_paths()) {
            Some(root) => root.only().map(|only| only.name().to_owned()).unwrap_or_default(),
            None => place.to_owned(),
        }
    }

    /// A fresh state for an instance at a place.
    pub(in crate::host) fn guest(&self, place: &str, side: Side) -> Guest {
        let writes = side == Side::Destination && self.binding.grants.writes;
        let directory = |path| Directory::new(path, writes, self.leftovers.clone());
        let granted = self.binding.grants.directories.iter();
        let mut directories: BTreeMap<String, Directory> =
            granted.map(|(name, path)| (name.clone(), directory(path.clone()))).collect();
        if self.wants("fs") && self.places_are_paths() && !place.is_empty() {
            let root = if self.places_are_files() {
                Directory::of_file(Path::new(place), writes, self.leftovers.clone())
            } else {
                directory(PathBuf::from(place))
            };
            directories.insert(ROOT.to_owned(), root);
        }
        let limits = self.binding.limits.clone();
        // Of a plugin without a place the settings say which one it is.
        let settings = self.settings();
        let about = if place.is_empty() { &settings } else { place };
        let notes = self.notes.of(&self.binding.component.digest, about);
        Guest {
            table: ResourceTable::new(),
            call_access: self.call_access(place, "", Access::Read),
            client: self.client.clone(),
            directories,
            keys: Arc::clone(&self.keys),
            granted_keys: self.binding.grants.keys.clone(),
            materials: self.binding.grants.materials.clone(),
            signs: self.binding.component.role == ComponentRole::Signer,
            show: Show::default(),
            reading: None,
            notes,
            memory: Memory::new(limits.memory_bytes),
            handles: self.handles.instance(limits.handles),
            limits,
            events: self.events.clone(),
            activity: Activity::default(),
            given: Given::default(),
            requests: 0,
            log_bytes: 0,
            started: Instant::now(),
            in_imports: Duration::ZERO,
        }
    }

    /// The step's settings as the guest gets them.
    pub(in crate::host) fn settings(&self) -> String {
        self.binding.settings.to_string()
    }

    /// What the machine says when a call did not come to an answer.
    pub(in crate::host) fn machine_fault(
        &self,
        error: &wasmtime::Error,
        store: &Store<Guest>,
    ) -> Fault {
        let fault = match error.downcast_ref::<HostFault>() {
            Some(own) => own.clone(),
            None if store.data().memory.refused => {
                HostFault::OutOfMemory(self.binding.limits.memory_bytes)
            }
            None => match error.downcast_ref::<wasmtime::Trap>() {
                Some(trap) => HostFault::Trap(trap.to_string()),
                None => HostFault::Trap(plain(&error.root_cause().to_string())),
            },
        };
        self.told(fault.into())
    }

    /// Names the plugin and the step, and what would have to be granted.
    pub(in crate::host) fn told(&self, fault: Fault) -> Fault {
        let fault = fault.fact("plugin", self.binding.component.name.as_str());
        super::missing_grants::with_help(
            fault.fact("step", self.binding.step.as_str()),
            &self.binding,
        )
    }
}
