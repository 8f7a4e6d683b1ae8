//! Components before they run: what is there, what it wants, and what a step gives it.

use super::GrantedHost;
use crate::oci::{Digest, ReferenceForm};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

/// Where a component comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ComponentSource {
    /// It is part of this program, by its name.
    BuiltIn(String),
    /// A file.
    Path(PathBuf),
    /// In the store of pulled components, by the digest of its artifact's manifest.
    Stored(Digest),
}

/// The role that a component plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComponentRole {
    /// Reaches images.
    Transport,
    /// Signs them.
    Signer,
    /// Judges them.
    Policy,
    /// Chooses among them.
    Filter,
    /// Changes them.
    Transform,
}

impl ComponentRole {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Transport, Self::Signer, Self::Policy, Self::Filter, Self::Transform];

    /// The word in a manifest.
    pub fn word(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Signer => "signer",
            Self::Policy => "policy",
            Self::Filter => "filter",
            Self::Transform => "transform",
        }
    }

    /// The interfaces that a component in this role may want, as `wit/worlds.wit` says; what needs no
    /// wanting (`types`, `body`, `judgement`, `log`) is not among them.
    pub fn interfaces(self) -> &'static [&'static str] {
        match self {
            Self::Transport => &["http", "fs", "clock", "random"],
            Self::Signer => &["keys", "http", "material", "clock", "random"],
            Self::Policy => &["image", "keys", "material", "clock"],
            Self::Filter => &["clock"],
            Self::Transform => &["material"],
        }
    }
}

impl fmt::Display for ComponentRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a component asks for in its manifest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wants {
    /// Interfaces: `http`, `fs`, `clock`, `random`, `keys`, `material`, `image`.
    #[serde(default)]
    pub interfaces: Vec<String>,
}

/// Bounds of one instance of a component; what the manifest leaves out has the default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of linear memory. 64 MiB.
    pub memory_bytes: u64,
    /// Milliseconds of computing in one call. 5 s.
    pub cpu_millis: u64,
    /// Milliseconds of one call that moves no body, waiting included. 30 s.
    pub time_millis: u64,
    /// Milliseconds without a byte in one call that moves a body. 60 s.
    pub idle_millis: u64,
    /// Bytes of log lines in one call. 64 KiB.
    pub log_bytes: u64,
    /// Handles open at once: sources, sinks, locks. 256.
    pub handles: u32,
    /// Requests in one call. 1000.
    pub requests: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            cpu_millis: 5_000,
            time_millis: 30_000,
            idle_millis: 60_000,
            log_bytes: 64 << 10,
            handles: 256,
            requests: 1_000,
        }
    }
}

/// One component, as its manifest describes it. Nothing of it has run yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Its name, which is that of its folder and file.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `sha256:…` of its bytes.
    pub digest: String,
    /// The role that it plays.
    pub role: ComponentRole,
    /// The transport words that it answers to, such as `docker`.
    pub transports: Vec<String>,
    /// How the references of a transport look; `None` where it is named by `plugin` alone.
    pub reference: Option<ReferenceForm>,
    /// What it asks for.
    pub wants: Wants,
    /// Its bounds.
    pub limits: Limits,
    /// The JSON Schema of its settings.
    pub settings: Value,
    /// Where it comes from.
    pub source: ComponentSource,
}

/// The components that a spec may name: the built-in ones by transport word or, in other roles, by
/// name; others by their id in the spec.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    /// By transport word, name or id.
    pub components: BTreeMap<String, Component>,
}

/// What a step gives to a component.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants {
    /// Registries, as the step names them.
    pub registries: Vec<String>,
    /// Other hosts.
    pub http: Vec<GrantedHost>,
    /// Directories by the name under which the guest sees them.
    pub directories: BTreeMap<String, PathBuf>,
    /// Keys, by their names in the spec.
    pub keys: BTreeSet<String>,
    /// Files by the name under which the guest asks for them.
    pub materials: BTreeMap<String, PathBuf>,
    /// Whether the step writes.
    pub writes: bool,
    /// Whether the step deletes.
    pub deletes: bool,
}

/// A component bound to a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// The step.
    pub step: String,
    /// The transport word or plugin id that the step used.
    pub word: String,
    /// The component.
    pub component: Component,
    /// What it is given.
    pub grants: Grants,
    /// Its bounds in this run.
    pub limits: Limits,
    /// Its settings, the step's `with:`.
    pub settings: Value,
}

impl Binding {
    /// A component bound to a step, with the bounds of its manifest and no settings.
    pub fn new(step: &str, word: &str, component: Component, grants: Grants) -> Self {
        Self {
            step: step.to_owned(),
            word: word.to_owned(),
            limits: component.limits.clone(),
            component,
            grants,
            settings: Value::Object(serde_json::Map::new()),
        }
    }
}
