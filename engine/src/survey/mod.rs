//! The survey: what is at the sources, and what at the destinations.
//!
//! In go the checked graph and the components of the run, out come [`Facts`](crate::plan::Facts). Only
//! reads are made. A list of tags is read once per source and repository, a name is resolved once,
//! a manifest is read once per digest and only where a step must see into it. A source or a
//! destination that cannot be looked at becomes a fault; the others go on.

mod aim;
mod below;
mod codes;
mod content;
mod crowd;
mod edit;
mod empty;
mod errand;
mod error;
mod exhibit;
mod hints;
mod image;
mod judge;
mod late;
mod look;
mod offer;
mod outage;
mod place;
mod rewrite;
mod select;
mod sieve;
mod signed;
mod sizes;
mod walk;

pub use hints::Hints;
pub use walk::survey;

#[cfg(test)]
#[path = "survey_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "edges_tests.rs"]
mod edges;

#[cfg(test)]
#[path = "graphs_tests.rs"]
mod graphs;
