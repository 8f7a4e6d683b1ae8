//! What the tests of this floor share.

pub(in crate::http) mod script;
pub(in crate::http) mod world;
