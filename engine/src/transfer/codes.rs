//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const MANIFEST_ABSENT: Code = Code::new("transfer::manifest-absent", Kind::NotFound);
pub(super) const MANIFEST_MISMATCH: Code = Code::new("transfer::manifest-mismatch", Kind::Corrupt);
pub(super) const MANIFEST_UNREADABLE: Code =
    Code::new("transfer::manifest-unreadable", Kind::Corrupt);
pub(super) const NOTHING_SIGNED: Code = Code::new("transfer::nothing-signed", Kind::Corrupt);
pub(super) const TOO_MANY_MANIFESTS: Code =
    Code::new("transfer::too-many-manifests", Kind::Exhausted);
pub(super) const TOO_MANY_REFERRERS: Code =
    Code::new("transfer::too-many-referrers", Kind::Exhausted);
pub(super) const REFERRERS_LEFT: Code = Code::new("transfer::referrers-left", Kind::Other);
pub(super) const COMPANIONS_UNREAD: Code =
    Code::new("transfer::companions-unread", Kind::Unreadable);
pub(super) const NOT_REBUILT: Code = Code::new("transfer::not-rebuilt", Kind::Unsupported);
pub(super) const LAYER_CONTENT: Code = Code::new("transfer::layer-content", Kind::Corrupt);
pub(super) const NO_EDIT: Code = Code::new("transfer::no-edit", Kind::Crashed);
pub(super) const NOTHING_TO_WRITE: Code = Code::new("transfer::nothing-to-write", Kind::Crashed);
pub(super) const CRASHED: Code = Code::new("transfer::crashed", Kind::Crashed);
pub(super) const SIGNATURES_REMOVED: Code = Code::new("transfer::signatures-removed", Kind::Other);
