//! The checked graph of steps: names resolved, no cycles, nothing unused.
//!
//! In go a [`Spec`](crate::spec::Spec), a catalog of components and the texts of the lists that
//! sources name; out comes a [`Graph`], or every fault with its place. Nothing here reads a file or
//! runs a component.

mod bind;
mod checked;
mod codes;
mod component_choice;
mod component_step;
mod compress;
mod convert;
mod draw;
mod faults;
mod granted;
mod make;
mod origins;
mod pinned;
mod registries;
mod resolve;
mod select;
mod settings;
mod sinks;
mod sinks_of_one_place;
mod spec_files;
mod step;
mod template;
mod transports;
mod untagged;
mod wiring;

#[cfg(test)]
pub(crate) mod testing;

pub use checked::Graph;
pub use component_step::{Cast, Judge, OnRefusal, Signing};
pub use make::make;
pub use pinned::{Pinned, pinned};
pub use registries::registries;
pub use resolve::resolve;
pub use select::{Globs, Selected};
pub use settings::{Report, ReportKind, RunSettings};
pub use spec_files::SpecFiles;
pub use step::{
    Annotate, Endpoint, Filling, Filter, IndexMode, LabelRule, OnConflict, Origin, Part, Referrers,
    Sink, Source, Step, StepKind, TagRule, TagSort, Template, Transform,
};
