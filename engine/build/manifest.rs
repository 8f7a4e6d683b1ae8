//! What a component says about itself: `plugin.toml` and `settings.schema.json`, carried in the
//! component as the custom section `engine:plugin-manifest`.

use crate::Failure;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// One plugin of this repository.
pub(crate) struct Plugin {
    /// The name of its package, folder and component.
    pub(crate) name: String,
    /// The content of the section, as JSON.
    pub(crate) section: String,
}

/// Finds the plugins: the folders that have a `plugin.toml`, by name.
pub(crate) fn find(folder: &Path) -> Result<Vec<Plugin>, Failure> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut folders: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders.iter().filter(|path| path.join("plugin.toml").exists()).map(|p| read(p)).collect()
}

fn read(folder: &Path) -> Result<Plugin, Failure> {
    let path = folder.join("plugin.toml");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let manifest: Value = toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let path = folder.join("settings.schema.json");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let settings: Value =
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    let name = manifest.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    if folder.file_name().and_then(|own| own.to_str()) != Some(&name) {
        return Err(format!("{}: the plugin is not named after its folder", folder.display()));
    }
    let section = json!({"manifest": manifest, "settings": settings}).to_string();
    Ok(Plugin { name, section })
}
