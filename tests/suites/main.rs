//! All suites in one binary, as each binary links the engine.

mod content;
mod infra;
mod mirror;
mod real;
