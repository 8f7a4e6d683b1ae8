//! Where an item goes: the sink's template, filled in.

use super::error;
use crate::diagnostic::Fault;
use crate::graph::{Filling, Part, Sink, Template};
use crate::oci::{Name, Reference, ReferenceFault, ReferenceForm};
use std::path::Path;

/// The destination of an item at the sink `step`, complete but for the digest of one that has no tag.
///
/// # Errors
///
/// `survey::destination` when the filled text is not a reference; `survey::no-tag` when it has the
/// tag of an item without one. To leave the tag out there would hide a mistake: the item would have
/// no name at all.
pub(super) fn destination(
    sink: &Sink,
    step: &str,
    filling: &Filling<'_>,
) -> Result<Reference, Fault> {
    if filling.tag.is_none() && sink.to.parts.contains(&Part::Tag) {
        return Err(error::no_tag(filling.source, step));
    }
    let lacks_repository = filling.source.name.repository.is_empty();
    let has_repository = sink.to.parts.contains(&Part::SourceRepo);
    let mut reference = read(sink, filling).map_err(|cause| {
        if lacks_repository && has_repository {
            error::no_repository(filling.source, &cause)
        } else {
            error::destination(filling.source, &cause)
        }
    })?;
    // A plugin that is named by its id has no place.
    if reference.form.shape.is_path() && sink.plugin.is_none() {
        reference.place = below(&sink.base, &reference.place);
    }
    if reference.name.tag.is_none() && reference.name.digest.is_none() && !reference.is_nameless() {
        reference.name.tag = filling.tag.map(str::to_owned);
    }
    Ok(reference)
}

/// Reads the filled text; where it is no reference, as a name in a layout says more or less than one
/// in a registry.
fn read(sink: &Sink, filling: &Filling<'_>) -> Result<Reference, ReferenceFault> {
    let text = sink.to.fill(filling);
    let cause = match parse(sink, &text).and_then(Reference::into_destination) {
        Ok(reference) => return Ok(reference),
        Err(cause) => cause,
    };
    let name = &filling.source.name;
    let other = match name.repository.split_once('/') {
        // `localhost:5000/app` is a name in a layout, and no part of one in a registry.
        Some((host, below)) if !Name::is_repository(host) => {
            let name = Name { repository: below.to_owned(), ..name.clone() };
            let source = filling.source.with_name(name);
            Some(sink.to.fill(&Filling { source: &source, ..*filling }))
        }
        None if name.repository.is_empty() => without_gap(&text),
        _ => None,
    };
    let other = other.filter(|_| sink.to.parts.contains(&Part::SourceRepo));
    let Some(other) = other else { return Err(cause) };
    parse(sink, &other).and_then(Reference::into_destination).map_err(|_| cause)
}

/// `r.io/m/:1` is `r.io/m:1`, where the repository is empty. A registry alone stays as it is:
/// `r.io:1` would be an image of docker.io.
fn without_gap(text: &str) -> Option<String> {
    let (before, tag) = match text.split_once("/:") {
        Some((before, tag)) => (before, Some(tag)),
        None => (text.strip_suffix('/')?, None),
    };
    let path = before.split_once("://").map_or(before, |(_, path)| path);
    path.contains('/').then(|| match tag {
        Some(tag) => format!("{before}:{tag}"),
        None => before.to_owned(),
    })
}

/// Whether the filled text is known only once the image is resolved.
pub(super) fn needs_digest(template: &Template) -> bool {
    template.parts.contains(&Part::Digest)
}

/// Stands for a destination whose text is no reference; no session is ever asked for it.
pub(super) fn unparsed(sink: &Sink, filling: &Filling<'_>) -> Reference {
    let (transport, form) = ("dir".to_owned(), ReferenceForm::DIRECTORY);
    Reference { transport, form, place: sink.to.fill(filling), name: Name::default() }
}

fn parse(sink: &Sink, text: &str) -> Result<Reference, ReferenceFault> {
    match &sink.plugin {
        Some(plugin) => {
            let name = Name::parse_in(text, text)?;
            let (transport, form) = (plugin.clone(), ReferenceForm::BY_ID);
            Ok(Reference { transport, form, place: String::new(), name })
        }
        None => Reference::parse(text, &sink.words),
    }
}

