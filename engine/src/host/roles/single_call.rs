//! One call of a component whose role keeps nothing between calls: a fresh instance, its bounds, and
//! what became of it.

use super::conversions::from_role;
use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::engine::plugin::types::Fault as WitFault;
use crate::host::fault::HostFault;
use crate::host::instance::bound_component::BoundComponent;
use crate::host::instance::call::overdue;
use crate::host::instance::caught::caught;
use crate::host::instance::guest::Guest;
use crate::host::instance::image_in_hand::Show;
use crate::host::instance::prepared::{Prepared, Role, Start};
use crate::role::{Access, Side};
use futures_util::future::BoxFuture;
use std::time::Duration;
use wasmtime::Store;

/// What a guest's function gave: its answer, its fault, or a failure of the machine.
pub(in crate::host) type Called<R> = wasmtime::Result<Result<R, WitFault>>;

impl BoundComponent {
    /// Makes an instance, lets `work` call it, and drops it. `origin` is whose fault it is when the
    /// guest answers with one.
    pub(in crate::host) async fn once<P: Role, R>(
        &self,
        component: &Prepared<P>,
        show: Show,
        origin: Origin,
        work: impl for<'a> FnOnce(&'a mut Store<Guest>, &'a P::Instance) -> BoxFuture<'a, Called<R>>
        + Send,
    ) -> Result<R, Fault> {
        let mut guest = self.guest("", Side::Source);
        let access = if show.signing.is_some() { Access::Write } else { Access::Read };
        guest.begin(self.call_access("", "", access));
        guest.show = show;
        let uncounted = guest.call_access.uncounted.clone();
        let Start { store, slot, pre } = component.start(&self.machine, guest)?;
        // After the slot, so that it is dropped first.
        let (_slot, mut store) = (slot, store);
        let running = self.machine.ticker.run();
        let limit = self.binding.limits.time_millis;
        let making = async {
            let instance = pre.instantiate(&mut store).await?;
            work(&mut store, &instance).await
        };
        let called = tokio::select! {
            called = caught(making) => called,
            () = overdue(&uncounted, Duration::from_millis(limit)) => {
                Err(HostFault::OutOfTime(limit).into())
            }
        };
        drop(running);
        match called {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(fault)) => {
                let given = &store.data().given;
                Err(self.told(from_role(&fault, given, origin)))
            }
            Err(error) => Err(self.machine_fault(&error, &store)),
        }
    }
}
