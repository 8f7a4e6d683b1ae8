//! Signing and verifying: what one pipeline signs, another accepts, and real tools do; nothing else is.

mod anything;
mod chain;
mod cost;
mod ours;
mod refused;
mod theirs;
mod tools;
