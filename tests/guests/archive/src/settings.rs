//! The step's `with:`.

use engine_plugin_sdk::Fault;
use serde::Deserialize;

/// The step's `with:`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// The archive, in the directory `shelf`.
    pub(crate) file: String,
    /// What finishing does.
    pub(crate) finish: Finish,
}

/// What finishing does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Finish {
    /// It finishes.
    #[default]
    Well,
    /// It stops in the middle.
    Trap,
    /// It says that it failed.
    Fail,
    /// It waits for a lock that somebody else has, and moves no byte meanwhile.
    Wait,
    /// It takes some seconds, and moves a byte now and then.
    Slow,
}

impl Default for Settings {
    fn default() -> Self {
        Self { file: "images.archive".to_owned(), finish: Finish::default() }
    }
}

impl Settings {
    /// Reads what `settings.schema.json` describes.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        serde_json::from_str(text).map_err(|why| Fault::settings(why.to_string()))
    }
}
