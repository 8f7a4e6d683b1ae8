//! What becomes of an image at a filter.

use crate::diagnostic::Fault;

/// What becomes of an image at a filter.
pub(super) enum Filtered {
    /// It goes on.
    Passes,
    /// It does not, for this reason.
    LeftOut(String),
    /// It could not be looked at. It must not pass as if it had been, and must not be lost: it
    /// fails at its sinks, where it is named.
    Failed(Fault),
}
