//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(crate) const QUOTA: Code = Code::new("http::quota", Kind::Quota);
pub(crate) const NO_COMPONENT: Code = Code::new("role::no-component", Kind::Crashed);
pub(crate) const NO_KEY: Code = Code::new("role::no-key", Kind::Crashed);
pub(crate) const SETTINGS_DIFFER: Code = Code::new("role::settings-differ", Kind::Invalid);
pub(crate) const INDEXES_UNSUPPORTED: Code =
    Code::new("role::indexes-unsupported", Kind::Unsupported);
pub(crate) const SIGNATURES_UNSUPPORTED: Code =
    Code::new("role::signatures-unsupported", Kind::Unsupported);
pub(super) const POLICY_REJECTS: Code = Code::new("role::policy-rejects", Kind::Refused);
pub(super) const POLICY_UNSUPPORTED: Code =
    Code::new("role::policy-unsupported", Kind::Unsupported);
