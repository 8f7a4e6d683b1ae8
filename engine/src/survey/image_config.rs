//! The config of an image, as far as steps look at it.

use super::error;
use crate::diagnostic::Fault;
use crate::oci::{Platform, Reference, read_config};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What steps look at in the config of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ImageConfig {
    /// What it runs on; `None` where the config does not say, as an artifact's.
    pub platform: Option<Platform>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// When it was made, as it says (RFC 3339).
    pub created: Option<String>,
}

/// The members of a config that steps look at. Source: image-spec 1.1, "Image Configuration".
#[derive(Deserialize)]
struct Members {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
    created: Option<String>,
    config: Option<Execution>,
}

#[derive(Deserialize)]
struct Execution {
    #[serde(rename = "Labels")]
    labels: Option<BTreeMap<String, String>>,
}

impl ImageConfig {
    /// Reads the config of `image`.
    ///
    /// # Errors
    ///
    /// `survey::config` where it is not JSON of the right shape.
    pub(super) fn parse(image: &Reference, bytes: &[u8]) -> Result<Self, Fault> {
        let members: Members = read_config(bytes).map_err(|cause| error::config(image, &cause))?;
        let platform = match (members.os, members.architecture) {
            (Some(os), Some(architecture)) if !os.is_empty() && !architecture.is_empty() => {
                let variant = members.variant.filter(|variant| !variant.is_empty());
                Some(Platform { os, architecture, variant, os_version: members.os_version })
            }
            _ => None,
        };
        let labels = members.config.and_then(|config| config.labels).unwrap_or_default();
        Ok(Self { platform, labels, created: members.created })
    }
}
