//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const CONFLICT: Code = Code::new("drive::conflict", Kind::Conflict);
pub(super) const STOPPED: Code = Code::new("drive::stopped", Kind::Interrupted);
pub(super) const CRASHED: Code = Code::new("drive::crashed", Kind::Crashed);
pub(super) const UNPLANNED: Code = Code::new("drive::unplanned", Kind::Crashed);
pub(super) const REFUSED: Code = Code::new("drive::refused", Kind::Refused);
pub(super) const UNFINISHED: Code = Code::new("drive::unfinished", Kind::Interrupted);
