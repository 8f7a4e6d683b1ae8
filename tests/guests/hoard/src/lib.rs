//! Wants all memory: its own, and the engine's.

use engine_plugin_sdk::{Fault, Source};
use guest_stage::{Hostile, Stage};
use std::hint::black_box;

/// Bytes of one piece.
const PIECE: usize = 1 << 20;

/// The guest.
pub struct Hoard;

engine_plugin_sdk::export_transport!(Stage<Hoard>);

impl Hostile for Hoard {
    fn act(what: &str) -> Result<(), Fault> {
        match what {
            "own" => own(),
            "engine" => engine(),
            _ => answer(),
        }
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

/// The engine's: more in one answer than a call may give, made of few bytes of its own.
fn answer() -> Result<(), Fault> {
    let mut fault = Fault::io("much");
    for number in 0..40_u32 {
        fault = fault.fact(&number.to_string(), "x".repeat(PIECE));
    }
    Err(fault)
}
