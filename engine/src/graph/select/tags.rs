//! Selection of tags: include, exclude, key, semver, sort, latest, in this order.

use super::pattern;
use super::semver::{range, version, why_no_version};
use crate::diagnostic::{Fault, Pattern};
use crate::graph::{TagRule, TagSort};
use nodejs_semver::Version;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// What a rule makes of the tags of one repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selected {
    /// Tags that pass, in the order in which they came.
    pub kept: Vec<String>,
    /// The others, each with a short reason.
    pub left_out: Vec<(String, String)>,
}

/// A tag that is still in, and what `semver` and `sort` look at.
struct Candidate<'a> {
    tag: &'a str,
    key: String,
}

impl TagRule {
    /// Selects among the tags of one repository.
    ///
    /// # Errors
    ///
    /// `graph::bad-pattern` or `graph::bad-range`; a rule of a checked graph has none.
    pub fn select(&self, tags: &[String]) -> Result<Selected, Fault> {
        let mut why: BTreeMap<&str, String> = BTreeMap::new();
        let mut candidates = self.by_pattern(tags, &mut why)?;
        candidates = self.by_key(candidates, &mut why)?;
        candidates = self.by_range(candidates, &mut why)?;
        self.by_rank(candidates, &mut why);
        let always: BTreeSet<&str> = self.always.iter().map(String::as_str).collect();
        let mut selected = Selected::default();
        for tag in tags {
            match why.get(tag.as_str()) {
                Some(why) if !always.contains(tag.as_str()) => {
                    selected.left_out.push((tag.clone(), why.clone()));
                }
                _ => selected.kept.push(tag.clone()),
            }
        }
        Ok(selected)
    }

    fn by_pattern<'a>(
        &self,
        tags: &'a [String],
        why: &mut BTreeMap<&'a str, String>,
    ) -> Result<Vec<Candidate<'a>>, Fault> {
        let include = patterns(&self.include)?;
        let exclude = patterns(&self.exclude)?;
        let mut left = Vec::new();
        for tag in tags {
            let excluded = exclude.iter().find(|pattern| pattern.is_match(tag));
            if !include.is_empty() && !include.iter().any(|pattern| pattern.is_match(tag)) {
                why.insert(tag, "not included".to_owned());
            } else if let Some(pattern) = excluded {
                why.insert(tag, format!("excluded by `{pattern}`"));
            } else {
                left.push(Candidate { tag, key: tag.clone() });
            }
        }
        Ok(left)
    }

    fn by_key<'a>(
        &self,
        candidates: Vec<Candidate<'a>>,
        why: &mut BTreeMap<&'a str, String>,
    ) -> Result<Vec<Candidate<'a>>, Fault> {
        let Some(text) = &self.key else { return Ok(candidates) };
        let key = pattern(text)?;
        let mut left = Vec::new();
        for candidate in candidates {
            match key.picked(candidate.tag) {
                Some(key) => left.push(Candidate { tag: candidate.tag, key: key.to_owned() }),
                None => drop(why.insert(candidate.tag, format!("no match of the key `{text}`"))),
            }
        }
        Ok(left)
    }

    fn by_range<'a>(
        &self,
        candidates: Vec<Candidate<'a>>,
        why: &mut BTreeMap<&'a str, String>,
    ) -> Result<Vec<Candidate<'a>>, Fault> {
        let Some(text) = &self.semver else { return Ok(candidates) };
        let range = range(text)?;
        let mut left = Vec::new();
        for candidate in candidates {
            match version(&candidate.key) {
                None => drop(why.insert(candidate.tag, why_no_version(&candidate.key).to_owned())),
                Some(version) if range.satisfies(&version) => left.push(candidate),
                Some(_) => drop(why.insert(candidate.tag, format!("not in the range `{text}`"))),
            }
        }
        Ok(left)
    }

    /// Sorts, and leaves out all but the highest. Equal ranks are in the order of their tags as
    /// text, so that the answer does not depend on the order in which a registry lists them.
    fn by_rank<'a>(&self, candidates: Vec<Candidate<'a>>, why: &mut BTreeMap<&'a str, String>) {
        let sort = self.sort.or(self.semver.as_ref().map(|_| TagSort::Semver));
        let (Some(sort), true) = (sort, self.sort.is_some() || self.latest.is_some()) else {
            return;
        };
        let mut ranked: Vec<(Rank, &str)> = Vec::new();
        for candidate in candidates {
            match Rank::of(&candidate.key, sort) {
                Ok(rank) => ranked.push((rank, candidate.tag)),
                Err(reason) => drop(why.insert(candidate.tag, reason.to_owned())),
            }
        }
        let Some(latest) = self.latest else { return };
        ranked.sort_by(|(a, a_tag), (b, b_tag)| b.cmp(a).then_with(|| b_tag.cmp(a_tag)));
        for (_, tag) in ranked.into_iter().skip(latest as usize) {
            why.insert(tag, format!("not among the latest {latest}"));
        }
    }
}

/// What tags are compared by; all of one sort are of one variant.
#[derive(PartialEq, Eq)]
enum Rank {
    Version(Box<Version>),
    Text(String),
    /// Digits without leading zeros: the longer is the higher, whatever their count.
    Number(String),
}

impl Rank {
    fn of(key: &str, sort: TagSort) -> Result<Self, &'static str> {
        match sort {
            TagSort::Semver => match version(key) {
                Some(found) => Ok(Self::Version(Box::new(found))),
                None => Err(why_no_version(key)),
            },
            TagSort::Alphabetical => Ok(Self::Text(key.to_owned())),
            TagSort::Numerical if !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit()) => {
                Ok(Self::Number(key.trim_start_matches('0').to_owned()))
            }
            TagSort::Numerical => Err("not a number"),
        }
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Version(a), Self::Version(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            _ => Ordering::Equal,
        }
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn patterns(texts: &[String]) -> Result<Vec<Pattern>, Fault> {
    texts.iter().map(|text| pattern(text)).collect()
}

#[cfg(test)]
#[path = "tags_tests.rs"]
mod tests;
