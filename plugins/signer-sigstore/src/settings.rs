//! The step's settings.

use engine_plugin_sdk::Fault;
use serde::Deserialize;

/// What this plugin reads of them. The engine reads `identity` and `children`: the one arrives as the
/// subject's reference, the other decides what it is called for.
#[derive(Deserialize)]
pub(crate) struct Settings {
    /// The name of the key.
    pub(crate) key: String,
}

impl Settings {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        serde_json::from_str(text).map_err(|fault| Fault::settings(fault.to_string()))
    }
}
