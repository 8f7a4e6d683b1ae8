//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const UNREADABLE: Code = Code::new("trust::unreadable", Kind::Unreadable);
pub(super) const NOT_A_KEY: Code = Code::new("trust::not-a-key", Kind::Invalid);
pub(super) const WRONG_PASSPHRASE: Code = Code::new("trust::wrong-passphrase", Kind::Invalid);
pub(super) const MESSAGE_TOO_LARGE: Code = Code::new("trust::message-too-large", Kind::Invalid);
pub(super) const UNSUPPORTED_KEY: Code = Code::new("trust::unsupported-key", Kind::Unsupported);
pub(super) const UNSUPPORTED_SCHEME: Code =
    Code::new("trust::unsupported-scheme", Kind::Unsupported);
pub(super) const NO_PASSPHRASE: Code = Code::new("trust::no-passphrase", Kind::NotFound);
pub(super) const UNKNOWN_KEY: Code = Code::new("trust::unknown-key", Kind::NotFound);
pub(super) const READABLE_BY_OTHERS: Code = Code::new("trust::readable-by-others", Kind::Other);
pub(super) const FAILED: Code = Code::new("trust::failed", Kind::Other);
