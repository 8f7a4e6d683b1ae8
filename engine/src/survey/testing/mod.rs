//! What the tests of the survey share.

mod context;

pub(super) use context::context;
