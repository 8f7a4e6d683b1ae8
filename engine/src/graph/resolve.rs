//! All faults of a file at once: those of its shape and those of its graph.

use super::{Graph, SpecFiles, make};
use crate::diagnostic::{Code, Fault, Place, PlacePart};
use crate::graph::codes;
use crate::role::Catalog;
use crate::spec::{self, Reading};
use std::collections::BTreeSet;

/// Faults about what is missing: it may stand where the file could not be understood.
const MISSING: [Code; 7] = [
    codes::NO_SOURCES,
    codes::NO_SINKS,
    codes::NO_INPUTS,
    codes::UNUSED_STEP,
    codes::UNUSED_PLUGIN,
    codes::UNREACHABLE_SINK,
    codes::EMPTY_RULE,
];

/// Resolves what was read of a file.
///
/// What the machine room could not read (a component) may be added to the reading's faults, at the
/// place of its path (`plugins.s3.from`); it then stands for the fault of the graph there.
///
/// # Errors
///
/// The faults of the file and, as far as it could be understood, those of its graph; without those
/// that only follow from another one.
pub fn resolve(
    reading: &Reading,
    catalog: &Catalog,
    spec_files: &SpecFiles,
) -> Result<Graph, Vec<Fault>> {
    let made = reading.spec.as_ref().map(|spec| make(spec, catalog, spec_files));
    let found = match made {
        Some(Ok(graph)) if reading.faults.is_empty() => return Ok(graph),
        Some(Err(found)) => found,
        Some(Ok(_)) | None => Vec::new(),
    };
    let mut faults = reading.faults.clone();
    let places: BTreeSet<&str> =
        reading.faults.iter().filter_map(|fault| fault.place.as_deref()).collect();
    let hidden = reading.faults.iter().any(hides_something);
    faults.extend(found.into_iter().filter(|fault| {
        let known = fault.place.as_deref().is_some_and(|place| places.contains(place));
        let follows = hidden && MISSING.iter().any(|code| fault.is(*code));
        !(known || follows)
    }));
    Err(faults)
}

/// Whether a step or plugin may have been left out, or lost an edge, because of this fault.
fn hides_something(fault: &Fault) -> bool {
    const BLOCKS: [&str; 5] = ["sources", "filters", "transforms", "sinks", "plugins"];
    let place = fault.place.as_deref().map(Place::read).unwrap_or_default();
    match place.parts() {
        [] => fault.is(spec::codes::WRONG_TYPE),
        [PlacePart::Key(block)] if fault.is(spec::codes::UNKNOWN_KEY) => !block.is_empty(),
        [PlacePart::Key(block), ..] => BLOCKS.contains(&block.as_str()),
        [PlacePart::Index(_), ..] => false,
    }
}
