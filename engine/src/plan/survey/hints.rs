//! What the survey gets besides the graph and the roles.

use crate::event::Events;
use crate::role::Ledger;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the survey may know and say.
#[derive(Clone)]
pub struct Hints {
    /// What earlier runs did; `None` compares everything.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// Who is told.
    pub events: Events,
    /// Names this run, for templates.
    pub run: String,
    /// The day the run began, as `2026-11-23`, for templates.
    pub date: String,
    /// Images looked at at once; limits per registry come from below.
    pub at_once: usize,
    /// Set to stop asking: what was not looked at by then becomes a fault.
    pub stop: Stop,
}

/// A flag that is set once.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Sets it.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is set.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
