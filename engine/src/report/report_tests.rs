//! Reports made from events, held to the published schema.

use super::{Collector, Report, Times, text};
use crate::diagnostic::{Code, Fault, Kind, Origin, Retry};
use crate::event::{Event, Outcome, Reader as _, RequestKind, Status};
use crate::oci::{Descriptor, Digest};
use crate::plan::{Action, Item, Plan, Reason, Skip};
use serde_json::Value;
use std::time::Duration;

const SCHEMA: &str = include_str!("../../../specs/report.schema.json");
const TIMES: Times =
    Times { started: Duration::from_hours(498_731), finished: Duration::from_secs(1_795_432_061) };

fn item(id: u64) -> Item {
    Item {
        id,
        sink: "mirror".to_owned(),
        source_step: "upstream".to_owned(),
        source: format!("s.example/a/b:{id}").parse().unwrap(),
        pinned: Descriptor::new("x", Digest::of(b"x"), 1),
        destination: format!("d.example/m/b:{id}").parse().unwrap(),
        action: Action::Copy,
        reason: Reason::Differs { has: Digest::of(b"y") },
        previous: Some(Digest::of(b"y")),
        chain: String::new(),
        expected: None,
        done_by: String::new(),
        signs: Vec::new(),
        verdicts: Vec::new(),
        trace: vec!["upstream".to_owned(), "mirror".to_owned()],
        copying: None,
        follow: false,
    }
}

fn outcome(status: Status, fault: Option<Fault>) -> Outcome {
    Outcome {
        status,
        attempts: 2,
        bytes_copied: 5 << 20,
        bytes_mounted: 7,
        bytes_reused: 9,
        reopened: 1,
        digest: Some(Digest::of(b"x")),
        referrers: 3,
        incomplete: false,
        fault,
        millis: 12,
    }
}

fn fault(code: &'static str) -> Fault {
    let (kind, origin) = match code {
        "http::unreachable" => (Kind::Unreachable, Origin::Destination),
        "http::timeout" => (Kind::Timeout, Origin::Destination),
        "http::unauthorized" => (Kind::Unauthorized, Origin::Destination),
        "transport::conflict" => (Kind::Conflict, Origin::Destination),
        "drive::conflict" => (Kind::Conflict, Origin::Policy),
        "drive::stopped" => (Kind::Interrupted, Origin::Local),
        "transfer::crashed" => (Kind::Crashed, Origin::Local),
        _ => (Kind::Other, Origin::Destination),
    };
    Fault::new(Code::new(code, kind), origin, "it broke")
        .retry(Retry::AfterMillis(5))
        .at("d.example")
        .help("mend it")
        .fact("status", "500")
}

/// The report of a run whose items ended like this, after these events.
fn report(ends: &[(Status, Option<Fault>)], events: &[Event]) -> Report {
    let collector = Collector::default();
    let mut plan = Plan::default();
    collector.read(&Event::RunStarted { run: "r1".to_owned(), pipeline: "p".to_owned() });
    for event in events {
        collector.read(event);
    }
    for (id, (status, fault)) in (1..).zip(ends) {
        plan.items.push(item(id));
        let outcome = outcome(*status, fault.clone());
        collector.read(&Event::ItemFinished { item: id, outcome });
    }
    let skip = |text: &str| text.to_owned();
    plan.skips.push(Skip { step: skip("f"), image: skip("s.example/a/b:rc"), why: skip("-rc") });
    collector.report(&plan, TIMES)
}

fn code(ends: &[(Status, Option<Fault>)], events: &[Event]) -> u8 {
    report(ends, events).run.exit_code
}

fn survey(step: &str, fault: Option<Fault>) -> [Event; 2] {
    let step = step.to_owned();
    let end = match fault {
        Some(fault) => Event::SurveyFailed { step: step.clone(), fault },
        None => Event::SurveyFinished { step: step.clone(), images: 1 },
    };
    [Event::SurveyStarted { step, place: "s.example".to_owned() }, end]
}

#[test]
fn exit_codes_follow_the_table() {
    let stop = |signal: &str| Event::Stopping { signal: signal.to_owned() };
    let failed = |code| (Status::Failed, Some(fault(code)));
    let copied = || (Status::Copied, None);
    let deferred = || (Status::Deferred, Some(fault("drive::stopped")));
    assert_eq!(code(&[copied()], &[]), 0);
    assert_eq!(code(&[], &[]), 0);
    assert_eq!(code(&[copied(), failed("x::y")], &[]), 1);
    assert_eq!(code(&[copied(), deferred()], &[]), 75);
    assert_eq!(code(&[failed("x::y"), deferred()], &[]), 1);
    assert_eq!(code(&[(Status::Rejected, None), failed("x::y")], &[]), 3);
    assert_eq!(code(&[(Status::Rejected, None), failed("drive::conflict")], &[]), 4);
    assert_eq!(code(&[failed("transport::conflict")], &[]), 1);
    assert_eq!(code(&[deferred()], &[stop("SIGINT")]), 130);
    assert_eq!(code(&[failed("drive::conflict")], &[stop("SIGTERM")]), 143);
    assert_eq!(code(&[failed("http::unreachable"), failed("http::timeout")], &[]), 69);
    assert_eq!(code(&[failed("http::unreachable"), copied()], &[]), 1);
    assert_eq!(code(&[failed("http::unauthorized"), copied()], &[]), 77);
    assert_eq!(code(&[failed("http::unauthorized"), failed("transfer::crashed")], &[]), 70);
    assert_eq!(code(&[(Status::Drifted, None)], &[]), 0);
}

