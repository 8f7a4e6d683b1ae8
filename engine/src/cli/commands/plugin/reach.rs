//! What a spec gives to a component, step by step.

use super::shown::{amounts_of, listed};
use crate::role::{Binding, Component, ComponentRole, ComponentSource, GrantedHost, Grants};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A spec, and what it gives to a component.
pub(super) struct Under {
    pub(super) spec: String,
    pub(super) bindings: Vec<Binding>,
}

impl Under {
    /// The part of the screen.
    pub(super) fn lines(&self, component: &Component) -> Vec<String> {
        let mut lines = vec![format!("Under {} it can reach", self.spec)];
        if self.bindings.is_empty() {
            lines.push("  nothing: no step uses this component, by its digest".to_owned());
        }
        for binding in &self.bindings {
            lines.push(match (component.role, binding.grants.writes) {
                (ComponentRole::Transport, true) => {
                    format!("  in step `{}`, which reads and writes", binding.step)
                }
                (ComponentRole::Transport, false) => {
                    format!("  in step `{}`, which only reads", binding.step)
                }
                _ => format!("  in step `{}`", binding.step),
            });
            lines.extend(doors(component, binding));
            if binding.limits != component.limits {
                lines.push(format!("    limits       {}", amounts_of(&binding.limits)));
            }
        }
        lines
    }
}

/// A line for each interface whose grants have names.
fn doors(component: &Component, binding: &Binding) -> Vec<String> {
    let grants = &binding.grants;
    let line = |interface: &&str| {
        let (noun, what) = match *interface {
            "http" => ("hosts", hosts(grants)),
            "fs" => ("directories", directories(component, binding)),
            "keys" => ("keys", grants.keys.iter().cloned().collect()),
            "material" => ("files", paths(&grants.materials)),
            "image" => ("images", vec!["the one under judgement".to_owned()]),
            _ => return None,
        };
        let wanted = component.wants.interfaces.iter().any(|want| want == interface);
        if *interface == "image" && !wanted {
            return None;
        }
        Some(format!("    {noun:<11}  {}", granted(&what, wanted, interface)))
    };
    let lines: Vec<String> = component.role.interfaces().iter().filter_map(line).collect();
    if lines.is_empty() { vec!["    nothing".to_owned()] } else { lines }
}

/// The registries of the step, and the hosts of the grants with the logins that go there.
fn hosts(grants: &Grants) -> Vec<String> {
    let shown = |host: &GrantedHost| match &host.login {
        None => host.url.clone(),
        Some(registry) => format!("{} with the login of `{registry}`", host.url),
    };
    grants.registries.iter().cloned().chain(grants.http.iter().map(shown)).collect()
}

fn directories(component: &Component, binding: &Binding) -> Vec<String> {
    let mut all = paths(&binding.grants.directories);
    let wants = component.wants.interfaces.iter().any(|want| want == "fs");
    if matches!(component.source, ComponentSource::BuiltIn(_)) && wants {
        all.push("root = the path that the step names".to_owned());
    }
    all
}

fn paths(named: &BTreeMap<String, PathBuf>) -> Vec<String> {
    named.iter().map(|(name, path)| format!("{name} = {}", path.display())).collect()
}

/// What is granted, and whether the plugin can use it.
fn granted(what: &[String], wanted: bool, interface: &str) -> String {
    let shown = listed(&what.iter().map(String::as_str).collect::<Vec<_>>());
    match (what.is_empty(), wanted) {
        (false, false) => format!("{shown} (for nothing: it does not want `{interface}`)"),
        (true, true) => format!("none, though it wants `{interface}`"),
        _ => shown,
    }
}
