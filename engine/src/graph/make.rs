//! From [`Spec`] to [`Graph`].

use super::bind::Binder;
use super::component_choice::{self, Casting, Who};
use super::compress;
use super::convert;
use super::faults::Faults;
use super::granted::granted_hosts;
use super::origins::Origins;
use super::sinks;
use super::sinks_of_one_place;
use super::transports::Transports;
use super::untagged;
use super::wiring::Wiring;
use super::{
    Filter, Graph, Referrers, Report, ReportKind, RunSettings, Source, SpecFiles, Step, StepKind,
    Transform,
};
use crate::diagnostic::{Fault, Origin, Place};
use crate::graph::codes;
use crate::role::{Catalog, ComponentRole};
use crate::spec::{self, Spec};
use std::collections::BTreeMap;

/// Resolves a spec.
///
/// # Errors
///
/// All faults of the file, each with a place.
pub fn make(spec: &Spec, catalog: &Catalog, spec_files: &SpecFiles) -> Result<Graph, Vec<Fault>> {
    let mut faults = Faults::default();
    let wiring = Wiring::new(spec);
    faults.all.extend(wiring.faults());
    let transports = Transports::of(catalog, spec_files);
    let registries = convert::registries(spec, spec_files, &mut faults);
    let hosts = granted_hosts(spec, &registries, &mut faults);
    let mut binder = Binder::new(spec, catalog, spec_files, hosts);
    let mut kinds: BTreeMap<String, StepKind> = BTreeMap::new();
    for (id, source) in spec.sources.iter() {
        let at = Place::root().key("sources").key(id);
        let made = make_source(source, &at, &transports, &mut faults);
        binder.source(id, source, &made.origins);
        kinds.insert(id.to_owned(), StepKind::Source(made));
    }
    for (id, filter) in spec.filters.iter() {
        let at = Place::root().key("filters").key(id);
        if let Some(made) = make_filter(filter, &at, &mut faults)
            .or_else(|| cast_filter(id, filter, &at, &mut binder))
        {
            kinds.insert(id.to_owned(), StepKind::Filter(made));
        }
    }
    for (id, transform) in spec.transforms.iter() {
        let at = Place::root().key("transforms").key(id);
        if let Some(made) = make_transform(transform, &at, &mut faults)
            .or_else(|| cast_transform(id, transform, &at, &mut binder))
        {
            kinds.insert(id.to_owned(), StepKind::Transform(made));
        }
    }
    for (id, sink) in spec.sinks.iter() {
        let at = Place::root().key("sinks").key(id);
        let Some(made) = sinks::make(sink, &at, &transports, &mut faults) else {
            continue;
        };
        binder.sink(id, sink, &made, &wiring);
        kinds.insert(id.to_owned(), StepKind::Sink(made));
    }
    sinks_of_one_place::check(spec, &kinds, &mut faults);
    compress::once(spec, &wiring, &mut faults);
    untagged::check(&kinds, &wiring, &mut faults);
    let keys = convert::keys(spec, spec_files);
    let (run, reports) = (run_settings(spec, spec_files, &mut faults), reports(spec, spec_files));
    let (bindings, unbound) = binder.finish();
    faults.all.extend(unbound);
    if !faults.all.is_empty() {
        return Err(faults.all);
    }
    let steps = wiring
        .sorted()
        .into_iter()
        .filter_map(|(id, inputs)| {
            let kind = kinds.remove(&id)?;
            Some(Step { id, inputs, kind })
        })
        .collect();
    Ok(Graph { name: name(spec, spec_files), run, registries, keys, steps, bindings, reports })
}

fn name(spec: &Spec, spec_files: &SpecFiles) -> String {
    let named = spec.metadata.name.as_ref().map(|name| name.text().to_owned());
    named.unwrap_or_else(|| spec_files.name.clone())
}

fn make_source(
    source: &spec::Source,
    at: &Place,
    transports: &Transports<'_>,
    faults: &mut Faults,
) -> Source {
    let tags = source.tags.as_ref().map(|tags| convert::tags(tags, &at.key("tags"), faults));
    let mutable_tags = source.mutable_tags.as_ref().map(|globs| {
        let globs: Vec<String> = globs.iter().map(|glob| glob.text().to_owned()).collect();
        convert::globs(&globs, &at.key("mutableTags"), faults);
        globs
    });
    let referrers = match source.referrers.as_ref().map(|referrers| referrers.follow) {
        Some(spec::Follow::Always) => Referrers::Always,
        Some(spec::Follow::Copies) | None => Referrers::WithCopies,
    };
    let origins = Origins { transports, selects_tags: tags.is_some() }.of(source, at, faults);
    Source { origins, tags, mutable_tags, referrers }
}

