//! Casting: which component carries out a filter or a transform, and what it is given.

use super::bind::{Binder, limits};
use super::faults::fault;
use super::{Cast, Judge, OnRefusal, Signing};
use crate::diagnostic::{Origin, Place, Schema, suggestion};
use crate::graph::codes;
use crate::oci::Digest;
use crate::role::{Binding, Component, ComponentRole, Grants};
use crate::spec::{self, Settings};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A step that a component carries out.
pub(super) struct Casting<'s> {
    /// The step.
    pub step: &'s str,
    /// Its place in the file.
    pub at: Place,
    /// Who carries it out.
    pub who: Who<'s>,
    /// The component's settings.
    pub with: Option<&'s Settings>,
    /// The roles that fit.
    pub roles: &'static [ComponentRole],
}

/// Who carries out a step.
#[derive(Clone, Copy)]
pub(super) enum Who<'s> {
    /// The built-in component of this name; its settings stand under this key of the step.
    BuiltIn(&'static str, &'static str),
    /// The plugin with this id.
    Plugin(&'s str),
}

impl Binder<'_> {
    /// Binds a step to its component; `None` where that failed, with a fault kept.
    pub(super) fn cast(&mut self, casting: &Casting<'_>) -> Option<(ComponentRole, Cast)> {
        let (word, named, settings_at) = match casting.who {
            Who::BuiltIn(word, key) => (word, casting.at.key(key), casting.at.key(key)),
            Who::Plugin(id) => (id, casting.at.key("plugin"), casting.at.key("with")),
        };
        let component = match casting.who {
            Who::BuiltIn(..) => self.catalog.components.get(word)?.clone(),
            Who::Plugin(id) => self.named(id, &named)?,
        };
        if !casting.roles.contains(&component.role) {
            let role = component.role.word();
            let fits: Vec<&str> = casting.roles.iter().map(|role| role.word()).collect();
            let message = format!("`{word}` is a {role}, not a {}", fits.join(" or a "));
            self.faults.push(&named, codes::WRONG_ROLE, message);
            return None;
        }
        let settings = Value::Object(casting.with.map(|with| with.0.clone()).unwrap_or_default());
        self.check_settings(&component, &settings, &settings_at, &named);
        let grants = match casting.who {
            Who::BuiltIn(..) => {
                let keys = self.keys_in(&settings, &settings_at);
                Grants { keys, ..Grants::default() }
            }
            Who::Plugin(id) => self.grants(id),
        };
        let made_of = json!({"component": component.digest, "settings": settings, "keys":
            grants.keys.iter().map(|key| self.spec_files.keys.get(key)).collect::<Vec<_>>()});
        let made_of = Digest::of(made_of.to_string().as_bytes()).to_string();
        let given = match casting.who {
            Who::Plugin(id) => self.spec.plugins.get(id).map(|plugin| &plugin.limits),
            Who::BuiltIn(..) => None,
        };
        let own = component.limits.clone();
        let limits = given.map_or(own.clone(), |given| limits(given, &own));
        let role = component.role;
        let bound = Binding::new(casting.step, word, component, grants);
        self.bindings.push(Binding { limits, settings, ..bound });
        Some((role, Cast { word: word.to_owned(), made_of }))
    }

    /// Checks settings by the component's own schema.
    pub(super) fn check_settings(
        &mut self,
        component: &Component,
        settings: &Value,
        at: &Place,
        named: &Place,
    ) {
        match Schema::new(&component.settings).map(Schema::without_values) {
            Ok(schema) => self.faults.all.extend(schema.check(settings, at)),
            // Nothing of it has run: what is wrong is that the spec names it.
            Err(fault) => self.faults.add(named, fault.from_origin(Origin::Spec)),
        }
    }

    /// The component of a plugin that a step names.
    pub(super) fn named(&mut self, id: &str, at: &Place) -> Option<Component> {
        if self.spec.plugins.get(id).is_none() {
            let mut fault = fault(codes::UNKNOWN_PLUGIN, format!("no plugin is called `{id}`"));
            fault.help = suggestion(id, self.spec.plugins.keys());
            self.faults.add(at, fault);
            return None;
        }
        self.used.insert(id.to_owned());
        let component = self.catalog.components.get(id).cloned();
        if component.is_none() {
            self.missing.insert(id.to_owned());
        }
        component
    }

    /// What the spec grants to a plugin.
    pub(super) fn grants(&mut self, id: &str) -> Grants {
        let Some(plugin) = self.spec.plugins.get(id) else { return Grants::default() };
        let path = |(name, path): (&str, &spec::Text)| {
            (name.to_owned(), self.spec_files.path(path.text()))
        };
        let mut grants = Grants {
            http: self.hosts.get(id).cloned().unwrap_or_default(),
            directories: plugin.grants.dirs.iter().map(path).collect(),
            materials: plugin.grants.files.iter().map(path).collect(),
            ..Grants::default()
        };
        let at = Place::root().key("plugins").key(id).key("grants").key("keys");
        for (index, name) in plugin.grants.keys.iter().enumerate() {
            grants.keys.extend(self.key(name.text(), &at.index(index)));
        }
        grants
    }

    /// The keys that the settings of a built-in component name: `key`, and those in `keys`.
    fn keys_in(&mut self, settings: &Value, at: &Place) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        if let Some(name) = settings.get("key").and_then(Value::as_str) {
            keys.extend(self.key(name, &at.key("key")));
        }
        let many = settings.get("keys").and_then(Value::as_array).into_iter().flatten();
        for (index, name) in many.filter_map(Value::as_str).enumerate() {
            keys.extend(self.key(name, &at.key("keys").index(index)));
        }
        keys
    }

    /// A key of the block `keys`.
    fn key(&mut self, name: &str, at: &Place) -> Option<String> {
        self.used_keys.insert(name.to_owned());
        if self.spec.keys.get(name).is_some() {
            return Some(name.to_owned());
        }
        let mut fault = fault(codes::UNKNOWN_KEY, format!("no key is called `{name}`"));
        fault.help = suggestion(name, self.spec.keys.keys())
            .or_else(|| Some("name its file in the block `keys`".to_owned()));
        self.faults.add(at, fault);
        None
    }
}

