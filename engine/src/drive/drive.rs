//! Drives a plan to its end.

use super::DriveSettings;
use super::finish::Finish;
use super::group::{self, Driving};
use super::places_to_finish::{self, PlacesToFinish};
use crate::event::Events;
use crate::plan::{Item, Plan};
use crate::role::Stop;
use crate::transfer::{ItemInWork, Transfer};
use futures_util::FutureExt;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Does what the plan says. When it returns, each item has ended with one `ItemFinished`, and
/// whatever was begun has ended or is dropped.
///
/// When `stop` is asked for, nothing new starts; what runs may go on for `settings.grace` and is
/// then dropped. What has not ended by then is deferred, and its tag was not moved.
pub async fn drive(
    plan: &Plan,
    transfer: &Arc<Transfer>,
    events: &Events,
    settings: DriveSettings,
    stop: Stop,
) {
    let finish = Finish::new(plan, events.clone());
    for item in plan.items.iter().filter(|item| !item.is_attempted()) {
        transfer.note_present(item);
        finish.untouched(item);
    }
    let to_finish = PlacesToFinish::default();
    let transfer = Arc::clone(transfer);
    let slots = Arc::new(Semaphore::new(settings.concurrency.max(1)));
    let shared = Arc::new(Driving { transfer, settings, stop, finish, to_finish, slots });
    plan.items
        .iter()
        .filter(|item| places_to_finish::lacks(item))
        .for_each(|item| shared.lacks(item));
    let mut crew = JoinSet::new();
    for items in group::of_plan(plan) {
        // The slots are taken here, so that only as many groups exist as can run.
        let Some(slots) = shared.slots(items.len()).await else { break };
        let entries = items.into_iter().cloned().map(ItemInWork::new).collect();
        crew.spawn(group::run(Arc::clone(&shared), entries, slots));
        while crew.try_join_next().is_some() {}
    }
    let stopped = async {
        shared.stop.wait().await;
        sleep(shared.settings.grace).await;
    };
    tokio::select! {
        () = async { while crew.join_next().await.is_some() {} } => {}
        () = stopped => {}
    }
    crew.shutdown().await;
    let stopped = shared.stop.requested().is_some();
    let written = shared.to_finish.items();
    let open: BTreeSet<u64> = shared.finish.open().difference(&written).copied().collect();
    let is_open = |item: &&Item| open.contains(&item.id);
    plan.items.iter().filter(is_open).for_each(|item| shared.lacks(item));
    end_places(&shared, stopped).await;
    for item in plan.items.iter().filter(is_open) {
        shared.finish.abandoned(item, stopped);
    }
}

/// Finishes the places that are written in turn. A stop that comes meanwhile gives them the grace that
/// it gives to items; one that came before, the grace from now on.
async fn end_places(shared: &Driving, stopped: bool) {
    let Driving { transfer, settings, stop, finish, to_finish, .. } = shared;
    let (stop, grace) = (stop.clone(), settings.grace);
    let given_up = || {
        let stop = stop.clone();
        let waits = async move {
            stop.wait().await;
            sleep(grace).await;
        };
        waits.boxed()
    };
    to_finish.end(transfer, finish, &settings.partial, (stopped, given_up)).await;
}
