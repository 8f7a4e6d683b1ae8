//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(crate) const DIGEST_MISMATCH: Code = Code::new("stream::digest-mismatch", Kind::Corrupt);
pub(crate) const SIZE_MISMATCH: Code = Code::new("stream::size-mismatch", Kind::Corrupt);
pub(crate) const TOO_LARGE: Code = Code::new("stream::too-large", Kind::Invalid);
pub(crate) const CUT_SHORT: Code = Code::new("stream::cut-short", Kind::Interrupted);
pub(crate) const COMPRESSION_CORRUPT: Code =
    Code::new("stream::compression-corrupt", Kind::Corrupt);
pub(crate) const COMPRESSION_TRUNCATED: Code =
    Code::new("stream::compression-truncated", Kind::Corrupt);
pub(crate) const COMPRESSION_TRAILING: Code =
    Code::new("stream::compression-trailing", Kind::Corrupt);
pub(crate) const UNPACKS_TOO_LARGE: Code = Code::new("stream::unpacks-too-large", Kind::Exhausted);
pub(crate) const CODEC_FAILED: Code = Code::new("stream::codec-failed", Kind::Crashed);
pub(crate) const LEG_IDLE: Code = Code::new("stream::leg-idle", Kind::Interrupted);
