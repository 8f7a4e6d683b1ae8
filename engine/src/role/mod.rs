//! The contracts between the pipeline and the machine room.
//!
//! The pipeline (spec, graph, plan, drive, transfer, report) never names the machine room (host,
//! http, trust, state, config): it sees the traits of this floor, and `run` hands it the real
//! ones. A test hands it others.

mod access;
mod ask;
mod catalog;
mod clock;
mod date;
mod key;
mod ledger;
mod patience;
mod registry;
mod roles;
mod secret;
mod session;
mod stop;
mod surroundings;
mod timestamp;
mod transport;

pub use access::{Access, Errand};
pub use ask::{Ask, Nobody};
pub use catalog::{Binding, Catalog, Component, ComponentSource, Grants, Limits, Wants};
pub use clock::{Clock, SystemClock};
pub use date::http_date;
pub use key::KeySettings;
pub use ledger::{Edited, Ledger, Mirrored};
pub use patience::{Patience, Waiting};
pub use registry::{AuthSettings, RegistrySettings, SecretSource, TlsSettings};
pub use roles::Roles;
pub use secret::Secret;
pub use session::{Manifested, Naming, Put, PutBlob, Selector, Session};
pub use stop::{Signal, Stop};
pub use surroundings::Surroundings;
pub use timestamp::timestamp;
pub use transport::{Capabilities, Side, Transport};
