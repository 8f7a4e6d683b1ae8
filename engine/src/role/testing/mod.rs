//! A place in memory that counts what it is asked, and a ledger in memory, for the tests of all
//! floors above.

mod fake_ledger;
mod fake_registry;

pub(crate) use fake_ledger::{FakeLedger, roles};
pub(crate) use fake_registry::{Call, FakeRegistry};
