//! A trust policy that cannot be obeyed yet stops a run: what it refuses must not get in.

use crate::diagnostic::{Fault, Origin};
use crate::role::Surroundings;
use crate::run::codes;
use serde_json::Value;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Bytes of the largest policy that is read.
const MAX_BYTES: u64 = 1 << 20;

/// Looks for a `policy.json` on the usual path, and refuses one that asks for more than accepting
/// anything.
pub(super) fn refuse(surroundings: &Surroundings) -> Result<(), Fault> {
    match paths(surroundings).into_iter().find(|path| path.exists()) {
        Some(path) => judge(&path),
        None => Ok(()),
    }
}

/// Source: containers-policy.json(5): the first of these that exists.
fn paths(surroundings: &Surroundings) -> Vec<PathBuf> {
    if let Some(named) = surroundings.variable("CONTAINERS_POLICY_JSON") {
        return vec![PathBuf::from(named)];
    }
    let own = surroundings.config().map(|config| config.join("containers/policy.json"));
    own.into_iter()
        .chain(["/etc", "/usr/share"].map(|root| Path::new(root).join("containers/policy.json")))
        .collect()
}

fn judge(path: &Path) -> Result<(), Fault> {
    let shown = path.display();
    let unreadable = |why: String| {
        let message = format!("the trust policy `{shown}` could not be read: {why}");
        Fault::new(codes::POLICY_UNREADABLE, Origin::Policy, message)
    };
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let policy: Value = serde_json::from_reader(file.take(MAX_BYTES))
        .map_err(|error| unreadable(error.to_string()))?;
    if accepts_anything(&policy) {
        return Ok(());
    }
    let message = format!(
        "the trust policy `{shown}` asks for more than accepting anything, which is not supported yet"
    );
    Err(Fault::new(codes::POLICY_UNSUPPORTED, Origin::Policy, message)
        .help("without checking it, nothing is copied; point CONTAINERS_POLICY_JSON to another policy if this one is not meant for the engine"))
}

/// Whether each requirement of a policy is `insecureAcceptAnything`.
fn accepts_anything(policy: &Value) -> bool {
    let accepts = |requirements: &Value| {
        requirements.as_array().is_some_and(|requirements| {
            !requirements.is_empty()
                && requirements.iter().all(|one| {
                    one.get("type").and_then(Value::as_str) == Some("insecureAcceptAnything")
                })
        })
    };
    let transports = policy.get("transports").and_then(Value::as_object);
    let scopes = transports.into_iter().flat_map(|transports| transports.values());
    policy.get("default").is_some_and(accepts)
        && scopes
            .flat_map(|scopes| scopes.as_object().into_iter().flat_map(|s| s.values()))
            .all(accepts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_a_policy_that_accepts_anything_is_fine() {
        let any = json!([{"type": "insecureAcceptAnything"}]);
        assert!(accepts_anything(&json!({"default": any})));
        assert!(accepts_anything(&json!({"default": any, "transports": {"docker": {"": any}}})));
        let reject = json!([{"type": "reject"}]);
        for bad in [
            json!({}),
            json!({"default": []}),
            json!({"default": reject}),
            json!({"default": any, "transports": {"docker": {"quay.io": reject}}}),
        ] {
            assert!(!accepts_anything(&bad), "{bad}");
        }
    }
}
