//! Selection: which tags, repositories and images pass, each with the reason if not.
//!
//! Pure: names in, names and reasons out. The home of patterns, globs and version ranges.

mod globs;
mod labels;
mod pattern;
mod tags;
mod version;

pub use globs::Globs;
pub(super) use pattern::pattern;
pub use tags::Selected;
pub(super) use version::range;
