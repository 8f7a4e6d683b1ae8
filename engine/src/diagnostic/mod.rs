//! Faults: what went wrong, whose fault it is, whether trying again helps, and what to do.
//!
//! Modules have enums of their own (thiserror); where a failure crosses a floor it becomes a
//! [`Fault`], which is data: it can be kept in an event, written into a report and drawn.

mod fault;

pub use fault::{Fault, Origin, Retry};
