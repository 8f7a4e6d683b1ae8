//! Never returns.

use engine_plugin_sdk::{Fault, Source, now_millis};
use guest_stage::{Hostile, Stage};
use std::hint::black_box;

/// The guest.
pub struct Spin;

engine_plugin_sdk::export_transport!(Stage<Spin>);

impl Hostile for Spin {
    fn act(what: &str) -> Result<(), Fault> {
        loop {
            match what {
                "compute" => drop(black_box(what.len())),
                "clock" => drop(black_box(now_millis())),
                _ => drop(Source::from_bytes(b"x")),
            }
        }
    }
}
