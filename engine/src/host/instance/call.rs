//! One call of a guest: an instance, its bounds, and what became of it.

use super::caught::caught;
use super::idle_instances::{Alive, IdleInstances};
use super::pool::Pool;
use super::prepared::Start;
use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::engine::plugin::types::Fault as WitFault;
use crate::host::bindings::transport::TransportPlugin;
use crate::host::bindings::transport::exports::engine::plugin::transport as wit;
use crate::host::fault::HostFault;
use crate::host::instance::guest::{Activity, Guest};
use crate::host::roles::conversions::from_guest;
use crate::host::roles::single_call::Called;
use crate::host::roles::transport::PluginTransport;
use crate::role::{CallAccess, Side, UncountedTime};
use futures_util::future::BoxFuture;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit};
use tokio::time::Instant;
use wasmtime::Store;
use wasmtime::component::ResourceAny;

/// The most time of one call that is not counted against its limit. A guest and a registry that work
/// together could otherwise prolong it without end.
const LONGEST_UNCOUNTED: Duration = Duration::from_hours(1);

/// The longest time between two looks for a call that moves no bytes: it ends at most this late.
const IDLE_CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// Bytes of memory of an instance that waits for its next call. One whose call needed more gives it back.
const MOST_IDLE_BYTES: u64 = 2 << 20;

/// An instance with its open session.
pub(in crate::host) struct OpenInstance {
    pub(in crate::host) store: Store<Guest>,
    pub(in crate::host) plugin: TransportPlugin,
    pub(in crate::host) session: ResourceAny,
    #[expect(dead_code, reason = "held for its drop, after that of the store")]
    slot: Option<OwnedSemaphorePermit>,
    /// Held for its drop.
    alive: Option<Alive>,
    /// True while a call runs. A call that is given up in the middle leaves it true, and then the
    /// instance takes no further call.
    pub(in crate::host) busy: bool,
}

/// Where the instance of a call comes from.
pub(in crate::host) enum Instances {
    /// One for each call at a time, used again when the call ended well.
    SideBySide(IdleInstances<Box<OpenInstance>>),
    /// One for all calls, in turn; made anew after a trap, unless something was written.
    InTurn(std::sync::Arc<Mutex<OneInstance>>),
}

impl Instances {
    /// For a transport whose calls run side by side.
    pub(in crate::host) fn side_by_side() -> Self {
        Self::SideBySide(IdleInstances::default())
    }
}

/// The one instance of a place whose calls are made in turn.
#[derive(Default)]
pub(in crate::host) struct OneInstance {
    instance: Option<OpenInstance>,
    /// True after the first call that writes. Until `finish` only this instance knows what it wrote; a
    /// new one cannot go on.
    wrote: bool,
    /// Why nothing can be done in this session any more.
    over: Option<Fault>,
}

/// An instance for the time of a call. It may outlive the call when a body needs it.
pub(in crate::host) enum Lease {
    Own(Box<OpenInstance>),
    Turn(OwnedMutexGuard<OneInstance>),
}

impl OneInstance {
    /// Why nothing can be done in this session any more. An instance that a call was given up in is lost
    /// too.
    pub(in crate::host) fn over(&mut self) -> Option<&Fault> {
        if self.instance.as_ref().is_some_and(|instance| instance.busy) {
            self.lose("a call was given up in the middle");
        }
        self.over.as_ref()
    }

    /// Lets go of the instance. After something was written the session is over with it.
    fn lose(&mut self, why: &str) {
        self.instance = None;
        if self.wrote {
            self.over.get_or_insert_with(|| HostFault::SessionLost(why.to_owned()).into());
        }
    }
}

/// How a call is bounded.
#[derive(Clone, Copy)]
pub(in crate::host) enum CallTimeout {
    /// By its whole time.
    Total,
    /// By the time in which no byte moves.
    Idle,
}

impl Lease {
    pub(in crate::host) fn instance(&mut self) -> Option<&mut OpenInstance> {
        match self {
            Self::Own(instance) => Some(instance),
            Self::Turn(turn) => turn.instance.as_mut(),
        }
    }

