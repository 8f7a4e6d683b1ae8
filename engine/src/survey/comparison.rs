//! Compares one image with what its destination has: what it becomes on its route, whether its
//! policies let it pass, and which of its signatures are missing.

use super::compress::has_source_annotations;
use super::content_cache::ContentCache;
use super::edited_image::EditedImage;
use super::error;
use super::image::selector;
use super::judged::Judged;
use super::judging::Judging;
use super::left_out::{LeftOut, NotPassed};
use super::lookup::Lookup;
use super::machine_judge::RefusedByMachine;
use super::open_place::OpenPlace;
use super::signatures::Signatures;
use super::sizes::sizes;
use super::transforms::Transforms;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest, Reference, media_type};
use crate::plan::{Copying, Expected, Kept, Sighting, SourceAnnotations, Standing, Written};
use crate::role::{Edited, Ledger, Remembered, Session};
use futures_util::future::join;
use std::sync::Arc;

/// Compares images with what their destinations have.
pub(super) struct Comparison {
    /// What was read.
    pub contents: Arc<ContentCache>,
    /// The transforms of the graph.
    pub transforms: Arc<Transforms>,
    /// Its policies.
    pub judging: Arc<Judging>,
    /// Its signers.
    pub signatures: Arc<Signatures>,
    /// What earlier runs did.
    pub ledger: Option<Arc<dyn Ledger>>,
}

/// What was found out about one image at one sink.
pub(super) enum Looked {
    /// What stands at the destination, or why that is not known.
    Seen(Box<Sighting>),
    /// A step leaves the image out.
    LeftOut(LeftOut),
}

/// Both ends of one lookup.
struct SourceAndDestination {
    /// What the source's name points to.
    pinned: Descriptor,
    has: AtDestination,
}

/// What the destination's name points to.
enum AtDestination {
    /// This, or nothing.
    Asked(Option<Digest>),
    /// The name is the digest, which is known only after the edits.
    NamedAfterEdits,
}

/// What an image becomes on its route.
struct ExpectedImage {
    /// What the destination shall have.
    wanted: Expected,
    /// Whether the destination certainly has something else. It counts only where `wanted` has no digest.
    differs: bool,
    /// What would be written; `None` where the destination has it.
    copying: Option<Copying>,
}

impl Comparison {
    /// Looks at one image at one sink.
    pub(super) async fn look(&self, lookup: &Lookup) -> Looked {
        if let Some(row) = lookup.known.clone() {
            let pinned = Descriptor::new("", row.source_digest, 0);
            let chain =
                if lookup.route.edits.is_empty() { String::new() } else { row.chain.clone() };
            let standing = Standing::Known(row.digest);
            let seen = sighting(lookup, Some(pinned), chain, standing);
            return Looked::seen(Sighting { done_by: row.chain, ..seen });
        }
        let ends = match lookup.place.as_ref() {
            Ok(place) => ends(lookup, place).await.map(|ends| (ends, place)),
            Err(fault) => Err(fault.clone()),
        };
        let (SourceAndDestination { pinned, has }, place) = match ends {
            Ok(ends) => ends,
            Err(fault) => {
                let standing = Standing::Unknown(fault);
                return Looked::seen(sighting(lookup, None, String::new(), standing));
            }
        };
        let edits = &lookup.route.edits;
        let chain = self.transforms.chain(edits, &lookup.image.reference, &pinned.digest);
        let refusal = self.judging.machine.refusal(&lookup.route, &lookup.image, &pinned);
        if let Some(RefusedByMachine { verdict, fault }) = refusal {
            let seen = sighting(lookup, Some(pinned), chain, Standing::Refused(fault));
            return Looked::seen(Sighting { verdicts: vec![verdict], ..seen });
        }
        match self.compare(lookup, place, (&pinned, &chain), has).await {
            Ok(seen) => Looked::seen(seen),
            Err(NotPassed::LeftOut(left_out)) => Looked::LeftOut(left_out),
            Err(NotPassed::Failed(fault)) => {
                let standing = Standing::Unknown(fault);
                Looked::seen(sighting(lookup, Some(pinned), chain, standing))
            }
        }
    }

