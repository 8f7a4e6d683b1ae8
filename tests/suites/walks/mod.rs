//! A walk without a file, a place without a walk, and what two walks of one process share.

mod input;
mod machine;
mod memory;
mod session;
