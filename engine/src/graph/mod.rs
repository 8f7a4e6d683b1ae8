//! The checked graph of steps: names resolved, no cycles, nothing unused.

mod bind;
mod checked;
mod convert;
mod draw;
mod make;
mod origins;
mod select;
mod settings;
mod sinks;
mod step;
mod template;
mod wiring;

pub use checked::Graph;
pub use make::{Ground, make};
pub use select::{Globs, Selected};
pub use settings::{Report, ReportKind, RunSettings};
pub use step::{
    Annotate, Endpoint, Filling, Filter, IndexMode, LabelRule, OnConflict, Origin, Part, Referrers,
    Sink, Source, Step, StepKind, TagRule, TagSort, Template, Transform,
};
