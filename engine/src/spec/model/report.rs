//! The block `reports`.

use crate::spec::Text;
use crate::spec::fill::fills;
use schemars::JsonSchema;
use serde::Deserialize;

/// A report to be written at the end.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Report {
    /// In which form.
    #[serde(rename = "type")]
    pub kind: ReportKind,
    /// The file to write.
    pub path: Text,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    /// JSON, by `specs/report.schema.json`.
    Json,
    /// As on the terminal.
    Text,
}

fills!(Report { path: "path" });
