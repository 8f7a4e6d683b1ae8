//! Bindings: which component plays which transport for which step, and what it is given.

use super::SpecFiles;
use super::faults::{Faults, fault};
use super::pinned::pinned;
use super::wiring::Wiring;
use super::{Origin, Part, Sink};
use crate::diagnostic::{Fault, Place};
use crate::graph::codes;
use crate::oci::Reference;
use crate::role::{Binding, Catalog, Component, ComponentRole, GrantedHost, Grants, Limits};
use crate::spec::{self, Settings, Spec};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The transport of registries.
const REGISTRY: &str = "docker";

/// Binds steps to components.
pub(super) struct Binder<'a> {
    pub(super) spec: &'a Spec,
    pub(super) catalog: &'a Catalog,
    pub(super) spec_files: &'a SpecFiles,
    pub(super) bindings: Vec<Binding>,
    pub(super) faults: Faults,
    pub(super) used: BTreeSet<String>,
    pub(super) missing: BTreeSet<String>,
    /// The hosts that each plugin is granted.
    pub(super) hosts: BTreeMap<String, Vec<GrantedHost>>,
    /// The keys that steps and grants name.
    pub(super) used_keys: BTreeSet<String>,
    /// The registries that each source names, for sinks whose template takes them over.
    registries: BTreeMap<String, BTreeSet<String>>,
}

/// A step that names a plugin.
struct Use<'s> {
    step: &'s str,
    at: Place,
    id: &'s str,
    with: Option<&'s Settings>,
    writes: bool,
}

impl<'a> Binder<'a> {
    pub(super) fn new(
        spec: &'a Spec,
        catalog: &'a Catalog,
        spec_files: &'a SpecFiles,
        hosts: BTreeMap<String, Vec<GrantedHost>>,
    ) -> Self {
        let mut faults = Faults::default();
        for (id, plugin) in spec.plugins.iter() {
            if plugin.from.text().contains("://") {
                let at = Place::root().key("plugins").key(id).key("from");
                faults.ok(&at, pinned(plugin.from.text()));
            }
        }
        let (bindings, registries) = (Vec::new(), BTreeMap::new());
        let (missing, used_keys) = (BTreeSet::new(), BTreeSet::new());
        let used = named_by_word(spec);
        Self {
            spec,
            catalog,
            spec_files,
            bindings,
            faults,
            used,
            missing,
            hosts,
            used_keys,
            registries,
        }
    }

    /// Binds a source to the transports of its origins.
    pub(super) fn source(&mut self, id: &str, source: &spec::Source, origins: &[Origin]) {
        if let Some(plugin) = &source.plugin {
            let at = Place::root().key("sources").key(id);
            let with = source.with.as_ref();
            self.plugin(&Use { step: id, at, id: plugin.text(), with, writes: false });
            return;
        }
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
        let at = Place::root().key("sources").key(id);
        let with = source.with.as_ref();
        let mut names_plugin = origins.is_empty();
        for (word, places) in places {
            let mut grants = Grants::default();
            if word == REGISTRY {
                grants.registries = places.iter().map(|place| (*place).to_owned()).collect();
                let registries = self.registries.entry(id.to_owned()).or_default();
                registries.extend(grants.registries.iter().cloned());
            }
            let used = Use { step: id, at: at.clone(), id: word, with, writes: false };
            names_plugin |= self.by_word(&used, grants);
        }
        if !names_plugin {
            self.refuse_unused_settings(with, &at);
        }
    }

    /// Binds a sink to the transport that its template names.
    pub(super) fn sink(&mut self, id: &str, sink: &spec::Sink, made: &Sink, wiring: &Wiring<'_>) {
        let at = Place::root().key("sinks").key(id);
        if let Some(plugin) = &sink.plugin {
            let with = sink.with.as_ref();
            self.plugin(&Use { step: id, at, id: plugin.text(), with, writes: true });
            return;
        }
        let mut grants = Grants { writes: true, ..Grants::default() };
        let sample = made.to.sample().map(|text| Reference::parse(&text, &made.words));
        let Some(Ok(sample)) = sample else { return };
        if sample.is_registry() {
            match self.destinations(id, made, &sample, wiring) {
                Some(registries) => grants.registries = registries.into_iter().collect(),
                None => self.faults.add(
                    &at.key("to"),
                    fault(codes::OPEN_DESTINATION, "the registry depends on the item")
                        .help("write the registry, or begin with `{{ item.source.registry }}/`"),
                ),
            }
        }
        let with = sink.with.as_ref();
        let used = Use { step: id, at: at.clone(), id: &sample.transport, with, writes: true };
        if !self.by_word(&used, grants) {
            self.refuse_unused_settings(with, &at);
        }
    }

