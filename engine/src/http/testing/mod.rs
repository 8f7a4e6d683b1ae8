//! What the tests of this floor share.

pub(super) mod script;
pub(super) mod world;
