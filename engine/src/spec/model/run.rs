//! The block `run`.

use crate::spec::fill::fills;
use crate::spec::{Text, Written};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// Settings of the run.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Run {
    /// Items at once. 16.
    pub concurrency: Option<Written<u32>>,
    /// Attempts per item, the first included. 3.
    pub attempts: Option<Written<u32>>,
    /// The pause before the second attempt; it doubles. 1s.
    pub pause: Option<Written<Duration>>,
    /// The longest pause. 1m.
    pub max_pause: Option<Written<Duration>>,
    /// How long running bodies may go on after the first Ctrl-C. 10s.
    pub grace: Option<Written<Duration>>,
    /// The state file, or `none` to keep no state.
    pub state: Option<Text>,
}

fills!(Run {
    concurrency: "concurrency",
    attempts: "attempts",
    pause: "pause",
    max_pause: "maxPause",
    grace: "grace",
    state: "state",
});
