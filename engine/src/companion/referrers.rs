//! The referrers of a manifest: the manifests that name it as their subject.
//!
//! A registry without the API for referrers has an index under the tag `sha256-<hex>` of each
//! subject instead. Whether a place has the API is found out once in a run, by its first answer.
//!
//! An index that cannot be read is a fault, and never means that there are no referrers: a
//! signature that a policy needs may be listed there.
//!
//! Source: distribution-spec 1.1, "Listing Referrers" and "Referrers Tag Schema".

use super::names::fallback_tag;
use super::{CompanionFault, CompanionTags, OpenRepository, codes};
use crate::diagnostic::{Fault, Kind, Origin};
use crate::oci::{Descriptor, Digest, Manifest, Shape};
use crate::role::Selector;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Lists referrers, and remembers which places have the API.
#[derive(Default)]
pub(crate) struct Referrers(Mutex<HashMap<String, Arc<OnceCell<bool>>>>);

impl Referrers {
    /// The manifests whose subject is `subject`.
    ///
    /// With `tags`, the fallback index is asked for only where the list of tags has its tag. Most
    /// subjects have no such tag, and this saves a request for each.
    ///
    /// # Errors
    ///
    /// What the place says; `companion::referrers-unreadable` where the fallback tag points to
    /// something that is no index.
    pub(crate) async fn list(
        &self,
        at: &OpenRepository<'_>,
        tags: Option<&CompanionTags>,
        subject: &Digest,
    ) -> Result<Vec<Descriptor>, CompanionFault> {
        let mut first = None;
        let ask = async {
            let answer = by_api(at, subject).await?;
            let has_api = answer.is_some();
            first = answer;
            Ok::<_, Fault>(has_api)
        };
        let has_api = *self.of(at.place).get_or_try_init(|| ask).await?;
        let listed = match first {
            None if has_api => by_api(at, subject).await?,
            first => first,
        };
        match listed {
            Some(listed) => Ok(listed),
            None => by_fallback_tag(at, tags, subject).await,
        }
    }

    fn of(&self, place: &str) -> Arc<OnceCell<bool>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(place.to_owned()).or_default())
    }
}

/// The answer of the API; `None` where the place has none.
async fn by_api(
    at: &OpenRepository<'_>,
    subject: &Digest,
) -> Result<Option<Vec<Descriptor>>, Fault> {
    match at.session.referrers(at.name, subject).await {
        Ok(listed) => Ok(Some(listed)),
        Err(fault) if fault.kind == Kind::Unsupported => Ok(None),
        Err(fault) => Err(fault),
    }
}

async fn by_fallback_tag(
    at: &OpenRepository<'_>,
    tags: Option<&CompanionTags>,
    subject: &Digest,
) -> Result<Vec<Descriptor>, CompanionFault> {
    let tag = fallback_tag(subject);
    if let (Some(tags), true) = (tags, at.lists_tags)
        && !tags.of(at).await?.contains(&tag)
    {
        return Ok(Vec::new());
    }
    let which = Selector::Tag(tag.clone());
    let Some(index) = at.session.get_manifest(at.name, &which).await? else {
        return Ok(Vec::new());
    };
    match Manifest::parse(&index.descriptor.media_type, &index.bytes) {
        Ok(Manifest { shape: Shape::Index(listed), .. }) => Ok(listed),
        Ok(other) => Err(unusable(at, &tag, &format!("it is a `{}`", other.media_type))),
        Err(cause) => Err(unusable(at, &tag, &cause.to_string())),
    }
}

fn unusable(at: &OpenRepository<'_>, tag: &str, why: &str) -> CompanionFault {
    let message = format!("the index of referrers under the tag `{tag}` cannot be read: {why}");
    let fault = Fault::new(codes::REFERRERS_UNREADABLE, Origin::Source, message)
        .at(format!("{}:{tag}", at.full_name()))
        .help("push a readable index to this tag, or remove the tag");
    CompanionFault::Unusable(fault)
}
