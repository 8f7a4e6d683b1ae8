//! The blocks of the file, one file each, with the user's own names.
//!
//! Field docs become the descriptions in `specs/spec.schema.json`. `flatten` and `untagged` are
//! banned here: with them `serde_yaml` loses the place and the cause of a fault.

mod filter;
mod http_grant;
mod judge;
mod key;
mod plugin;
mod registry;
mod report;
mod run;
mod sink;
mod source;
mod top;
mod transform;

pub use filter::{Filter, Labels, SortWord, Tags};
pub use http_grant::{HttpGrant, HttpLogin};
pub use judge::{On, OnError, OnRefusal, Rules, Sign, Verify};
pub use key::Key;
pub use plugin::{Grants, Limits, Plugin};
pub use registry::{Auth, Registry, RegistryLimits, SecretFrom, Tls, TlsFile, Username};
pub use report::{Report, ReportKind};
pub use run::Run;
pub use sink::{Conflict, Sink};
pub use source::{Follow, Referrers, Source};
pub use top::{Metadata, Spec};
pub use transform::{Annotate, CodecWord, Compress, Cut, IndexMode, Transform};
