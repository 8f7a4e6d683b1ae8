//! The block `sinks`.

use crate::spec::fill::fills;
use crate::spec::{Settings, Text, Written};
use schemars::JsonSchema;
use serde::Deserialize;

/// A step that puts images somewhere: `to`, or `plugin` with or without `to`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("anyOf" = [{"required": ["to"]}, {"required": ["plugin"]}]))]
pub struct Sink {
    /// The steps that feed it.
    pub inputs: Vec<Text>,
    /// Where to, with `{{ item.… }}`; without a tag the item's tag is kept. With `plugin`, a name
    /// at the plugin's place: `repository[:tag]`.
    pub to: Option<Text>,
    /// The id of a plugin that writes.
    pub plugin: Option<Text>,
    /// The settings of the plugin: of `plugin`, or of the one that `to` begins with.
    pub with: Option<Settings>,
    /// What to do when a tag at the destination points to something else. overwrite-mutable.
    pub on_conflict: Conflict,
    /// Whether a place that is finished at the end, as an archive is, is finished although an image of
    /// it failed or the run was stopped. Without it what was there before stays. false.
    pub partial: Option<Written<bool>>,
    /// Whether images go there without the signatures that their source keeps beside them, as a `dir:`
    /// does. Without it an image with such signatures fails where the destination cannot hold them. false.
    pub remove_signatures: Option<Written<bool>>,
}

/// What to do when a tag at the destination points to something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Conflict {
    /// Move mutable tags; others are a conflict.
    #[default]
    OverwriteMutable,
    /// Move it.
    Overwrite,
    /// Leave it, and say so.
    Skip,
    /// A conflict.
    Fail,
}

fills!(Sink {
    inputs: "inputs",
    to: "to",
    plugin: "plugin",
    with: "with",
    partial: "partial",
    remove_signatures: "removeSignatures",
});
