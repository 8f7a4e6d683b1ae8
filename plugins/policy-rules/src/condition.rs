//! One condition: what a rule asks of an image. All members must fit; of a list, one entry.

use crate::amount::{Size, Span};
use crate::facts::{Facts, Known};
use crate::moment::Moment;
use engine_plugin_sdk::Fault;
use engine_plugin_sdk::oci::Glob;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A longer value is not compared: nobody can read why it fits.
const MAX_VALUE_BYTES: usize = 4 * 1024;
/// Characters of a foreign text that a reason shows.
const MAX_SHOWN_CHARS: usize = 200;

/// What a rule asks for.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(crate) struct Condition {
    references: Vec<Glob>,
    platforms: Vec<Glob>,
    labels: BTreeMap<String, Glob>,
    lacks_labels: Vec<String>,
    annotations: BTreeMap<String, Glob>,
    lacks_annotations: Vec<String>,
    older_than: Option<Span>,
    younger_than: Option<Span>,
    larger_than: Option<Size>,
}

/// Whether a subject fits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It does not.
    No,
    /// It does, in words for people.
    Yes(String),
    /// The images of the index decide, each for itself.
    OfImages,
    /// Nobody can know, for this reason.
    Unknown(String),
}

impl Condition {
    /// Whether nothing is asked.
    pub(crate) fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// Whether the subject fits. What costs nothing is asked first, and the rest only if that fits.
    pub(crate) fn fits(&self, facts: &Facts, now: Moment) -> Result<Fit, Fault> {
        let members: [&dyn Fn() -> Result<Option<Fit>, Fault>; 9] = [
            &|| Ok(self.references(facts)),
            &|| Ok(self.larger(facts)),
            &|| self.platforms(facts),
            &|| pairs("annotation", &self.annotations, |key| facts.annotation(key)),
            &|| lacks("annotation", &self.lacks_annotations, |key| facts.annotation(key)),
            &|| pairs("label", &self.labels, |key| facts.label(key)),
            &|| lacks("label", &self.lacks_labels, |key| facts.label(key)),
            &|| self.older(facts, now),
            &|| self.younger(facts, now),
        ];
        let mut all = Vec::new();
        for member in members {
            match member()? {
                Some(Fit::No) => return Ok(Fit::No),
                Some(fit) => all.push(fit),
                None => {}
            }
        }
        Ok(together(all))
    }

    fn references(&self, facts: &Facts) -> Option<Fit> {
        if self.references.is_empty() {
            return None;
        }
        // What has no name fits no pattern of names.
        let Some((whole, repository)) = facts.names() else { return Some(Fit::No) };
        let fits = |glob: &&Glob| glob.matches(&whole) || glob.matches(repository);
        let found = self.references.iter().find(fits);
        Some(found.map_or(Fit::No, |glob| Fit::Yes(words(&whole, glob))))
    }

    fn platforms(&self, facts: &Facts) -> Result<Option<Fit>, Fault> {
        if self.platforms.is_empty() {
            return Ok(None);
        }
        Ok(Some(asked(facts.platform()?, |platform| {
            let platform = platform?;
            let found = self.platforms.iter().find(|glob| covers(glob, &platform));
            found.map(|glob| format!("its platform {}", words(&platform, glob)))
        })))
    }

    fn older(&self, facts: &Facts, now: Moment) -> Result<Option<Fit>, Fault> {
        let Some(span) = &self.older_than else { return Ok(None) };
        let words = |made: Moment| format!("older than {span}: created {made}");
        let older = |made: Moment| (age(made, now) > i128::from(span.millis)).then(|| words(made));
        facts.created().map(|made| Some(asked(made, older)))
    }

    fn younger(&self, facts: &Facts, now: Moment) -> Result<Option<Fit>, Fault> {
        let Some(span) = &self.younger_than else { return Ok(None) };
        let words = |made: Moment| format!("younger than {span}: created {made}");
        let younger =
            |made: Moment| (age(made, now) < i128::from(span.millis)).then(|| words(made));
        facts.created().map(|made| Some(asked(made, younger)))
    }

