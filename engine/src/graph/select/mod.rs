//! Selection: which tags, repositories and images pass, each with the reason if not.
//!
//! Pure: names in, names and reasons out.

mod globs;
mod labels;
mod pattern;
mod semver;
mod tags;

pub use globs::Globs;
pub(super) use pattern::pattern;
pub(super) use semver::range;
pub use tags::Selected;
