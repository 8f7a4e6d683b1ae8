//! Stops in the middle, in each way that safe code can.

use engine_plugin_sdk::Fault;
use guest_stage::{Hostile, Stage};
use std::hint::black_box;

/// The guest.
pub struct Trap;

engine_plugin_sdk::export_transport!(Stage<Trap>);

impl Hostile for Trap {
    #[expect(clippy::panic, clippy::indexing_slicing, reason = "what this guest is there for")]
    fn act(what: &str) -> Result<(), Fault> {
        match what {
            "panic" => panic!("this guest panics"),
            "recursion" => Err(Fault::io(deep(0).to_string())),
            "division" => Err(Fault::io((1 / black_box(0_u32)).to_string())),
            "bounds" => Err(Fault::io(what.as_bytes()[black_box(1_000)].to_string())),
            "unreachable" => unreachable(),
            _ => std::process::abort(),
        }
    }
}

/// Calls itself until some stack is at its end.
#[expect(unconditional_recursion, reason = "what this guest does")]
fn deep(depth: u64) -> u64 {
    let frame = black_box([depth; 16]);
    black_box(deep(depth + 1)).wrapping_add(frame.iter().sum())
}

/// The instruction itself.
#[cfg(target_family = "wasm")]
fn unreachable() -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(not(target_family = "wasm"))]
fn unreachable() -> ! {
    std::process::abort()
}
