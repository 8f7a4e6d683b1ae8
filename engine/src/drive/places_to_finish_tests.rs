//! Places that are written in turn: what was written is there when they are finished, or not at all.

use super::{DriveSettings, drive_tests};
use crate::diagnostic::{Code, Fault, Kind, Origin, Retry};
use crate::event::{Event, Outcome, Status};
use crate::plan::{Action, Plan, Reason};
use crate::role::{Capabilities, Signal, Stop};
use crate::transfer::testing::{Image, Pace, World};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

fn in_turn() -> Capabilities {
    Capabilities { concurrent: false, ..World::layout() }
}

/// A place `dst` that is written in turn, and a plan that copies so many images to it.
fn world(images: u8) -> (World, Plan) {
    let world = World::new(&[("dst", in_turn()), ("other", in_turn())]);
    let mut plan = Plan::default();
    for seed in 1..=images {
        let (name, image) = (format!("r{seed}"), image(seed));
        world.place("src").seed(&name, Some("1"), &image);
        plan.items.push(World::item(seed.into(), &image, &name, ("dst", &name, "1")));
    }
    (world, plan)
}

fn image(seed: u8) -> Image {
    Image::new(&format!("config {seed}"), &[Bytes::from(vec![seed; 1 << 20])])
}

fn fault() -> Fault {
    Fault::new(Code::new("test::refused", Kind::Other), Origin::Destination, "refused")
        .retry(Retry::Never)
}

async fn run(world: &World, plan: &Plan, partial: bool, stop: Stop) -> BTreeMap<u64, Outcome> {
    let partial = if partial { BTreeSet::from(["dst".to_owned()]) } else { BTreeSet::new() };
    let settings =
        DriveSettings { partial, grace: Duration::from_secs(7), ..DriveSettings::default() };
    drive_tests::run(world, plan, settings, stop).await
}

/// What was said of item 1 after its attempt.
fn said(world: &World) -> Vec<&'static str> {
    let seen = world.seen.0.lock().unwrap();
    let words = seen.iter().filter_map(|event| match event {
        Event::ItemWritten { item: 1, .. } => Some("written"),
        Event::TagMoved { item: 1, .. } => Some("tag"),
        Event::ItemFinished { item: 1, .. } => Some("finished"),
        _ => None,
    });
    words.collect()
}

fn rows(world: &World) -> usize {
    world.ledger.mirrored.lock().unwrap().len()
}

#[tokio::test(start_paused = true)]
async fn what_is_written_is_copied_when_its_place_is_finished() {
    let (world, plan) = world(3);
    let ends = run(&world, &plan, false, Stop::default()).await;
    assert!(ends.values().all(|end| end.status == Status::Copied), "{ends:?}");
    assert_eq!(said(&world), ["written", "tag", "finished"]);
    assert_eq!(rows(&world), 3);
    let calls = world.calls(&["dst"]);
    assert_eq!(calls.last().map(String::as_str), Some("dst finish"), "the last call of all");
    assert_eq!(world.calls(&["finish"]).len(), 1);
    let seen = world.seen.0.lock().unwrap();
    let first_end = seen.iter().position(|event| matches!(event, Event::TagMoved { .. }));
    let last_written = seen.iter().rposition(|event| matches!(event, Event::ItemWritten { .. }));
    assert!(first_end > last_written, "no item ends before all are written");
}

#[tokio::test(start_paused = true)]
async fn a_failed_finish_fails_all() {
    let (world, plan) = world(2);
    world.place("dst").fail("finish", fault(), 1);
    let ends = run(&world, &plan, true, Stop::default()).await;
    for end in ends.values() {
        assert_eq!(end.status, Status::Failed);
        let fault = end.fault.as_ref().unwrap();
        assert_eq!(
            (fault.code.as_ref(), fault.fact_of("stage")),
            ("test::refused", Some("finish"))
        );
    }
    assert_eq!((rows(&world), said(&world)), (0, vec!["written", "finished"]));
    assert_eq!(world.calls(&["abandon"]), ["dst abandon"]);
    assert_eq!(world.calls(&["finish"]).len(), 1, "it is not tried again");
}

