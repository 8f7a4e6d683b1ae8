//! The block `transforms`.

use super::Sign;
use crate::spec::fill::fills;
use crate::spec::{Ordered, Settings, Text, Written};
use schemars::JsonSchema;
use serde::Deserialize;

/// A step that changes images: `platforms`, `annotate`, `compress`, `sign` or `plugin`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("oneOf" = [
    {"required": ["platforms"]},
    {"required": ["annotate"]},
    {"required": ["compress"]},
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
    /// Compresses their layers anew.
    pub compress: Option<Compress>,
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

/// How layers are compressed anew.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Compress {
    /// The codec that they shall have.
    pub codec: CodecWord,
    /// Its level: 1 to 12 of gzip, 1 to 19 of zstd. 1 of gzip, 3 of zstd.
    #[serde(default)]
    pub level: Option<Written<u32>>,
    /// `true`: layers that have the codec already are compressed again. false.
    #[serde(default)]
    pub force: Option<Written<bool>>,
}

/// A codec of layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CodecWord {
    /// gzip, which every registry and runtime reads.
    Gzip,
    /// Zstandard: smaller and faster to unpack; OCI manifests only.
    Zstd,
}

fills!(Transform {
    inputs: "inputs",
    platforms: "platforms",
    annotate: "annotate",
    compress: "compress",
    sign: "sign",
    plugin: "plugin",
    with: "with",
});
fills!(Cut { keep: "keep" });
fills!(Annotate { set: "set", remove: "remove" });
fills!(Compress { level: "level", force: "force" });
