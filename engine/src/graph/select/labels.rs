//! Selection by labels.

use super::pattern;
use crate::diagnostic::Fault;
use crate::graph::LabelRule;
use std::collections::BTreeMap;

impl LabelRule {
    /// Whether an image with these labels passes; if not, why.
    ///
    /// # Errors
    ///
    /// `graph::bad-pattern`; a rule of a checked graph has none.
    pub fn passes(&self, labels: &BTreeMap<String, String>) -> Result<Result<(), String>, Fault> {
        for (key, text) in &self.include {
            let wanted = pattern(text)?;
            match labels.get(key) {
                None => return Ok(Err(format!("no label `{key}`"))),
                Some(value) if !wanted.is_match(value) => {
                    return Ok(Err(format!("label `{key}` does not match `{text}`")));
                }
                Some(_) => {}
            }
        }
        for (key, text) in &self.exclude {
            let unwanted = pattern(text)?;
            if labels.get(key).is_some_and(|value| unwanted.is_match(value)) {
                return Ok(Err(format!("excluded by label `{key}`")));
            }
        }
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn include_all_exclude_any() {
        let rule = LabelRule {
            include: map(&[("team", "^core$")]),
            exclude: map(&[("stage", "dev|test")]),
        };
        for (labels, why) in [
            (map(&[("team", "core")]), None),
            (map(&[("team", "core"), ("stage", "prod")]), None),
            (map(&[]), Some("no label `team`")),
            (map(&[("team", "score")]), Some("label `team` does not match `^core$`")),
            (map(&[("team", "core"), ("stage", "dev")]), Some("excluded by label `stage`")),
        ] {
            assert_eq!(rule.passes(&labels).unwrap().err().as_deref(), why);
        }
        let bad = LabelRule { include: map(&[("a", "(")]), ..LabelRule::default() };
        assert!(bad.passes(&map(&[])).is_err());
    }
}
