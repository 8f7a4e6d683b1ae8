//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const NO_STORE: Code = Code::new("run::no-store", Kind::NotFound);
pub(super) const NO_COMPONENT: Code = Code::new("run::no-component", Kind::NotFound);
pub(super) const LIST_UNREADABLE: Code = Code::new("run::list-unreadable", Kind::Unreadable);
pub(super) const KEY_UNREADABLE: Code = Code::new("run::key-unreadable", Kind::Unreadable);
