//! Compares one image with what its destination has: what it becomes on its route, whether its
//! policies let it pass, and which of its signatures are missing.

use super::content_cache::ContentCache;
use super::destination::is_nameless;
use super::edited_image::EditedImage;
use super::error;
use super::image::selector;
use super::judged::Judged;
use super::judging::Judging;
use super::left_out::{LeftOut, NotPassed};
use super::lookup::Lookup;
use super::open_place::OpenPlace;
use super::signatures::Signatures;
use super::sizes::sizes;
use super::transforms::Transforms;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest, Reference};
use crate::plan::{Copying, Kept, Sighting, Standing, Written};
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
struct Ends {
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
struct Edit {
    /// What the destination shall have.
    wanted: Digest,
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
        let (Ends { pinned, has }, place) = match ends {
            Ok(ends) => ends,
            Err(fault) => {
                let standing = Standing::Unknown(fault);
                return Looked::seen(sighting(lookup, None, String::new(), standing));
            }
        };
        let edits = &lookup.route.edits;
        let chain = self.transforms.chain(edits, &lookup.image.reference, &pinned.digest);
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
        let Edit { wanted, copying } = self.edit(lookup, pinned, chain, there).await?;
        let mut destination = lookup.destination.clone();
        if destination.name.digest.as_ref().is_some_and(|digest| *digest != wanted) {
            return Err(error::other_digest(&destination, &wanted).into());
        }
        let has = match has {
            AtDestination::Asked(has) => has,
            AtDestination::NamedAfterEdits => {
                destination.name.digest = Some(wanted.clone());
                digest_at(place, &destination).await?
            }
        };
        let is_there = has.as_ref() == Some(&wanted);
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
        let unsigned = if is_there && refused.is_none() {
            self.signatures.missing(lookup, place, &signs, &wanted).await?
        } else {
            Vec::new()
        };
        let standing = refused.unwrap_or(Standing::Seen { wanted, has, copying });
        let seen = sighting(lookup, Some(pinned.clone()), chain.to_owned(), standing);
        Ok(Sighting { destination, signs, unsigned, verdicts, done_by, sizes, ..seen })
    }

    /// What an image becomes on its route. Reads its manifest only where a transform must see it
    /// and no earlier run remembers the result, or the result must be written.
    async fn edit(
        &self,
        lookup: &Lookup,
        pinned: &Descriptor,
        chain: &str,
        there: Option<&Digest>,
    ) -> Result<Edit, NotPassed> {
        let edits = &lookup.route.edits;
        if edits.is_empty() {
            let copying =
                Copying { written: Written::Same(None), kept: Kept::All, referrers: true };
            return Ok(Edit { wanted: pinned.digest.clone(), copying: Some(copying) });
        }
        let remembered =
            self.ledger.as_ref().and_then(|l| l.edited(Remembered::Edit, &pinned.digest, chain));
        if let Some(result) = remembered.filter(|result| there == Some(&result.digest)) {
            return Ok(Edit { wanted: result.digest, copying: None });
        }
        let edited = self.transforms.apply(edits, &lookup.image, pinned).await?;
        let EditedImage { descriptor, bytes, kept, made } = edited;
        if let Some(ledger) = &self.ledger {
            let (source, chain) = (pinned.digest.clone(), chain.to_owned());
            // Only a hint for the next run: that it could not be kept is no fault of the item.
            ledger
                .record_edited(&Edited {
                    kind: Remembered::Edit,
                    source,
                    chain,
                    result: descriptor.clone(),
                })
                .ok();
        }
        let wanted = descriptor.digest.clone();
        let written = if wanted == pinned.digest {
            Written::Same(Some(bytes))
        } else {
            Written::Edited { descriptor, bytes, made }
        };
        Ok(Edit { wanted, copying: Some(Copying { written, kept, referrers: true }) })
    }
}

impl Looked {
    fn seen(sighting: Sighting) -> Self {
        Self::Seen(Box::new(sighting))
    }
}

/// Asks both ends: at once where the destination's name is known before the source's digest is.
async fn ends(lookup: &Lookup, place: &OpenPlace) -> Result<Ends, Fault> {
    let (image, name) = (&lookup.image, &lookup.destination.name);
    let is_named = name.tag.is_some() || name.digest.is_some();
    if is_named || is_nameless(&lookup.destination) {
        let (pinned, has) = join(image.pin(), digest_at(place, &lookup.destination)).await;
        return Ok(Ends { pinned: pinned?, has: AtDestination::Asked(has?) });
    }
    Ok(Ends { pinned: image.pin().await?, has: AtDestination::NamedAfterEdits })
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
        mutable: lookup.image.mutable,
        standing,
        sizes: None,
        signs: Vec::new(),
        unsigned: Vec::new(),
        verdicts: Vec::new(),
        done_by: String::new(),
    }
}
