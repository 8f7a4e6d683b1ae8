//! Drives a plan to its end.

use super::DriveSettings;
use super::finish::Finish;
use super::group::{self, Driving};
use crate::event::Events;
use crate::plan::Plan;
use crate::role::Stop;
use crate::transfer::{Entry, Transfer};
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
    let transfer = Arc::clone(transfer);
    let slots = Arc::new(Semaphore::new(settings.concurrency.max(1)));
    let shared = Arc::new(Driving { transfer, settings, stop, finish, slots });
    let mut crew = JoinSet::new();
    for items in group::of_plan(plan) {
        // The slots are taken here, so that only as many groups exist as can run.
        let Some(slots) = shared.slots(items.len()).await else { break };
        let entries = items.into_iter().cloned().map(Entry::new).collect();
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
    let open = shared.finish.open();
    let stopped = shared.stop.requested().is_some();
    for item in plan.items.iter().filter(|item| open.contains(&item.id)) {
        shared.finish.abandoned(item, stopped);
    }
}
