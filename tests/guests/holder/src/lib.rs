//! Holds more than it may, and asks more often. An act is a word, for `ask` with a URL behind it.

use engine_plugin_sdk::http::Request;
use engine_plugin_sdk::{Fault, Source};
use guest_stage::{Hostile, Stage};

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
            None => hold(),
        }
    }
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
