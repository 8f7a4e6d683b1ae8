//! References in the words of the transports that there are.

use super::Ground;
use super::faults::fault;
use crate::diagnostic::{Fault, suggestion};
use crate::graph::codes;
use crate::oci::Reference;
use crate::role::{Catalog, ComponentRole, ComponentSource};
use std::collections::BTreeSet;

/// The transports that a reference may name, and where their relative paths start.
#[derive(Debug, Clone)]
pub(super) struct Transports<'a> {
    pub(super) ground: &'a Ground,
    words: BTreeSet<String>,
}

impl<'a> Transports<'a> {
    /// The built-in ones; others are named by `plugin`.
    pub(super) fn of(catalog: &Catalog, ground: &'a Ground) -> Self {
        let built_in = catalog.components.iter().filter(|(_, component)| {
            matches!(component.source, ComponentSource::BuiltIn(_))
                && component.role == ComponentRole::Transport
        });
        Self { ground, words: built_in.map(|(word, _)| word.clone()).collect() }
    }

    /// Reads a reference, with help for what people often write instead.
    ///
    /// # Errors
    ///
    /// `graph::unknown-transport`, `graph::bad-reference`.
    pub(super) fn reference(&self, text: &str) -> Result<Reference, Fault> {
        if let Some((scheme, rest)) = text.split_once("://")
            && scheme != "docker"
        {
            let mut fault = self.unknown(scheme);
            if matches!(scheme, "http" | "https") {
                fault =
                    fault.help(format!("write `{rest}`; how it is reached is for `registries`"));
            }
            return Err(fault);
        }
        let reference: Reference = text.parse().map_err(|why: crate::oci::ReferenceFault| {
            fault(codes::BAD_REFERENCE, why.to_string())
        })?;
        if self.words.contains(&reference.transport) {
            Ok(reference)
        } else {
            Err(self.unknown(&reference.transport))
        }
    }

    fn unknown(&self, word: &str) -> Fault {
        let message = format!("there is no transport `{word}`");
        let mut fault = fault(codes::UNKNOWN_TRANSPORT, message);
        fault.help = suggestion(word, self.words.iter().map(String::as_str));
        fault
    }
}
