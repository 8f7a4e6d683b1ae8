//! From a plan to its end: which items begin when, how often each is tried, and when to stop.
//!
//! In: a plan, and what copies an item. Out: events; each item of the plan ends with exactly one
//! `ItemFinished`. Attempts are repeated here and nowhere else.

mod codes;
#[expect(clippy::module_inception, reason = "files are named after their noun")]
mod drive;
mod finish;
mod group;
mod next;
mod places_to_finish;
mod settings;

#[cfg(test)]
mod drive_tests;
#[cfg(test)]
mod places_to_finish_tests;

pub use drive::drive;
pub use settings::DriveSettings;
