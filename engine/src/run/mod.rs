//! The walk: the only place where the parts are wired together.
//!
//! `check` stops after the graph, `plan` after the plan, `run` goes to the end. Each stage has a
//! type of its own, made by the one before:
//!
//! 1. [`check`]: [`SpecSource`] → `Spec` → `Catalog` → `Graph`. Reads files; no network, nothing
//!    compiled.
//! 2. `Opened`: the machine's policy.json, the ledger, and the components → `Roles`.
//! 3. [`plan`]: `survey::survey` asks, `plan::make` decides.
//! 4. [`run`]: `drive` and `transfer` do; the events become the report.
//!
//! [`session`] opens one place without a walk. [`call`] and [`pull`] stand on it: one makes one call
//! of one component, for its author, the other gets components out of a registry.

mod bounded;
mod bounds;
mod check;
mod codes;
mod load;
mod new_key;
mod plugin_call;
mod plugin_pull;
mod policy;
mod refused_walk;
mod request;
mod run_resources;
mod session;
mod spec_source;
mod walk;

pub use crate::host::SharedMachine;
pub use crate::role::{Signal, Stop};
pub use bounds::Bounds;
pub use check::{Checked, catalog, check};
pub use new_key::{NewKey, new_key};
pub use plugin_call::{CallResult, Function, PluginCall, call, described};
pub use plugin_pull::{ComponentsToPull, Pulled, pull, pulled};
pub use refused_walk::Refused;
pub use request::{Request, StateChoice};
pub use session::{PlaceToOpen, Purpose, SinglePlace, TrustPolicy, session};
pub use spec_source::SpecSource;
pub use walk::{Finished, Planned, plan, run};