#[tokio::test(start_paused = true)]
async fn after_a_failed_item_the_place_is_finished_only_where_the_sink_says_so() {
    for partial in [false, true] {
        let (world, plan) = world(3);
        world.place("dst").fail("has-blob r2", fault(), 9);
        world.place("dst").fail("put-manifest r2", fault(), 9);
        let ends = run(&world, &plan, partial, Stop::default()).await;
        assert_eq!(ends[&2].status, Status::Failed);
        let status = if partial { Status::Copied } else { Status::Deferred };
        assert_eq!([ends[&1].status, ends[&3].status], [status; 2]);
        assert_eq!(rows(&world), if partial { 2 } else { 0 });
        let last = if partial { "dst finish" } else { "dst abandon" };
        assert_eq!(world.calls(&["dst"]).last().map(String::as_str), Some(last));
        if !partial {
            let fault = ends[&1].fault.as_ref().unwrap();
            assert_eq!(fault.code, "drive::unfinished");
        }
    }
}

/// A trap while one image is written takes what was written before with it.
#[tokio::test(start_paused = true)]
async fn a_lost_session_fails_all() {
    let (world, plan) = world(2);
    world.place("dst").fail("put-manifest r2", fault(), 9);
    *world.place("dst").lost.lock().unwrap() = Some(fault());
    let ends = run(&world, &plan, false, Stop::default()).await;
    for end in ends.values() {
        assert_eq!(end.status, Status::Failed);
        assert_eq!(end.fault.as_ref().unwrap().code, "test::refused");
    }
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_planned_is_missing_too() {
    let (world, mut plan) = world(2);
    plan.items[1].action = Action::Fail;
    plan.items[1].reason = Reason::Fault { fault: fault() };
    let ends = run(&world, &plan, false, Stop::default()).await;
    assert_eq!((ends[&1].status, ends[&2].status), (Status::Deferred, Status::Failed));
    assert!(world.calls(&["finish"]).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stop_before_the_end_gives_the_place_up() {
    let (world, plan) = world(2);
    *world.place("dst").pace.lock().unwrap() = Pace::Slow(Duration::from_secs(30));
    let stop = Stop::default();
    stop.request(Signal::Interrupt);
    let ends = run(&world, &plan, false, stop).await;
    assert!(ends.values().all(|end| end.status == Status::Deferred));
    assert!(world.calls(&["finish"]).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_it_is_finished_gives_grace() {
    for (takes, status) in [(5, Status::Copied), (50, Status::Deferred)] {
        let (world, plan) = world(1);
        let stop = Stop::default();
        *world.place("dst").finishing.lock().unwrap() = Duration::from_secs(takes);
        let (stopper, log) = (stop.clone(), std::sync::Arc::clone(&world.log));
        tokio::spawn(async move {
            while !log.lock().unwrap().iter().any(|call| call == "dst finish") {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            stopper.request(Signal::Interrupt);
        });
        let began = Instant::now();
        let ends = run(&world, &plan, false, stop).await;
        assert_eq!(ends[&1].status, status);
        assert_eq!(rows(&world), usize::from(status == Status::Copied));
        assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    }
}

/// Two steps of one run at one place: one session, and one `finish` after all items of both.
#[tokio::test(start_paused = true)]
async fn steps_share_the_session_of_a_place() {
    let (world, mut plan) = world(2);
    plan.items[1].sink = "other".to_owned();
    let ends = run(&world, &plan, false, Stop::default()).await;
    assert!(ends.values().all(|end| end.status == Status::Copied));
    assert_eq!(world.calls(&["finish"]).len(), 1);
    let written = world.calls(&["tag r"]);
    assert_eq!(written.len(), 2);
    let place = |call: &String| call.split(' ').next().unwrap().to_owned();
    assert_eq!(place(&written[0]), place(&written[1]), "one session wrote both: {written:?}");
}
