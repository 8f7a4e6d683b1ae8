//! Whether what a destination has is signed already.
//!
//! What an earlier run signed is believed while the signature's tag stands in the destination's list,
//! which is read once per repository. Else the signer looks at what stands there.

use super::aim::is_nameless;
use super::errand::Errand;
use super::image::Path;
use super::place::Place;
use super::walk::Surveyor;
use crate::diagnostic::{Fault, Origin};
use crate::graph::{Filling, Signing, Step, StepKind, Transform};
use crate::oci::{Digest, Reference};
use crate::plan::{Sign, companion_of, signature_tag};
use crate::role::{Manifested, Selector, Session};
use crate::survey::codes;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Manifests of one index that are signed.
const MAX_CHILDREN: usize = 1_000;

type Repository = (String, String, String, String);
type List = Arc<OnceCell<Option<Arc<BTreeSet<String>>>>>;

/// The tags of destinations, each list read once.
#[derive(Default)]
pub(super) struct SignatureTags(Mutex<BTreeMap<Repository, List>>);

impl Surveyor {
    /// The signatures that an image shall have at a destination.
    ///
    /// # Errors
    ///
    /// `survey::no-identity` where the destination has no name to sign as, and the step gives none.
    pub(super) fn signs(
        &self,
        path: &Path,
        filling: &Filling<'_>,
        destination: &Reference,
    ) -> Result<Vec<Sign>, Fault> {
        let mut signs = Vec::new();
        for (id, signing) in path.signs.iter().filter_map(|step| self.signing(*step)) {
            let identity = match &signing.identity {
                Some(template) => Some(template.fill(filling)),
                None if destination.is_registry() => Some(destination.to_string()),
                None => return Err(nameless(id, destination)),
            };
            signs.push(Sign {
                step: id.to_owned(),
                word: signing.cast.word.clone(),
                identity,
                children: signing.children,
                made_of: signing.cast.made_of.clone(),
            });
        }
        Ok(signs)
    }

    fn signing(&self, step: usize) -> Option<(&str, &Signing)> {
        match self.steps.get(step)? {
            Step { id, kind: StepKind::Transform(Transform::Sign(signing)), .. } => {
                Some((id.as_str(), signing))
            }
            _ => None,
        }
    }

    /// Names a way with all that is done on it: its edits, named by `chain`, and its signatures.
    pub(super) fn done_by(&self, path: &Path, filling: &Filling<'_>, chain: String) -> String {
        if path.signs.is_empty() {
            return chain;
        }
        let sign = |step: &usize| {
            let (_, signing) = self.signing(*step)?;
            let identity = signing.identity.as_ref().map(|template| template.fill(filling));
            Some(json!([signing.cast.made_of, identity, signing.children]))
        };
        let signs: Vec<_> = path.signs.iter().filter_map(sign).collect();
        Digest::of(json!({"edits": chain, "signs": signs}).to_string().as_bytes()).to_string()
    }

    /// The steps whose signatures a destination lacks for what it has.
    pub(super) async fn unsigned(
        &self,
        errand: &Errand,
        place: &Place,
        (signs, top): (&[Sign], &Digest),
    ) -> Result<Vec<String>, Fault> {
        let mut unsigned = Vec::new();
        for sign in signs {
            if !self.is_signed(errand, place, sign, top).await? {
                unsigned.push(sign.step.clone());
            }
        }
        Ok(unsigned)
    }

    async fn is_signed(
        &self,
        errand: &Errand,
        place: &Place,
        sign: &Sign,
        top: &Digest,
    ) -> Result<bool, Fault> {
        let to = &errand.destination;
        let repository = to.name.repository.as_str();
        let row = sign.row((&to.transport, &to.place, repository), top);
        let ledger = self.ledger.as_ref();
        if ledger.is_some_and(|ledger| ledger.edited(top, &row.chain).is_some())
            && self.has_tag(place, to, &signature_tag(top)).await
        {
            return Ok(true);
        }
        let nameless = is_nameless(to);
        let read = |digest: Digest| async move {
            let which = if nameless { Selector::Only } else { Selector::Digest(digest.clone()) };
            let ask = |session: Arc<dyn Session>| {
                let which = which.clone();
                async move { session.get_manifest(repository, &which).await }
            };
            place.ask(repository, ask).await?.ok_or_else(|| gone(to, &digest))
        };
        let top_manifest = self.top(errand, sign, &read, top).await?;
        let mut subjects = vec![(top_manifest.clone(), None)];
        if sign.children {
            for child in children(&top_manifest).into_iter().take(MAX_CHILDREN) {
                subjects.push((read(child).await?, Some(top)));
            }
        }
        for (manifest, within) in &subjects {
            let subject = sign.subject(&to.transport, manifest, *within);
            let ask = |session: Arc<dyn Session>| {
                let subject = subject.clone();
                async move { sign.is_there(&self.roles, &session, repository, &subject).await }
            };
            if !place.ask(repository, ask).await? {
                return Ok(false);
            }
        }
        if let Some(ledger) = ledger {
            // Only a hint for the next run.
            drop(ledger.record_edited(&row));
        }
        Ok(true)
    }

    /// The manifest that is signed. Of an image that is no index nothing but the digest counts, so
    /// it is not read.
    async fn top<F>(
        &self,
        errand: &Errand,
        sign: &Sign,
        read: &impl Fn(Digest) -> F,
        top: &Digest,
    ) -> Result<Manifested, Fault>
    where
        F: Future<Output = Result<Manifested, Fault>>,
    {
        let pinned = errand.image.pin().await?;
        if pinned.digest == *top && !(sign.children && pinned.is_index()) {
            let bytes = bytes::Bytes::new();
            return Ok(Manifested { descriptor: pinned, bytes });
        }
        read(top.clone()).await
    }

    /// Whether a destination lists a tag; no where it cannot say.
    async fn has_tag(&self, place: &Place, to: &Reference, tag: &str) -> bool {
        if !place.lists_tags {
            return false;
        }
        let repository = to.name.repository.clone();
        let key = (place.step.clone(), to.transport.clone(), to.place.clone(), repository.clone());
        let cell = {
            let mut lists = self.signature_tags.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lists.entry(key).or_default())
        };
        let read = || async {
            let ask = |session: Arc<dyn Session>| {
                let repository = repository.clone();
                async move { session.list_tags(&repository).await }
            };
            let tags = place.ask(&repository, ask).await.ok()?;
            Some(Arc::new(tags.into_iter().filter(|tag| companion_of(tag).is_some()).collect()))
        };
        let tags: &Option<Arc<BTreeSet<String>>> = cell.get_or_init(read).await;
        tags.as_ref().is_some_and(|tags| tags.contains(tag))
    }
}

fn children(top: &Manifested) -> Vec<Digest> {
    let parsed = crate::oci::Manifest::parse(&top.descriptor.media_type, &top.bytes);
    let children = parsed.map(|manifest| manifest.children().to_vec()).unwrap_or_default();
    children.into_iter().map(|child| child.digest).collect()
}

fn nameless(step: &str, destination: &Reference) -> Fault {
    let message = format!("`{destination}` has no name that an image could be signed as");
    Fault::new(codes::NO_IDENTITY, Origin::Spec, message).fact("step", step).help(
        "give one in its settings: `identity: \"registry.example/{{ item.source.repo }}:{{ item.tag }}\"`",
    )
}

fn gone(destination: &Reference, digest: &Digest) -> Fault {
    let message = format!("`{digest}` is not at `{destination}` any more");
    Fault::new(codes::GONE, Origin::Destination, message).at(destination.to_string())
}
