//! A plugin on one screen: what it wants, what it can reach, and what it cannot.

use super::reach::Under;
use crate::cli::amounts;
use crate::role::{Component, ComponentRole, Limits};
use serde_json::Value;
use std::time::Duration;

/// What is shown.
pub(super) struct PluginScreen<'a> {
    pub(super) component: &'a Component,
    /// What it imports; none where it is built in, and held to its wants by the build.
    pub(super) imports: Option<&'a [String]>,
    pub(super) under: Option<Under>,
}

/// The interfaces that must be wanted: what each is for, and what is not possible without it.
const INTERFACES: [(&str, &str, &str); 7] = [
    (
        "http",
        "requests, to hosts that the spec grants; the engine logs in, it sees no credential",
        "reach any host",
    ),
    ("fs", "files below directories that the spec grants; no path and no link leads out", FILES),
    ("keys", "keys that the spec grants, by name; none of them leaves the engine", "use any key"),
    ("material", "the bytes of files that the spec grants, by name", "read any file"),
    ("image", "the image under judgement, its index and what refers to it", BEYOND),
    ("clock", "the time", "know the time"),
    ("random", "random bytes", "get entropy"),
];
const FILES: &str = "read or write any file";
const BEYOND: &str = "see more of an image than what is judged";

/// What no plugin can do, whatever it wants and whatever a spec says.
const NEVER: [&str; 2] = [
    "start programs, open sockets, read the environment, or see credentials and other plugins",
    "pass off bytes that do not have the digest and size that they should have",
];

impl PluginScreen<'_> {
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
        lines.extend(self.impossible());
        lines.extend([String::new(), "Settings (all of it: --schema)".to_owned()]);
        lines.extend(settings(&self.component.settings));
        lines.join("\n") + "\n"
    }

    fn wants(&self, interface: &str) -> bool {
        self.component.wants.interfaces.iter().any(|want| want == interface)
    }

    fn wanted(&self) -> Vec<String> {
        let wanted = INTERFACES.iter().filter(|(name, ..)| self.wants(name));
        let lines: Vec<_> = wanted.map(|(name, what, _)| format!("  {name:<10}  {what}")).collect();
        if lines.is_empty() { vec!["  nothing".to_owned()] } else { lines }
    }

    /// What its role and the lack of a want keep it from.
    fn impossible(&self) -> Vec<String> {
        let role = self.component.role;
        let may = |name: &str| role.interfaces().contains(&name);
        let without = |(name, _, lack): &(&str, &str, &str)| match *name {
            name if self.wants(name) => None,
            name if may(name) => Some(format!("  {lack}: it does not want `{name}`")),
            "image" | "material" => None,
            // What may read files by name cannot do more with them.
            "fs" if may("material") => Some(format!("  write any file: no {role} can")),
            _ => Some(format!("  {lack}: no {role} can")),
        };
        let mut lines: Vec<String> = INTERFACES.iter().filter_map(without).collect();
        if self.wants("keys") {
            let what = match role {
                ComponentRole::Signer => "have a text signed that is not about its image",
                _ => "have anything signed",
            };
            lines.push(format!("  see a private key, or {what}"));
        }
        lines.push(if role == ComponentRole::Transport {
            "  write, where its step only reads; reach addresses of this machine that were not granted"
                .to_owned()
        } else {
            "  reach a source or a destination: the engine reads and writes for it".to_owned()
        });
        lines.extend(NEVER.iter().map(|never| format!("  {never}")));
        lines
    }
}

pub(super) fn listed(words: &[&str]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

pub(super) fn amounts_of(limits: &Limits) -> String {
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
        role: ComponentRole::Transport,
        transports: vec!["oci".to_owned(), "dir".to_owned()],
        reference: None,
        wants: crate::role::Wants::default(),
        limits: Limits::default(),
        settings: serde_json::json!({}),
        source: crate::role::ComponentSource::BuiltIn(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::{Binding, ComponentSource, GrantedHost, Grants};

    #[test]
    fn what_a_role_cannot_is_said() {
        let mut component = sample("signer-x");
        component.transports.clear();
        component.role = ComponentRole::Signer;
        component.wants.interfaces = vec!["keys".to_owned()];
        let text =
            |component: &Component| PluginScreen { component, imports: None, under: None }.text();
        let signer = text(&component);
        for line in [
            "  keys        keys that the spec grants, by name; none of them leaves the engine",
            "  reach any host: it does not want `http`",
            "  write any file: no signer can",
            "  read any file: it does not want `material`",
            "  see a private key, or have a text signed that is not about its image",
            "  reach a source or a destination: the engine reads and writes for it",
        ] {
            assert!(signer.lines().any(|shown| shown == line), "{line}\n{signer}");
        }
        component.role = ComponentRole::Filter;
        component.wants.interfaces.clear();
        let filter = text(&component);
        for line in
            ["  nothing", "  read or write any file: no filter can", "  use any key: no filter can"]
        {
            assert!(filter.lines().any(|shown| shown == line), "{line}\n{filter}");
        }
    }

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
            http: vec![
                GrantedHost::anonymous("https://x.example"),
                GrantedHost::with_login("https://r.example", "r.example"),
            ],
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
        let imports = ["engine:plugin/fs@0.2.0".to_owned(), "other:thing/x@1.0.0".to_owned()];
        let shown =
            PluginScreen { component: &component, imports: Some(&imports), under: Some(under) };
        let text = shown.text();
        for line in [
            "transport-x 0.1.0, a transport",
            "  imports     fs, other:thing/x@1.0.0",
            "Under sync.yaml it can reach",
            "  in step `shelf`, which only reads",
            "    hosts        https://x.example, https://r.example with the login of `r.example` \
             (for nothing: it does not want `http`)",
            "    directories  images = /srv/images",
            "  reach any host: it does not want `http`",
            "  catalog     string   required. The file.",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
        assert!(text.lines().count() <= 40, "more than one screen\n{text}");
    }
}
