//! Attempts, pauses, stops and the ends of items, against places in memory.

use super::{DriveSettings, drive};
use crate::diagnostic::{Code, Fault, Kind, Origin, Retry};
use crate::event::{Event, Outcome, Status};
use crate::plan::{Action, Item, Plan, Reason};
use crate::role::{Signal, Stop};
use crate::transfer::testing::{Image, Pace, World};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

fn image(seed: u8) -> Image {
    Image::new(&format!("config {seed}"), &[Bytes::from(vec![seed; 3 << 20])])
}

fn fault(retry: Retry) -> Fault {
    Fault::new(Code::new("test::refused", Kind::Other), Origin::Destination, "refused").retry(retry)
}

/// A world with a sink and some images, and a plan that copies them all.
fn world(images: u8) -> (World, Plan) {
    let world = World::new(&[("dst", World::registry())]);
    let mut plan = Plan::default();
    for seed in 1..=images {
        let (name, image) = (format!("r{seed}"), image(seed));
        world.place("src").seed(&name, Some("1"), &image);
        plan.items.push(World::item(seed.into(), &image, &name, ("dst", &name, "1")));
    }
    (world, plan)
}

/// Drives a plan, and gives how each item ended.
pub(super) async fn run(
    world: &World,
    plan: &Plan,
    settings: DriveSettings,
    stop: Stop,
) -> BTreeMap<u64, Outcome> {
    drive(plan, &world.transfer(), &world.events(), settings, stop).await;
    let mut outcomes = BTreeMap::new();
    for event in world.seen.0.lock().unwrap().iter() {
        if let Event::ItemFinished { item, outcome } = event {
            assert!(outcomes.insert(*item, outcome.clone()).is_none(), "an item ends once");
        }
    }
    assert_eq!(outcomes.len(), plan.items.len(), "each item ends");
    outcomes
}

async fn calmly(world: &World, plan: &Plan) -> BTreeMap<u64, Outcome> {
    let stop = Stop::default();
    run(world, plan, DriveSettings::default(), stop).await
}

