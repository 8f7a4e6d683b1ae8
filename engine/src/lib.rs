//! engine moves, checks and signs container images between places, as a YAML file says.
//!
//! The modules are floors: an import may only point down. The table of what may import what
//! stands in `specs/architecture.md`, and a test reads the sources and holds them to it.

pub use engine_oci as oci;

pub mod author;
pub mod cli;
pub(crate) mod companion;
pub mod config;
pub mod dag;
pub mod diagnostic;
pub mod drive;
pub mod event;
pub mod graph;
pub mod host;
pub mod http;
pub mod plan;
pub mod report;
pub mod role;
pub mod run;
pub mod spec;
pub mod state;
pub mod stream;
pub mod survey;
pub mod transfer;
pub mod trust;
