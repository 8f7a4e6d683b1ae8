//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const HELD: Code = Code::new("state::held", Kind::Held);
pub(super) const UNREADABLE: Code = Code::new("state::unreadable", Kind::Unreadable);
pub(super) const UNWRITABLE: Code = Code::new("state::unwritable", Kind::Unreadable);
pub(super) const CORRUPT: Code = Code::new("state::corrupt", Kind::Corrupt);
pub(super) const NEWER: Code = Code::new("state::newer", Kind::Unsupported);
