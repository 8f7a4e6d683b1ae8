//! One failure, as all floors speak of it.

use super::{Code, Kind};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A reported failure with a stable code.
///
/// The message is a lower-case fragment without a full stop that reads after "failed to …: ";
/// what the user wrote stands in backticks. No secret can be in it, as the types that hold
/// secrets have no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `floor::what`, stable, explained in `specs/faults.md`.
    pub code: Cow<'static, str>,
    /// What kind of failure it is: what is done about it follows from this, never from a text.
    pub kind: Kind,
    /// What happened, for people.
    pub message: String,
    /// Whose fault it is.
    pub origin: Origin,
    /// Whether trying again may help.
    pub retry: Retry,
    /// Where in the spec, such as `sinks.mirror.inputs[1]`, or which item, host or file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Facts for programs, by key: `status`, `registry-code`, `host`, `stage`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<(String, String)>,
}

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The YAML file.
    Spec,
    /// The place that is read.
    Source,
    /// The place that is written.
    Destination,
    /// A component.
    Plugin,
    /// A rule that somebody set.
    Policy,
    /// This machine: its files, its settings, its network.
    Local,
}

/// Whether trying again may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// The same will happen again.
    Never,
    /// Later, with growing pauses.
    Backoff,
    /// Not before this many milliseconds have passed: the other side said so.
    AfterMillis(u64),
}

impl Fault {
    /// A fault that trying again does not mend.
    pub fn new(code: Code, origin: Origin, message: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed(code.text()),
            kind: code.kind(),
            message: message.into(),
            origin,
            retry: Retry::Never,
            place: None,
            help: None,
            facts: Vec::new(),
        }
    }

    /// Whether it is this one fault. Most ask for the `kind` instead.
    pub fn is(&self, code: Code) -> bool {
        self.code == code.text()
    }

    /// Whether a source or a destination gave no answer.
    pub fn is_unreached_place(&self) -> bool {
        let of_a_place = matches!(self.origin, Origin::Source | Origin::Destination);
        of_a_place && self.kind.is_unreachable()
    }

    /// Whether whoever was asked gave no answer, or cannot serve now.
    pub fn is_outage(&self) -> bool {
        self.kind.is_unreachable() || self.retry != Retry::Never
    }

    /// Sets whether trying again may help.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a fact for programs.
    #[must_use]
    pub fn fact(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push((key.into(), value.into()));
        self
    }

    /// The fact with this key.
    pub fn fact_of(&self, key: &str) -> Option<&str> {
        self.facts.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// The same failure, seen from the other end.
    #[must_use]
    pub fn from_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}