/// What becomes of an image that is not allowed, as the step says.
pub(super) fn judge(filter: &spec::Filter, cast: Cast) -> Judge {
    let on = filter.on.clone().unwrap_or_default();
    let refusal = |given: Option<spec::OnRefusal>| match given {
        Some(spec::OnRefusal::Skip) => OnRefusal::Skip,
        Some(spec::OnRefusal::Warn) => OnRefusal::Warn,
        Some(spec::OnRefusal::Reject) | None => OnRefusal::Reject,
    };
    Judge {
        cast,
        violation: refusal(on.violation),
        missing: refusal(on.missing),
        error_fails: on.error == Some(spec::OnError::Fail),
        always: filter.always.as_ref().is_some_and(|always| **always),
    }
}

/// How a signer is used: `identity` and `children` of its settings.
pub(super) fn signing(
    binder: &mut Binder<'_>,
    casting: &Casting<'_>,
    cast: Cast,
) -> Option<Signing> {
    let setting = |key: &str| casting.with.and_then(|with| with.0.get(key)).and_then(Value::as_str);
    let settings_at = match casting.who {
        Who::BuiltIn(_, key) => casting.at.key(key),
        Who::Plugin(_) => casting.at.key("with"),
    };
    let identity = match setting("identity") {
        Some(text) => {
            let at = settings_at.key("identity");
            Some(super::sinks::template(text, &at, &mut binder.faults)?)
        }
        None => None,
    };
    Some(Signing { cast, identity, children: setting("children") != Some("none") })
}
