//! An image on its way from a source to the sinks.

use super::error;
use super::late::Companions;
use super::place::Place;
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
    pub place: Arc<Place>,
    /// Whether its tag was found in a list of tags.
    pub listed: bool,
    /// Whether its tag may come to point elsewhere.
    pub mutable: bool,
    /// The companion tags of its repository, where that was listed.
    pub companions: Arc<Companions>,
    pinned: OnceCell<Result<Descriptor, Fault>>,
}

/// The way that images took so far.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// The steps, source first.
    pub steps: Arc<[String]>,
    /// The transforms among them, by their places in the graph.
    pub edits: Vec<usize>,
    /// The policies among them.
    pub judges: Vec<usize>,
    /// The signers among them.
    pub signs: Vec<usize>,
}

/// What a step does to the images that pass it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pass {
    /// They pass as they are, or not at all.
    Through,
    /// They are edited; the step's place in the graph.
    Edited(usize),
    /// They are judged before they are written.
    Judged(usize),
    /// They are signed where they are written.
    Signed(usize),
}

/// Images that took the same way.
#[derive(Clone)]
pub(super) struct Flow {
    /// The way.
    pub path: Arc<Path>,
    /// The images.
    pub images: Vec<Arc<Image>>,
    /// Images that a step could not look at; they fail at each sink that they would reach.
    pub broken: Vec<(Arc<Image>, Fault)>,
}

impl Flow {
    /// The same way with one more step, and only the broken images so far.
    pub(super) fn then(&self, step: &str, pass: Pass) -> Self {
        let path = self.path.then(step, pass);
        Self { path, images: Vec::new(), broken: self.broken.clone() }
    }
}

impl Image {
    /// An image that was not looked at yet.
    pub(super) fn new(
        reference: Reference,
        place: Arc<Place>,
        listed: bool,
        mutable: bool,
    ) -> Self {
        let reference = Arc::new(reference);
        let companions = Arc::default();
        Self { reference, place, listed, mutable, companions, pinned: OnceCell::new() }
    }

    /// The same with the companions of its repository.
    pub(super) fn beside(self, companions: &Arc<Companions>) -> Self {
        Self { companions: Arc::clone(companions), ..self }
    }

    /// What its name points to. Asked once in a survey, also when the answer is a fault.
    pub(super) async fn pin(&self) -> Result<Descriptor, Fault> {
        self.pinned.get_or_init(|| self.look()).await.clone()
    }

    /// How a session is asked for it.
    pub(super) fn selector(&self) -> Selector {
        selector(&self.reference)
    }

    /// How a session is asked for a manifest that is in the same repository.
    pub(super) fn selector_of(&self, digest: &Digest) -> Selector {
        let own = self.pinned.get().and_then(|pinned| pinned.as_ref().ok());
        match self.selector() {
            Selector::Only if own.is_some_and(|own| own.digest == *digest) => Selector::Only,
            _ => Selector::Digest(digest.clone()),
        }
    }

    async fn look(&self) -> Result<Descriptor, Fault> {
        let ask = |session: Arc<dyn Session>| async move {
            session.resolve(&self.reference.name.repository, &self.selector()).await
        };
        let found = self
            .place
            .ask(&self.reference.name.repository, ask)
            .await?
            .ok_or_else(|| error::absent(&self.reference))?;
        match &self.reference.name.digest {
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
    match (&reference.name.tag, &reference.name.digest) {
        (Some(tag), _) => Selector::Tag(tag.clone()),
        (None, Some(digest)) => Selector::Digest(digest.clone()),
        (None, None) => Selector::Only,
    }
}

impl Path {
    /// The way that starts at a source.
    pub(super) fn from(source: &str) -> Arc<Self> {
        let steps = Arc::new([source.to_owned()]);
        Arc::new(Self { steps, edits: Vec::new(), judges: Vec::new(), signs: Vec::new() })
    }

    /// The way of what speaks of an image: it is no image, to be judged or signed itself.
    pub(super) fn of_companions(&self) -> Arc<Self> {
        let (steps, edits) = (Arc::clone(&self.steps), self.edits.clone());
        Arc::new(Self { steps, edits, judges: Vec::new(), signs: Vec::new() })
    }

    /// The way that goes on to another step.
    pub(super) fn then(&self, step: &str, pass: Pass) -> Arc<Self> {
        let steps = self.steps.iter().cloned().chain([step.to_owned()]).collect();
        let (mut edits, mut judges) = (self.edits.clone(), self.judges.clone());
        let mut signs = self.signs.clone();
        match pass {
            Pass::Through => {}
            Pass::Edited(step) => edits.push(step),
            Pass::Judged(step) => judges.push(step),
            Pass::Signed(step) => signs.push(step),
        }
        Arc::new(Self { steps, edits, judges, signs })
    }
}
