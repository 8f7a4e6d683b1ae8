//! Policies, filters and transforms: what they decide is what happens, and one that fails lets
//! nothing through.

mod choose;
mod machine;
mod on;
mod rules;
mod speed;
mod stage;
mod unread;
mod wild;