    async fn compare(
        &self,
        lookup: &Lookup,
        place: &OpenPlace,
        (pinned, chain): (&Descriptor, &str),
        has: AtDestination,
    ) -> Result<Sighting, NotPassed> {
        let (image, route) = (&lookup.image, &lookup.route);
        let there = match &has {
            AtDestination::Asked(there) => there.as_ref(),
            AtDestination::NamedAfterEdits => None,
        };
        let edit = self.edit(lookup, place, (pinned, chain), there).await?;
        let ExpectedImage { wanted, differs, copying } = edit;
        let mut destination = lookup.destination.clone();
        match (&destination.name.digest, wanted.digest()) {
            (Some(digest), Some(wanted)) if digest != wanted => {
                return Err(error::other_digest(&destination, wanted).into());
            }
            (Some(_), None) => return Err(error::unknown_digest(&destination).into()),
            _ => {}
        }
        let by_digest = matches!(has, AtDestination::NamedAfterEdits);
        let has = match (has, wanted.digest()) {
            (AtDestination::Asked(has), _) => has,
            (AtDestination::NamedAfterEdits, Some(wanted)) => {
                destination.name.digest = Some(wanted.clone());
                digest_at(place, &destination).await?
            }
            (AtDestination::NamedAfterEdits, None) => None,
        };
        let is_there = has.is_some() && has.as_ref() == wanted.digest();
        let copying = copying.filter(|_| !is_there);
        let source = (image.reference.as_ref(), &pinned.digest);
        let sizes = copying.as_ref().and_then(|copying| sizes(&self.contents, pinned, copying));
        let signs = self.signatures.wanted(route, source, &destination)?;
        let done_by = self.signatures.done_by(route, source, chain);
        let judged = self.judging.judge(route, image, pinned, copying.as_ref()).await;
        let (verdicts, refused) = match judged {
            Judged::Passed(verdicts) => (verdicts, None),
            Judged::Refused { verdicts, fault } => (verdicts, Some(Standing::Refused(fault))),
            Judged::LeftOut(left_out) => return Err(NotPassed::LeftOut(left_out)),
            Judged::Failed(fault) => return Err(fault.into()),
        };
        if let Some(copying) = copying.as_ref().filter(|_| refused.is_none()) {
            require_room(lookup, place, pinned, copying).await?;
        }
        let unsigned = match wanted.digest().filter(|_| is_there && refused.is_none()) {
            Some(there) => self.signatures.missing(lookup, place, &signs, there).await?,
            None => Vec::new(),
        };
        let incomplete = is_there && self.is_incomplete(&destination, has.as_ref());
        let copying = copying.map(Box::new);
        let standing = refused.unwrap_or(Standing::Seen { wanted, has, differs, copying });
        let seen = sighting(lookup, Some(pinned.clone()), chain.to_owned(), standing);
        let seen = Sighting { destination, by_digest, incomplete, ..seen };
        Ok(Sighting { signs, unsigned, verdicts, done_by, sizes, ..seen })
    }

    /// What an image becomes on its route. Its manifest is read only where the route has transforms and
    /// no earlier run recorded their result, or the destination lacks it.
    async fn edit(
        &self,
        lookup: &Lookup,
        place: &OpenPlace,
        (pinned, chain): (&Descriptor, &str),
        there: Option<&Digest>,
    ) -> Result<ExpectedImage, NotPassed> {
        let edits = &lookup.route.edits;
        if edits.is_empty() {
            let copying =
                Copying { written: Written::Same(None), kept: Kept::All, referrers: true };
            return Ok(ExpectedImage::exact(&pinned.digest, copying));
        }
        let remembered =
            self.ledger.as_ref().and_then(|l| l.edited(Remembered::Edit, &pinned.digest, chain));
        let remembered = remembered.map(|result| result.digest);
        if let Some(there) = there.filter(|there| remembered.as_ref() == Some(*there)) {
            return Ok(ExpectedImage::already_there(there));
        }
        let compress = self.transforms.compress(edits);
        // Docker's manifests have no annotations: they cannot record their source.
        let has_annotations = compress.is_some() && !media_type::is_docker(&pinned.media_type);
        if let Some(there) = there.filter(|_| has_annotations) {
            let made = SourceAnnotations { source: pinned.digest.clone(), chain: chain.to_owned() };
            if has_source_annotations(place, &lookup.destination, there, &made).await? {
                self.remember(pinned, chain, &Descriptor::new("", there.clone(), 0));
                return Ok(ExpectedImage::already_there(there));
            }
        }
        let edited = self.transforms.apply(edits, &lookup.image, pinned).await?;
        if let Some(compress) = compress
            && compress.changes(&self.contents, &lookup.image, &edited).await?
        {
            let EditedImage { descriptor: draft, bytes, kept, made } = edited;
            let recipe = compress.recipe;
            let wanted = remembered.map_or(Expected::After(recipe), Expected::Remembered);
            let written = Written::After { draft, bytes, made, recipe };
            let copying = Some(Copying { written, kept, referrers: true });
            // The annotations of what stands there name another source or other transforms.
            return Ok(ExpectedImage { wanted, differs: has_annotations, copying });
        }
        let EditedImage { descriptor, bytes, kept, made } = edited;
        self.remember(pinned, chain, &descriptor);
        let wanted = descriptor.digest.clone();
        let written = if wanted == pinned.digest {
            Written::Same(Some(bytes))
        } else {
            Written::Edited { descriptor, bytes, made }
        };
        Ok(ExpectedImage::exact(&wanted, Copying { written, kept, referrers: true }))
    }

