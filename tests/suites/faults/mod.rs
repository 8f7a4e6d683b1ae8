//! Bad days, on purpose: everything that can break does, and nothing is ever half there.

mod crash;
mod crash_archive;
mod fan_out;
mod matrix;
mod outcome;
mod repeats;
mod requests;
mod stage;
mod strikes;