    /// Notes that the instance is asked to write.
    pub(in crate::host) fn writes(&mut self) {
        if let Self::Turn(turn) = self {
            turn.wrote = true;
        }
    }

    /// After a trap the instance must not be used again.
    fn forget(&mut self, why: &Fault) {
        if let Self::Turn(turn) = self {
            turn.lose(&why.message);
        }
    }

    /// Closes the session: drops the guest's session within `limit`, then the instance. Later calls
    /// fail with `over`.
    pub(in crate::host) async fn end(&mut self, limit: Duration, over: Fault) {
        let Self::Turn(turn) = self else { return };
        turn.over.get_or_insert(over);
        let Some(mut instance) = turn.instance.take().filter(|instance| !instance.busy) else {
            return;
        };
        instance.store.set_epoch_deadline(1);
        let dropped = instance.session.resource_drop_async(&mut instance.store);
        // The instance is dropped in any case; what the guest could not remove has no tag.
        tokio::time::timeout(limit, caught(dropped)).await.ok();
    }
}

impl PluginTransport {
    /// An instance for a call, with its session open.
    pub(in crate::host) async fn lease(
        &self,
        instances: &Instances,
        place: &str,
        side: Side,
    ) -> Result<Lease, Fault> {
        match instances {
            Instances::SideBySide(idle) => Ok(Lease::Own(match idle.take().await {
                Ok(instance) => instance,
                Err(alive) => {
                    let mut made = self.start(place, side).await?;
                    made.alive = Some(alive);
                    Box::new(made)
                }
            })),
            Instances::InTurn(turn) => {
                let mut turn = std::sync::Arc::clone(turn).lock_owned().await;
                if let Some(over) = turn.over() {
                    return Err(self.bound.told(over.clone()));
                }
                if turn.instance.is_none() {
                    turn.instance = Some(self.start(place, side).await?);
                }
                Ok(Lease::Turn(turn))
            }
        }
    }

    /// Takes an instance back after a call that ended well. It is kept when it holds nothing of that call.
    pub(in crate::host) fn give_back(&self, instances: &Instances, lease: Lease) {
        let (Instances::SideBySide(idle), Lease::Own(instance)) = (instances, lease) else {
            return;
        };
        // Other steps need slots of the pool too.
        let has_room = self.bound.machine.pool().is_none_or(Pool::is_half_free);
        if has_room && instance.store.data().is_at_rest(MOST_IDLE_BYTES) {
            idle.keep(instance);
        }
    }

    async fn start(&self, place: &str, side: Side) -> Result<OpenInstance, Fault> {
        let guest = self.bound.guest(place, side);
        let Start { store, slot, pre } = self.component.start(&self.bound.machine, guest)?;
        // After the slot, so that it is dropped first.
        let mut store = store;
        let running = self.bound.machine.ticker.run();
        let opened = async {
            let plugin = pre.instantiate_async(&mut store).await?;
            let wit_side = match side {
                Side::Source => wit::Side::Source,
                Side::Destination => wit::Side::Destination,
            };
            let place = self.bound.told_place(place, store.data());
            let settings = self.bound.settings();
            let sessions = plugin.engine_plugin_transport().session();
            let session = sessions.call_open(&mut store, &place, wit_side, &settings).await?;
            Ok((plugin, session))
        };
        let limit = Duration::from_millis(self.bound.binding.limits.time_millis);
        let opened = tokio::time::timeout(limit, caught(opened)).await;
        drop(running);
        let opened: wasmtime::Result<_> = match opened {
            Ok(opened) => opened,
            Err(_) => Err(HostFault::OutOfTime(self.bound.binding.limits.time_millis).into()),
        };
        match opened {
            Ok((plugin, Ok(session))) => {
                Ok(OpenInstance { store, plugin, session, busy: false, slot, alive: None })
            }
            Ok((_, Err(fault))) => Err(self.guest_fault(&fault, &store, side)),
            Err(error) => Err(self.bound.machine_fault(&error, &store)),
        }
    }

