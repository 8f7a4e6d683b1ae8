//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const ABSENT: Code = Code::new("survey::absent", Kind::NotFound);
pub(super) const NO_TAGS: Code = Code::new("survey::no-tags", Kind::NotFound);
pub(super) const NO_REPOSITORIES: Code = Code::new("survey::no-repositories", Kind::NotFound);
pub(super) const GONE: Code = Code::new("survey::gone", Kind::NotFound);
pub(super) const PIN_BROKEN: Code = Code::new("survey::pin-broken", Kind::Conflict);
pub(super) const MANIFEST: Code = Code::new("survey::manifest", Kind::Corrupt);
pub(super) const CONFIG: Code = Code::new("survey::config", Kind::Corrupt);
pub(super) const TRANSFORM: Code = Code::new("survey::transform", Kind::Corrupt);
pub(super) const EDIT: Code = Code::new("survey::edit", Kind::Invalid);
pub(super) const DESTINATION: Code = Code::new("survey::destination", Kind::Invalid);
pub(super) const DESTINATION_DIGEST: Code = Code::new("survey::destination-digest", Kind::Invalid);
pub(super) const NO_TAG: Code = Code::new("survey::no-tag", Kind::Invalid);
pub(super) const NO_IDENTITY: Code = Code::new("survey::no-identity", Kind::Invalid);
pub(super) const STOPPED: Code = Code::new("survey::stopped", Kind::Interrupted);
pub(super) const NOT_ALLOWED: Code = Code::new("survey::not-allowed", Kind::Refused);
pub(super) const TOO_MANY: Code = Code::new("survey::too-many", Kind::Exhausted);
