//! The block `transforms`.

use super::Sign;
use crate::spec::fill::fills;
use crate::spec::{Ordered, Settings, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// A step that changes images: `platforms`, `annotate`, `sign` or `plugin`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("oneOf" = [
    {"required": ["platforms"]},
    {"required": ["annotate"]},
    {"required": ["sign"]},
    {"required": ["plugin"]},
]))]
pub struct Transform {
    /// The steps that feed it.
    pub inputs: Vec<Text>,
    /// Cuts an index to some platforms.
    pub platforms: Option<Cut>,
    /// Sets and removes annotations of the top manifest.
    pub annotate: Option<Annotate>,
    /// Signs them at their destinations.
    pub sign: Option<Sign>,
    /// The id of a plugin that changes or signs.
    pub plugin: Option<Text>,
    /// The plugin's settings.
    pub with: Option<Settings>,
}

/// Which platforms stay, and what becomes of the index.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cut {
    /// Those that stay: `os/architecture[/variant]`.
    pub keep: Vec<Text>,
    /// What becomes of the index. rewrite.
    #[serde(default)]
    pub index: IndexMode,
}

/// What becomes of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IndexMode {
    /// A new index with the children that stay.
    #[default]
    Rewrite,
    /// The index keeps its bytes; only the children that stay are copied.
    Sparse,
    /// All is copied; the platforms must be there.
    Keep,
}

/// Annotations to set and to remove.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Annotate {
    /// To set, by key; values may have `{{ item.… }}` in them.
    pub set: Ordered<Text>,
    /// To remove.
    pub remove: Vec<Text>,
}

fills!(Transform {
    inputs: "inputs",
    platforms: "platforms",
    annotate: "annotate",
    sign: "sign",
    plugin: "plugin",
    with: "with",
});
fills!(Cut { keep: "keep" });
fills!(Annotate { set: "set", remove: "remove" });
