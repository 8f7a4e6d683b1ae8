//! The block `sources`.

use super::Tags;
use crate::spec::fill::fills;
use crate::spec::{Many, Settings, Text};
use schemars::JsonSchema;
use serde::Deserialize;

/// A step that offers images: `from`, `file` or `plugin`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("oneOf" = [
    {"required": ["from"]},
    {"required": ["file"]},
    {"required": ["plugin"]},
]))]
pub struct Source {
    /// References: images, repositories, or repositories by a glob (`quay.io/prometheus/*`).
    pub from: Option<Many>,
    /// A file with one reference a line; `#` begins a comment.
    pub file: Option<Text>,
    /// The id of a plugin that offers images.
    pub plugin: Option<Text>,
    /// The settings of the plugin: of `plugin`, or of the one that references begin with.
    pub with: Option<Settings>,
    /// Which tags of a repository; without it all.
    pub tags: Option<Tags>,
    /// Globs of tags that may come to point elsewhere; without it all may.
    pub mutable_tags: Option<Vec<Text>>,
    /// When referrers of an unchanged image are asked for.
    pub referrers: Option<Referrers>,
}

/// When referrers are asked for.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Referrers {
    /// With each image that is copied, or for each image in each run. copies.
    pub follow: Follow,
}

/// When referrers of an image are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Follow {
    /// With each image that is copied.
    #[default]
    Copies,
    /// In each run.
    Always,
}

fills!(Source {
    from: "from",
    file: "file",
    plugin: "plugin",
    with: "with",
    tags: "tags",
    mutable_tags: "mutableTags",
});
