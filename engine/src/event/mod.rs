//! Everything that a run can say. One enum, no formatting: progress bars, plain lines, JSON lines
//! and the report are readers of it.

mod sender;
mod what;

pub use sender::{Events, Reader};
pub use what::{Event, Outcome, Presence, RequestKind, Status, Totals};
