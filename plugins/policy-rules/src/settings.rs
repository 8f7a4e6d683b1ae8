//! The step's settings, as `settings.schema.json` describes them.

use crate::condition::Condition;
use engine_plugin_sdk::Fault;
use serde::Deserialize;

/// The rules, in order, and what becomes of an image that none fits.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The first that fits decides.
    pub(crate) rules: Vec<Rule>,
    /// What holds where none fits.
    pub(crate) default: Verb,
}

/// What becomes of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Verb {
    /// It may pass.
    Allow,
    /// It may not.
    Deny,
}

/// A rule.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct Rule {
    /// What becomes of images that fit.
    pub(crate) verb: Verb,
    /// Which images fit.
    pub(crate) condition: Condition,
    /// Why, in its author's words.
    pub(crate) reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    allow: Option<Condition>,
    deny: Option<Condition>,
    reason: Option<String>,
}

impl TryFrom<Written> for Rule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let (verb, condition) = match (written.allow, written.deny) {
            (Some(condition), None) => (Verb::Allow, condition),
            (None, Some(condition)) => (Verb::Deny, condition),
            _ => return Err("a rule has either `allow` or `deny`".to_owned()),
        };
        if condition.is_empty() {
            // It would fit everything, which is what `default` is for.
            return Err("a rule must ask for something".to_owned());
        }
        Ok(Self { verb, condition, reason: written.reason })
    }
}

impl Settings {
    /// Reads the settings. Fails with `settings`.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        serde_json::from_str(text).map_err(|fault| Fault::settings(fault.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_wrong_is_refused() {
        for (text, expected) in [
            ("", "EOF"),
            (r#"{"rules": []}"#, "missing field `default`"),
            (r#"{"default": "maybe", "rules": []}"#, "unknown variant `maybe`"),
            (r#"{"default": "deny", "rules": [{}]}"#, "either `allow` or `deny`"),
            (r#"{"default": "deny", "rules": [{"deny": {}}]}"#, "ask for something"),
            (
                r#"{"default": "deny", "rules": [{"deny": {"references": []}}]}"#,
                "ask for something",
            ),
            (
                r#"{"default": "deny", "rules": [{"deny": {"olderThan": "180d"}}]}"#,
                "`180d` is not a duration",
            ),
            (r#"{"default": "deny", "rules": [{"deny": {"age": "1h"}}]}"#, "unknown field `age`"),
            (
                r#"{"default": "deny", "rules": [{"deny": {"references": ["a["]}}]}"#,
                "`a[` is not a glob: unclosed",
            ),
            (
                r#"{"default": "deny", "rules": [
                    {"deny": {"references": ["a"]}, "allow": {"references": ["a"]}}]}"#,
                "either `allow` or `deny`",
            ),
        ] {
            let fault = Settings::parse(text).unwrap_err();
            assert_eq!(fault.code, "settings");
            assert!(fault.message.contains(expected), "{text}: {}", fault.message);
        }
    }
}
