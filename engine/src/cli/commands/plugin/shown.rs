//! A plugin on one screen: what it wants, what it can reach, and what it cannot.

use crate::cli::amounts;
use crate::role::{Binding, Component, ComponentSource, Limits};
use serde_json::Value;
use std::time::Duration;

/// What is shown.
pub(super) struct Shown<'a> {
    pub(super) component: &'a Component,
    /// What it imports; none where it is built in, and held to its wants by the build.
    pub(super) imports: Option<&'a [String]>,
    pub(super) under: Option<Under>,
}

/// A spec, and what it gives to the component.
pub(super) struct Under {
    pub(super) spec: String,
    pub(super) bindings: Vec<Binding>,
}

/// The interfaces that must be wanted, with what each is for.
const INTERFACES: [(&str, &str); 4] = [
    ("http", "requests, to hosts that the spec grants; the engine logs in, it sees no credential"),
    ("fs", "files below directories that the spec grants; no path and no link leads out"),
    ("clock", "the time"),
    ("random", "random bytes"),
];

/// What no plugin can do, whatever it wants and whatever a spec says.
const NEVER: [&str; 3] = [
    "start programs, open sockets, read the environment, or see credentials and other plugins",
    "write, where its step only reads; reach addresses of this machine that were not granted",
    "pass off bytes that do not have the digest and size that they should have",
];

