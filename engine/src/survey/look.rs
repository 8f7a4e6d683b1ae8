//! The last part of the survey: what stands at the destinations.

use super::aim::is_nameless;
use super::crowd::each;
use super::edit::{self};
use super::empty::Empty;
use super::image::selector;
use super::late::Late;
use super::sizes::sizes;
use super::walk::Surveyor;
use crate::diagnostic::Fault;
use crate::graph::{Referrers, StepKind};
use crate::oci::{Descriptor, Digest, Reference};
use crate::plan::fact::{Sighting, Standing};
use crate::plan::{Copying, Facts, Kept, Skip, Written};
use crate::role::{Edited, Roles, Session};
use crate::survey::edit::{Content, LeftOut};
use crate::survey::errand::{Arrivals, Errand, Errands, Ready, check_digest};
use crate::survey::judge::{Candidate, Judged};
use crate::survey::place::{Patience, Place};
use futures_util::future::join;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Looks at each destination of each image.
pub(super) async fn destinations(
    surveyor: &Arc<Surveyor>,
    roles: &Roles,
    patience: Patience,
    sinks: &[Arrivals<'_>],
    facts: &mut Facts,
) {
    let mut errands = Errands::new(surveyor, roles, patience);
    for arrivals in sinks {
        errands.add(arrivals).await;
    }
    let Ready { errands, closed, tags } = errands.ready().await;
    facts.faults.extend(closed);
    let asked = places(&errands);
    let mut late = Late::default();
    let mut empty = Empty::default();
    for (errand, outcome) in look_at(surveyor, errands).await {
        if let Ok(sighting) = &outcome {
            // Where referrers are followed in each run, these are found along with them.
            if !surveyor.follows(&errand) {
                late.note(&errand, sighting);
            }
            empty.note(&errand, sighting);
        }
        facts.take(outcome);
    }
    facts.empty = empty.repositories(&tags, surveyor.at_once).await;
    let (missing, faults) = late.missing(tags, surveyor.at_once).await;
    facts.faults.extend(faults);
    for (_, outcome) in look_at(surveyor, missing).await {
        facts.take(outcome);
    }
    for place in asked {
        let fault = place.trouble().map(|fault| (place.step.clone(), fault));
        facts.faults.extend(fault.filter(|fault| !facts.faults.contains(fault)));
    }
}

async fn look_at(
    surveyor: &Arc<Surveyor>,
    errands: Vec<Errand>,
) -> Vec<(Errand, Result<Sighting, Skip>)> {
    let look = |errand| {
        let surveyor = Arc::clone(surveyor);
        async move {
            let outcome = surveyor.look(&errand).await;
            (errand, outcome)
        }
    };
    each(errands, surveyor.at_once, look).await
}

impl Facts {
    fn take(&mut self, outcome: Result<Sighting, Skip>) {
        match outcome {
            Ok(sighting) => self.sightings.push(sighting),
            Err(skip) => self.skips.push(skip),
        }
    }
}

/// The places that are asked, each once.
fn places(errands: &[Errand]) -> Vec<Arc<Place>> {
    let mut seen = BTreeSet::new();
    let open = errands.iter().filter_map(|errand| errand.place.as_ref().ok());
    open.filter(|place| seen.insert(Arc::as_ptr(place))).cloned().collect()
}

/// What an image became, and whether the bytes of that are at hand.
struct Outcome {
    /// What the destination shall have.
    wanted: Digest,
    /// What would be written; `None` where the destination has it.
    copying: Option<Copying>,
}

impl Surveyor {
    /// Whether the source of an image says that its referrers are asked for in each run.
    fn follows(&self, errand: &Errand) -> bool {
        let source = errand.path.steps.first();
        let step = self.steps.iter().find(|step| Some(&step.id) == source);
        matches!(step.map(|step| &step.kind), Some(StepKind::Source(source))
            if source.referrers == Referrers::Always)
    }

    /// Looks at one image at one sink. The error is that a transform left it out.
    async fn look(self: &Arc<Self>, errand: &Errand) -> Result<Sighting, Skip> {
        let mut sighting = Sighting {
            sink: errand.sink,
            source: Arc::clone(&errand.image.reference),
            pinned: None,
            trace: Arc::clone(&errand.path.steps),
            chain: String::new(),
            destination: errand.destination.clone(),
            mutable: errand.image.mutable,
            standing: Standing::Unknown(super::error::stopped()),
            sizes: None,
            signs: Vec::new(),
            unsigned: Vec::new(),
            verdicts: Vec::new(),
            done_by: String::new(),
        };
        if let Some(row) = errand.known.clone() {
            sighting.pinned = Some(Descriptor::new("", row.source_digest, 0));
            if !errand.path.edits.is_empty() {
                sighting.chain.clone_from(&row.chain);
            }
            sighting.done_by = row.chain;
            sighting.standing = Standing::Known(row.digest);
            return Ok(sighting);
        }
        let standing = match errand.place.clone() {
            Ok(place) => self.stand(errand, &place, &mut sighting).await,
            Err(fault) => Err(fault),
        };
        sighting.standing = match standing {
            Ok(Ok(standing)) => standing,
            Ok(Err(left_out)) => {
                let image = errand.image.reference.to_string();
                return Err(Skip { step: left_out.step, image, why: left_out.why });
            }
            Err(fault) => Standing::Unknown(fault),
        };
        Ok(sighting)
    }

    async fn stand(
        self: &Arc<Self>,
        errand: &Errand,
        place: &Place,
        sighting: &mut Sighting,
    ) -> Result<Result<Standing, LeftOut>, Fault> {
        let image = &errand.image;
        let name = &errand.destination.name;
        let named = name.tag.is_some() || name.digest.is_some();
        // Both ends at once where the destination's name is known before the source's digest is.
        let (pinned, has) = if named || is_nameless(&errand.destination) {
            let (pinned, has) = join(image.pin(), has(place, &errand.destination)).await;
            (pinned?, Some(has?))
        } else {
            (image.pin().await?, None)
        };
        let filling = self.filling(&image.reference, pinned.digest.as_str());
        sighting.chain = edit::chain(&self.steps, &errand.path.edits, &filling);
        sighting.pinned = Some(pinned.clone());
        let at_hand = has.as_ref().and_then(Option::as_ref);
        let outcome = match self.outcome(errand, &pinned, &sighting.chain, at_hand).await? {
            Ok(outcome) => outcome,
            Err(left_out) => return Ok(Err(left_out)),
        };
        let Outcome { wanted, copying } = outcome;
        check_digest(&errand.destination, &wanted)?;
        let has = if let Some(has) = has {
            has
        } else {
            sighting.destination.name.digest = Some(wanted.clone());
            crate::survey::look::has(place, &sighting.destination).await?
        };
        let copying = copying.filter(|_| has.as_ref() != Some(&wanted));
        sighting.sizes =
            copying.as_ref().and_then(|copying| sizes(&self.contents, &pinned, copying));
        sighting.done_by = self.done_by(&errand.path, &filling, sighting.chain.clone());
        sighting.signs = self.signs(&errand.path, &filling, &sighting.destination)?;
        match self.judged(errand, &pinned, copying.as_ref()).await {
            Judged::Passed(verdicts) => sighting.verdicts = verdicts,
            Judged::Refused { verdicts, fault } => {
                sighting.verdicts = verdicts;
                return Ok(Ok(Standing::Refused(fault)));
            }
            Judged::LeftOut(left_out) => return Ok(Err(left_out)),
            Judged::Failed(fault) => return Err(fault),
        }
        if has.as_ref() == Some(&wanted) {
            let asked = (sighting.signs.as_slice(), &wanted);
            sighting.unsigned = self.unsigned(errand, place, asked).await?;
        }
        Ok(Ok(Standing::Seen { wanted, has, copying }))
    }

    /// What the policies of the way say, where they are to be asked.
    async fn judged(
        self: &Arc<Self>,
        errand: &Errand,
        pinned: &Descriptor,
        copying: Option<&Copying>,
    ) -> Judged {
        let path = &errand.path;
        if path.judges.is_empty() || copying.is_none() && !self.judges_always(path) {
            return Judged::Passed(Vec::new());
        }
        // What a transform made has other children than the source: all of the source's are judged.
        let written = copying.and_then(|copying| match &copying.written {
            Written::Same(Some(bytes)) => Some((pinned, bytes, &copying.kept)),
            Written::Edited { descriptor, bytes, made } if made.is_empty() => {
                Some((descriptor, bytes, &copying.kept))
            }
            Written::Same(None) | Written::Edited { .. } => None,
        });
        let candidate = Candidate { image: &errand.image, pinned, written };
        self.judge(path, &candidate, copying.is_none()).await
    }

    /// What an image becomes on its way. Reads its manifest only where a transform must see it
    /// and no earlier run remembers the result, or the result must be written.
    async fn outcome(
        &self,
        errand: &Errand,
        pinned: &Descriptor,
        chain: &str,
        has: Option<&Digest>,
    ) -> Result<Result<Outcome, LeftOut>, Fault> {
        let edits = &errand.path.edits;
        if edits.is_empty() {
            let copying =
                Copying { written: Written::Same(None), kept: Kept::All, referrers: true };
            let wanted = pinned.digest.clone();
            return Ok(Ok(Outcome { wanted, copying: Some(copying) }));
        }
        let remembered = self.ledger.as_ref().and_then(|l| l.edited(&pinned.digest, chain));
        if let Some(result) = remembered.filter(|result| has == Some(&result.digest)) {
            return Ok(Ok(Outcome { wanted: result.digest, copying: None }));
        }
        let image = &errand.image;
        let filling = self.filling(&image.reference, pinned.digest.as_str());
        let Content { descriptor, bytes, kept, made } =
            match edit::apply(self, image, pinned, edits, &filling).await? {
                Ok(content) => content,
                Err(left_out) => return Ok(Err(left_out)),
            };
        if let Some(ledger) = &self.ledger {
            let (source, chain) = (pinned.digest.clone(), chain.to_owned());
            // Only a hint for the next run: that it could not be kept is no fault of the item.
            drop(ledger.record_edited(&Edited { source, chain, result: descriptor.clone() }));
        }
        let wanted = descriptor.digest.clone();
        let written = if wanted == pinned.digest {
            Written::Same(Some(bytes))
        } else {
            Written::Edited { descriptor, bytes, made }
        };
        let copying = Some(Copying { written, kept, referrers: true });
        Ok(Ok(Outcome { wanted, copying }))
    }
}

/// What a destination has under a name.
async fn has(place: &Place, destination: &Reference) -> Result<Option<Digest>, Fault> {
    let which = selector(destination);
    let ask = |session: Arc<dyn Session>| {
        let which = which.clone();
        async move { session.resolve(&destination.name.repository, &which).await }
    };
    Ok(place.ask(&destination.name.repository, ask).await?.map(|found| found.digest))
}
