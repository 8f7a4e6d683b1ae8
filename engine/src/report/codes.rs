//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const MORE_WARNINGS: Code = Code::new("report::more-warnings", Kind::Other);
