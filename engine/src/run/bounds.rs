//! Bounds of a run that no spec sets.

use crate::http::Timeouts;
use crate::transfer;

/// Bounds of a run that no spec sets. The defaults are what users get; tests wait for less long.
#[derive(Clone, Default)]
pub struct Bounds {
    /// How long hosts are waited for.
    pub requests: Timeouts,
    /// How much is copied at once, and how patient reads are.
    pub copies: transfer::Settings,
}