impl Shown<'_> {
    /// The screen.
    pub(super) fn text(&self) -> String {
        let Component { name, version, digest, role, transports, limits, .. } = self.component;
        let mut lines = vec![format!("{name} {version}, a {role}")];
        lines.push(format!("  digest      {digest}"));
        if !transports.is_empty() {
            lines.push(format!("  transports  {}", transports.join(", ")));
        }
        if let Some(imports) = self.imports {
            let short = imports.iter().map(|name| {
                let own = name.strip_prefix("engine:plugin/");
                own.and_then(|own| own.split('@').next()).unwrap_or(name)
            });
            let short: Vec<&str> = short.collect();
            lines.push(format!("  imports     {}", listed(&short)));
        }
        lines.push(format!("  limits      {}", amounts_of(limits)));
        lines.extend([String::new(), "It wants".to_owned()]);
        lines.extend(self.wanted());
        lines.push(String::new());
        match &self.under {
            Some(under) => lines.extend(under.lines(self.component)),
            None => {
                lines.push("What it can reach is for a spec to say: add --spec SPEC.".to_owned());
            }
        }
        lines.extend([String::new(), "It cannot".to_owned()]);
        lines.extend(self.unwanted());
        lines.extend(NEVER.iter().map(|never| format!("  {never}")));
        lines.extend([String::new(), "Settings (all of it: --schema)".to_owned()]);
        lines.extend(settings(&self.component.settings));
        lines.join("\n") + "\n"
    }

    fn wants(&self, interface: &str) -> bool {
        self.component.wants.interfaces.iter().any(|want| want == interface)
    }

    fn wanted(&self) -> Vec<String> {
        let wanted = INTERFACES.iter().filter(|(name, _)| self.wants(name));
        let lines: Vec<_> = wanted.map(|(name, what)| format!("  {name:<10}  {what}")).collect();
        if lines.is_empty() { vec!["  nothing".to_owned()] } else { lines }
    }

    /// What the lack of a want keeps it from.
    fn unwanted(&self) -> Vec<String> {
        let without = |name: &str, what: &str| {
            (!self.wants(name)).then(|| format!("  {what}: it does not want `{name}`"))
        };
        [
            without("http", "reach any host"),
            without("fs", "read or write any file"),
            without("clock", "know the time"),
            without("random", "get entropy"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Under {
    fn lines(&self, component: &Component) -> Vec<String> {
        let mut lines = vec![format!("Under {} it can reach", self.spec)];
        if self.bindings.is_empty() {
            lines.push("  nothing: no step uses this component, by its digest".to_owned());
        }
        for binding in &self.bindings {
            let writes = if binding.grants.writes { "reads and writes" } else { "only reads" };
            lines.push(format!("  in step `{}`, which {writes}", binding.step));
            let wants = |name: &str| component.wants.interfaces.iter().any(|want| want == name);
            let mut hosts = binding.grants.registries.clone();
            hosts.extend(binding.grants.http.iter().cloned());
            let directories = binding.grants.directories.iter();
            let mut directories: Vec<String> =
                directories.map(|(name, path)| format!("{name} = {}", path.display())).collect();
            if matches!(component.source, ComponentSource::BuiltIn(_)) && wants("fs") {
                directories.push("root = the path that the step names".to_owned());
            }
            lines.push(format!("    hosts        {}", granted(&hosts, wants("http"), "http")));
            lines.push(format!("    directories  {}", granted(&directories, wants("fs"), "fs")));
            if binding.limits != component.limits {
                lines.push(format!("    limits       {}", amounts_of(&binding.limits)));
            }
        }
        lines
    }
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

fn listed(words: &[&str]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn amounts_of(limits: &Limits) -> String {
    let millis = |count| amounts::duration(Duration::from_millis(count));
    format!(
        "memory {}, cpu {}, time {}, idle {}, log {}, handles {}, requests {}",
        amounts::bytes(limits.memory_bytes),
        millis(limits.cpu_millis),
        millis(limits.time_millis),
        millis(limits.idle_millis),
        amounts::bytes(limits.log_bytes),
        limits.handles,
        limits.requests,
    )
}

/// A line for each setting: name, type, meaning.
fn settings(schema: &Value) -> Vec<String> {
    let known = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array);
    let is_required =
        |name: &str| required.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name)));
    let line = |(name, schema): (&String, &Value)| {
        let text = |key| schema.get(key).and_then(Value::as_str).unwrap_or_default();
        let must = if is_required(name) { "required. " } else { "" };
        format!("  {name:<10}  {:<8} {must}{}", text("type"), text("description"))
    };
    let lines: Vec<String> = known.into_iter().flatten().map(line).collect();
    if lines.is_empty() { vec!["  none".to_owned()] } else { lines }
}

/// A component for tests.
#[cfg(test)]
pub(super) fn sample(name: &str) -> Component {
    Component {
        name: name.to_owned(),
        version: "0.1.0".to_owned(),
        digest: "sha256:0".to_owned(),
        role: crate::role::ComponentRole::Transport,
        transports: vec!["oci".to_owned(), "dir".to_owned()],
        wants: crate::role::Wants::default(),
        limits: Limits::default(),
        settings: serde_json::json!({}),
        source: ComponentSource::BuiltIn(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Grants;

    #[test]
    fn a_screen_says_what_is_wanted_given_and_impossible() {
        let mut component = sample("transport-x");
        component.wants.interfaces = vec!["fs".to_owned()];
        component.source = ComponentSource::Path("x.wasm".into());
        component.settings = serde_json::json!({
            "properties": {"catalog": {"type": "string", "description": "The file."}},
            "required": ["catalog"],
        });
        let grants = Grants {
            http: vec!["https://x.example".to_owned()],
            directories: [("images".to_owned(), "/srv/images".into())].into(),
            ..Grants::default()
        };
        let binding = Binding {
            step: "shelf".to_owned(),
            word: "mine".to_owned(),
            component: component.clone(),
            grants,
            limits: component.limits.clone(),
            settings: Value::Null,
        };
        let under = Under { spec: "sync.yaml".to_owned(), bindings: vec![binding] };
        let imports = ["engine:plugin/fs@0.1.0".to_owned(), "other:thing/x@1.0.0".to_owned()];
        let shown = Shown { component: &component, imports: Some(&imports), under: Some(under) };
        let text = shown.text();
        for line in [
            "transport-x 0.1.0, a transport",
            "  imports     fs, other:thing/x@1.0.0",
            "Under sync.yaml it can reach",
            "  in step `shelf`, which only reads",
            "    hosts        https://x.example (for nothing: it does not want `http`)",
            "    directories  images = /srv/images",
            "  reach any host: it does not want `http`",
            "  catalog     string   required. The file.",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
        assert!(text.lines().count() <= 40, "more than one screen\n{text}");
    }
}
