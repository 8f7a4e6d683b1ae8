//! The block `filters`, and the selection of tags that sources share.

use super::{On, Rules, Verify};
use crate::spec::fill::fills;
use crate::spec::{Many, Ordered, Settings, Text, Written};
use schemars::JsonSchema;
use serde::Deserialize;

/// A step that lets some images pass: `tags`, `platforms`, `labels`, `verify`, `policy` or `plugin`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("oneOf" = [
    {"required": ["tags"]},
    {"required": ["platforms"]},
    {"required": ["labels"]},
    {"required": ["verify"]},
    {"required": ["policy"]},
    {"required": ["plugin"]},
]))]
pub struct Filter {
    /// The steps that feed it.
    pub inputs: Vec<Text>,
    /// By tag, per repository.
    pub tags: Option<Tags>,
    /// Images that have all of these: `os/architecture[/variant]`.
    pub platforms: Option<Vec<Text>>,
    /// By the labels of their configs.
    pub labels: Option<Labels>,
    /// Images with good signatures.
    pub verify: Option<Verify>,
    /// Images that keep rules.
    pub policy: Option<Rules>,
    /// The id of a plugin that filters or judges.
    pub plugin: Option<Text>,
    /// The plugin's settings.
    pub with: Option<Settings>,
    /// What becomes of an image that `verify`, `policy` or a policy plugin does not allow.
    pub on: Option<On>,
    /// `true`: images are judged in each run, also where the destination has them already.
    pub always: Option<Written<bool>>,
}

/// Selects tags: include, exclude, key, semver, sort, latest, in this order, per repository.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Tags {
    /// Regular expressions, one of which must be found in the tag; without it all tags.
    pub include: Option<Many>,
    /// Regular expressions, none of which may be found in the tag.
    pub exclude: Option<Many>,
    /// A regular expression whose capture is what `semver` and `sort` look at.
    pub key: Option<Text>,
    /// A range in npm's grammar.
    pub semver: Option<Text>,
    /// The order of which `latest` takes the end. semver, if there is a range.
    pub sort: Option<SortWord>,
    /// How many of the highest.
    pub latest: Option<Written<u32>>,
    /// Tags that pass in any case, if they exist.
    pub always: Option<Many>,
}

/// The order of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SortWord {
    /// As versions.
    Semver,
    /// As text.
    Alphabetical,
    /// As numbers.
    Numerical,
}

/// Selects by labels; for an index every child must match.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Labels {
    /// Labels that must be there and match a regular expression.
    pub include: Ordered<Text>,
    /// Labels that must not be there and match.
    pub exclude: Ordered<Text>,
}

fills!(Filter {
    inputs: "inputs",
    tags: "tags",
    platforms: "platforms",
    labels: "labels",
    verify: "verify",
    policy: "policy",
    plugin: "plugin",
    with: "with",
    always: "always",
});
fills!(Tags {
    include: "include",
    exclude: "exclude",
    key: "key",
    semver: "semver",
    latest: "latest",
    always: "always",
});
fills!(Labels { include: "include", exclude: "exclude" });
