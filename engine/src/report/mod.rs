//! What a run tells in the end: the report, its text, and the exit code.
//!
//! In: events, as [`Collector`] hears them, and the plan. Out: a [`Report`]. Pure: nothing here
//! asks or writes anything. Serves `specs/report.schema.json`, `specs/events.md` and
//! `specs/exit-codes.md`.

mod codes;
mod collector;
mod exit_code;
mod items;
#[expect(clippy::module_inception, reason = "files are named after their noun")]
mod report;
mod summary;
mod text;

#[cfg(test)]
mod report_tests;

pub use collector::{Collector, Times};
pub use exit_code::{ExitCode, FaultStage};
pub use items::{ItemReport, Moved, SourceImage};
pub use report::{Reached, Report, RunReport, StepFault};
pub use summary::{ByteTotals, Requests, Summary};
pub use text::{closing, text};
