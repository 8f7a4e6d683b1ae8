//! Why companions could not be read.

use crate::diagnostic::Fault;

/// Why companions could not be read.
#[derive(Debug)]
pub(crate) enum CompanionFault {
    /// The place answered, and what stands there cannot be used as what it should be.
    Unusable(Fault),
    /// The place could not be asked.
    Unread(Fault),
}

impl CompanionFault {
    /// The fault of an answer; the error is that there was none. For callers that watch whether a
    /// place answers at all.
    pub(crate) fn answered(self) -> Result<Fault, Fault> {
        match self {
            Self::Unusable(fault) => Ok(fault),
            Self::Unread(fault) => Err(fault),
        }
    }
}

impl From<CompanionFault> for Fault {
    fn from(fault: CompanionFault) -> Self {
        match fault {
            CompanionFault::Unusable(fault) | CompanionFault::Unread(fault) => fault,
        }
    }
}

impl From<Fault> for CompanionFault {
    fn from(fault: Fault) -> Self {
        Self::Unread(fault)
    }
}