    /// The bindings, and the faults; a plugin that no step uses is one.
    pub(super) fn finish(mut self) -> (Vec<Binding>, Vec<Fault>) {
        for id in self.spec.plugins.keys().filter(|id| !self.used.contains(*id)) {
            let at = Place::root().key("plugins").key(id);
            self.faults.push(&at, codes::UNUSED_PLUGIN, "no step uses it");
        }
        for name in self.spec.keys.keys().filter(|name| !self.used_keys.contains(*name)) {
            let at = Place::root().key("keys").key(name);
            self.faults.push(&at, codes::UNUSED_KEY, "no step uses it");
        }
        for id in &self.missing {
            let at = Place::root().key("plugins").key(id).key("from");
            let message = format!("the component of `{id}` cannot be read");
            self.faults.push(&at, codes::MISSING_COMPONENT, message);
        }
        (self.bindings, self.faults.all)
    }

    /// The registries that a sink may write to; `None` where the spec does not say.
    fn destinations(
        &self,
        id: &str,
        sink: &Sink,
        sample: &Reference,
        wiring: &Wiring<'_>,
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
        takes_over.then(|| {
            let upstream = wiring.sources_of(id).into_iter();
            upstream.filter_map(|id| self.registries.get(id)).flatten().cloned().collect()
        })
    }

    /// Binds a transport that a reference names by its word; whether there is such a one was asked of
    /// each reference. A plugin gets what the spec grants it, beside its place, and the step's settings.
    /// Says whether it is a plugin.
    fn by_word(&mut self, used: &Use<'_>, grants: Grants) -> bool {
        let Some(component) = self.catalog.components.get(used.id).cloned() else { return true };
        if self.spec.plugins.get(used.id).is_none() {
            self.bindings.push(Binding::new(used.step, used.id, component, grants));
            return false;
        }
        self.used.insert(used.id.to_owned());
        let named = Place::root().key("plugins").key(used.id).key("from");
        self.bound_plugin(used, component, &named);
        true
    }

    /// `with` beside references is for the plugins that they begin with.
    fn refuse_unused_settings(&mut self, with: Option<&Settings>, at: &Place) {
        if with.is_some() {
            let fault =
                fault(codes::UNUSED_SETTINGS, "no plugin is named here that would read them");
            self.faults.add(
                &at.key("with"),
                fault
                    .help("settings are for a plugin: name it by `plugin`, or begin with its word"),
            );
        }
    }

    fn plugin(&mut self, used: &Use<'_>) {
        let place = used.at.key("plugin");
        let Some(component) = self.named(used.id, &place) else { return };
        if component.role != ComponentRole::Transport {
            let role = component.role.word();
            let message = format!("`{}` is a {role}, not a transport", used.id);
            self.faults.push(&place, codes::WRONG_ROLE, message);
            return;
        }
        self.bound_plugin(used, component, &place);
    }

    fn bound_plugin(&mut self, used: &Use<'_>, component: Component, named: &Place) {
        let settings = Value::Object(used.with.map(|with| with.0.clone()).unwrap_or_default());
        self.check_settings(&component, &settings, &used.at.key("with"), named);
        let grants = Grants { writes: used.writes, ..self.grants(used.id) };
        let given = self.spec.plugins.get(used.id).map(|plugin| &plugin.limits);
        let own = component.limits.clone();
        self.bindings.push(Binding {
            limits: given.map_or(own.clone(), |given| limits(given, &own)),
            settings,
            ..Binding::new(used.step, used.id, component, grants)
        });
    }
}

/// The plugins that references begin with, also such as cannot be read: those have faults of their own.
fn named_by_word(spec: &Spec) -> BTreeSet<String> {
    let sources = spec.sources.iter().filter_map(|(_, source)| source.from.as_ref());
    let froms = sources.flat_map(|from| &from.texts);
    let tos = spec.sinks.iter().filter_map(|(_, sink)| sink.to.as_ref());
    let words = froms.chain(tos).filter_map(|text| Some(text.text().split_once(':')?.0));
    words.filter(|word| spec.plugins.get(word).is_some()).map(str::to_owned).collect()
}

/// The bounds of the manifest, with those of the spec in their place.
pub(super) fn limits(given: &spec::Limits, manifest: &Limits) -> Limits {
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
