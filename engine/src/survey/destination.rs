//! Where an item goes: the sink's template, filled in.

use super::error;
use crate::diagnostic::Fault;
use crate::graph::{Filling, Part, Sink, Template};
use crate::oci::{Name, Reference, ReferenceFault, ReferenceForm};
use std::path::Path;

/// The destination of an item, complete but for the digest of one that has no tag.
///
/// # Errors
///
/// `survey::destination` when the filled text is not a reference.
pub(super) fn destination(sink: &Sink, filling: &Filling<'_>) -> Result<Reference, Fault> {
    let mut text = sink.to.fill(filling);
    if filling.tag.is_none() && text.ends_with(':') {
        text.pop(); // `…/repo:{{ item.tag }}` of an item without a tag
    }
    let read = parse(sink, &text).and_then(Reference::into_destination);
    let mut reference = read.map_err(|cause| error::destination(filling.source, &cause))?;
    // A plugin that is named by its id has no place.
    if reference.form.shape.is_path() && sink.plugin.is_none() {
        reference.place = below(&sink.base, &reference.place);
    }
    if reference.name.tag.is_none() && reference.name.digest.is_none() && !reference.is_nameless() {
        reference.name.tag = filling.tag.map(str::to_owned);
    }
    Ok(reference)
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
        destination(sink, &filling).map(|reference| reference.to_string())
    }

    #[test]
    fn a_destination_without_a_tag_takes_the_items() {
        let text = |text: &str| Part::Text(text.to_owned());
        for (parts, tag, expected) in [
            (vec![text("r.io/m/"), Part::SourceRepo], Some("7"), "r.io/m/a/b:7"),
            (vec![text("r.io/m/"), Part::SourceRepo], None, "r.io/m/a/b"),
            (vec![text("r.io/m:"), Part::Tag], Some("7"), "r.io/m:7"),
            (vec![text("r.io/m:"), Part::Tag], None, "r.io/m"),
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
        let reference = destination(&sink, &filling).unwrap();
        assert_eq!((reference.transport.as_str(), reference.place.as_str()), ("bucket", ""));
        assert_eq!(reference.name, Name::tagged("images/x", "1"));
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        let fault = filled(&sink(&[Part::Text("r.io/UPPER".to_owned())]), Some("1")).unwrap_err();
        assert_eq!(fault.code, "survey::destination");
    }
}
