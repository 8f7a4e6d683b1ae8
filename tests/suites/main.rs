//! All suites in one binary, as each binary links the engine.

mod cost;
mod days;
mod faults;
mod infra;
mod real;
