//! All suites in one binary, as each binary links the engine.

mod infra;
mod plugins;
mod real;
