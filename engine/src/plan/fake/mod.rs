//! A registry in memory that counts what it is asked, for tests of this floor and of those above.

mod registry;
mod roles;
mod steps;

pub(crate) use registry::{Call, FakeRegistry};
pub(crate) use roles::{FakeLedger, roles};
pub(crate) use steps::{graph, hints, reference, sink, source, step};
