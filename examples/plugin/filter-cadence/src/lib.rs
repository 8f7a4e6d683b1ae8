//! Keeps the newest patch releases of each minor version.
//!
//! In: the tags of one repository. Out: a choice for each, with a reason that a person understands. It
//! looks at names alone, so that it costs no request.

mod version;

use engine_plugin_sdk::filter::{Candidate, Choice};
use engine_plugin_sdk::{Fault, Filter};
use serde::Deserialize;
use std::collections::BTreeMap;
use version::Version;

/// The filter.
struct Cadence;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    newest: usize,
    #[serde(default)]
    others: Others,
}

/// What becomes of tags that are no releases.
#[derive(Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Others {
    Keep,
    #[default]
    Drop,
}

impl Filter for Cadence {
    fn needs(_: &str) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    fn select(candidates: &[Candidate], settings: &str) -> Result<Vec<Choice>, Fault> {
        let settings: Settings =
            serde_json::from_str(settings).map_err(|fault| Fault::settings(fault.to_string()))?;
        let versions: Vec<Option<Version>> =
            candidates.iter().map(|one| Version::parse(one.tag.as_deref()?)).collect();
        let mut series: BTreeMap<_, Vec<u64>> = BTreeMap::new();
        for version in versions.iter().flatten() {
            series.entry(version.series).or_default().push(version.patch);
        }
        for patches in series.values_mut() {
            patches.sort_unstable();
            patches.dedup();
        }
        let choice = |version: &Option<Version>| match version {
            Some(version) => {
                // `1.2.3` and `v1.2.3` are one release, and stay or go together.
                let newer = series.get(&version.series).map_or(0, |all| above(all, version.patch));
                if newer < settings.newest { Choice::Keep } else { older(version, newer) }
            }
            None if settings.others == Others::Keep => Choice::Keep,
            None => Choice::Drop("not a version such as 1.2.3".to_owned()),
        };
        Ok(versions.iter().map(choice).collect())
    }
}

/// How many are higher, by binary search: a repository may have 10,000 releases of one series.
fn above(sorted: &[u64], patch: u64) -> usize {
    sorted.len() - sorted.partition_point(|one| *one <= patch)
}

fn older(version: &Version, newer: usize) -> Choice {
    let (major, minor, variant) = version.series;
    Choice::Drop(format!("there are {newer} newer patch releases of {major}.{minor}{variant}"))
}

engine_plugin_sdk::export_filter!(Cadence);

#[cfg(test)]
mod tests {
    use super::*;

    fn select(tags: &[&str], settings: &str) -> Result<Vec<Choice>, Fault> {
        let candidate = |tag: &&str| Candidate {
            repository: "docker.io/library/nginx".to_owned(),
            tag: (!tag.is_empty()).then(|| (*tag).to_owned()),
            descriptor: None,
            facts: Vec::new(),
        };
        let candidates: Vec<Candidate> = tags.iter().map(candidate).collect();
        Cadence::select(&candidates, settings)
    }

    #[test]
    fn the_newest_of_each_series_pass() {
        let tags = ["1.2.9", "v1.2.10", "1.2.10", "1.2.2", "1.3.0", "1.2.1-alpine", "latest", ""];
        let choices = select(&tags, r#"{"newest": 2}"#).unwrap();
        let dropped = |why: &str| Choice::Drop(why.to_owned());
        assert_eq!(choices[..3], [Choice::Keep, Choice::Keep, Choice::Keep]);
        assert_eq!(choices[3], dropped("there are 2 newer patch releases of 1.2"));
        assert_eq!(choices[4..6], [Choice::Keep, Choice::Keep], "other series");
        assert_eq!(choices[6], dropped("not a version such as 1.2.3"));
        assert_eq!(choices[7], choices[6], "an image by digest has no tag");
        let kept = select(&["latest"], r#"{"newest": 1, "others": "keep"}"#).unwrap();
        assert_eq!(kept, [Choice::Keep]);
    }

    #[test]
    fn ten_thousand_tags_are_chosen_among() {
        let tags: Vec<String> = (0..10_000).map(|patch| format!("1.0.{patch}")).collect();
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        let choices = select(&tags, r#"{"newest": 3}"#).unwrap();
        assert_eq!(choices.iter().filter(|choice| **choice == Choice::Keep).count(), 3);
        assert_eq!(choices[9_997..], [Choice::Keep, Choice::Keep, Choice::Keep]);
    }

    #[test]
    fn wrong_settings_are_named() {
        assert_eq!(select(&[], "{}").unwrap_err().code, "settings");
        assert_eq!(select(&[], r#"{"newest": 1, "x": 1}"#).unwrap_err().code, "settings");
        assert_eq!(select(&[], r#"{"newest": 1}"#).unwrap(), []);
    }
}
