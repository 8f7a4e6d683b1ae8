//! The referrers of one manifest, asked for in the way that its place knows.
//!
//! A registry without the list of referrers has an index under the tag `sha256-<hex>` of each
//! subject instead. Whether a place has the list is found out once in a run, by its first answer.
//! Without it, the repository's tags, which are read once anyway, say which subjects have an
//! index: asking for both with each manifest cost two requests for nothing.
//!
//! Source: distribution-spec 1.1, "Listing Referrers" and "Referrers Tag Schema".

use super::Transfer;
use super::end::End;
use super::error::TransferFault;
use crate::diagnostic::{Fault, Kind};
use crate::oci::{Descriptor, Digest, Manifest};
use crate::plan::fallback_tag;
use crate::role::Selector;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Which places have the list of referrers, as far as it is known.
#[derive(Default)]
pub(super) struct Lists(Mutex<HashMap<Arc<str>, Arc<OnceCell<bool>>>>);

impl Lists {
    fn of(&self, place: &Arc<str>) -> Arc<OnceCell<bool>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(Arc::clone(place)).or_default())
    }
}

impl Transfer {
    /// The manifests whose subject is `subject`, at an end that `step` reads.
    pub(super) async fn referrers(
        &self,
        step: &str,
        source: &End,
        subject: &Digest,
    ) -> Result<Vec<Descriptor>, Fault> {
        let mut first = None;
        let ask = async {
            match source.session.referrers(&source.repository, subject).await {
                Ok(list) => {
                    first = Some(list);
                    Ok(true)
                }
                Err(fault) if fault.kind == Kind::Unsupported => Ok(false),
                Err(fault) => Err(fault),
            }
        };
        let has_list = *self.lists.of(&source.place).get_or_try_init(|| ask).await?;
        match first {
            Some(list) => Ok(list),
            None if has_list => source.session.referrers(&source.repository, subject).await,
            None => self.under_fallback_tag(step, source, subject).await,
        }
    }

    async fn under_fallback_tag(
        &self,
        step: &str,
        source: &End,
        subject: &Digest,
    ) -> Result<Vec<Descriptor>, Fault> {
        let tag = fallback_tag(subject);
        if source.can.lists_tags && !self.signature_tags(step, source).await?.contains(&tag) {
            return Ok(Vec::new());
        }
        let which = Selector::Tag(tag);
        let Some(index) = source.session.get_manifest(&source.repository, &which).await? else {
            return Ok(Vec::new());
        };
        let descriptor = &index.descriptor;
        let parsed = Manifest::parse(&descriptor.media_type, &index.bytes).map_err(|cause| {
            TransferFault::Unreadable { digest: descriptor.digest.clone(), cause }
        })?;
        Ok(parsed.children().to_vec())
    }
}

#[cfg(test)]
#[path = "subject_tests.rs"]
mod tests;
