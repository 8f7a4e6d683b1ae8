//! The signatures that an image shall have at its destination, and which of them are missing there.
//!
//! What an earlier run signed is believed while the signature's tag stands in the destination's
//! list, which is read once per repository. Else the signer looks at what stands there.

use super::codes;
use super::graph_steps::GraphSteps;
use super::lookup::Lookup;
use super::open_place::OpenPlace;
use super::route::Route;
use crate::companion::names::signature_tag;
use crate::companion::{CompanionTags, Referrers, is_signed, subject};
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Digest, Manifest, Reference};
use crate::plan::Sign;
use crate::role::{Ledger, Manifested, Roles, Selector, Session};
use bytes::Bytes;
use serde_json::json;
use std::sync::Arc;

/// Manifests of one index that are signed.
const MAX_CHILDREN: usize = 1_000;

/// Knows the signatures that images shall have.
pub(super) struct Signatures {
    /// The steps.
    pub steps: Arc<GraphSteps>,
    /// The components.
    pub roles: Arc<Roles>,
    /// What earlier runs did.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// How referrers are listed.
    pub referrers: Arc<Referrers>,
    /// Tags of destinations under which signatures stand.
    pub tags: CompanionTags,
}

impl Signatures {
    /// The signatures that an image shall have at a destination.
    ///
    /// # Errors
    ///
    /// `survey::no-identity` where the destination has no name to sign as, and the step gives none.
    pub(super) fn wanted(
        &self,
        route: &Route,
        (image, digest): (&Reference, &Digest),
        destination: &Reference,
    ) -> Result<Vec<Sign>, Fault> {
        let filling = self.steps.filling(image, digest.as_str());
        let mut signs = Vec::new();
        for (id, signing) in route.signs.iter().filter_map(|step| self.steps.signing(*step)) {
            let identity = match &signing.identity {
                Some(template) => Some(template.fill(&filling)),
                None if destination.is_registry() => Some(destination.to_string()),
                None => return Err(no_identity(id, destination)),
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

    /// Names a route with all that is done on it: its edits, named by `chain`, and its signatures.
    pub(super) fn done_by(
        &self,
        route: &Route,
        (image, digest): (&Reference, &Digest),
        chain: &str,
    ) -> String {
        if route.signs.is_empty() {
            return chain.to_owned();
        }
        let filling = self.steps.filling(image, digest.as_str());
        let sign = |step: &usize| {
            let (_, signing) = self.steps.signing(*step)?;
            let identity = signing.identity.as_ref().map(|template| template.fill(&filling));
            Some(json!([signing.cast.made_of, identity, signing.children]))
        };
        let signs: Vec<_> = route.signs.iter().filter_map(sign).collect();
        Digest::of(json!({"edits": chain, "signs": signs}).to_string().as_bytes()).to_string()
    }

    /// The steps whose signatures a destination lacks for `top`, which it has.
    ///
    /// # Errors
    ///
    /// What the destination and the signers say.
    pub(super) async fn missing(
        &self,
        lookup: &Lookup,
        place: &OpenPlace,
        signs: &[Sign],
        top: &Digest,
    ) -> Result<Vec<String>, Fault> {
        let mut missing = Vec::new();
        for sign in signs {
            if !self.has(lookup, place, sign, top).await? {
                missing.push(sign.step.clone());
            }
        }
        Ok(missing)
    }

    async fn has(
        &self,
        lookup: &Lookup,
        place: &OpenPlace,
        sign: &Sign,
        top: &Digest,
    ) -> Result<bool, Fault> {
        let to = &lookup.destination;
        let repository = to.name.repository.as_str();
        let row = sign.row((&to.transport, &to.place, repository), top);
        let ledger = self.ledger.as_ref();
        if ledger.is_some_and(|ledger| ledger.edited(row.kind, top, &row.chain).is_some())
            && self.lists(place, repository, &signature_tag(top)).await
        {
            return Ok(true);
        }
        let signer = self.roles.signer(&sign.step, &sign.word)?.as_ref();
        for (manifest, within) in subjects(lookup, place, sign, top).await? {
            let subject =
                subject(&manifest, sign.identity.as_deref(), &to.transport, within.as_ref());
            let ask = |session: Arc<dyn Session>| {
                let subject = &subject;
                async move {
                    let at = place.repository(&session, repository);
                    is_signed(signer, &self.referrers, &at, subject).await
                }
            };
            if !place.ask(repository, ask).await? {
                return Ok(false);
            }
        }
        if let Some(ledger) = ledger {
            // Only a hint for the next run.
            ledger.record_edited(&row).ok();
        }
        Ok(true)
    }

    /// Whether a destination lists a tag; no where it cannot say.
    async fn lists(&self, place: &OpenPlace, repository: &str, tag: &str) -> bool {
        if !place.can.lists_tags {
            return false;
        }
        let ask = |session: Arc<dyn Session>| async move { session.list_tags(repository).await };
        let key = (place.step.as_str(), place.place.as_str(), repository);
        let tags = self.tags.once(key, place.ask(repository, ask)).await;
        tags.is_ok_and(|tags| tags.contains(tag))
    }
}

/// What a step signs: the top and, where it says so, the children, with the index that names them.
/// Of an image that is no index nothing but the digest counts, so it is not read.
async fn subjects(
    lookup: &Lookup,
    place: &OpenPlace,
    sign: &Sign,
    top: &Digest,
) -> Result<Vec<(Manifested, Option<Digest>)>, Fault> {
    let to = &lookup.destination;
    let pinned = lookup.image.pin().await?;
    if pinned.digest == *top && !(sign.children && pinned.is_index()) {
        return Ok(vec![(Manifested { descriptor: pinned, bytes: Bytes::new() }, None)]);
    }
    let manifest = read(place, to, top).await?;
    let children = if sign.children { children(&manifest) } else { Vec::new() };
    let mut subjects = vec![(manifest, None)];
    for child in children.into_iter().take(MAX_CHILDREN) {
        subjects.push((read(place, to, &child).await?, Some(top.clone())));
    }
    Ok(subjects)
}

async fn read(place: &OpenPlace, to: &Reference, digest: &Digest) -> Result<Manifested, Fault> {
    let repository = to.name.repository.as_str();
    let which = if to.is_nameless() { Selector::Only } else { Selector::Digest(digest.clone()) };
    let ask = |session: Arc<dyn Session>| {
        let which = which.clone();
        async move { session.get_manifest(repository, &which).await }
    };
    place.ask(repository, ask).await?.ok_or_else(|| gone(to, digest))
}

fn children(top: &Manifested) -> Vec<Digest> {
    let parsed = Manifest::parse(&top.descriptor.media_type, &top.bytes);
    let Ok(manifest) = parsed else { return Vec::new() };
    manifest.children().map(|child| child.digest.clone()).collect()
}

fn no_identity(step: &str, destination: &Reference) -> Fault {
    let message = format!("`{destination}` has no name that an image could be signed as");
    Fault::new(codes::NO_IDENTITY, Origin::Spec, message).fact("step", step).help(
        "give one in its settings: `identity: \"registry.example/{{ item.source.repo }}:{{ item.tag }}\"`",
    )
}

fn gone(destination: &Reference, digest: &Digest) -> Fault {
    let message = format!("`{digest}` is not at `{destination}` any more");
    Fault::new(codes::GONE, Origin::Destination, message).at(destination.to_string())
}
