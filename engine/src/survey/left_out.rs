//! Images that do not go on to the next step.

use crate::diagnostic::Fault;

/// A step that does not let an image through.
#[derive(Debug, Clone)]
pub(super) struct LeftOut {
    /// The step.
    pub step: String,
    /// Why not.
    pub why: String,
}

/// Why an image does not go on.
#[derive(Debug)]
pub(super) enum NotPassed {
    /// A step leaves it out.
    LeftOut(LeftOut),
    /// It could not be looked at, or not be edited.
    Failed(Fault),
}

impl NotPassed {
    /// A step leaves an image out.
    pub(super) fn left_out(step: &str, why: impl Into<String>) -> Self {
        Self::LeftOut(LeftOut { step: step.to_owned(), why: why.into() })
    }
}

impl From<Fault> for NotPassed {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}
