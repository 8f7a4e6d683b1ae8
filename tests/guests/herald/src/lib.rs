//! Does harm when it is asked what it can do, before it was given anything.
//!
//! `describe` has no settings, so what it does stands in its own bytes, where a test writes it.

use engine_plugin_sdk::http::Request;
use engine_plugin_sdk::{
    Capabilities, Content, Descriptor, Fault, Level, Manifest, Page, Selector, Side, Source,
    Transport, log,
};
use std::hint::black_box;

/// What it does: a test replaces the dashes.
static ACT: &[u8; 24] = b"herald-act:-------------";

/// The guest.
pub struct Herald;

engine_plugin_sdk::export_transport!(Herald);

impl Transport for Herald {
    #[expect(clippy::panic, reason = "what this guest is there for")]
    fn describe() -> Capabilities {
        match black_box(ACT)[11] {
            b't' => panic!("this guest panics"),
            b's' => loop {
                black_box(());
            },
            b'm' => drop(black_box(vec![1_u8; 1 << 30])),
            b'h' => {
                let mut held = Vec::new();
                loop {
                    held.push(Source::from_bytes(b"x"));
                }
            }
            b'l' => (0..100_000_u32).for_each(|_| log(Level::Error, "listen!")),
            b'a' => drop(Request::new("GET", "http://127.0.0.1:1/").send()),
            _ => {}
        }
        Capabilities { concurrent: true, lists_repositories: true, ..Capabilities::default() }
    }

    fn open(_: &str, _: Side, _: &str) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn list_repositories(&self, _: Option<&str>) -> Result<Page, Fault> {
        Ok(Page::default())
    }

    fn resolve(&self, _: &str, _: &Selector) -> Result<Option<Descriptor>, Fault> {
        Ok(None)
    }

    fn get_manifest(&self, _: &str, _: &Selector) -> Result<Option<Manifest>, Fault> {
        Ok(None)
    }

    fn get_blob(&self, _: &str, _: &Descriptor, _: u64) -> Result<Content, Fault> {
        Err(Fault::not_found("no such blob"))
    }

    fn has_blob(&self, _: &str, _: &Descriptor) -> Result<bool, Fault> {
        Ok(false)
    }
}
