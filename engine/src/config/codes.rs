//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const AUTH_FILE: Code = Code::new("config::auth-file", Kind::Unreadable);
pub(super) const CERTIFICATES: Code = Code::new("config::certificates", Kind::Unreadable);
pub(super) const HELPER: Code = Code::new("config::helper", Kind::Unreadable);
pub(super) const MISSING_HELPER: Code = Code::new("config::missing-helper", Kind::NotFound);
pub(super) const POLICY_INVALID: Code = Code::new("config::policy-invalid", Kind::Corrupt);
pub(super) const POLICY_UNREADABLE: Code = Code::new("config::policy-unreadable", Kind::Unreadable);
pub(super) const PROGRAM: Code = Code::new("config::program", Kind::Unreadable);
pub(super) const SECRET: Code = Code::new("config::secret", Kind::Unreadable);
