//! Graphs for tests.

use crate::graph::{
    Endpoint, Graph, OnConflict, Origin, Part, Referrers, RunSettings, Sink, Source, Step,
    StepKind, Template,
};
use crate::oci::Reference;
use std::collections::BTreeMap;
use std::time::Duration;

/// A graph of these steps.
pub(crate) fn graph(steps: Vec<Step>) -> Graph {
    let run = RunSettings { pause: Duration::from_millis(1), ..RunSettings::default() };
    Graph {
        name: "test".to_owned(),
        run,
        registries: BTreeMap::new(),
        keys: BTreeMap::new(),
        steps,
        bindings: Vec::new(),
        reports: Vec::new(),
    }
}

/// A step.
pub(crate) fn step(id: &str, inputs: &[&str], kind: StepKind) -> Step {
    let inputs = inputs.iter().map(|input| (*input).to_owned()).collect();
    Step { id: id.to_owned(), inputs, kind }
}

/// A reference.
pub(crate) fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

/// A source of all tags of these repositories, or, where there is a tag, of these images.
pub(crate) fn source(origins: &[&str]) -> Source {
    let origin = |text: &&str| {
        let endpoint = Endpoint { reference: reference(text), written: (*text).to_owned() };
        let name = &endpoint.reference.name;
        if name.tag.is_some() || name.digest.is_some() {
            Origin::Image(endpoint)
        } else {
            Origin::Repository(endpoint)
        }
    };
    Source {
        origins: origins.iter().map(origin).collect(),
        tags: None,
        mutable_tags: None,
        referrers: Referrers::default(),
    }
}

/// A sink step at `to`, a text in which `{repo}`, `{tag}` and `{digest}` are filled in.
pub(crate) fn sink(id: &str, inputs: &[&str], to: &str, on_conflict: OnConflict) -> Step {
    let mut parts = Vec::new();
    for piece in to.split_inclusive('}') {
        let (text, part) = match piece.split_once('{') {
            Some((text, "repo}")) => (text, Some(Part::SourceRepo)),
            Some((text, "tag}")) => (text, Some(Part::Tag)),
            Some((text, "digest}")) => (text, Some(Part::Digest)),
            _ => (piece, None),
        };
        parts.push(Part::Text(text.to_owned()));
        parts.extend(part);
    }
    let to = Template { parts };
    let words = std::sync::Arc::default();
    let sink = Sink {
        to,
        words,
        base: "/spec".into(),
        plugin: None,
        on_conflict,
        partial: false,
        remove_signatures: false,
    };
    step(id, inputs, StepKind::Sink(sink))
}
