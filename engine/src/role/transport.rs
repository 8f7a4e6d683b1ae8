//! A transport: a way of reaching images.

use super::Session;
use super::codes;
use crate::diagnostic::{Fault, Origin};
use crate::oci::Descriptor;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which end of a copy a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// It is read.
    Source,
    /// It is written, and read to see what is there.
    Destination,
}

/// What a transport can do; what it cannot is not asked of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent abilities, as the WIT has them")]
pub struct Capabilities {
    /// Calls may run side by side; if not, they are made in turn.
    pub concurrent: bool,
    /// `list_repositories` works.
    pub lists_repositories: bool,
    /// `list_tags` works.
    pub lists_tags: bool,
    /// A place can be written.
    pub writes: bool,
    /// Tags and manifests can be deleted.
    pub deletes: bool,
    /// `referrers` works, and a manifest with a subject is found by it.
    pub referrers: bool,
    /// Names are set by `tag`, several at once, instead of with `put_manifest`.
    pub names_in_groups: bool,
    /// Blobs are shared by all repositories of a place, so nothing is mounted.
    pub shared_blobs: bool,
    /// Further abilities by key: `signatures`, `indexes`.
    pub extra: BTreeMap<String, String>,
}

impl Capabilities {
    /// Whether the place keeps signatures beside its manifests.
    pub fn keeps_signatures(&self) -> bool {
        self.extra.get("signatures").is_some_and(|value| value == "yes")
    }

    /// Refuses an index at a destination that takes none.
    ///
    /// # Errors
    ///
    /// `role::indexes-unsupported`.
    pub fn require_index(&self, top: &Descriptor) -> Result<(), Fault> {
        if !top.is_index() || self.extra.get("indexes").is_none_or(|value| value != "no") {
            return Ok(());
        }
        let message = "the image is an index, and the destination takes none";
        Err(Fault::new(codes::INDEXES_UNSUPPORTED, Origin::Destination, message)
            .help("cut it to one platform by a `platforms` transform"))
    }

    /// Refuses signatures, so many, at a destination that keeps none.
    ///
    /// # Errors
    ///
    /// `role::signatures-unsupported`.
    pub fn require_signatures(&self, count: usize) -> Result<(), Fault> {
        if count == 0 || self.keeps_signatures() {
            return Ok(());
        }
        let message = format!(
            "the source keeps {count} signatures beside the image, and the destination cannot hold them"
        );
        Err(Fault::new(codes::SIGNATURES_UNSUPPORTED, Origin::Destination, message)
            .help("`removeSignatures: true` of the sink copies the image without them"))
    }
}

/// A component in the role of a transport, with the grants and settings of one step.
#[async_trait]
pub trait Transport: Send + Sync {
    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// The step's settings as JSON: two steps share a session only where they are the same.
    fn settings(&self) -> String;

    /// Opens a place. No network is touched yet.
    async fn open(&self, place: &str, side: Side) -> Result<Arc<dyn Session>, Fault>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::media_type;

    fn says(extra: &[(&str, &str)]) -> Capabilities {
        let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let extra = extra.iter().map(pair).collect();
        Capabilities {
            concurrent: true,
            lists_repositories: false,
            lists_tags: false,
            writes: true,
            deletes: false,
            referrers: false,
            names_in_groups: false,
            shared_blobs: false,
            extra,
        }
    }

    #[test]
    fn what_a_destination_cannot_hold_is_refused() {
        let of = |kind: &str| Descriptor::of_manifest(kind, b"{}");
        let (image, index) = (of(media_type::OCI_MANIFEST), of(media_type::OCI_INDEX));
        let (plain, all) = (says(&[]), says(&[("signatures", "yes"), ("indexes", "no")]));
        let maybe = says(&[("signatures", "maybe"), ("indexes", "maybe")]);
        for can in [&plain, &maybe] {
            assert!(can.require_index(&index).is_ok() && can.require_signatures(0).is_ok());
            let fault = can.require_signatures(2).unwrap_err();
            assert!(fault.is(codes::SIGNATURES_UNSUPPORTED) && fault.message.contains('2'));
        }
        assert!(all.require_signatures(2).is_ok() && all.require_index(&image).is_ok());
        assert!(all.require_index(&index).unwrap_err().is(codes::INDEXES_UNSUPPORTED));
    }
}
