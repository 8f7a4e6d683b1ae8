//! What a test tells a guest to do.

use crate::FINE;
use engine_plugin_sdk::Fault;
use serde_json::Value;
use std::collections::BTreeMap;

/// The call in which a guest acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// `session.open`: before any other call.
    Open,
    /// `list-tags`: the survey sees it.
    Tags,
    /// `resolve` and `get-manifest`: the survey sees it.
    Resolve,
    /// `get-blob`: the transfer sees it.
    Blob,
    /// `has-blob`: a destination is asked for it.
    Has,
    /// `put-blob`.
    Put,
    /// `put-manifest`.
    Manifest,
    /// `referrers`.
    Referrers,
    /// `signatures`: the survey and the transfer see it.
    Signatures,
}

/// The step's `with:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    at: At,
    acts: BTreeMap<String, String>,
}

impl Settings {
    /// Reads what `settings.schema.json` describes.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let wrong = || Fault::settings("the settings are not as the schema says");
        let value: Value = serde_json::from_str(text).map_err(|_| wrong())?;
        let at = match value.get("at").and_then(Value::as_str) {
            Some("open") => At::Open,
            Some("tags") => At::Tags,
            Some("resolve") => At::Resolve,
            Some("blob") => At::Blob,
            Some("has") => At::Has,
            Some("put") => At::Put,
            Some("manifest") => At::Manifest,
            Some("referrers") => At::Referrers,
            Some("signatures") => At::Signatures,
            _ => return Err(wrong()),
        };
        let acts = value.get("acts").and_then(Value::as_object).ok_or_else(wrong)?;
        let acts = acts.iter().filter_map(|(of, what)| Some((of.clone(), what.as_str()?.into())));
        Ok(Self { at, acts: acts.collect() })
    }

    /// What is to be done in this call about this repository.
    pub fn act(&self, at: At, repository: &str) -> Option<&str> {
        self.acts.get(repository).filter(|_| self.at == at).map(String::as_str)
    }

    /// What is to be done when a place is opened, which is about no repository.
    pub fn opening(&self) -> Option<&str> {
        self.acts.values().next().filter(|_| self.at == At::Open).map(String::as_str)
    }

    /// All repositories.
    pub fn repositories(&self) -> Vec<String> {
        std::iter::once(FINE.to_owned()).chain(self.acts.keys().cloned()).collect()
    }
}
