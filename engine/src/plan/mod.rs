//! What is to be done, and why: facts in, plan out.
//!
//! `survey` asks the places (network, reads only) and gives [`Facts`]; `make` is pure and gives a
//! [`Plan`].

mod item;

pub use item::{Action, Copying, Item, Kept, Plan, Reason, Skip, Written};
