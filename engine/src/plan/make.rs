//! Facts in, plan out: an action and a reason for each image at each sink.
//!
//! Pure: the same facts give the same plan, in the same order, with the same numbers.

use super::fact::{Facts, Sighting, Standing};
use super::forecast::Counting;
use super::{Action, Expected, Item, Plan, Reason, Verdict};
use crate::diagnostic::Fault;
use crate::graph::{Graph, OnConflict, Referrers, Source, StepKind};
use crate::oci::{Descriptor, Digest, Reference};
use crate::role::Refusal;
use std::collections::{BTreeMap, BTreeSet};

/// Makes the plan.
pub fn make(graph: &Graph, facts: Facts) -> Plan {
    let Facts { mut sightings, mut skips, mut listings, faults, .. } = facts;
    sightings.sort_by(|a, b| {
        (a.sink, &a.destination, &a.source, &a.chain).cmp(&(
            b.sink,
            &b.destination,
            &b.source,
            &b.chain,
        ))
    });
    let rivals = rivals(&sightings);
    skips.sort_by(|a, b| (&a.image, &a.step, &a.why).cmp(&(&b.image, &b.step, &b.why)));
    skips.dedup();
    listings.sort();
    let followed = followed(graph);
    let mut counting = Counting::default();
    let items = sightings.into_iter().zip(rivals).zip(1..).map(|((mut sighting, rival), id)| {
        let (sizes, incomplete) = (sighting.sizes.take(), sighting.incomplete);
        let mut item = item(graph, id, sighting, rival);
        counting.count(item.action, &item.destination, sizes);
        let unchanged = item.action == Action::Unchanged;
        item.follow = unchanged && (incomplete || followed.contains(item.source_step.as_str()));
        item
    });
    let items = items.collect();
    Plan { items, skips, listings, faults, forecast: counting.end() }
}

/// The sources whose images may have new referrers at any time.
fn followed(graph: &Graph) -> BTreeSet<&str> {
    let always = graph.steps.iter().filter(|step| {
        matches!(&step.kind, StepKind::Source(Source { referrers: Referrers::Always, .. }))
    });
    always.map(|step| step.id.as_str()).collect()
}

