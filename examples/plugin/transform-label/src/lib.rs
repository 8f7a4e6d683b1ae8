//! Sets labels of images.
//!
//! In: manifests and indexes, with the configs of images. Out: new configs, manifests that name them,
//! and indexes that name those. What the engine does not know by a name stays as it was written,
//! members in their order: it edits JSON, and does not write it anew.

mod edit;

use edit::Edited;
use engine_plugin_sdk::transform::{Document, Edit};
use engine_plugin_sdk::{Fault, Transform};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The transform.
struct Label;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    set: BTreeMap<String, String>,
}

impl Transform for Label {
    fn needs(_: &str) -> Result<Vec<String>, Fault> {
        Ok(vec!["config".to_owned()])
    }

    fn rewrite(document: &Document, settings: &str) -> Result<Option<Edit>, Fault> {
        let settings: Settings =
            serde_json::from_str(settings).map_err(|fault| Fault::settings(fault.to_string()))?;
        let mut manifest = Edited::read("manifest", &document.bytes)?;
        if document.descriptor.is_index() {
            let changed = manifest.rename(&document.changed);
            return Ok(changed.then(|| Edit { bytes: manifest.bytes(), config: None }));
        }
        let Some(config) = &document.config else { return Ok(None) };
        if !manifest.is_labelled() {
            return Ok(None);
        }
        let mut config = Edited::read("config", config)?;
        if !config.label(&settings.set)? {
            return Ok(None);
        }
        let config = config.bytes();
        manifest.point_to(&config)?;
        Ok(Some(Edit { bytes: manifest.bytes(), config: Some(config) }))
    }
}

engine_plugin_sdk::export_transform!(Label);

#[cfg(test)]
#[path = "lib_tests.rs"]
mod tests;