    fn larger(&self, facts: &Facts) -> Option<Fit> {
        let limit = self.larger_than.as_ref()?;
        let words = |bytes: u64| format!("larger than {limit}: {} MiB", bytes.div_ceil(1 << 20));
        Some(asked(facts.size_bytes(), |bytes| (bytes > limit.bytes).then(|| words(bytes))))
    }
}

fn age(made: Moment, now: Moment) -> i128 {
    i128::from(now.0) - i128::from(made.0)
}

/// Turns a fact into a fit: `fits` gives the words, or none where it does not fit.
fn asked<T>(fact: Known<T>, fits: impl FnOnce(T) -> Option<String>) -> Fit {
    match fact {
        Known::There(fact) => fits(fact).map_or(Fit::No, Fit::Yes),
        Known::OfImages => Fit::OfImages,
        Known::Unknown(why) => Fit::Unknown(why),
    }
}

/// All members of a condition: what is unknown is louder than what others decide.
fn together(all: Vec<Fit>) -> Fit {
    let (mut words, mut unknown, mut of_images) = (Vec::new(), Vec::new(), false);
    for fit in all {
        match fit {
            Fit::No => return Fit::No,
            Fit::Yes(fits) => words.push(fits),
            Fit::OfImages => of_images = true,
            Fit::Unknown(why) => unknown.push(why),
        }
    }
    unknown.dedup();
    match (unknown.is_empty(), of_images) {
        (false, _) => Fit::Unknown(unknown.join(" and ")),
        (_, true) => Fit::OfImages,
        _ => Fit::Yes(words.join(" and ")),
    }
}

/// Each key must be there, and its value match.
fn pairs(
    noun: &str,
    wanted: &BTreeMap<String, Glob>,
    fact: impl Fn(&str) -> Result<Known<Option<String>>, Fault>,
) -> Result<Option<Fit>, Fault> {
    let mut all = Vec::new();
    for (key, glob) in wanted {
        let found = fact(key)?;
        if let Known::There(Some(value)) = &found
            && value.len() > MAX_VALUE_BYTES
        {
            let key = shown(key);
            return Err(Fault::invalid(format!("the {noun} `{key}` is longer than 4 KiB")));
        }
        all.push(asked(found, |value| {
            let value = value.filter(|value| glob.matches(value))?;
            Some(format!("the {noun} `{}`: {}", shown(key), words(&value, glob)))
        }));
    }
    Ok((!all.is_empty()).then(|| together(all)))
}

/// One of the keys must not be there.
fn lacks(
    noun: &str,
    keys: &[String],
    fact: impl Fn(&str) -> Result<Known<Option<String>>, Fault>,
) -> Result<Option<Fit>, Fault> {
    let mut last = None;
    for key in keys {
        let words = || format!("the {noun} `{}` is not there", shown(key));
        let fit = asked(fact(key)?, |value| value.is_none().then(words));
        match (&fit, &last) {
            (Fit::Yes(_), _) => return Ok(Some(fit)),
            (Fit::No, Some(_)) => {}
            _ => last = Some(fit),
        }
    }
    Ok(last)
}

/// Whether a platform fits, each part for itself; parts that are not asked for fit.
fn covers(glob: &Glob, platform: &str) -> bool {
    // `arm64` and `arm64/v8` are the same platform.
    let plain = |text: &str| {
        let arm = text.strip_suffix("/v8").filter(|rest| rest.ends_with("arm64"));
        arm.unwrap_or(text).to_owned()
    };
    let (wanted, there) = (plain(glob.text()), plain(platform));
    let parts = wanted.split('/').count();
    let there: Vec<&str> = there.split('/').take(parts).collect();
    Glob::try_from(wanted).is_ok_and(|wanted| wanted.matches(&there.join("/")))
}

fn words(text: &str, glob: &Glob) -> String {
    if text == glob.text() {
        return format!("`{}` is named", shown(text));
    }
    format!("`{}` matches `{}`", shown(text), shown(glob.text()))
}

/// A text that others wrote, short and in one line.
fn shown(text: &str) -> String {
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut shown: String = text.chars().take(MAX_SHOWN_CHARS).map(plain).collect();
    if text.chars().nth(MAX_SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
}
