//! Sinks: where images go.

use super::codes;
use super::faults::{Faults, fault};
use super::transports::Transports;
use super::{OnConflict, Part, Sink, Template};
use crate::diagnostic::Place;
use crate::spec::{self, Conflict};
use std::sync::Arc;

/// Makes a sink; `None` where its template cannot be read.
pub(super) fn make(
    sink: &spec::Sink,
    at: &Place,
    transports: &Transports<'_>,
    faults: &mut Faults,
) -> Option<Sink> {
    let to = match &sink.to {
        Some(text) => template(text.text(), &at.key("to"), faults)?,
        None if sink.plugin.is_none() => return None,
        // A plugin's place takes the source's names, unless the user says otherwise.
        None => Template { parts: vec![Part::SourceRepo] },
    };
    let plugin = sink.plugin.as_ref().map(|id| id.text().to_owned());
    if plugin.is_none() {
        let place = at.key("to");
        let filled = to.sample().unwrap_or_default();
        let read = transports.reference(&filled).and_then(|read| {
            let to = read.into_destination();
            to.map_err(|why| fault(codes::BAD_REFERENCE, why.to_string()))
        });
        let read = read.map_err(|fault| match fault.help {
            None if to.parts.len() > 1 => {
                fault.help(format!("that is what `to` makes of `{}`", Template::SAMPLE))
            }
            _ => fault,
        });
        faults.ok(&place, read)?;
    }
    let on_conflict = match sink.on_conflict {
        Conflict::OverwriteMutable => OnConflict::OverwriteMutable,
        Conflict::Overwrite => OnConflict::Overwrite,
        Conflict::Skip => OnConflict::Skip,
        Conflict::Fail => OnConflict::Fail,
    };
    let partial = sink.partial.as_ref().is_some_and(|partial| **partial);
    let (words, base) = (Arc::clone(&transports.words), transports.spec_files.folder.clone());
    let remove_signatures = sink.remove_signatures.as_ref().is_some_and(|remove| **remove);
    Some(Sink { to, words, base, plugin, on_conflict, partial, remove_signatures })
}

/// Reads a template, or keeps its faults.
pub(super) fn template(text: &str, at: &Place, faults: &mut Faults) -> Option<Template> {
    match Template::parse(text) {
        Ok(template) => Some(template),
        Err(found) => {
            for fault in found {
                faults.add(at, fault);
            }
            None
        }
    }
}
