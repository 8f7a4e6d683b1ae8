//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const EVIDENCE: Code = Code::new("companion::evidence", Kind::Corrupt);
pub(super) const REFERRERS_UNREADABLE: Code =
    Code::new("companion::referrers-unreadable", Kind::Corrupt);
pub(super) const SIGNATURES_REPLACED: Code =
    Code::new("companion::signatures-replaced", Kind::Conflict);
pub(super) const SIGNATURES_LOST: Code = Code::new("companion::signatures-lost", Kind::Held);
