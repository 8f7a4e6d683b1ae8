//! Graphs for the tests of all floors above.

mod steps;

pub(crate) use steps::{graph, reference, sink, source, step};
