//! The settings of registries alone, for what needs no steps: pulling components.

use super::faults::Faults;
use super::{SpecFiles, convert};
use crate::diagnostic::Fault;
use crate::role::RegistrySettings;
use crate::spec::Spec;
use std::collections::BTreeMap;

/// The settings of registries, by host and port.
///
/// # Errors
///
/// All faults of the block `registries`.
pub fn registries(
    spec: &Spec,
    spec_files: &SpecFiles,
) -> Result<BTreeMap<String, RegistrySettings>, Vec<Fault>> {
    let mut faults = Faults::default();
    let registries = convert::registries(spec, spec_files, &mut faults);
    if faults.all.is_empty() { Ok(registries) } else { Err(faults.all) }
}
