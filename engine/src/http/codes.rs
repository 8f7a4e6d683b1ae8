//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(super) const NOT_GRANTED: Code = Code::new("http::not-granted", Kind::Refused);
pub(super) const INVALID_REQUEST: Code = Code::new("http::invalid-request", Kind::Invalid);
pub(super) const BAD_ENDPOINT: Code = Code::new("http::bad-endpoint", Kind::Invalid);
pub(super) const PROXY: Code = Code::new("http::proxy", Kind::Invalid);
pub(super) const UNREACHABLE: Code = Code::new("http::unreachable", Kind::Unreachable);
pub(super) const CUT: Code = Code::new("http::cut", Kind::Unreachable);
pub(super) const TLS: Code = Code::new("http::tls", Kind::Unreachable);
pub(super) const TOKEN: Code = Code::new("http::token", Kind::Unreachable);
pub(super) const TIMEOUT: Code = Code::new("http::timeout", Kind::Timeout);
pub(super) const STALLED: Code = Code::new("http::stalled", Kind::Timeout);
pub(super) const CERTIFICATES: Code = Code::new("http::certificates", Kind::Unreadable);
pub(super) const SET_UP: Code = Code::new("http::set-up", Kind::Other);
pub(super) const UNAUTHORIZED: Code = Code::new("http::unauthorized", Kind::Unauthorized);
pub(super) const ASKED_LATE: Code = Code::new("http::asked-late", Kind::Interrupted);
pub(super) const TOO_MANY_REDIRECTS: Code = Code::new("http::too-many-redirects", Kind::Corrupt);
