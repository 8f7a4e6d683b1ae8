//! Walks a destination and proves that no name is without its content.
//!
//! It reads the JSON by itself, not with the engine's reader: an auditor that shares the eyes of
//! the audited sees what they see.

mod audited;
mod directory;
mod holdings;
mod layout;
mod violation;
mod walk;

pub use audited::Audited;
pub use violation::{Violation, Wrong};
