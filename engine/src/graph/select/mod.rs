//! Selection of tags, repositories and labels (a stand-in: the real one replaces this folder).

use super::{LabelRule, TagRule};
use crate::diagnostic::{Fault, Origin};
use std::collections::BTreeMap;

/// What a tag rule made of a list of tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selected {
    /// Those that pass, in the order in which they came.
    pub kept: Vec<String>,
    /// Those that do not, each with the reason.
    pub left_out: Vec<(String, String)>,
}

/// Patterns in which `*` stands for anything within a path segment.
#[derive(Debug, Clone)]
pub struct Globs(globset::GlobSet);

impl Globs {
    /// Reads the patterns.
    pub fn new(patterns: &[String]) -> Result<Self, Fault> {
        let bad = |fault: globset::Error| {
            Fault::new("graph::pattern", Origin::Spec, format!("bad pattern: {fault}"))
        };
        let mut set = globset::GlobSetBuilder::new();
        for pattern in patterns {
            let glob = globset::GlobBuilder::new(pattern).literal_separator(true).build();
            set.add(glob.map_err(bad)?);
        }
        set.build().map(Self).map_err(bad)
    }

    /// Whether one of them matches.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl TagRule {
    /// Selects from the tags of one repository.
    pub fn select(&self, tags: &[String]) -> Result<Selected, Fault> {
        let bad = |fault: regex::Error| {
            Fault::new("graph::pattern", Origin::Spec, format!("bad pattern: {fault}"))
        };
        let include = regex::RegexSet::new(&self.include).map_err(bad)?;
        let exclude = regex::RegexSet::new(&self.exclude).map_err(bad)?;
        let mut selected = Selected::default();
        for tag in tags {
            let why = if self.always.contains(tag) {
                None
            } else if !self.include.is_empty() && !include.is_match(tag) {
                Some("not included")
            } else {
                exclude.is_match(tag).then_some("excluded")
            };
            match why {
                None => selected.kept.push(tag.clone()),
                Some(why) => selected.left_out.push((tag.clone(), why.to_owned())),
            }
        }
        Ok(selected)
    }
}

impl LabelRule {
    /// Whether labels pass; the inner error says why not.
    pub fn passes(&self, labels: &BTreeMap<String, String>) -> Result<Result<(), String>, Fault> {
        for (key, wanted) in &self.include {
            if labels.get(key) != Some(wanted) {
                return Ok(Err(format!("the label `{key}` does not match `{wanted}`")));
            }
        }
        for (key, unwanted) in &self.exclude {
            if labels.get(key) == Some(unwanted) {
                return Ok(Err(format!("the label `{key}` matches `{unwanted}`")));
            }
        }
        Ok(Ok(()))
    }
}
