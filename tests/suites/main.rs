//! All suites in one binary, as each binary links the engine.

mod cli;
mod content;
mod examples;
mod infra;
mod mirror;
mod real;
mod tls;
