//! Holds the repository to its own rules.
//!
//! Each module is one rule: a function from a [`Tree`] of texts to a list of [`Finding`]s, with
//! tests that feed it a small tree that breaks the rule. `repository.rs` runs all of them over the
//! real tree. Nothing here links the engine, so the rules also speak while it does not build.

pub mod code_texts;
pub mod codes;
pub mod declared;
pub mod exit_codes;
mod finding;
pub mod floors;
pub mod inherent;
pub mod leftovers;
pub mod modules;
pub mod packages;
pub mod paths;
pub mod plugins;
pub mod promises;
pub mod purity;
pub mod questions;
mod rust;
pub mod sizes;
mod table;
mod tree;
pub mod type_names;
pub mod unsafety;
pub mod words;

pub use finding::Finding;
pub use rust::{Rust, Token};
pub use table::Table;
pub use tree::Tree;

#[cfg(test)]
mod repository;
