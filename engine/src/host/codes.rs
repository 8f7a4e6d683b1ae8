//! The fault codes of this floor, each with its kind. `specs/faults.md` explains them.

use crate::diagnostic::{Code, Kind};

pub(crate) const TRAP: Code = Code::new("host::trap", Kind::Crashed);
pub(crate) const READ_ONLY: Code = Code::new("host::read-only", Kind::Crashed);
pub(crate) const OUT_OF_CPU: Code = Code::new("host::out-of-cpu", Kind::Exhausted);
pub(crate) const OUT_OF_MEMORY: Code = Code::new("host::out-of-memory", Kind::Exhausted);
pub(crate) const NO_HANDLES_LEFT: Code = Code::new("host::no-handles-left", Kind::Exhausted);
pub(crate) const TOO_MANY_HANDLES: Code = Code::new("host::too-many-handles", Kind::Exhausted);
pub(crate) const TOO_MANY_REQUESTS: Code = Code::new("host::too-many-requests", Kind::Exhausted);
pub(crate) const TOO_DEEP: Code = Code::new("host::too-deep", Kind::Exhausted);
pub(crate) const OUT_OF_TIME: Code = Code::new("host::out-of-time", Kind::Timeout);
pub(crate) const IDLE: Code = Code::new("host::idle", Kind::Timeout);
pub(crate) const LIED: Code = Code::new("host::lied", Kind::Corrupt);
pub(crate) const STORE_CHANGED: Code = Code::new("host::store-changed", Kind::Refused);
pub(crate) const NOT_A_PLUGIN: Code = Code::new("host::not-a-plugin", Kind::Invalid);
pub(crate) const MANIFEST: Code = Code::new("host::manifest", Kind::Invalid);
pub(crate) const TAKEN_WORD: Code = Code::new("host::taken-word", Kind::Invalid);
pub(crate) const BAD_ARTIFACT: Code = Code::new("host::bad-artifact", Kind::Invalid);
pub(crate) const USED_UP: Code = Code::new("host::used-up", Kind::Invalid);
pub(crate) const INVALID: Code = Code::new("host::invalid", Kind::Invalid);
pub(crate) const SETTINGS: Code = Code::new("host::settings", Kind::Invalid);
pub(crate) const UNKNOWN_FORM: Code = Code::new("host::unknown-form", Kind::Invalid);
pub(crate) const OTHER_INTERFACE: Code = Code::new("host::other-interface", Kind::Unsupported);
pub(crate) const PANICKED: Code = Code::new("host::panicked", Kind::Crashed);
pub(crate) const SESSION_LOST: Code = Code::new("host::session-lost", Kind::Crashed);
pub(crate) const FINISHED: Code = Code::new("host::finished", Kind::Crashed);
pub(crate) const FOREIGN_IMPORT: Code = Code::new("host::foreign-import", Kind::Refused);
pub(crate) const NOT_GRANTED: Code = Code::new("host::not-granted", Kind::Refused);
pub(crate) const OTHER_SUBJECT: Code = Code::new("host::other-subject", Kind::Refused);
pub(crate) const NOT_PULLED: Code = Code::new("host::not-pulled", Kind::NotFound);
pub(crate) const UNREADABLE: Code = Code::new("host::unreadable", Kind::Unreadable);
pub(crate) const IO: Code = Code::new("host::io", Kind::Unreadable);
pub(crate) const STOPPED: Code = Code::new("host::stopped", Kind::Interrupted);
pub(crate) const FS_NOT_FOUND: Code = Code::new("fs::not-found", Kind::NotFound);
pub(crate) const FS_DENIED: Code = Code::new("fs::denied", Kind::Refused);
pub(crate) const FS_NOT_GRANTED: Code = Code::new("fs::not-granted", Kind::Refused);
pub(crate) const FS_FULL: Code = Code::new("fs::full", Kind::Exhausted);
pub(crate) const FS_TOO_MANY: Code = Code::new("fs::too-many", Kind::Exhausted);
pub(crate) const FS_TOO_DEEP: Code = Code::new("fs::too-deep", Kind::Exhausted);
pub(crate) const FS_CONFLICT: Code = Code::new("fs::conflict", Kind::Conflict);
pub(crate) const FS_HELD: Code = Code::new("fs::held", Kind::Held);
pub(crate) const FS_INVALID: Code = Code::new("fs::invalid", Kind::Invalid);
pub(crate) const FS_IO: Code = Code::new("fs::io", Kind::Unreadable);
pub(crate) const TRANSPORT_NOT_FOUND: Code = Code::new("transport::not-found", Kind::NotFound);
pub(crate) const TRANSPORT_UNAUTHORIZED: Code =
    Code::new("transport::unauthorized", Kind::Unauthorized);
pub(crate) const TRANSPORT_DENIED: Code = Code::new("transport::denied", Kind::Unauthorized);
pub(crate) const TRANSPORT_RATE_LIMITED: Code = Code::new("transport::rate-limited", Kind::Quota);
pub(crate) const TRANSPORT_UNAVAILABLE: Code =
    Code::new("transport::unavailable", Kind::Unreachable);
pub(crate) const TRANSPORT_UNREACHABLE: Code =
    Code::new("transport::unreachable", Kind::Unreachable);
pub(crate) const TRANSPORT_TIMEOUT: Code = Code::new("transport::timeout", Kind::Timeout);
pub(crate) const TRANSPORT_INVALID: Code = Code::new("transport::invalid", Kind::Invalid);
pub(crate) const TRANSPORT_SETTINGS: Code = Code::new("transport::settings", Kind::Invalid);
pub(crate) const TRANSPORT_UNSUPPORTED: Code =
    Code::new("transport::unsupported", Kind::Unsupported);
pub(crate) const TRANSPORT_CONFLICT: Code = Code::new("transport::conflict", Kind::Conflict);
pub(crate) const TRANSPORT_RACED: Code = Code::new("transport::raced", Kind::Held);
pub(crate) const TRANSPORT_PROTOCOL: Code = Code::new("transport::protocol", Kind::Corrupt);
pub(crate) const TRANSPORT_IO: Code = Code::new("transport::io", Kind::Unreadable);
pub(crate) const TRANSPORT_FULL: Code = Code::new("transport::full", Kind::Exhausted);
pub(crate) const TRANSPORT_NOT_GRANTED: Code = Code::new("transport::not-granted", Kind::Refused);
pub(crate) const TRANSPORT_OTHER: Code = Code::new("transport::other", Kind::Other);
