//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(crate) const DIGEST_MISMATCH: Code = Code::new("stream::digest-mismatch", Kind::Corrupt);
pub(crate) const SIZE_MISMATCH: Code = Code::new("stream::size-mismatch", Kind::Corrupt);
pub(crate) const TOO_LARGE: Code = Code::new("stream::too-large", Kind::Invalid);
pub(crate) const CUT_SHORT: Code = Code::new("stream::cut-short", Kind::Interrupted);
pub(crate) const LEG_IDLE: Code = Code::new("stream::leg-idle", Kind::Interrupted);
