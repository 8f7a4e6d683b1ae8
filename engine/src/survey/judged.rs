//! What became of an image at the policies of its route.

use super::left_out::LeftOut;
use crate::diagnostic::Fault;
use crate::plan::Verdict;

/// What became of an image at the policies of its route.
#[derive(Debug, Clone)]
pub(super) enum Judged {
    /// It may pass.
    Passed(Vec<Verdict>),
    /// It is refused.
    Refused {
        /// The last is the one that refuses it.
        verdicts: Vec<Verdict>,
        /// Why it could not be judged, where that is why.
        fault: Option<Fault>,
    },
    /// It is left out, as the step says.
    LeftOut(LeftOut),
    /// It could not be judged, and the step says that it fails then.
    Failed(Fault),
}
