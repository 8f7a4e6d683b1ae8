//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use super::{Code, Kind};

pub(crate) const NOT_YAML: Code = Code::new("spec::not-yaml", Kind::Corrupt);
pub(crate) const UNKNOWN_KEY: Code = Code::new("spec::unknown-key", Kind::Invalid);
pub(crate) const MISSING_KEY: Code = Code::new("spec::missing-key", Kind::Invalid);
pub(crate) const ONE_KIND: Code = Code::new("spec::one-kind", Kind::Invalid);
pub(crate) const WRONG_TYPE: Code = Code::new("spec::wrong-type", Kind::Invalid);
pub(crate) const WRONG_VALUE: Code = Code::new("spec::wrong-value", Kind::Invalid);
pub(crate) const PLAIN_SECRET: Code = Code::new("spec::plain-secret", Kind::Invalid);
pub(crate) const BAD_SCHEMA: Code = Code::new("plugin::bad-schema", Kind::Invalid);
