//! An image that a source offers.

use super::error;
use super::open_place::OpenPlace;
use super::source_companions::SourceCompanions;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest, Reference};
use crate::role::{Selector, Session};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// An image that a source offers. One for all steps and sinks that it reaches, so that it is
/// resolved once.
pub(super) struct Image {
    /// Where it is, with the tag it was found under.
    pub reference: Arc<Reference>,
    /// The source that has it.
    pub place: Arc<OpenPlace>,
    /// Whether its tag was found in a list of tags.
    pub listed: bool,
    /// Whether its tag may come to point elsewhere.
    pub mutable: bool,
    /// The companion tags of its repository, where that was listed.
    pub companions: Arc<SourceCompanions>,
    pinned: OnceCell<Result<Descriptor, Fault>>,
}

impl Image {
    /// An image that was not looked at yet.
    pub(super) fn new(
        reference: Reference,
        place: Arc<OpenPlace>,
        listed: bool,
        mutable: bool,
    ) -> Self {
        let reference = Arc::new(reference);
        let companions = Arc::default();
        Self { reference, place, listed, mutable, companions, pinned: OnceCell::new() }
    }

    /// The same with the companions of its repository.
    pub(super) fn with_companions(self, companions: &Arc<SourceCompanions>) -> Self {
        Self { companions: Arc::clone(companions), ..self }
    }

    /// The image under another tag of the same repository.
    pub(super) fn under_tag(&self, tag: &str) -> Self {
        let mut reference = Reference::clone(&self.reference);
        reference.name.tag = Some(tag.to_owned());
        reference.name.digest = None;
        Self::new(reference, Arc::clone(&self.place), true, self.mutable)
    }

    /// The reference of a manifest of the same repository.
    pub(super) fn reference_of(&self, digest: &Digest) -> Reference {
        let mut reference = Reference::clone(&self.reference);
        reference.name.tag = None;
        reference.name.digest = Some(digest.clone());
        reference
    }

    /// What its name points to. Asked once in a survey, also when the answer is a fault.
    pub(super) async fn pin(&self) -> Result<Descriptor, Fault> {
        self.pinned.get_or_init(|| self.resolve()).await.clone()
    }

    /// How a session is asked for a manifest that is in the same repository.
    pub(super) fn selector_of(&self, digest: &Digest) -> Selector {
        let own = self.pinned.get().and_then(|pinned| pinned.as_ref().ok());
        match selector(&self.reference) {
            Selector::Only if own.is_some_and(|own| own.digest == *digest) => Selector::Only,
            _ => Selector::Digest(digest.clone()),
        }
    }

    async fn resolve(&self) -> Result<Descriptor, Fault> {
        let name = &self.reference.name;
        let ask = |session: Arc<dyn Session>| async move {
            session.resolve(&name.repository, &selector(&self.reference)).await
        };
        let found = self.place.ask(&name.repository, ask).await?;
        let found = found.ok_or_else(|| error::absent(&self.reference))?;
        match &name.digest {
            Some(pin) if *pin != found.digest => {
                Err(error::pin_broken(&self.reference, &found.digest))
            }
            _ => Ok(found),
        }
    }
}

/// How a session is asked for what a reference names: by tag, as a digest beside it is to be
/// compared; else by digest; else the place holds just one.
pub(super) fn selector(reference: &Reference) -> Selector {
    let name = &reference.name;
    if let Some(index) = name.index {
        return Selector::Index(index);
    }
    if let Some(id) = &name.id {
        return Selector::Id(id.clone());
    }
    match (&name.tag, &name.digest) {
        (Some(tag), _) => Selector::Tag(tag.clone()),
        (None, Some(digest)) => Selector::Digest(digest.clone()),
        (None, None) => Selector::Only,
    }
}
