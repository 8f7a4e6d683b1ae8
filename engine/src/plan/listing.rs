//! Listings: where the images of a plan come from when the spec does not name them one by one.

use crate::role::NameList;
use serde::{Deserialize, Serialize};

/// A list that a source was asked for: the tags of a repository, or the repositories of a place.
///
/// What a complete list lacks is not there. From an incomplete one nothing follows: whoever removes
/// what the sources no longer have looks here first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Listing {
    /// The source step.
    pub step: String,
    /// The repository whose tags, or the place whose repositories, were asked for.
    pub of: String,
    /// How many names were read; 0 where the list could not be read.
    pub names: u64,
    /// Whether the list was read to its end.
    pub complete: bool,
}

impl Listing {
    /// The listing that came of an answer: complete where there was one.
    pub(crate) fn from_answer<E>(
        step: &str,
        of: &impl ToString,
        answer: &Result<NameList, E>,
    ) -> Self {
        let names = answer.as_ref().map_or(0, |list| list.names.len() as u64);
        Self { step: step.to_owned(), of: of.to_string(), names, complete: answer.is_ok() }
    }
}
