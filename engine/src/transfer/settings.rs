//! Bounds of the copying.

use crate::stream::{LEG_IDLE, Reopen};
use std::collections::BTreeSet;
use std::time::Duration;

/// Bounds of the copying, and what is known before it begins.
#[derive(Clone)]
pub struct Settings {
    /// Blobs of one image at once. 4: two to eight take the same time, and fewer less CPU.
    pub blobs_of_image: usize,
    /// Blobs at once in the whole run. 16.
    pub blobs_in_all: usize,
    /// How long a destination may hold up others that are fed by the same read. 30 s.
    pub leg_idle: Duration,
    /// How patient reads are.
    pub reopen: Reopen,
    /// Destinations that are known to be empty, as `transport:place` and repository: they are not
    /// asked what they have.
    pub empty: BTreeSet<(String, String)>,
    /// Sinks to which images go without the signatures that their source keeps beside them.
    pub unsigned: BTreeSet<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            blobs_of_image: 4,
            blobs_in_all: 16,
            leg_idle: LEG_IDLE,
            reopen: Reopen::default(),
            empty: BTreeSet::new(),
            unsigned: BTreeSet::new(),
        }
    }
}
