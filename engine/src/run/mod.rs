//! The walk: the only place where the parts are wired together.
//!
//! `check` stops after the graph, `plan` after the plan, `run` goes to the end. Each stage has a
//! type of its own, made by the one before:
//!
//! 1. [`check`]: text → `Spec` → `Catalog` → `Graph`. Reads files; no network, nothing compiled.
//! 2. `Opened`: the machine, the client, the ledger, and the components → `Roles`.
//! 3. [`plan`]: `survey::survey` asks, `plan::make` decides.
//! 4. [`run`]: `drive` and `transfer` do; the events become the report.
//!
//! [`call`] and [`pull`] are no walks: one makes one call of one component, for its author, the
//! other gets components out of a registry.

mod alone;
mod bounds;
mod call;
mod check;
mod codes;
mod new_key;
mod opened;
mod policy;
mod pull;
mod refused;
mod request;
mod walk;

pub use crate::role::{Signal, Stop};
pub use bounds::Bounds;
pub use call::{Answer, Call, Function, call, described};
pub use check::{Checked, catalog, check};
pub use new_key::{NewKey, new_key};
pub use pull::{Pull, Pulled, pull, pulled};
pub use refused::Refused;
pub use request::{Request, StateChoice};
pub use walk::{Finished, Planned, plan, run};
