//! The contracts between the pipeline and the machine room.
//!
//! The pipeline (spec, graph, plan, drive, transfer, report) never names the machine room (host,
//! http, trust, state, config): it sees the traits of this floor, and `run` hands it the real
//! ones. A test hands it others.

mod access;
mod ask;
mod catalog;
mod clock;
pub(crate) mod codes;
mod date;
mod exhibit;
mod expected_blob;
mod filter;
mod granted_host;
mod judgement;
mod key;
mod keys;
mod known_secrets;
mod ledger;
mod machine_policy;
mod name_list;
mod policy;
mod registry;
mod roles;
mod secret;
mod session;
mod signature;
mod signer;
mod stop;
mod surroundings;
mod timestamp;
mod transform;
mod transport;
mod uncounted_time;

#[cfg(test)]
pub(crate) mod testing;

pub use access::{Access, CallAccess};
pub use ask::{Ask, Nobody};
pub use catalog::{
    Binding, Catalog, Component, ComponentRole, ComponentSource, Grants, Limits, Wants,
};
pub use clock::{Clock, SystemClock};
pub use date::http_date;
pub use exhibit::Exhibit;
pub use expected_blob::ExpectedBlob;
pub use filter::{Candidate, Filter, MAX_CANDIDATES};
pub use granted_host::GrantedHost;
pub use judgement::{Claim, Evidence, Subject};
pub use key::KeySettings;
pub use keys::{Key, Keys, NoKeys};
pub use known_secrets::{know_secrets, without_secrets};
pub use ledger::{Edited, Ledger, Mirrored, Remembered};
pub use machine_policy::{MachinePolicy, MatchedScope, Requirement, ScopeRequirements};
pub use name_list::NameList;
pub use policy::{Decision, Policy, Refusal};
pub use registry::{AuthSettings, RegistrySettings, SecretSource, TlsSettings};
pub use roles::{Player, Roles};
pub use secret::Secret;
pub use session::{Manifested, Naming, Put, PutBlob, Selector, Session};
pub use signature::PlacedSignature;
pub use signer::{Artifact, ArtifactForm, Presence, Signer};
pub use stop::{Signal, Stop};
pub use surroundings::Surroundings;
pub use timestamp::timestamp;
pub use transform::{Document, Rewritten, Transform};
pub use transport::{Capabilities, Side, Transport};
pub use uncounted_time::{UncountedTime, Waiting};