#[tokio::test(start_paused = true)]
async fn a_failed_item_is_tried_again_and_counts_once() {
    let (world, plan) = world(2);
    world.place("dst").fail("put-manifest r1", fault(Retry::Backoff), 2);
    let began = Instant::now();
    let ends = calmly(&world, &plan).await;
    assert_eq!((ends[&1].status, ends[&1].attempts), (Status::Copied, 3));
    assert_eq!((ends[&2].status, ends[&2].attempts), (Status::Copied, 1));
    assert_eq!(ends[&1].bytes_copied, (3 << 20) + 8, "what the first attempt sent is not reused");
    assert_eq!(ends[&1].bytes_reused, 0);
    assert!(began.elapsed() >= Duration::from_millis(2250));
    assert_eq!(world.calls(&["src get-blob r1"]).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn parts_that_a_registry_sees_late_are_waited_for() {
    let (world, plan) = world(1);
    let unknown = fault(Retry::Never).fact("registry-code", "MANIFEST_BLOB_UNKNOWN");
    world.place("dst").fail("put-manifest r1", unknown, 2);
    let ends = calmly(&world, &plan).await;
    assert_eq!((ends[&1].status, ends[&1].attempts), (Status::Copied, 3));
    assert_eq!(ends[&1].bytes_copied, (3 << 20) + 8, "nothing is sent twice");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_help_is_not_repeated() {
    let (world, plan) = world(3);
    let dst = world.place("dst");
    dst.fail("has-blob r1", fault(Retry::Never), 9);
    let password = Fault { kind: Kind::Unauthorized, ..fault(Retry::Backoff) };
    dst.fail("has-blob r2", password, 9);
    dst.fail("has-blob r3", fault(Retry::AfterMillis(3_600_000)), 9);
    let ends = calmly(&world, &plan).await;
    assert_eq!((ends[&1].status, ends[&1].attempts), (Status::Failed, 1));
    assert_eq!((ends[&2].status, ends[&2].attempts), (Status::Failed, 1));
    assert_eq!((ends[&3].status, ends[&3].attempts), (Status::Deferred, 1));
    for name in ["r1", "r2", "r3"] {
        assert_eq!(dst.tag_of(name, "1"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn items_without_work_end_by_their_action() {
    let (world, mut plan) = world(5);
    let actions = [Action::Unchanged, Action::Drift, Action::Conflict, Action::Fail, Action::Move];
    for (item, action) in plan.items.iter_mut().zip(actions) {
        item.action = action;
    }
    (plan.items[0].reason, plan.items[0].previous) = (Reason::Present, Some(image(1).digest()));
    plan.items[2].reason = Reason::SameDestination { other: "b/c:1".to_owned() };
    let ends = calmly(&world, &plan).await;
    let statuses: Vec<_> = ends.values().map(|end| end.status).collect();
    let failed = Status::Failed;
    assert_eq!(statuses, [Status::Unchanged, Status::Drifted, failed, failed, Status::Moved]);
    assert!(ends[&3].fault.as_ref().unwrap().message.contains("b/c:1"));
    assert!(world.calls(&["r1"]).is_empty(), "nothing is asked for what is done");
    let known = world
        .ledger
        .mirrored
        .lock()
        .unwrap()
        .iter()
        .map(|row| row.source.clone())
        .collect::<Vec<_>>();
    assert_eq!(known, ["src/r1:1", "src/r5:1"], "a lost state is learnt again");
}

#[tokio::test(start_paused = true)]
async fn a_stop_starts_nothing_new_and_gives_grace() {
    let (world, plan) = world(6);
    *world.place("dst").pace.lock().unwrap() = Pace::Slow(Duration::from_secs(1));
    let settings =
        DriveSettings { concurrency: 1, grace: Duration::from_secs(7), ..DriveSettings::default() };
    let stop = Stop::default();
    let stopper = stop.clone();
    // An image takes 13 s: the stop comes while the second is on its way, and is too short for it.
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(14)).await;
        stopper.request(Signal::Interrupt);
    });
    let began = Instant::now();
    let ends = run(&world, &plan, settings, stop).await;
    assert_eq!(began.elapsed().as_secs(), 21);
    assert_eq!(ends[&1].status, Status::Copied);
    for id in 2..=6 {
        assert_eq!(ends[&id].status, Status::Deferred);
        assert_eq!(ends[&id].fault.as_ref().unwrap().code, "drive::stopped");
    }
    assert_eq!(world.place("dst").tag_of("r2", "1"), None);
    assert!(world.calls(&["r3"]).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_panic_leaves_others_unharmed() {
    let (world, plan) = world(3);
    *world.place("dst").panics.lock().unwrap() = Some("has-blob r2".to_owned());
    let ends = calmly(&world, &plan).await;
    assert_eq!(ends[&1].status, Status::Copied);
    assert_eq!(ends[&2].fault.as_ref().unwrap().code, "transfer::crashed");
    assert_eq!(ends[&3].status, Status::Copied);
}

#[tokio::test(start_paused = true)]
async fn items_of_one_image_go_together() {
    let (world, mut plan) = world(2);
    let second: Vec<Item> = plan
        .items
        .iter()
        .map(|item| {
            let mut item = item.clone();
            item.id += 10;
            item.destination.name.tag = Some("2".to_owned());
            item
        })
        .collect();
    plan.items.extend(second);
    let ends = calmly(&world, &plan).await;
    assert!(ends.values().all(|end| end.status == Status::Copied));
    assert_eq!(world.calls(&["src get-blob"]).len(), 4);
    assert_eq!(world.calls(&["src get-manifest r1"]).len(), 1, "manifests are read once, too");
}

/// Three repositories with twenty tags each, a base layer shared by all, to a registry and to a
/// layout: on real threads, so that claims meet.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_blob_is_read_once_for_all_repositories_and_sinks() {
    let sinks = [("reg", World::registry()), ("oci", World::layout())];
    let world = World::new(&sinks);
    let mut plan = Plan::default();
    let mut id = 0;
    for (repository, tag) in ["r1", "r2", "r3"].iter().flat_map(|r| (0..20).map(move |t| (*r, t))) {
        let layer = |text: String| Bytes::from(text.repeat(70_000));
        let base = layer("shared base".to_owned());
        let child = |arch: &str| {
            let own = layer(format!("{repository} {tag} {arch}"));
            Image::new(&format!("{repository} {tag} {arch}"), &[base.clone(), own])
        };
        let image = Image::index(&[child("amd64"), child("arm64")]);
        let tag = format!("v{tag}");
        world.place("src").seed(repository, Some(&tag), &image);
        for (sink, _) in &sinks {
            id += 1;
            plan.items.push(World::item(id, &image, repository, (sink, repository, &tag)));
        }
    }
    for round in 0..2 {
        let ends = calmly(&world, &plan).await;
        assert!(ends.values().all(|end| end.status == Status::Copied), "{ends:#?}");
        world.seen.0.lock().unwrap().clear();
        assert_eq!(world.calls(&["src get-blob"]).len(), 241, "round {round}");
    }
    let mounts = world.calls(&["reg put-blob", " r"]);
    let mounted = mounts.iter().filter(|call| !call.ends_with('-')).count();
    assert_eq!(mounted, 2, "the base is sent once and mounted by two repositories");
}
