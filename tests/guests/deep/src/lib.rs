//! Hangs directories into each other, deeper than any path is long, and has the engine walk through
//! them. An act is a word.

use engine_plugin_sdk::Fault;
use engine_plugin_sdk::fs::Directory;
use guest_stage::{Hostile, Stage};

/// The directory that it is granted.
const DIRECTORY: Directory = Directory("shared");
/// Directories that are made at once, in each other.
const AT_ONCE: usize = 58;
/// How often such directories are hung into others.
const OFTEN: usize = 260;

/// The guest.
pub struct Deep;

engine_plugin_sdk::export_transport!(Stage<Deep>);

impl Hostile for Deep {
    fn act(what: &str) -> Result<(), Fault> {
        match what {
            "hang" => hang(),
            // More levels than anybody needs, in one path.
            "mkdir" => DIRECTORY.mkdir(&"d/".repeat(2_000)),
            // What the test made.
            other => DIRECTORY.remove(other),
        }
    }
}

/// 15,000 levels, and has them removed.
fn hang() -> Result<(), Fault> {
    let inside = "d/".repeat(AT_ONCE);
    for number in 0..OFTEN {
        let outer = format!("{number}/{inside}");
        DIRECTORY.mkdir(&outer)?;
        if let Some(inner) = number.checked_sub(1) {
            DIRECTORY.rename(&inner.to_string(), &format!("{outer}in"))?;
        }
    }
    DIRECTORY.remove(&(OFTEN - 1).to_string())
}
