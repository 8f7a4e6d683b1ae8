//! Says too much, in words that terminals obey.

use engine_plugin_sdk::{Fault, Level, log};
use guest_stage::{Hostile, Stage};

/// The guest.
pub struct Flood;

engine_plugin_sdk::export_transport!(Stage<Flood>);

impl Hostile for Flood {
    fn act(what: &str) -> Result<(), Fault> {
        if what == "empty" {
            // Lines without a byte are lines too.
            (0..300_000_u32).for_each(|_| log(Level::Error, ""));
            return Ok(());
        }
        let line = format!("\u{1b}[2J\u{7}\r{}", "x".repeat(1000));
        for _ in 0..10_000_u32 {
            log(Level::Error, &line);
        }
        match what {
            "log" => Ok(()),
            _ => Err(Fault::invalid(format!("\u{1b}]0;owned\u{7}\n{}", "y".repeat(100_000)))),
        }
    }
}
