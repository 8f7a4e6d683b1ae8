//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

pub(crate) use crate::diagnostic::codes::{
    MISSING_KEY, NOT_YAML, ONE_KIND, UNKNOWN_KEY, WRONG_TYPE, WRONG_VALUE,
};
use crate::diagnostic::{Code, Kind};

pub(crate) const UNREADABLE: Code = Code::new("spec::unreadable", Kind::Unreadable);
pub(crate) const MISSING_SECRET: Code = Code::new("spec::missing-secret", Kind::NotFound);
pub(crate) const DUPLICATE_KEY: Code = Code::new("spec::duplicate-key", Kind::Invalid);
pub(crate) const KEYS_TOGETHER: Code = Code::new("spec::keys-together", Kind::Invalid);
pub(crate) const UNKNOWN_VARIABLE: Code = Code::new("spec::unknown-variable", Kind::Invalid);
pub(crate) const UNSET_VARIABLE: Code = Code::new("spec::unset-variable", Kind::Invalid);
pub(crate) const WRONG_VARIABLE: Code = Code::new("spec::wrong-variable", Kind::Invalid);
