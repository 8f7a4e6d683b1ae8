//! What a plugin lacked: what it wanted, what it was granted, and the line that would grant it.

use crate::diagnostic::Fault;
use crate::role::{Binding, ComponentSource};

/// Directories and hosts that are named in a help text, at most.
const MAX_SHOWN: usize = 8;

/// Adds help to a refusal of something that a spec could grant. What a built-in component lacks is
/// for the step to name, not for a grant.
pub(in crate::host) fn with_help(fault: Fault, binding: &Binding) -> Fault {
    if matches!(binding.component.source, ComponentSource::BuiltIn(_)) {
        return fault;
    }
    let grants = &binding.grants;
    let directories = grants.directories.keys().map(String::as_str);
    let hosts = grants.http.iter().map(|host| host.url.as_str());
    let (line, granted) = match (fault.fact_of("wanted-dir"), fault.fact_of("wanted-http")) {
        (Some(name), _) => (format!("{{dirs: {{{name}: PATH}}}}"), listed(directories)),
        (_, Some(host)) => (format!("{{http: [\"{host}\"]}}"), listed(hosts)),
        _ => return fault,
    };
    let id = &binding.word;
    fault.help(format!(
        "granted {granted}; to grant it, add `grants: {line}` to `plugins.{id}` in the spec"
    ))
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    let shown = words.get(..MAX_SHOWN.min(words.len())).unwrap_or_default();
    let names = shown.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    match (words.is_empty(), words.len() > MAX_SHOWN) {
        (true, _) => "is nothing of that kind".to_owned(),
        (_, true) => format!("are {names} and others"),
        (_, false) if words.len() == 1 => format!("is {names}"),
        (_, false) => format!("are {names}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Origin;
    use crate::diagnostic::{Code, Kind};
    use crate::role::{Component, GrantedHost, Grants, Limits, Wants};

    fn binding(source: ComponentSource) -> Binding {
        let component = Component {
            name: "transport-x".to_owned(),
            version: "1".to_owned(),
            digest: "sha256:0".to_owned(),
            role: crate::role::ComponentRole::Transport,
            transports: Vec::new(),
            reference: None,
            wants: Wants::default(),
            limits: Limits::default(),
            settings: serde_json::Value::Null,
            source,
        };
        let http = vec![GrantedHost::anonymous("https://a.example")];
        Binding {
            step: "s".to_owned(),
            word: "shelf".to_owned(),
            limits: Limits::default(),
            component,
            grants: Grants { http, ..Grants::default() },
            settings: serde_json::Value::Null,
        }
    }

    #[test]
    fn the_line_to_add_is_said() {
        let ours = binding(ComponentSource::Path("x.wasm".into()));
        let lacking = |key, what| {
            Fault::new(Code::new("host::test", Kind::Other), Origin::Plugin, "no").fact(key, what)
        };
        assert_eq!(
            with_help(lacking("wanted-dir", "images"), &ours).help.unwrap(),
            "granted is nothing of that kind; to grant it, add `grants: {dirs: {images: PATH}}` to \
             `plugins.shelf` in the spec"
        );
        let help = with_help(lacking("wanted-http", "https://b.example"), &ours).help.unwrap();
        assert!(help.starts_with("granted is `https://a.example`; "), "{help}");
        assert!(help.contains("`grants: {http: [\"https://b.example\"]}`"), "{help}");
        assert_eq!(with_help(lacking("other", "x"), &ours).help, None);
        let built_in = binding(ComponentSource::BuiltIn("x".to_owned()));
        assert_eq!(with_help(lacking("wanted-dir", "images"), &built_in).help, None);
    }
}
