//! JSON Schemas: the subset that specs and settings of plugins are written in, and what is wrong
//! with a document by one.

mod evaluation;
mod kind;
#[allow(clippy::module_inception, reason = "the folder holds what the type is made of")]
mod schema;
mod subset;

pub use schema::Schema;

#[cfg(test)]
mod schema_tests;
