//! The catalog: which components there are, and what each says of itself.

use super::store::Store;
use crate::diagnostic::{Fault, Origin};
use crate::host::fault::HostFault;
use crate::host::store::component::{built_in_names, describe};
use crate::role::{Catalog, ComponentRole, ComponentSource};
use std::collections::BTreeMap;

/// Describes the built-in components by their transport words, and `plugins` by their ids.
/// Nothing is compiled or run.
///
/// # Errors
///
/// One fault for each component that cannot be described, at `plugins.ID`.
pub fn catalog(plugins: &BTreeMap<String, ComponentSource>) -> Result<Catalog, Vec<Fault>> {
    catalog_with_store(plugins, None)
}

/// As [`catalog`], with those components that were pulled into a store.
///
/// # Errors
///
/// As [`catalog`].
pub fn catalog_with_store(
    plugins: &BTreeMap<String, ComponentSource>,
    store: Option<&Store>,
) -> Result<Catalog, Vec<Fault>> {
    let mut catalog = Catalog::default();
    let mut faults = Vec::new();
    for name in built_in_names() {
        match describe(ComponentSource::BuiltIn(name.to_owned()), None) {
            Ok(component) => {
                let mut words = component.transports.clone();
                if component.role != ComponentRole::Transport {
                    words.push(component.name.clone());
                }
                for word in words {
                    catalog.components.insert(word, component.clone());
                }
            }
            Err(fault) => faults.push(fault.into()),
        }
    }
    for (id, source) in plugins {
        // Else a stranger would be called where a step names the built-in one.
        if catalog.components.contains_key(id) {
            let fault = Fault::from(HostFault::TakenWord(id.clone()));
            faults.push(fault.from_origin(Origin::Spec).at(format!("plugins.{id}")));
            continue;
        }
        match describe(source.clone(), store) {
            Ok(component) => {
                catalog.components.insert(id.clone(), component);
            }
            Err(fault) => faults.push(placed(fault, id)),
        }
    }
    if faults.is_empty() { Ok(catalog) } else { Err(faults) }
}

/// The file is no plugin yet, so what is wrong is that the spec names it.
fn placed(fault: HostFault, id: &str) -> Fault {
    Fault::from(fault).from_origin(Origin::Spec).at(format!("plugins.{id}.from"))
}
