//! Where a source's images are: references, globs and lists of them.

use super::faults::{Faults, fault};
use super::transports::Transports;
use super::{Endpoint, Globs, Origin};
use crate::diagnostic::{Fault, Place};
use crate::graph::codes;
use crate::oci::{Name, Reference, ReferenceForm, ReferenceShape};
use crate::spec::Source;

/// References in a list file, at most.
const MAX_LISTED: usize = 100_000;

/// Reads the origins of one source.
pub(super) struct Origins<'a> {
    /// Whether the source selects tags, so that something must have some.
    pub(super) selects_tags: bool,
    pub(super) transports: &'a Transports<'a>,
}

impl Origins<'_> {
    pub(super) fn of(&self, source: &Source, at: &Place, faults: &mut Faults) -> Vec<Origin> {
        let mut origins = Vec::new();
        if let Some(from) = &source.from {
            let place = at.key("from");
            for (place, text) in from.placed(&place) {
                origins.extend(faults.ok(&place, self.origin(text)));
            }
            if from.texts.is_empty() {
                faults.push(&place, codes::EMPTY_LIST, "the list is empty");
            }
        }
        if let Some(file) = &source.file {
            origins = self.listed(file.text(), &at.key("file"), faults);
        }
        if let Some(plugin) = &source.plugin {
            origins.push(Origin::Repositories {
                transport: plugin.text().to_owned(),
                form: ReferenceForm::BY_ID,
                place: String::new(),
                glob: String::new(),
            });
        }
        let only_images = origins.iter().all(|origin| matches!(origin, Origin::Image(_)));
        if self.selects_tags && only_images && !origins.is_empty() {
            let message = "no repository here whose tags could be selected";
            faults.add(
                &at.key("tags"),
                fault(codes::NO_REPOSITORY, message)
                    .help("name the repository without a tag, or remove `tags`"),
            );
        }
        origins
    }

    fn listed(&self, file: &str, at: &Place, faults: &mut Faults) -> Vec<Origin> {
        let Some(text) = self.transports.spec_files.lists.get(file) else {
            let message = format!("`{file}` cannot be read");
            let help =
                "a file with one reference a line; relative paths start at this file's folder";
            faults.add(at, fault(codes::UNREAD_LIST, message).help(help));
            return Vec::new();
        };
        let mut origins = Vec::new();
        let mut count = 0;
        // Editors of Windows begin a file with a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (number, line) in text.lines().enumerate() {
            let line = line.split_once('#').map_or(line, |(before, _)| before).trim();
            if line.is_empty() {
                continue;
            }
            count += 1;
            match self.origin(line) {
                Ok(origin) => origins.push(origin),
                Err(mut fault) => {
                    fault.message = format!("`{file}`, line {}: {}", number + 1, fault.message);
                    faults.add(at, fault);
                }
            }
        }
        if count == 0 || count > MAX_LISTED {
            let message = format!("`{file}` has {count} references; 1 to 100000 are read");
            faults.push(at, codes::EMPTY_LIST, message);
        }
        origins
    }

    fn origin(&self, text: &str) -> Result<Origin, Fault> {
        if text.contains('*') {
            return self.glob(text);
        }
        let reference = self.transports.reference(text)?;
        if reference.form.shape == ReferenceShape::Registry {
            let named = reference.name.tag.is_some() || reference.name.digest.is_some();
            let endpoint = Endpoint { reference, written: text.to_owned() };
            return Ok(if named { Origin::Image(endpoint) } else { Origin::Repository(endpoint) });
        }
        let unnamed = reference.name == Name::default();
        let place = self.transports.place(&reference);
        if unnamed && !reference.is_nameless() {
            // As a repository without a tag means all its tags.
            let (transport, form, glob) = (reference.transport, reference.form, String::new());
            return Ok(Origin::Repositories { transport, form, place, glob });
        }
        let reference = Reference { place, ..reference };
        Ok(Origin::Image(Endpoint { reference, written: text.to_owned() }))
    }

    fn glob(&self, text: &str) -> Result<Origin, Fault> {
        let (word, rest) = match text.split_once("://") {
            Some((word, rest)) if self.transports.is_registry_word(word) => (word, rest),
            _ => ("docker", text),
        };
        let local = text.split_once(':').filter(|(word, _)| {
            self.transports.words.form(word).is_some_and(|form| form.shape.is_path())
        });
        if local.is_some() {
            let message = format!("`{text}`: a glob is for the repositories of a registry");
            return Err(fault(codes::BAD_GLOB, message).help("write the path without `*`"));
        }
        let (host, glob) = Reference::split_host(rest);
        if host.contains('*') || rest.starts_with('*') {
            let message = format!("`{text}` has a glob in place of a registry");
            return Err(
                fault(codes::BAD_GLOB, message).help("write the registry: `quay.io/team/*`")
            );
        }
        if glob.contains([':', '@']) {
            let message = format!("`{text}`: a glob is for repositories, not for tags");
            return Err(fault(codes::BAD_GLOB, message).help("tags are selected by `tags`"));
        }
        // The host must be one, which a name in the place of the glob tells.
        let Reference { transport, form, .. } =
            self.transports.reference(&format!("{word}://{host}/name"))?;
        Globs::new(std::slice::from_ref(&glob))?;
        Ok(Origin::Repositories { transport, form, place: host, glob })
    }
}
