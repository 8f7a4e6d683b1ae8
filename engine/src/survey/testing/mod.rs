//! What the tests of the survey share.

mod hints;

pub(super) use hints::hints;
