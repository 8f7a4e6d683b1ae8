//! What the survey gets besides the graph and the roles.

use crate::event::Events;
use crate::role::{Ledger, MachinePolicy, Stop};
use std::sync::Arc;

/// What the survey may know and say.
#[derive(Clone)]
pub struct SurveyContext {
    /// What earlier runs did; `None` compares everything.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// What the machine's policy.json asks of images; `None`: there is none.
    pub machine_policy: Option<Arc<dyn MachinePolicy>>,
    /// Who is told.
    pub events: Events,
    /// Names this run, for templates.
    pub run: String,
    /// The day the run began, as `2026-11-23`, for templates.
    pub date: String,
    /// Images looked at at once; limits per registry come from below.
    pub at_once: usize,
    /// When it is requested, nothing more is asked: what was not looked at becomes a fault.
    pub stop: Stop,
}
