//! What the host keeps for one instance: its handles, the access of its call, its budgets.

use super::guest_events::GuestEvents;
use super::image_in_hand::Show;
use super::known_faults::Given;
use super::memory::Memory;
use super::notes::PlaceNotes;
use super::open_handles::OpenHandles;
use super::ticker::TICK;
use crate::diagnostic::Fault;
use crate::host::fault::HostFault;
use crate::host::imports::directory::Directory;
use crate::host::roles::conversions::plain;
use crate::host::roles::reading::Reading;
use crate::http::Client;
use crate::role::{CallAccess, Keys, Limits};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use wasmtime::component::ResourceTable;
use wasmtime::{StoreContextMut, UpdateDeadline};

/// The state of one instance.
pub(in crate::host) struct Guest {
    pub(in crate::host) table: ResourceTable,
    pub(in crate::host) call_access: CallAccess,
    pub(in crate::host) client: Client,
    pub(in crate::host) directories: BTreeMap<String, Directory>,
    pub(in crate::host) keys: Arc<dyn Keys>,
    /// The names of the keys that the step was granted.
    pub(in crate::host) granted_keys: BTreeSet<String>,
    /// Files that the step was granted, by the names that it gave them.
    pub(in crate::host) materials: BTreeMap<String, PathBuf>,
    /// Whether it is a signer, whose keys are for signing.
    pub(in crate::host) signs: bool,
    /// The image that the call is about, where it is about one.
    pub(in crate::host) show: Show,
    /// What was read of the body that this call was given to write.
    pub(in crate::host) reading: Option<Reading>,
    /// What instances of this plugin left about the place in this run.
    pub(in crate::host) notes: PlaceNotes,
    pub(in crate::host) limits: Limits,
    pub(in crate::host) events: GuestEvents,
    pub(in crate::host) activity: Activity,
    pub(in crate::host) memory: Memory,
    /// Faults that imports gave to the guest in this call, so that the true one is reported when
    /// the guest passes it on in its own words.
    pub(in crate::host) given: Given,
    pub(in crate::host) requests: u32,
    pub(in crate::host) log_bytes: u64,
    pub(in crate::host) handles: OpenHandles,
    pub(in crate::host) started: Instant,
    /// Time of this call that was spent in imports, which is not the guest's computing.
    pub(in crate::host) in_imports: Duration,
}

/// Bytes that moved, for telling a slow transfer from one that hangs.
#[derive(Clone, Default)]
pub(in crate::host) struct Activity(Arc<AtomicU64>);

impl Activity {
    /// Something moved.
    pub(in crate::host) fn bump(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How often something moved.
    pub(in crate::host) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Guest {
    /// Starts the budgets of a new call.
    pub(in crate::host) fn begin(&mut self, call_access: CallAccess) {
        self.call_access = call_access;
        self.given.begin();
        self.reading = None;
        self.requests = 0;
        self.log_bytes = 0;
        self.started = Instant::now();
        self.in_imports = Duration::ZERO;
    }

    /// Whether it holds nothing of the call that it ended, and at most so many bytes of memory.
    pub(in crate::host) fn is_at_rest(&self, most_bytes: u64) -> bool {
        self.table.is_empty() && self.memory.is_within(most_bytes)
    }

    /// Notes a fault that goes to the guest, and gives it in the guest's words.
    ///
    /// What the guest asked for stands in it, and may be as long as a call can carry: it is cut.
    pub(in crate::host) fn give(
        &mut self,
        fault: Fault,
    ) -> crate::host::bindings::engine::plugin::types::Fault {
        let message = plain(&fault.message);
        let help = fault.help.as_deref().map(plain);
        let facts = fault.facts.iter().map(|(key, fact)| (plain(key), plain(fact))).collect();
        let fault = Fault { message, help, facts, ..fault };
        let mut told = crate::host::roles::conversions::to_guest(&fault);
        told.extra.push((Given::KEY.to_owned(), self.given.keep(fault).to_string()));
        told
    }

    /// Asks for one more handle.
    pub(in crate::host) fn open_handle(&mut self) -> wasmtime::Result<()> {
        Ok(self.handles.open()?)
    }

    /// Notes that a handle was given back.
    pub(in crate::host) fn close_handle(&mut self) {
        self.close_handles(1);
    }

    /// Notes that what some handles stood for is gone.
    pub(in crate::host) fn close_handles(&mut self, handles: u32) {
        self.handles.close(handles);
    }

    /// How long the call has computed: what it took, without its imports.
    pub(in crate::host) fn computed(&self) -> Duration {
        self.started.elapsed().saturating_sub(self.in_imports)
    }

    /// Counts the time since `since` as spent in an import.
    pub(in crate::host) fn leave_import(&mut self, since: Instant) {
        self.in_imports += since.elapsed();
    }
}

/// Called on every tick while the guest computes: lets others run, or ends the call when its
/// computing time is used up. Time in imports does not count.
#[expect(clippy::needless_pass_by_value, reason = "the signature is wasmtime's")]
pub(in crate::host) fn on_tick(
    store: StoreContextMut<'_, Guest>,
) -> wasmtime::Result<UpdateDeadline> {
    let guest = store.data();
    let computed = guest.started.elapsed().saturating_sub(guest.in_imports);
    let limit = Duration::from_millis(guest.limits.cpu_millis);
    if computed >= limit {
        return Err(HostFault::OutOfCpu(guest.limits.cpu_millis).into());
    }
    let left = (limit.saturating_sub(computed).as_millis() / TICK.as_millis()).clamp(1, 2);
    Ok(UpdateDeadline::Yield(u64::try_from(left).unwrap_or(1)))
}
