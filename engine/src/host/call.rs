//! One call of a guest: an instance, its bounds, and what became of it.

use super::bindings::engine::plugin::types::Fault as WitFault;
use super::bindings::transport::TransportPlugin;
use super::bindings::transport::exports::engine::plugin::transport as wit;
use super::fault::HostFault;
use super::guest::{Activity, Guest};
use super::once::Called;
use super::prepared::Start;
use super::transport::PluginTransport;
use super::words::from_guest;
use crate::diagnostic::{Fault, Origin};
use crate::role::{Errand, Patience, Side};
use futures_util::future::BoxFuture;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit};
use wasmtime::Store;
use wasmtime::component::ResourceAny;

/// An instance with its open session.
pub(super) struct Live {
    pub(super) store: Store<Guest>,
    pub(super) plugin: TransportPlugin,
    pub(super) session: ResourceAny,
    #[expect(dead_code, reason = "held for its drop, after that of the store")]
    slot: Option<OwnedSemaphorePermit>,
}

/// Where the instance of a call comes from.
pub(super) enum Stage {
    /// A new one for each call.
    PerCall,
    /// One for all calls, in turn; made anew after a trap.
    InTurn(std::sync::Arc<Mutex<Option<Live>>>),
}

/// An instance for the time of a call. It may outlive the call when a body needs it.
pub(super) enum Hold {
    Own(Box<Live>),
    Turn(OwnedMutexGuard<Option<Live>>),
}

/// How a call is bounded.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    /// By its whole time.
    Time,
    /// By the time in which no byte moves.
    Idle,
}

impl Hold {
    pub(super) fn live(&mut self) -> Option<&mut Live> {
        match self {
            Self::Own(live) => Some(live),
            Self::Turn(guard) => guard.as_mut(),
        }
    }

    /// After a trap the instance must not be used again.
    fn forget(&mut self) {
        if let Self::Turn(guard) = self {
            **guard = None;
        }
    }
}

impl PluginTransport {
    /// An instance for a call, with its session open.
    pub(super) async fn hold(&self, stage: &Stage, place: &str, side: Side) -> Result<Hold, Fault> {
        match stage {
            Stage::PerCall => Ok(Hold::Own(Box::new(self.start(place, side).await?))),
            Stage::InTurn(turn) => {
                let mut guard = std::sync::Arc::clone(turn).lock_owned().await;
                if guard.is_none() {
                    *guard = Some(self.start(place, side).await?);
                }
                Ok(Hold::Turn(guard))
            }
        }
    }

    async fn start(&self, place: &str, side: Side) -> Result<Live, Fault> {
        let guest = self.seat.guest(place, side);
        let Start { store, slot, pre } = self.component.start(&self.seat.machine, guest)?;
        // After the slot, so that it is dropped first.
        let mut store = store;
        let running = self.seat.machine.ticker.run();
        let opened = async {
            let plugin = pre.instantiate_async(&mut store).await?;
            let wit_side = match side {
                Side::Source => wit::Side::Source,
                Side::Destination => wit::Side::Destination,
            };
            let place = if store.data().directories.contains_key("root") { "" } else { place };
            let settings = self.seat.settings();
            let sessions = plugin.engine_plugin_transport().session();
            let session = sessions.call_open(&mut store, place, wit_side, &settings).await?;
            Ok((plugin, session))
        };
        let limit = Duration::from_millis(self.seat.binding.limits.time_millis);
        let opened = tokio::time::timeout(limit, opened).await;
        drop(running);
        let opened: wasmtime::Result<_> = match opened {
            Ok(opened) => opened,
            Err(_) => Err(HostFault::OutOfTime(self.seat.binding.limits.time_millis).into()),
        };
        match opened {
            Ok((plugin, Ok(session))) => Ok(Live { store, plugin, session, slot }),
            Ok((_, Err(fault))) => Err(self.guest_fault(&fault, &store, side)),
            Err(error) => Err(self.seat.machine_fault(&error, &store)),
        }
    }

    /// Makes one call in a held instance.
    pub(super) async fn call<R>(
        &self,
        hold: &mut Hold,
        errand: Errand,
        bound: Bound,
        work: impl for<'a> FnOnce(&'a mut Live) -> BoxFuture<'a, Called<R>> + Send,
    ) -> Result<R, Fault> {
        let side_origin = match errand.access {
            crate::role::Access::Read => Origin::Source,
            _ => Origin::Destination,
        };
        let Some(live) = hold.live() else {
            return Err(HostFault::Trap("the instance is gone".to_owned()).into());
        };
        live.store.data_mut().begin(errand);
        live.store.set_epoch_deadline(1);
        let guest = live.store.data();
        let (activity, patience) = (guest.activity.clone(), guest.errand.patience.clone());
        let running = self.seat.machine.ticker.run();
        let limits = &self.seat.binding.limits;
        let called = match bound {
            Bound::Time => tokio::select! {
                called = work(live) => called,
                () = overdue(&patience, Duration::from_millis(limits.time_millis)) => {
                    Err(HostFault::OutOfTime(limits.time_millis).into())
                }
            },
            Bound::Idle => tokio::select! {
                called = work(live) => called,
                () = idle(&activity, &patience, Duration::from_millis(limits.idle_millis)) => {
                    Err(HostFault::Idle(limits.idle_millis).into())
                }
            },
        };
        drop(running);
        match (called, hold.live()) {
            (Ok(Ok(answer)), _) => Ok(answer),
            (Ok(Err(fault)), Some(live)) => {
                let given = &live.store.data().given;
                Err(self.seat.told(from_guest(&fault, given, side_origin)))
            }
            (Err(error), Some(live)) => {
                let fault = self.seat.machine_fault(&error, &live.store);
                hold.forget();
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
        self.seat.told(from_guest(fault, &store.data().given, origin))
    }
}

/// Ends when a call took longer than `limit`, its patience not counted.
pub(super) async fn overdue(patience: &Patience, limit: Duration) {
    let mut granted = Duration::ZERO;
    tokio::time::sleep(limit).await;
    loop {
        let waited = patience.total();
        if waited <= granted {
            return;
        }
        tokio::time::sleep(waited.saturating_sub(granted)).await;
        granted = waited;
    }
}

/// Ends when nothing moved for `limit`, its patience not counted.
async fn idle(activity: &Activity, patience: &Patience, limit: Duration) {
    let mut seen = (activity.count(), patience.total());
    loop {
        tokio::time::sleep(limit).await;
        let now = (activity.count(), patience.total());
        if now == seen {
            return;
        }
        seen = now;
    }
}
