//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const SAVED: Code = Code::new("plan::saved", Kind::Corrupt);