    /// Makes one call in a held instance.
    pub(in crate::host) async fn call<R>(
        &self,
        lease: &mut Lease,
        call_access: CallAccess,
        timeout: CallTimeout,
        work: impl for<'a> FnOnce(&'a mut OpenInstance) -> BoxFuture<'a, Called<R>> + Send,
    ) -> Result<R, Fault> {
        let side_origin = match call_access.access {
            crate::role::Access::Read => Origin::Source,
            _ => Origin::Destination,
        };
        let Some(instance) = lease.instance() else {
            return Err(HostFault::Trap("the instance is gone".to_owned()).into());
        };
        instance.busy = true;
        instance.store.data_mut().begin(call_access);
        instance.store.set_epoch_deadline(1);
        let guest = instance.store.data();
        let (activity, uncounted) = (guest.activity.clone(), guest.call_access.uncounted.clone());
        let running = self.bound.machine.ticker.run();
        let limits = &self.bound.binding.limits;
        let work = caught(work(instance));
        let called = match timeout {
            CallTimeout::Total => tokio::select! {
                called = work => called,
                () = overdue(&uncounted, Duration::from_millis(limits.time_millis)) => {
                    Err(HostFault::OutOfTime(limits.time_millis).into())
                }
            },
            CallTimeout::Idle => tokio::select! {
                called = work => called,
                () = idle(&activity, &uncounted, Duration::from_millis(limits.idle_millis)) => {
                    Err(HostFault::Idle(limits.idle_millis).into())
                }
            },
        };
        drop(running);
        if let Some(instance) = lease.instance() {
            instance.busy = false;
        }
        match (called, lease.instance()) {
            (Ok(Ok(answer)), _) => Ok(answer),
            (Ok(Err(fault)), Some(instance)) => {
                let given = &instance.store.data().given;
                Err(self.bound.told(from_guest(&fault, given, side_origin)))
            }
            (Err(error), Some(instance)) => {
                let fault = self.bound.machine_fault(&error, &instance.store);
                lease.forget(&fault);
                Err(fault)
            }
            (_, None) => Err(HostFault::Trap("the instance is gone".to_owned()).into()),
        }
    }

    fn guest_fault(&self, fault: &WitFault, store: &Store<Guest>, side: Side) -> Fault {
        let origin = match side {
            Side::Source => Origin::Source,
            Side::Destination => Origin::Destination,
        };
        self.bound.told(from_guest(fault, &store.data().given, origin))
    }
}

/// Ends when a call took longer than `limit`, without its uncounted time.
pub(in crate::host) async fn overdue(uncounted: &UncountedTime, limit: Duration) {
    let mut granted = Duration::ZERO;
    tokio::time::sleep(limit).await;
    loop {
        let waited = uncounted.total().min(LONGEST_UNCOUNTED);
        if waited <= granted {
            return;
        }
        tokio::time::sleep(waited.saturating_sub(granted)).await;
        granted = waited;
    }
}

/// Ends when nothing moved for `limit`, without uncounted time.
///
/// It looks several times in that span: with one look in each, a call that stops just after a look
/// would go on for up to twice the limit.
async fn idle(activity: &Activity, uncounted: &UncountedTime, limit: Duration) {
    let look = (limit / 8).clamp(Duration::from_millis(1), IDLE_CHECK_INTERVAL);
    let now = || (activity.count(), uncounted.total().min(LONGEST_UNCOUNTED));
    let (mut seen, mut since) = (now(), Instant::now());
    while since.elapsed() < limit {
        tokio::time::sleep(look).await;
        let now = now();
        if now != seen {
            (seen, since) = (now, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_measured_from_the_last_byte() {
        let (activity, uncounted) = (Activity::default(), UncountedTime::default());
        let begun = Instant::now();
        let moves = async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            activity.bump();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = moves => {}
            () = idle(&activity, &uncounted, Duration::from_secs(1)) => {}
        }
        let took = begun.elapsed();
        assert!((1700..1850).contains(&took.as_millis()), "{took:?}");
    }
}
