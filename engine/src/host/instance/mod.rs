//! One instance of a component: its bounds, its handles, its calls, and what they share in a run.

pub(in crate::host) mod bound_component;
pub(in crate::host) mod call;
pub(in crate::host) mod caught;
pub(in crate::host) mod guest;
pub(in crate::host) mod guest_events;
mod idle_instances;
pub(in crate::host) mod image_in_hand;
pub(in crate::host) mod known_faults;
pub(in crate::host) mod leftover;
pub(in crate::host) mod machine;
pub(in crate::host) mod memory;
pub(in crate::host) mod missing_grants;
pub(in crate::host) mod notes;
pub(in crate::host) mod open_handles;
pub(in crate::host) mod pool;
pub(in crate::host) mod prepared;
pub(in crate::host) mod sandbox;
mod shared_machine;
pub(in crate::host) mod ticker;

pub use shared_machine::SharedMachine;
