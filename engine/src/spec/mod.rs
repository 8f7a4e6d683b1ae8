//! The YAML file, as the user wrote it: text in, [`Spec`] out, or every fault of the file at once.
//!
//! A [`Spec`] is checked for shape, units and variables only. Whether its steps fit together is the
//! question of `graph`. Nothing here reads a file, a variable of the process or the network.
//! Serves `specs/spec.md`; `serde_yaml` is fenced in here (decision 0002).

mod check;
pub(crate) mod codes;
mod fill;
mod filled_in;
mod interpolate;
mod many;
mod model;
mod ordered;
mod parse;
mod scalar;
mod schema;
mod secrets;
mod settings;
mod variables;

pub use filled_in::FilledIn;
pub use many::Many;
pub use model::{
    Annotate, Auth, CodecWord, Compress, Conflict, Cut, Filter, Follow, Grants, HttpGrant,
    HttpLogin, IndexMode, Key, Labels, Limits, Metadata, On, OnError, OnRefusal, Plugin, Referrers,
    Registry, RegistryLimits, Report, ReportKind, Rules, Run, SecretFrom, Sign, Sink, SortWord,
    Source, Spec, Tags, Tls, TlsFile, Transform, Username, Verify,
};
pub use ordered::Ordered;
pub use parse::{Reading, built, parse, read};
pub use scalar::{ByteCount, Text, Written};
pub use schema::schema;
pub use secrets::{SecretFile, missing_secret};
pub use settings::Settings;
pub use variables::Variables;
