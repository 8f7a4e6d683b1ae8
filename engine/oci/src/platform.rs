//! Platforms: `os/architecture[/variant]`.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;

/// What an image runs on. Source: image-spec 1.1, "OCI Image Index", `platform`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Platform {
    /// The operating system, in Go's words; empty where an index does not say it, which no platform covers.
    #[serde(default, deserialize_with = "null_as_empty")]
    pub os: String,
    /// The processor architecture, in Go's words; empty where an index does not say it.
    #[serde(default, deserialize_with = "null_as_empty")]
    pub architecture: String,
    /// The variant of the architecture, such as `v7`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The version of the operating system; Windows images have one.
    #[serde(rename = "os.version", default, skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
}

fn null_as_empty<'de, D: Deserializer<'de>>(value: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

/// Why a text is not a platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a platform; write os/architecture or os/architecture/variant")]
pub struct PlatformFault(pub String);

impl Platform {
    /// Whether `self`, as somebody asked for it, covers `other`, as an index gives it.
    ///
    /// A variant or a version that was not asked for matches any; `arm64` and `arm64/v8` are the
    /// same platform.
    pub fn covers(&self, other: &Self) -> bool {
        self.os == other.os
            && self.architecture == other.architecture
            && (self.variant.is_none() || self.plain_variant() == other.plain_variant())
            && (self.os_version.is_none() || self.os_version == other.os_version)
    }

    fn plain_variant(&self) -> Option<&str> {
        match (self.architecture.as_str(), self.variant.as_deref()) {
            ("arm64", Some("v8")) => None,
            (_, variant) => variant,
        }
    }
}

impl FromStr for Platform {
    type Err = PlatformFault;

    fn from_str(text: &str) -> Result<Self, PlatformFault> {
        let fault = || PlatformFault(text.to_owned());
        let word = |part: &str| {
            let plain = !part.is_empty()
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
            plain.then(|| part.to_owned()).ok_or_else(fault)
        };
        let parts: Vec<&str> = text.split('/').collect();
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(word(variant)?)),
            _ => return Err(fault()),
        };
        Ok(Self { os: word(os)?, architecture: word(architecture)?, variant, os_version: None })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covers_what_was_asked_for() {
        let platform = |text: &str| text.parse::<Platform>().unwrap();
        assert!(platform("linux/arm").covers(&platform("linux/arm/v7")));
        assert!(!platform("linux/arm/v6").covers(&platform("linux/arm/v7")));
        assert!(platform("linux/arm64/v8").covers(&platform("linux/arm64")));
        assert!(!platform("linux/amd64").covers(&platform("windows/amd64")));
        assert!("linux".parse::<Platform>().is_err());
        assert!("linux/".parse::<Platform>().is_err());
        assert_eq!(platform("linux/arm/v7").to_string(), "linux/arm/v7");
    }

    #[test]
    fn what_an_index_does_not_say_is_covered_by_nothing() {
        let wanted: Platform = "linux/amd64".parse().unwrap();
        for text in
            ["{}", r#"{"architecture": "amd64"}"#, r#"{"os": null, "architecture": "amd64"}"#]
        {
            let read: Platform = serde_json::from_str(text).unwrap();
            assert!(!wanted.covers(&read), "{text}");
        }
    }
}
