//! Wants all memory: its own, and the engine's.

use engine_plugin_sdk::fs::Directory;
use engine_plugin_sdk::http::Request;
use engine_plugin_sdk::{Fault, Level, Source, log};
use guest_stage::{Hostile, Stage};
use std::hint::black_box;

/// Bytes of one piece.
const PIECE: usize = 1 << 20;
/// Bytes of a text that is much longer than any text should be, and fits into one call.
const LONG: usize = 6 << 20;
/// How often a call is made that the engine may remember something of.
const OFTEN: u32 = 20;

/// The guest.
pub struct Hoard;

engine_plugin_sdk::export_transport!(Stage<Hoard>);

impl Hostile for Hoard {
    fn act(what: &str) -> Result<(), Fault> {
        match what {
            "texts" => texts(),
            "names" => names(),
            "request" => request(),
            _ => return hoard(what),
        }
        Ok(())
    }
}

/// What cannot go well.
fn hoard(what: &str) -> Result<(), Fault> {
    match what {
        "own" => own(),
        "engine" => engine(),
        "concat" => concat(),
        _ => answer(),
    }
}

/// Its own memory, piece by piece.
fn own() -> Result<(), Fault> {
    let mut pieces = Vec::new();
    loop {
        pieces.push(black_box(vec![1_u8; PIECE]));
    }
}

/// The engine's: bytes behind handles that it keeps.
fn engine() -> Result<(), Fault> {
    let piece = vec![1_u8; PIECE];
    let mut sources = Vec::new();
    loop {
        sources.push(Source::from_bytes(&piece));
    }
}

/// The engine's: bytes behind one handle, which grows.
fn concat() -> Result<(), Fault> {
    let piece = vec![1_u8; PIECE];
    let mut sources = Vec::new();
    loop {
        let parts = (0..8).map(|_| Source::from_bytes(&piece)).collect();
        sources.push(Source::concat(parts));
    }
}

/// The engine's: what it says about texts that are wrong, and about which it might say a lot.
fn texts() {
    let long = "x".repeat(LONG);
    for _ in 0..OFTEN {
        // Nothing there has such a path; what went wrong is told in the engine's words.
        drop(Directory("shared").stat(&long));
        drop(Directory("shared").read(&long, 0));
        log(Level::Info, &long);
    }
}

/// The same, with names of directories.
fn names() {
    let long: &'static str = "x".repeat(LONG).leak();
    for _ in 0..OFTEN {
        drop(Directory(long).stat("x"));
    }
}

/// The engine's: requests that are too large to be sent.
fn request() {
    let long = "x".repeat(LONG);
    for _ in 0..OFTEN {
        drop(Request::new("GET", format!("http://{long}/")).send());
        drop(Request::new("GET", "http://host/").header(&format!("proxy-{long}"), "").send());
        drop(Request::new("GET", "http://host/").header("x", long.as_str()).send());
        drop(Request::new("GET", "http://host/").header(&long, "x").send());
    }
}

/// The engine's: more in one answer than a call may give, made of few bytes of its own.
fn answer() -> Result<(), Fault> {
    let mut fault = Fault::io("much");
    for number in 0..40_u32 {
        fault = fault.fact(&number.to_string(), "x".repeat(PIECE));
    }
    Err(fault)
}
