//! A strict, correct registry in memory that records every request.
//!
//! It follows distribution-spec 1.1 and is stricter than most: a manifest whose content is
//! missing is refused, an upload continues only where its own `Location` says, a token is good
//! for its scope only, and the blob store refuses a credential that was not meant for it.

mod access;
mod asked;
mod blobs;
mod journal;
mod listings;
mod manifests;
mod options;
mod place;
mod query;
mod referrers;
mod running;
mod shared;
mod store;
mod tokens;
mod uploads;

pub use asked::{Asked, Credential, Host, Kind};
pub use journal::Journal;
pub use options::{Access, MountRefusal, Options, RateLimit, User};
pub use running::Registry;
pub use store::{Store, Stored};
