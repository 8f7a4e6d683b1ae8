//! Bindings: which component plays which transport for which step, and what it is given.

use super::make::{Faults, Ground};
use super::{Origin, Part, Sink};
use crate::diagnostic::{self, Fault, Place, Schema, suggestion};
use crate::oci::Reference;
use crate::role::{Binding, Catalog, Component, Grants, Limits};
use crate::spec::{self, Settings, Spec};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Binds steps to components.
pub(super) struct Binder<'a> {
    spec: &'a Spec,
    catalog: &'a Catalog,
    ground: &'a Ground,
    bindings: Vec<Binding>,
    used: BTreeSet<String>,
    /// The registries that each source names, for sinks whose template takes them over.
    registries: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Binder<'a> {
    pub(super) fn new(
        spec: &'a Spec,
        catalog: &'a Catalog,
        ground: &'a Ground,
        faults: &mut Faults,
    ) -> Self {
        for (id, plugin) in spec.plugins.iter() {
            if plugin.from.text().contains("://") {
                let at = Place::root().key("plugins").key(id).key("from");
                let message = "plugins from a registry are not supported yet";
                faults.add(&at, fault("graph::not-yet", message).help("name a file"));
            }
        }
        let (bindings, used, registries) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        Self { spec, catalog, ground, bindings, used, registries }
    }

    /// Binds a source to the transports of its origins.
    pub(super) fn source(
        &mut self,
        id: &str,
        source: &spec::Source,
        origins: &[Origin],
        at: &Place,
        faults: &mut Faults,
    ) {
        let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for origin in origins {
            let (transport, place) = match origin {
                Origin::Image(end) | Origin::Repository(end) => {
                    (&end.reference.transport, &end.reference.place)
                }
                Origin::Repositories { transport, place, .. } => (transport, place),
            };
            places.entry(transport).or_default().insert(place);
        }
        if let Some(plugin) = &source.plugin {
            let grants = Grants::default();
            self.plugin(id, plugin.text(), source.with.as_ref(), grants, faults, at);
            return;
        }
        let key = if source.file.is_some() { "file" } else { "from" };
        for (word, places) in places {
            let mut grants = Grants::default();
            if word == "docker" {
                grants.registries = places.iter().map(|place| (*place).to_owned()).collect();
                let registries = self.registries.entry(id.to_owned()).or_default();
                registries.extend(grants.registries.iter().cloned());
            }
            self.built_in(id, word, grants, &at.key(key), faults);
        }
    }

    /// Binds a sink to the transport that its template names.
    pub(super) fn sink(
        &mut self,
        id: &str,
        sink: &spec::Sink,
        made: &Sink,
        upstream: &[&str],
        faults: &mut Faults,
    ) {
        let at = Place::root().key("sinks").key(id);
        let mut grants = Grants { writes: true, ..Grants::default() };
        if let Some(plugin) = &sink.plugin {
            self.plugin(id, plugin.text(), sink.with.as_ref(), grants, faults, &at);
            return;
        }
        let at = at.key("to");
        let Some(sample) = made.to.sample().and_then(|text| text.parse::<Reference>().ok()) else {
            return;
        };
        if sample.is_registry() {
            match self.destinations(made, &sample, upstream) {
                Some(registries) => grants.registries = registries.into_iter().collect(),
                None => faults.add(
                    &at,
                    fault("graph::open-destination", "the registry depends on the item")
                        .help("write the registry, or begin with `{{ item.source.registry }}/`"),
                ),
            }
        }
        self.built_in(id, &sample.transport, grants, &at, faults);
    }

    /// The bindings; a plugin that no step uses is a fault.
    pub(super) fn finish(self, faults: &mut Faults) -> Vec<Binding> {
        for id in self.spec.plugins.keys().filter(|id| !self.used.contains(*id)) {
            let at = Place::root().key("plugins").key(id);
            faults.push(&at, "graph::unused-plugin", "no step uses it");
        }
        self.bindings
    }

    /// The registries that a sink may write to; `None` where the spec does not say.
    fn destinations(
        &self,
        sink: &Sink,
        sample: &Reference,
        upstream: &[&str],
    ) -> Option<BTreeSet<String>> {
        let leading = sink.to.leading_text();
        let leading = leading.strip_prefix("docker://").unwrap_or(leading);
        if leading.contains('/') || (sink.to.parts.len() == 1 && !leading.is_empty()) {
            return Some(BTreeSet::from([sample.place.clone()]));
        }
        let mut parts = sink
            .to
            .parts
            .iter()
            .skip_while(|part| matches!(part, Part::Text(text) if text == "docker://"));
        let takes_over = match (parts.next(), parts.next()) {
            (Some(Part::SourceRegistry), Some(Part::Text(text))) => text.starts_with('/'),
            (Some(Part::SourceRef), _) => true,
            _ => false,
        };
        let registries = upstream.iter().filter_map(|id| self.registries.get(*id)).flatten();
        takes_over.then(|| registries.cloned().collect())
    }

    fn built_in(
        &mut self,
        step: &str,
        word: &str,
        grants: Grants,
        at: &Place,
        faults: &mut Faults,
    ) {
        let plugins: BTreeSet<&str> = self.spec.plugins.keys().collect();
        let known = self.catalog.components.iter();
        let known: Vec<&str> = known
            .filter(|(word, component)| {
                component.role == "transport" && !plugins.contains(word.as_str())
            })
            .map(|(word, _)| word.as_str())
            .collect();
        let Some(component) = self.catalog.components.get(word).filter(|_| known.contains(&word))
        else {
            let message = format!("there is no transport `{word}`");
            let names: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
            let help = format!("there are {}", names.join(", "));
            faults.add(at, fault("graph::unknown-transport", message).help(help));
            return;
        };
        self.bind(step, word, component.clone(), grants, Value::Object(serde_json::Map::new()));
    }

    fn plugin(
        &mut self,
        step: &str,
        id: &str,
        with: Option<&Settings>,
        mut grants: Grants,
        faults: &mut Faults,
        at: &Place,
    ) {
        let place = at.key("plugin");
        let Some(plugin) = self.spec.plugins.get(id) else {
            let mut fault = fault("graph::unknown-plugin", format!("no plugin is called `{id}`"));
            fault.help = suggestion(id, self.spec.plugins.keys());
            faults.add(&place, fault);
            return;
        };
        self.used.insert(id.to_owned());
        let Some(component) = self.catalog.components.get(id) else {
            let message = format!("the component of `{id}` could not be read");
            faults.push(&place, "graph::missing-component", message);
            return;
        };
        if component.role != "transport" {
            let message = format!("`{id}` is a {}, not a transport", component.role);
            faults.push(&place, "graph::wrong-role", message);
            return;
        }
        let settings = Value::Object(with.map(|with| with.0.clone()).unwrap_or_default());
        match Schema::new(&component.settings) {
            Ok(schema) => faults.all.extend(schema.check(&settings, &at.key("with"))),
            Err(fault) => faults.add(&place, fault),
        }
        grants.http = plugin.grants.http.iter().map(|host| host.text().to_owned()).collect();
        let directory =
            |(name, path): (&str, &spec::Text)| (name.to_owned(), self.ground.path(path.text()));
        grants.directories = plugin.grants.dirs.iter().map(directory).collect();
        self.bind(step, id, component.clone(), grants, settings);
    }

    fn bind(
        &mut self,
        step: &str,
        word: &str,
        component: Component,
        grants: Grants,
        settings: Value,
    ) {
        let limits = match self.spec.plugins.get(word) {
            Some(plugin) => limits(&plugin.limits, &component.limits),
            None => component.limits.clone(),
        };
        self.bindings.push(Binding {
            step: step.to_owned(),
            word: word.to_owned(),
            component,
            grants,
            limits,
            settings,
        });
    }
}

/// The bounds of the manifest, with those of the spec in their place.
fn limits(given: &spec::Limits, manifest: &Limits) -> Limits {
    let millis = |span: &Option<spec::Written<std::time::Duration>>, or: u64| {
        let span = span.as_ref().map(|span| span.as_millis());
        span.map_or(or, |millis| u64::try_from(millis).unwrap_or(u64::MAX))
    };
    let bytes = |size: &Option<spec::Written<spec::ByteCount>>, or: u64| {
        size.as_ref().map_or(or, |size| size.0)
    };
    Limits {
        memory_bytes: bytes(&given.memory, manifest.memory_bytes),
        cpu_millis: millis(&given.cpu, manifest.cpu_millis),
        time_millis: millis(&given.time, manifest.time_millis),
        idle_millis: millis(&given.idle, manifest.idle_millis),
        log_bytes: bytes(&given.log, manifest.log_bytes),
        handles: given.handles.as_ref().map_or(manifest.handles, |count| **count),
        requests: given.requests.as_ref().map_or(manifest.requests, |count| **count),
    }
}

fn fault(code: &'static str, message: impl Into<String>) -> Fault {
    Fault::new(code, diagnostic::Origin::Spec, message)
}
