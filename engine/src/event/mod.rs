//! Everything that a run can say. One enum, no formatting: progress bars, plain lines, JSON lines
//! and the report are readers of it. What their members hold stands in `item`, `network` and `run`.

#[expect(clippy::module_inception, reason = "files are named after their noun")]
mod event;
mod item;
mod network;
mod run;
mod sender;

pub use event::Event;
pub use item::{Outcome, Presence, Status};
pub use network::RequestKind;
pub use run::Totals;
pub use sender::{Events, Reader};