fn make_filter(filter: &spec::Filter, at: &Place, faults: &mut Faults) -> Option<Filter> {
    if let Some(tags) = &filter.tags {
        let rule = convert::tags(tags, &at.key("tags"), faults);
        return Some(Filter::Tags(rule));
    }
    if let Some(platforms) = &filter.platforms {
        let platforms = convert::platforms(platforms, &at.key("platforms"), faults);
        return Some(Filter::Platforms(platforms));
    }
    let labels = filter.labels.as_ref()?;
    Some(Filter::Labels(convert::labels(labels, &at.key("labels"), faults)))
}

fn make_transform(
    transform: &spec::Transform,
    at: &Place,
    faults: &mut Faults,
) -> Option<Transform> {
    if let Some(cut) = &transform.platforms {
        let keep = convert::platforms(&cut.keep, &at.key("platforms").key("keep"), faults);
        return Some(Transform::Platforms { keep, index: convert::index_mode(cut.index) });
    }
    if let Some(written) = &transform.compress {
        return Some(Transform::Compress(compress::recipe(written, &at.key("compress"), faults)));
    }
    let annotate = transform.annotate.as_ref()?;
    Some(Transform::Annotate(convert::annotate(annotate, &at.key("annotate"), faults)))
}

/// A filter that a component carries out.
fn cast_filter(
    id: &str,
    filter: &spec::Filter,
    at: &Place,
    binder: &mut Binder<'_>,
) -> Option<Filter> {
    let policy: &[ComponentRole] = &[ComponentRole::Policy];
    let either: &[ComponentRole] = &[ComponentRole::Filter, ComponentRole::Policy];
    let (who, with, roles) = match (&filter.verify, &filter.policy, &filter.plugin) {
        (Some(verify), ..) => (Who::BuiltIn("policy-sigstore", "verify"), Some(&verify.0), policy),
        (_, Some(rules), _) => (Who::BuiltIn("policy-rules", "policy"), Some(&rules.0), policy),
        (.., Some(plugin)) => (Who::Plugin(plugin.text()), filter.with.as_ref(), either),
        _ => return None,
    };
    let casting = Casting { step: id, at: at.clone(), who, with, roles };
    let (role, cast) = binder.cast(&casting)?;
    if role == ComponentRole::Policy {
        return Some(Filter::Judge(component_choice::judge(filter, cast)));
    }
    if filter.on.is_some() || filter.always.is_some() {
        let message = "`on` and `always` are for policies, and this plugin is a filter";
        binder.faults.push(at, codes::WRONG_ROLE, message);
    }
    Some(Filter::Plugin(cast))
}

/// A transform that a component carries out.
fn cast_transform(
    id: &str,
    transform: &spec::Transform,
    at: &Place,
    binder: &mut Binder<'_>,
) -> Option<Transform> {
    let signer: &[ComponentRole] = &[ComponentRole::Signer];
    let either: &[ComponentRole] = &[ComponentRole::Transform, ComponentRole::Signer];
    let (who, with, roles) = match (&transform.sign, &transform.plugin) {
        (Some(sign), _) => (Who::BuiltIn("signer-sigstore", "sign"), Some(&sign.0), signer),
        (_, Some(plugin)) => (Who::Plugin(plugin.text()), transform.with.as_ref(), either),
        _ => return None,
    };
    let casting = Casting { step: id, at: at.clone(), who, with, roles };
    let (role, cast) = binder.cast(&casting)?;
    if role == ComponentRole::Signer {
        return component_choice::signing(binder, &casting, cast).map(Transform::Sign);
    }
    Some(Transform::Plugin(cast))
}

fn run_settings(spec: &Spec, spec_files: &SpecFiles, faults: &mut Faults) -> RunSettings {
    let (run, default) = (&spec.run, RunSettings::default());
    let state = run.state.as_ref().map(spec::Text::text);
    if state.is_some_and(|state| state.contains("://")) {
        let at = Place::root().key("run").key("state");
        faults.add(
            &at,
            Fault::new(codes::NOT_YET, Origin::Spec, "state in a registry is not supported yet")
                .help("name a file, or `none`"),
        );
    }
    RunSettings {
        concurrency: run.concurrency.as_ref().map_or(default.concurrency, |n| **n as usize),
        attempts: run.attempts.as_ref().map_or(default.attempts, |n| **n),
        pause: run.pause.as_ref().map_or(default.pause, |span| **span),
        max_pause: run.max_pause.as_ref().map_or(default.max_pause, |span| **span),
        grace: run.grace.as_ref().map_or(default.grace, |span| **span),
        state: state.filter(|state| *state != "none").map(|state| spec_files.path(state)),
        keeps_state: state != Some("none"),
    }
}

fn reports(spec: &Spec, spec_files: &SpecFiles) -> Vec<Report> {
    let kind = |kind| match kind {
        spec::ReportKind::Json => ReportKind::Json,
        spec::ReportKind::Text => ReportKind::Text,
    };
    let report = |report: &spec::Report| Report {
        kind: kind(report.kind),
        path: spec_files.path(report.path.text()),
    };
    spec.reports.iter().map(report).collect()
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
