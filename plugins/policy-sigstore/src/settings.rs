//! The step's settings.

use crate::identity::Identity;
use engine_plugin_sdk::Fault;
use engine_plugin_sdk::oci::Reference;
use serde::Deserialize;

/// What one of the keys must have signed.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The names of the keys.
    pub(crate) keys: Vec<String>,
    /// What the name in a signature must be.
    pub(crate) identity: Identity,
    /// What the children of an index need.
    pub(crate) children: Children,
}

/// What the children of an index need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Children {
    /// Nothing: the signed index names them by digest.
    #[default]
    Covered,
    /// A signature each.
    Each,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    keys: Vec<String>,
    identity: Option<WrittenIdentity>,
    #[serde(default)]
    children: Children,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WrittenIdentity {
    r#type: String,
    docker_reference: Option<String>,
    docker_repository: Option<String>,
    prefix: Option<String>,
    signed_prefix: Option<String>,
}

impl Settings {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let written: Written =
            serde_json::from_str(text).map_err(|fault| Fault::settings(fault.to_string()))?;
        if written.keys.is_empty() {
            return Err(Fault::settings("`keys` names no key"));
        }
        let identity = written.identity.map(WrittenIdentity::checked).transpose()?;
        let identity = identity.unwrap_or(Identity::MatchRepository);
        Ok(Self { keys: written.keys, identity, children: written.children })
    }
}

impl WrittenIdentity {
    /// The rule. Each has its own members, and no other may be there.
    fn checked(self) -> Result<Identity, Fault> {
        let Self { r#type, docker_reference, docker_repository, prefix, signed_prefix } = self;
        let word = r#type.as_str();
        match (word, docker_reference, docker_repository, prefix, signed_prefix) {
            ("matchExact", None, None, None, None) => Ok(Identity::MatchExact),
            ("matchRepoDigestOrExact", None, None, None, None) => {
                Ok(Identity::MatchRepoDigestOrExact)
            }
            ("matchRepository", None, None, None, None) => Ok(Identity::MatchRepository),
            ("exactReference", Some(text), None, None, None) => {
                let reference = name("dockerReference", &text)?;
                if reference.name.tag.is_none() && reference.name.digest.is_none() {
                    return Err(wrong("dockerReference", &text, "has neither tag nor digest"));
                }
                Ok(Identity::ExactReference(reference))
            }
            ("exactRepository", None, Some(text), None, None) => {
                let reference = name("dockerRepository", &text)?;
                if reference.name.tag.is_some() || reference.name.digest.is_some() {
                    return Err(wrong("dockerRepository", &text, "has a tag or a digest"));
                }
                Ok(Identity::ExactRepository(reference))
            }
            ("remapIdentity", None, None, Some(prefix), Some(signed_prefix)) => {
                check_prefix("prefix", &prefix)?;
                check_prefix("signedPrefix", &signed_prefix)?;
                Ok(Identity::Remap { prefix, signed_prefix })
            }
            _ => Err(Fault::settings(format!(
                "`identity`: {word} does not have these members: exactReference has \
                 dockerReference, exactRepository has dockerRepository, remapIdentity has prefix \
                 and signedPrefix, the others have none"
            ))),
        }
    }
}

fn name(member: &str, text: &str) -> Result<Reference, Fault> {
    Identity::expanded(text).ok_or_else(|| wrong(member, text, "is no image name"))
}

/// A host, or a host with the beginning of a repository. In full: `redis` is no prefix of
/// `docker.io/library/redis`, and whoever writes it means something that never matches.
fn check_prefix(member: &str, text: &str) -> Result<(), Fault> {
    let (host, path) = text.split_once('/').unwrap_or((text, "x"));
    let whole = Identity::expanded(&format!("{host}/{path}/x"));
    let same = whole
        .is_some_and(|whole| whole.place == host && whole.name.repository == format!("{path}/x"));
    if same { Ok(()) } else { Err(wrong(member, text, "is not the beginning of an image name")) }
}

fn wrong(member: &str, text: &str, why: &str) -> Fault {
    let text: String = text.chars().take(256).collect();
    Fault::settings(format!("`identity.{member}`: `{text}` {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(identity: &str) -> Result<Settings, Fault> {
        Settings::parse(&format!(r#"{{"keys":["a"],"identity":{identity}}}"#))
    }

    #[test]
    fn each_rule_has_its_own_members() {
        for right in [
            r#"{"type":"matchExact"}"#,
            r#"{"type":"matchRepoDigestOrExact"}"#,
            r#"{"type":"matchRepository"}"#,
            r#"{"type":"exactReference","dockerReference":"redis:7"}"#,
            r#"{"type":"exactRepository","dockerRepository":"quay.io/a/b"}"#,
            r#"{"type":"remapIdentity","prefix":"quay.io/a","signedPrefix":"localhost:5000"}"#,
        ] {
            with(right).unwrap();
        }
        for wrong in [
            r#"{"type":"matchAll"}"#,
            r#"{"type":"matchExact","prefix":"quay.io"}"#,
            r#"{"type":"exactReference"}"#,
            r#"{"type":"exactReference","dockerReference":"quay.io/a/b"}"#,
            r#"{"type":"exactReference","dockerReference":"docker://quay.io/a/b:1"}"#,
            r#"{"type":"exactRepository","dockerRepository":"quay.io/a/b:1"}"#,
            r#"{"type":"exactRepository","dockerRepository":"oci:a"}"#,
            r#"{"type":"exactRepository","dockerReference":"quay.io/a/b"}"#,
            r#"{"type":"remapIdentity","prefix":"quay.io"}"#,
            r#"{"type":"remapIdentity","prefix":"","signedPrefix":"quay.io"}"#,
            r#"{"type":"remapIdentity","prefix":"redis","signedPrefix":"quay.io"}"#,
            r#"{"type":"remapIdentity","prefix":"quay.io/a/","signedPrefix":"quay.io"}"#,
            r#"{"type":"remapIdentity","prefix":"quay.io/a:1","signedPrefix":"quay.io"}"#,
            r#"{"type":"remapIdentity","prefix":"quay.io","signedPrefix":"quay.io/A"}"#,
        ] {
            assert_eq!(with(wrong).unwrap_err().code, "settings", "{wrong}");
        }
    }

    #[test]
    fn without_more_words_the_repository_counts_and_children_are_covered() {
        let Settings { identity, children, .. } = Settings::parse(r#"{"keys":["a"]}"#).unwrap();
        assert!(matches!(identity, Identity::MatchRepository));
        assert_eq!(children, Children::Covered);
        for wrong in ["", "[]", "{}", r#"{"keys":[]}"#, r#"{"keys":["a"],"more":1}"#] {
            assert_eq!(Settings::parse(wrong).unwrap_err().code, "settings", "{wrong}");
        }
    }
}