/// For each sighting, the source of another one that wants the same destination with another
/// digest.
fn rivals(sightings: &[Sighting]) -> Vec<Option<String>> {
    let mut claims: BTreeMap<&Reference, Vec<(Claim<'_>, &Sighting)>> = BTreeMap::new();
    for sighting in sightings {
        if let Some(claim) = Claim::of(sighting) {
            claims.entry(&sighting.destination).or_default().push((claim, sighting));
        }
    }
    let rival = |sighting: &Sighting| {
        let claim = Claim::of(sighting)?;
        let mut others = claims.get(&sighting.destination)?.iter();
        let (_, other) = others.find(|(other, _)| *other != claim)?;
        Some(other.named())
    };
    sightings.iter().map(rival).collect()
}

/// What a sighting wants under the name of its destination. Two claims on one name that are not equal
/// may come to two digests there.
#[derive(PartialEq, Eq)]
enum Claim<'a> {
    /// This digest.
    Digest(&'a Digest),
    /// What comes of this digest by this chain of transforms.
    MadeFrom(&'a Digest, &'a str),
}

impl<'a> Claim<'a> {
    /// `None` where nothing is wanted, or it goes by its digest, which no other result has.
    fn of(sighting: &'a Sighting) -> Option<Self> {
        let wanted = match &sighting.standing {
            Standing::Known(digest) => return Some(Self::Digest(digest)),
            Standing::Seen { wanted, .. } => wanted,
            Standing::Unknown(_) | Standing::Refused(_) => return None,
        };
        let made = |pinned: &'a Descriptor| Self::MadeFrom(&pinned.digest, &sighting.chain);
        match wanted.digest() {
            Some(digest) => Some(Self::Digest(digest)),
            None if sighting.by_digest => None,
            None => sighting.pinned.as_ref().map(made),
        }
    }
}

/// What a destination shall have; `chain` is empty where the source's own bytes are written.
fn expected(standing: &Standing, chain: &str) -> Option<Expected> {
    match standing {
        Standing::Known(digest) if chain.is_empty() => Some(Expected::Exact(digest.clone())),
        Standing::Known(digest) => Some(Expected::Remembered(digest.clone())),
        Standing::Seen { wanted, .. } => Some(wanted.clone()),
        Standing::Unknown(_) | Standing::Refused(_) => None,
    }
}

impl Sighting {
    /// The source, and the way it took where an edit made it another image.
    fn named(&self) -> String {
        if self.chain.is_empty() {
            return self.source.to_string();
        }
        format!("{} by {}", self.source, self.trace.join(" → "))
    }
}

fn item(graph: &Graph, id: u64, sighting: Sighting, rival: Option<String>) -> Item {
    let (rule, sink) = match graph.steps.get(sighting.sink) {
        Some(step) => match &step.kind {
            StepKind::Sink(sink) => (sink.on_conflict, step.id.clone()),
            _ => (OnConflict::Fail, step.id.clone()),
        },
        None => (OnConflict::Fail, String::new()),
    };
    let expected = expected(&sighting.standing, &sighting.chain);
    let (action, reason, previous, copying) = match sighting.standing {
        Standing::Known(digest) => (Action::Unchanged, Reason::ImmutableKnown, Some(digest), None),
        Standing::Seen { wanted, has, differs, copying } => {
            let seen = Seen { wanted: wanted.digest(), has: has.as_ref(), differs };
            let (action, reason) = match decide(rule, sighting.mutable, &seen) {
                (Action::Unchanged, _) if !sighting.unsigned.is_empty() => {
                    (Action::Sign, Reason::Unsigned { steps: sighting.unsigned })
                }
                decided => decided,
            };
            (action, reason, has, copying.map(|copying| *copying))
        }
        Standing::Refused(fault) => {
            (Action::Reject, refused(sighting.verdicts.last(), fault), None, None)
        }
        Standing::Unknown(fault) => (Action::Fail, Reason::Fault { fault }, None, None),
    };
    let (action, reason) = match rival {
        Some(other) => (Action::Conflict, Reason::SameDestination { other }),
        None => (action, reason),
    };
    Item {
        id,
        sink,
        source_step: sighting.trace.first().cloned().unwrap_or_default(),
        source: Reference::clone(&sighting.source),
        pinned: sighting.pinned.unwrap_or_else(unknown),
        destination: sighting.destination,
        action,
        reason,
        expected,
        previous,
        chain: sighting.chain,
        done_by: sighting.done_by,
        signs: sighting.signs,
        verdicts: sighting.verdicts,
        trace: sighting.trace.to_vec(),
        copying: copying.filter(|_| action.writes()),
        follow: false,
    }
}

/// Why a policy refuses an item: its last verdict.
fn refused(last: Option<&Verdict>, fault: Option<Fault>) -> Reason {
    let step = last.map(|verdict| verdict.step.clone()).unwrap_or_default();
    let refusal = last.and_then(|verdict| verdict.refusal).unwrap_or(Refusal::Error);
    let reasons = last.map(|verdict| verdict.reasons.clone()).unwrap_or_default();
    Reason::Refused { step, refusal, reasons, fault }
}

/// What a destination shall have and has.
struct Seen<'a> {
    /// `None`: it is known only after it is written.
    wanted: Option<&'a Digest>,
    has: Option<&'a Digest>,
    /// Whether `has` is certainly not what is wanted, where that is not known.
    differs: bool,
}

/// What to do about what a destination has.
fn decide(rule: OnConflict, mutable: bool, seen: &Seen<'_>) -> (Action, Reason) {
    let Some(has) = seen.has else { return (Action::Copy, Reason::Missing) };
    if Some(has) == seen.wanted {
        return (Action::Unchanged, Reason::Present);
    }
    let has = has.clone();
    let certain = seen.wanted.is_some() || seen.differs;
    match rule {
        OnConflict::Overwrite if !certain => (Action::Move, Reason::MadeAgain { has }),
        OnConflict::OverwriteMutable if !certain && mutable => {
            (Action::Move, Reason::MadeAgain { has })
        }
        OnConflict::OverwriteMutable | OnConflict::Fail if !certain => {
            (Action::Conflict, Reason::MadeAgain { has })
        }
        OnConflict::Overwrite => (Action::Move, Reason::Differs { has }),
        OnConflict::OverwriteMutable if mutable => (Action::Move, Reason::Differs { has }),
        OnConflict::OverwriteMutable => (Action::Conflict, Reason::ImmutableDiffers { has }),
        OnConflict::Skip => (Action::Drift, Reason::KeptByRule { has }),
        OnConflict::Fail => (Action::Conflict, Reason::Differs { has }),
    }
}

/// Stands for the descriptor of an image that could not be looked at: the digest of nothing.
/// Only items whose action is [`Action::Fail`] have it.
pub(super) fn unknown() -> Descriptor {
    Descriptor::new("", Digest::of(b""), 0)
}

#[cfg(test)]
#[path = "make_tests.rs"]
mod tests;
