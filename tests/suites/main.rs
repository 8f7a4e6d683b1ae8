//! All suites in one binary, as each binary links the engine.

mod cost;
mod faults;
mod infra;
mod plugins;
mod real;
