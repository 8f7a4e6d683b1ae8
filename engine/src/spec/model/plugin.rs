//! The block `plugins`.

use super::HttpGrant;
use crate::spec::fill::fills;
use crate::spec::{ByteCount, Ordered, Text, Written};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// A component that is not built in.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plugin {
    /// The path of its file, or `oci://REGISTRY/REPOSITORY@sha256:…` of one that was pulled.
    pub from: Text,
    /// What it may reach; without it, nothing.
    #[serde(default)]
    pub grants: Grants,
    /// Its bounds; what is left out is as in its manifest.
    #[serde(default)]
    pub limits: Limits,
}

/// What a component may reach.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Grants {
    /// Hosts: `scheme://host[:port]`; a leading `*.` covers subdomains. They get no login, unless
    /// `auth` names the registry whose login it is.
    pub http: Vec<HttpGrant>,
    /// Directories, by the name under which the component sees them.
    pub dirs: Ordered<Text>,
    /// Files, by the name under which the component asks for them.
    pub files: Ordered<Text>,
    /// Keys, by their names in `keys`.
    pub keys: Vec<Text>,
}

/// Bounds of one instance of a component.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Linear memory. 64MiB.
    pub memory: Option<Written<ByteCount>>,
    /// Computing in one call. 5s.
    pub cpu: Option<Written<Duration>>,
    /// One call that moves no body, waiting included. 30s.
    pub time: Option<Written<Duration>>,
    /// Without a byte, in one call that moves a body. 60s.
    pub idle: Option<Written<Duration>>,
    /// Log lines of one call. 64KiB.
    pub log: Option<Written<ByteCount>>,
    /// Handles open at once. 256.
    pub handles: Option<Written<u32>>,
    /// Requests in one call. 1000.
    pub requests: Option<Written<u32>>,
}

fills!(Plugin { from: "from", grants: "grants", limits: "limits" });
fills!(Grants { http: "http", dirs: "dirs", files: "files", keys: "keys" });
fills!(Limits {
    memory: "memory",
    cpu: "cpu",
    time: "time",
    idle: "idle",
    log: "log",
    handles: "handles",
    requests: "requests",
});
