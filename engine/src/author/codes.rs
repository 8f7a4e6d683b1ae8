//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const BAD_NAME: Code = Code::new("author::bad-name", Kind::Invalid);
pub(super) const NO_LANGUAGE: Code = Code::new("author::no-language", Kind::Invalid);
pub(super) const MANIFEST: Code = Code::new("author::manifest", Kind::Invalid);
pub(super) const NO_PLUGIN: Code = Code::new("author::no-plugin", Kind::Invalid);
pub(super) const EXISTS: Code = Code::new("author::exists", Kind::Conflict);
pub(super) const FILE: Code = Code::new("author::file", Kind::Unreadable);
pub(super) const MISSING_TOOL: Code = Code::new("author::missing-tool", Kind::NotFound);
pub(super) const FAILED: Code = Code::new("author::failed", Kind::Other);
pub(super) const FOREIGN_IMPORT: Code = Code::new("author::foreign-import", Kind::Refused);