    /// Whether an earlier run left something of an image behind, which its destination still has.
    fn is_incomplete(&self, destination: &Reference, has: Option<&Digest>) -> bool {
        let row = self.ledger.as_ref().and_then(|l| l.mirrored(&destination.to_string()));
        row.is_some_and(|row| row.incomplete && Some(&row.digest) == has)
    }

    /// Keeps what came of an image for the next run.
    fn remember(&self, pinned: &Descriptor, chain: &str, result: &Descriptor) {
        let Some(ledger) = &self.ledger else { return };
        let (source, chain, result) = (pinned.digest.clone(), chain.to_owned(), result.clone());
        // A cache entry: that it could not be written fails no item.
        ledger.record_edited(&Edited { kind: Remembered::Edit, source, chain, result }).ok();
    }
}

impl ExpectedImage {
    /// What is written is known to the last byte.
    fn exact(wanted: &Digest, copying: Copying) -> Self {
        let wanted = Expected::Exact(wanted.clone());
        Self { wanted, differs: true, copying: Some(copying) }
    }

    /// The destination has what came of the image before.
    fn already_there(there: &Digest) -> Self {
        Self { wanted: Expected::Remembered(there.clone()), differs: false, copying: None }
    }
}

impl Looked {
    fn seen(sighting: Sighting) -> Self {
        Self::Seen(Box::new(sighting))
    }
}

/// Refuses what the destination cannot hold: an index, or signatures that the source keeps beside the
/// image. Those beside the children of an index are looked for when it is copied.
async fn require_room(
    lookup: &Lookup,
    place: &OpenPlace,
    pinned: &Descriptor,
    copying: &Copying,
) -> Result<(), Fault> {
    let written = match &copying.written {
        Written::Same(_) => pinned,
        Written::Edited { descriptor, .. } => descriptor,
        Written::After { draft, .. } => draft,
    };
    place.can.require_index(written)?;
    let source = &lookup.image.place;
    let is_asked = source.can.keeps_signatures() && !place.can.keeps_signatures();
    if !is_asked || lookup.without_signatures || written.digest != pinned.digest {
        return Ok(());
    }
    let repository = &lookup.image.reference.name.repository;
    let ask = |session: Arc<dyn Session>| async move {
        session.signatures(repository, &pinned.digest).await
    };
    place.can.require_signatures(source.ask(repository, ask).await?.len())
}

/// Asks both ends: at once where the destination's name is known before the source's digest is.
async fn ends(lookup: &Lookup, place: &OpenPlace) -> Result<SourceAndDestination, Fault> {
    let (image, name) = (&lookup.image, &lookup.destination.name);
    let is_named = name.tag.is_some() || name.digest.is_some();
    if is_named || lookup.destination.is_nameless() {
        let (pinned, has) = join(image.pin(), digest_at(place, &lookup.destination)).await;
        return Ok(SourceAndDestination { pinned: pinned?, has: AtDestination::Asked(has?) });
    }
    Ok(SourceAndDestination { pinned: image.pin().await?, has: AtDestination::NamedAfterEdits })
}

/// What a destination has under a name.
async fn digest_at(place: &OpenPlace, destination: &Reference) -> Result<Option<Digest>, Fault> {
    let which = selector(destination);
    let repository = &destination.name.repository;
    let ask = |session: Arc<dyn Session>| {
        let which = which.clone();
        async move { session.resolve(repository, &which).await }
    };
    Ok(place.ask(repository, ask).await?.map(|found| found.digest))
}

/// What is known of an image at a sink before its signatures and verdicts are.
fn sighting(
    lookup: &Lookup,
    pinned: Option<Descriptor>,
    chain: String,
    standing: Standing,
) -> Sighting {
    Sighting {
        sink: lookup.sink,
        source: Arc::clone(&lookup.image.reference),
        pinned,
        trace: Arc::clone(&lookup.route.steps),
        chain,
        destination: lookup.destination.clone(),
        by_digest: false,
        mutable: lookup.image.mutable,
        standing,
        sizes: None,
        signs: Vec::new(),
        unsigned: Vec::new(),
        verdicts: Vec::new(),
        done_by: String::new(),
        incomplete: false,
    }
}
