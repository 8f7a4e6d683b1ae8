//! Holds more than it may, and asks more often. An act is a word, for `ask` with a URL behind it.

use engine_plugin_sdk::http::Request;
use engine_plugin_sdk::{Fault, Put, PutBlob, Source, note, noted, written};
use guest_stage::{Hostile, Stage};
use std::sync::atomic::{AtomicU32, Ordering};

/// Calls that this instance has seen.
static CALLS: AtomicU32 = AtomicU32::new(0);

/// The guest.
pub struct Holder;

engine_plugin_sdk::export_transport!(Stage<Holder>);

impl Hostile for Holder {
    fn act(what: &str) -> Result<(), Fault> {
        match what.split_once(' ') {
            Some((_, url)) => loop {
                drop(Request::new("GET", url).send()?);
            },
            None if what == "nest" => nest(),
            None if what == "wrap" => wrap(),
            None if what == "broad" => broad(8).read_all(1).map(drop),
            None if what == "count" => count(),
            None if what == "notes" => notes(),
            None if what == "tally" => tally(),
            None if what == "halves" => halves(),
            None => hold(),
        }
    }

    /// Says what the body was that it was given, before and after its end.
    fn put(_: &str, put: PutBlob) -> Result<Put, Fault> {
        let early = written();
        guest_stage::take(&put.body)?;
        let said = written().map(|blob| format!("{} of {} bytes", blob.digest, blob.size));
        Err(Fault::new("written", format!("{early:?}, then {}", said.unwrap_or_default())))
    }
}

/// More notes than are kept, and longer ones. Fine as long as each of those is refused.
fn notes() -> Result<(), Fault> {
    for number in 0..16 {
        note(&number.to_string(), &"x".repeat(256))?;
    }
    note("3", "again")?;
    let (long, key) = ("x".repeat(257), "k".repeat(65));
    for (key, text) in [("one more", "x"), ("3", &long), ("", "x"), (&key, "x")] {
        match note(key, text) {
            Err(fault) if fault.code == "invalid" => {}
            other => return Err(Fault::new("unbounded", format!("{key}: {other:?}"))),
        }
    }
    match noted("3").as_deref() {
        Some("again") => Ok(()),
        other => Err(Fault::new("lost", format!("{other:?}"))),
    }
}

/// What instances before it noted: how many they were.
fn tally() -> Result<(), Fault> {
    let before: u32 = noted("calls").and_then(|calls| calls.parse().ok()).unwrap_or_default();
    note("calls", &(before + 1).to_string())?;
    Err(Fault::new("tallied", format!("call {}", before + 1)))
}

/// More handles than anybody needs.
fn hold() -> Result<(), Fault> {
    let mut held = Vec::new();
    loop {
        held.push(Source::from_bytes(b"x"));
    }
}

/// One handle, wrapped in itself until whoever walks through it has no stack left.
fn nest() -> Result<(), Fault> {
    let mut source = Source::from_bytes(b"xy");
    for _ in 0..1_000_000_u32 {
        source = source.take(2);
    }
    source.read_all(2).map(drop)
}

/// The same by `concat`, with a part beside it each time.
fn wrap() -> Result<(), Fault> {
    let mut source = Source::from_bytes(b"x");
    for _ in 0..1_000_000_u32 {
        source = Source::concat(vec![Source::from_bytes(b"y"), source]);
    }
    source.read_all(1 << 20).map(drop)
}

/// The same by reading a byte, which leaves a body of two parts behind, and passing on the rest.
fn halves() -> Result<(), Fault> {
    let mut source = Source::from_bytes(&[b'x'; 4096]);
    for _ in 0..4000_u32 {
        source.read(1)?;
        source = Source::concat(vec![source]);
    }
    source.read_all(1 << 20).map(drop)
}

/// One handle, with bodies of no bytes within it: many, but not deep.
fn broad(levels: u32) -> Source {
    match levels {
        0 => Source::from_bytes(b""),
        _ => Source::concat((0..4).map(|_| broad(levels - 1)).collect()),
    }
}

/// What it remembers of earlier calls, which is to be nothing.
fn count() -> Result<(), Fault> {
    let call = CALLS.fetch_add(1, Ordering::SeqCst) + 1;
    Err(Fault::new("counted", format!("call {call}")))
}
