//! Images without a tag where `{{ item.tag }}` is to be filled in: found before anything is asked,
//! where a source names its images one by one. The survey finds the others.

use super::codes;
use super::faults::{Faults, fault};
use super::wiring::Wiring;
use super::{Annotate, Filter, Origin, Part, Sink, Source, StepKind, Template, Transform};
use crate::diagnostic::Place;
use std::collections::BTreeMap;

/// Checks all steps that have templates.
pub(super) fn check(kinds: &BTreeMap<String, StepKind>, wiring: &Wiring<'_>, faults: &mut Faults) {
    // A filter of tags, or one that a component is, may be what keeps such images away.
    let chooses = |id: &str| {
        matches!(kinds.get(id), Some(StepKind::Filter(Filter::Tags(_) | Filter::Plugin(_))))
    };
    for (id, kind) in kinds {
        let places = places_of_tags(id, kind);
        if places.is_empty() || wiring.before(id).into_iter().any(chooses) {
            continue;
        }
        for (source, image) in untagged(kinds, wiring, id) {
            let message = format!(
                "`{image}` of `{source}` has no tag, and `{{{{ item.tag }}}}` is filled in here"
            );
            let help = "write a tag, or leave `:{{ item.tag }}` out: an image without a tag goes by \
                its digest";
            for place in &places {
                faults.add(place, fault(codes::NO_TAG, &*message).help(help));
            }
        }
    }
}

/// Where the templates of a step have the tag of an item.
fn places_of_tags(id: &str, kind: &StepKind) -> Vec<Place> {
    let has_tag = |template: &Template| template.parts.contains(&Part::Tag);
    match kind {
        StepKind::Sink(Sink { to, .. }) if has_tag(to) => {
            vec![Place::root().key("sinks").key(id).key("to")]
        }
        StepKind::Transform(Transform::Annotate(Annotate { set, .. })) => {
            let at = Place::root().key("transforms").key(id).key("annotate").key("set");
            set.iter().filter(|(_, text)| has_tag(text)).map(|(key, _)| at.key(key)).collect()
        }
        _ => Vec::new(),
    }
}

/// The sources that lead to a step and name an image without a tag, with the first such image.
fn untagged<'a>(
    kinds: &'a BTreeMap<String, StepKind>,
    wiring: &'a Wiring<'_>,
    id: &str,
) -> Vec<(&'a str, &'a str)> {
    let first = |source: &'a str| {
        let Some(StepKind::Source(Source { origins, .. })) = kinds.get(source) else { return None };
        origins.iter().find_map(|origin| match origin {
            Origin::Image(image) if image.reference.name.tag.is_none() => {
                Some((source, image.written.as_str()))
            }
            _ => None,
        })
    };
    wiring.sources_of(id).into_iter().filter_map(first).collect()
}
