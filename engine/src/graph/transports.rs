//! References in the words of the transports that there are.

use super::SpecFiles;
use super::faults::fault;
use crate::diagnostic::{Fault, suggestion};
use crate::graph::codes;
use crate::oci::{Reference, ReferenceShape, TransportWords};
use crate::role::{Catalog, ComponentRole};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Words of Skopeo's transports. Where this program has none of that name, a text that begins with one is
/// refused: nobody who writes it means an image of docker.io.
const SKOPEO: [&str; 7] = [
    "oci-archive",
    "docker-archive",
    "docker-daemon",
    "containers-storage",
    "sif",
    "tarball",
    "atomic",
];

/// The transports that a reference may name, and where their relative paths start.
#[derive(Debug, Clone)]
pub(super) struct Transports<'a> {
    pub(super) spec_files: &'a SpecFiles,
    pub(super) words: Arc<TransportWords>,
    /// The ids of transports that no reference can name, as their manifest does not say how.
    wordless: BTreeSet<String>,
}

impl<'a> Transports<'a> {
    /// The words of the built-in ones, and the ids of plugins whose manifest says how references to
    /// them look.
    pub(super) fn of(catalog: &Catalog, spec_files: &'a SpecFiles) -> Self {
        let (mut words, mut wordless) = (BTreeMap::new(), BTreeSet::new());
        for (word, component) in &catalog.components {
            if component.role != ComponentRole::Transport {
                continue;
            }
            match component.reference {
                Some(form) => drop(words.insert(word.clone(), form)),
                None => drop(wordless.insert(word.clone())),
            }
        }
        Self { spec_files, words: Arc::new(TransportWords::new(words)), wordless }
    }

    /// Reads a reference, with help for what people often write instead.
    ///
    /// # Errors
    ///
    /// `graph::unknown-transport`, `graph::bad-reference`, `graph::no-word`.
    pub(super) fn reference(&self, text: &str) -> Result<Reference, Fault> {
        if let Some((scheme, rest)) = text.split_once("://")
            && !self.is_registry_word(scheme)
        {
            let mut fault = self.unknown(scheme);
            if matches!(scheme, "http" | "https") {
                fault =
                    fault.help(format!("write `{rest}`; how it is reached is for `registries`"));
            }
            return Err(fault);
        }
        if let Some((word, _)) = text.split_once(':')
            && self.words.form(word).is_none()
        {
            if self.wordless.contains(word) {
                return Err(wordless(word, text));
            }
            if SKOPEO.contains(&word) {
                return Err(self.unknown(word));
            }
        }
        Reference::parse(text, &self.words)
            .map_err(|why| fault(codes::BAD_REFERENCE, why.to_string()))
    }

    /// Whether a word is one of registries, whose names have `*`.
    pub(super) fn is_registry_word(&self, word: &str) -> bool {
        self.words.form(word).is_some_and(|form| form.shape == ReferenceShape::Registry)
    }

    /// The place of a reference: its path starts at the spec's folder.
    pub(super) fn place(&self, reference: &Reference) -> String {
        if !reference.form.shape.is_path() {
            return reference.place.clone();
        }
        self.spec_files.path(&reference.place).to_string_lossy().into_owned()
    }

    fn unknown(&self, word: &str) -> Fault {
        let message = format!("there is no transport `{word}`");
        let mut fault = fault(codes::UNKNOWN_TRANSPORT, message);
        fault.help = suggestion(word, self.words.iter());
        fault
    }
}

fn wordless(word: &str, text: &str) -> Fault {
    let message = format!(
        "`{text}` begins with the plugin `{word}`, whose manifest does not say how references to it look"
    );
    fault(codes::NO_WORD, message).help(format!(
        "write `plugin: {word}`, with its settings in `with:`; an image of that name is `docker://{text}`"
    ))
}
