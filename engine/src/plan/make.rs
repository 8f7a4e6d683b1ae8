//! Facts in, plan out: an action and a reason for each image at each sink.
//!
//! Pure: the same facts give the same plan, in the same order, with the same numbers.

use super::fact::{Facts, Sighting, Standing};
use super::forecast::Counting;
use super::{Action, Item, Plan, Reason, Verdict};
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
        let sizes = sighting.sizes.take();
        let mut item = item(graph, id, sighting, rival);
        counting.count(item.action, &item.destination, sizes);
        let unchanged = item.action == Action::Unchanged;
        item.follow = unchanged && followed.contains(item.source_step.as_str());
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
    let mut claims: BTreeMap<&Reference, Vec<(&Digest, &Sighting)>> = BTreeMap::new();
    for sighting in sightings {
        if let Some(wanted) = sighting.standing.wanted() {
            claims.entry(&sighting.destination).or_default().push((wanted, sighting));
        }
    }
    let rival = |sighting: &Sighting| {
        let wanted = sighting.standing.wanted()?;
        let mut others = claims.get(&sighting.destination)?.iter();
        let (_, other) = others.find(|(digest, _)| *digest != wanted)?;
        Some(other.named())
    };
    sightings.iter().map(rival).collect()
}

impl Standing {
    /// The digest that the destination shall have.
    fn wanted(&self) -> Option<&Digest> {
        match self {
            Self::Known(digest) => Some(digest),
            Self::Seen { wanted, .. } => Some(wanted),
            Self::Unknown(_) | Self::Refused(_) => None,
        }
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
    let (action, reason, previous, copying) = match sighting.standing {
        Standing::Known(digest) => (Action::Unchanged, Reason::ImmutableKnown, Some(digest), None),
        Standing::Seen { wanted, has, copying } => {
            let (action, reason) = match decide(rule, sighting.mutable, &wanted, has.as_ref()) {
                (Action::Unchanged, _) if !sighting.unsigned.is_empty() => {
                    (Action::Sign, Reason::Unsigned { steps: sighting.unsigned })
                }
                decided => decided,
            };
            (action, reason, has, copying)
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

/// What to do about what a destination has.
fn decide(
    rule: OnConflict,
    mutable: bool,
    wanted: &Digest,
    has: Option<&Digest>,
) -> (Action, Reason) {
    let Some(has) = has else { return (Action::Copy, Reason::Missing) };
    if has == wanted {
        return (Action::Unchanged, Reason::Present);
    }
    let has = has.clone();
    match rule {
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