/// The path below the spec's folder, written in one way, so that two items for one place are seen
/// to be that. `..` stays: what it means depends on links.
fn below(folder: &Path, place: &str) -> String {
    let path: std::path::PathBuf = folder.join(place).components().collect();
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::OnConflict;
    use crate::oci::Digest;

    fn sink(parts: &[Part]) -> Sink {
        let to = Template { parts: parts.to_vec() };
        let (words, base) = (std::sync::Arc::default(), "/srv".into());
        Sink {
            to,
            words,
            base,
            plugin: None,
            on_conflict: OnConflict::default(),
            partial: false,
            remove_signatures: false,
        }
    }

    fn filled(sink: &Sink, tag: Option<&str>) -> Result<String, Fault> {
        let source: Reference = "quay.io/a/b:1".parse().unwrap();
        let digest = Digest::of(b"x");
        let filling =
            Filling { source: &source, tag, digest: digest.as_str(), date: "2026-11-23", run: "r" };
        destination(sink, "to", &filling).map(|reference| reference.to_string())
    }

    #[test]
    fn a_destination_without_a_tag_takes_the_items() {
        let text = |text: &str| Part::Text(text.to_owned());
        for (parts, tag, expected) in [
            (vec![text("r.io/m/"), Part::SourceRepo], Some("7"), "r.io/m/a/b:7"),
            (vec![text("r.io/m/"), Part::SourceRepo], None, "r.io/m/a/b"),
            (vec![text("r.io/m:"), Part::Tag], Some("7"), "r.io/m:7"),
            (vec![text("r.io/m:x")], Some("7"), "r.io/m:x"),
            (vec![text("oci:./out//x")], Some("7"), "oci:/srv/out/x:7"),
            (vec![text("oci:out:"), Part::SourceRepo, text(":")], Some("7"), "oci:/srv/out:a/b:7"),
            (vec![text("dir:out/"), Part::Tag], Some("7"), "dir:/srv/out/7"),
            (vec![text("dir:/abs")], Some("7"), "dir:/abs"),
        ] {
            assert_eq!(filled(&sink(&parts), tag).unwrap(), expected);
        }
    }

    #[test]
    fn a_plugin_is_given_a_name_only() {
        let mut sink = sink(&[Part::Text("images/x".to_owned())]);
        sink.plugin = Some("bucket".to_owned());
        let source: Reference = "quay.io/a/b:1".parse().unwrap();
        let filling = Filling { source: &source, tag: Some("1"), digest: "", date: "", run: "" };
        let reference = destination(&sink, "to", &filling).unwrap();
        assert_eq!((reference.transport.as_str(), reference.place.as_str()), ("bucket", ""));
        assert_eq!(reference.name, Name::tagged("images/x", "1"));
    }

    #[test]
    fn an_item_without_a_tag_has_none_to_fill_in() {
        for parts in [vec![Part::Text("r.io/m:".to_owned()), Part::Tag], vec![Part::Tag]] {
            let fault = filled(&sink(&parts), None).unwrap_err();
            assert_eq!(fault.code, "survey::no-tag");
            assert!(fault.message.contains("`quay.io/a/b:1`"), "{fault}");
        }
    }

    /// Of the names that other tools write into layouts.
    #[test]
    fn names_of_a_layout_fit_into_a_registry() {
        let of = |name: &str, parts: &[Part]| {
            let source: Reference = format!("oci:/in:{name}").parse().unwrap();
            let tag = source.name.tag.as_deref();
            let filling = Filling { source: &source, tag, digest: "", date: "", run: "" };
            destination(&sink(parts), "to", &filling).map(|to| to.to_string())
        };
        let parts = |start: &str| {
            [Part::Text(start.to_owned()), Part::SourceRepo, Part::Text(":".to_owned()), Part::Tag]
        };
        for (name, start, expected) in [
            ("docker.io/library/app:3.20", "r.io/m/", "r.io/m/docker.io/library/app:3.20"),
            ("localhost:5000/app:1", "r.io/m/", "r.io/m/app:1"),
            ("localhost:5000/app:1", "oci:/out:", "oci:/out:localhost:5000/app:1"),
            ("app", "r.io/m/", "r.io/m:app"),
            ("app", "docker://r.io/m/", "r.io/m:app"),
            ("app", "oci:/out:", "oci:/out:app"),
        ] {
            assert_eq!(of(name, &parts(start)).unwrap(), expected);
        }
        let repository = [Part::Text("r.io/m/".to_owned()), Part::SourceRepo];
        assert_eq!(of("app", &repository).unwrap(), "r.io/m:app");
        for start in ["r.io/", "docker://r.io/", "team/"] {
            let fault = of("app", &parts(start)).unwrap_err();
            assert_eq!(fault.code, "survey::destination");
            assert!(fault.message.contains("has no repository"), "{fault}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        let fault = filled(&sink(&[Part::Text("r.io/UPPER".to_owned())]), Some("1")).unwrap_err();
        assert_eq!(fault.code, "survey::destination");
    }
}
