//! Faults: what went wrong, whose fault it is, whether trying again helps, and what to do.
//!
//! Modules have enums of their own (thiserror); where a failure crosses a floor it becomes a
//! [`Fault`], which is data: it can be kept in an event, written into a report and drawn.
//! A [`Tree`] knows where each word of a YAML or JSON file stands, and a [`Place`] is a path into it.

mod backoff;
mod code;
pub(crate) mod codes;
mod drawing;
mod fault;
mod json_tree;
mod kind;
mod nearest;
mod offsets;
mod pattern;
mod place;
mod schema;
mod size;
mod tree;
mod values;

pub use backoff::Backoff;
pub use code::Code;
pub use drawing::Drawing;
pub use fault::{Fault, Origin, Retry};
pub use json_tree::{NotJson, json_tree};
pub use kind::Kind;
pub use nearest::{nearest, suggestion};
pub use offsets::LineStarts;
pub use pattern::Pattern;
pub use place::{Place, PlacePart};
pub use schema::Schema;
pub use size::size;
pub use tree::{Branch, MapEntry, Tree, Value};
