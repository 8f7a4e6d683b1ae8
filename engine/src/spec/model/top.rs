//! The file itself.

use super::{Filter, Key, Plugin, Registry, Report, Run, Sink, Source, Transform};
use crate::spec::fill::fills;
use crate::spec::{Ordered, Text};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// A pipeline: sources, filters, transforms and sinks, and how they are reached.
// Unknown keys are refused by `parse`, not by serde: keys that begin with `x-` are free.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(deny_unknown_fields, extend("required" = ["apiVersion"]))]
#[schemars(extend("patternProperties" = {"^x-": true}))]
pub struct Spec {
    /// The version of this format: `engine/v1`.
    #[schemars(extend("const" = "engine/v1"))]
    pub api_version: Option<Text>,
    /// `Pipeline`, if anything.
    #[schemars(extend("const" = "Pipeline"))]
    pub kind: Option<Text>,
    /// What the pipeline is called.
    pub metadata: Metadata,
    /// Variables for `${var:name}`; one without a value must be given by `--var`.
    #[schemars(schema_with = "variables")]
    pub vars: Ordered<Option<Text>>,
    /// Settings of the run.
    pub run: Run,
    /// Settings of registries, by host and port.
    pub registries: Ordered<Registry>,
    /// Keys for signing and verifying, by name.
    pub keys: Ordered<Key>,
    /// Components that are not built in, by id.
    pub plugins: Ordered<Plugin>,
    /// Steps that offer images, by id.
    pub sources: Ordered<Source>,
    /// Steps that let some images pass, by id.
    pub filters: Ordered<Filter>,
    /// Steps that change images, by id.
    pub transforms: Ordered<Transform>,
    /// Steps that put images somewhere, by id.
    pub sinks: Ordered<Sink>,
    /// Reports to be written at the end.
    pub reports: Vec<Report>,
}

/// What the pipeline is called.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Metadata {
    /// Its name.
    pub name: Option<Text>,
    /// Labels, for people.
    pub labels: Ordered<Text>,
}

impl Spec {
    /// The plugins, each with what its `from` says.
    pub fn components(&self) -> impl Iterator<Item = (&str, &str)> {
        self.plugins.iter().map(|(id, plugin)| (id, plugin.from.text()))
    }

    /// The files of references that sources name, as written.
    pub fn lists(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources.iter().filter_map(|(id, source)| Some((id, source.file.as_ref()?.text())))
    }
}

// `vars` is not here: it is filled in first, as the others need it.
fills!(Spec {
    api_version: "apiVersion",
    kind: "kind",
    metadata: "metadata",
    run: "run",
    registries: "registries",
    keys: "keys",
    plugins: "plugins",
    sources: "sources",
    filters: "filters",
    transforms: "transforms",
    sinks: "sinks",
    reports: "reports",
});
fills!(Metadata { name: "name", labels: "labels" });

fn variables(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": {
            "type": ["string", "number", "boolean", "null"],
            "x-nullable": true,
        },
    })
}
