//! All suites in one binary, as each binary links the engine.

mod authors;
mod bad_days;
mod cli;
mod content;
mod cost;
mod examples;
mod faults;
mod infra;
mod keys;
mod logging_in;
mod mirror;
mod plugins;
mod policy;
mod quota;
mod real;
mod signing;
mod tls;
mod walks;