#[test]
fn one_source_of_several_may_fail() {
    let down = || Some(fault("http::unreachable"));
    let both = [survey("a", down()), survey("b", down())].concat();
    assert_eq!(code(&[], &both), 69);
    let one = [survey("a", down()), survey("b", None)].concat();
    assert_eq!(code(&[(Status::Copied, None)], &one), 1);
    let nothing = Event::SurveyFinished { step: "a".to_owned(), images: 0 };
    let asked = [survey("a", down()).to_vec(), vec![nothing.clone()]].concat();
    assert_eq!(code(&[], &asked), 69, "its end is told, and gave nothing");
    let empty =
        [survey("a", Some(fault("survey::no-tags").retry(Retry::Never))).to_vec(), vec![nothing]]
            .concat();
    assert_eq!(code(&[], &empty), 1, "it answered");
    let partly = [survey("a", down()), survey("a", None)].concat();
    assert_eq!(code(&[(Status::Copied, None)], &partly), 1);
}

fn full() -> Report {
    let host = || "d.example:443".to_owned();
    let requested = |kind, status| Event::Requested { host: host(), kind, status: Some(status) };
    let events = [
        requested(RequestKind::ManifestGet, 200),
        requested(RequestKind::Write, 429),
        Event::Waiting { host: host(), millis: 1000, status: 429 },
        Event::QuotaTold { host: host(), remaining: 8 },
        Event::QuotaTold { host: host(), remaining: 7 },
        Event::LedTo { registry: "d".to_owned(), host: host(), by: "redirect".to_owned() },
        Event::Warned { fault: fault("x::odd") },
        Event::SurveyFailed { step: "upstream".to_owned(), fault: fault("x::down") },
    ];
    let ends =
        [(Status::Copied, None), (Status::Failed, Some(fault("x::y"))), (Status::Unchanged, None)];
    report(&ends, &events)
}

#[test]
fn the_schema_says_what_is_written() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let full: Value = serde_json::from_str(&full().to_json().unwrap()).unwrap();
    agrees(&schema, &schema, &full, "report");
    assert_eq!(full["summary"]["bytes"]["copied"], 3 * (5 << 20));
    assert_eq!(full["summary"]["requests"]["d.example:443"]["http429"], 1);
    assert_eq!(full["run"]["startedAt"], "2026-11-23T11:00:00.000Z");
    let empty: Value = serde_json::from_str(&report(&[], &[]).to_json().unwrap()).unwrap();
    agrees(&schema, &schema, &empty, "report");
}

/// Whether the schema knows every key of the value, and the value has every key that it requires.
/// Types and enums are left to a real validator.
fn agrees(root: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointed = root.pointer(reference.trim_start_matches('#')).unwrap();
        return agrees(root, pointed, value, at);
    }
    if let Some(object) = value.as_object().filter(|_| schema.get("oneOf").is_none()) {
        for required in schema["required"].as_array().into_iter().flatten() {
            assert!(object.contains_key(required.as_str().unwrap()), "{at} lacks {required}");
        }
        for (key, value) in object {
            let known = schema["properties"].get(key).or(schema.get("additionalProperties"));
            let known = known.unwrap_or_else(|| panic!("the schema does not know {at}.{key}"));
            agrees(root, known, value, &format!("{at}.{key}"));
        }
    }
    for value in value.as_array().into_iter().flatten() {
        agrees(root, &schema["items"], value, &format!("{at}[]"));
    }
    if let Some(known) = schema["enum"].as_array() {
        assert!(known.contains(value), "{at}: {value} is not in {known:?}");
    }
}

#[test]
fn the_text_says_what_was_done_and_what_was_not() {
    let text = text(&full());
    let expected = "\
copied     s.example/a/b:1 → d.example/m/b:1 (5.0 MiB, 7 B mounted, 3 referrers, 2 attempts)
failed     s.example/a/b:2 → d.example/m/b:2
           it broke (d.example) [x::y]
           help: mend it
failed     step `upstream`
           it broke (d.example) [x::down]
           help: mend it
warning    it broke
           help: mend it
partial    1 copied, 1 unchanged, 1 failed, 1 left out; 15.0 MiB copied, 21 B mounted, 27 B reused
requests   d.example:443: 1 manifest GET, 1 writes, 1 answered 429, 7 pulls left
reached    d.example:443, as d led there by redirect
";
    assert_eq!(text, expected);
}

#[test]
fn warnings_are_bounded() {
    let events = vec![Event::Warned { fault: fault("x::odd") }; 1500];
    let report = report(&[], &events);
    assert_eq!(report.warnings.len(), 1001);
    assert_eq!(report.warnings[1000].message, "500 more warnings were left out");
}
