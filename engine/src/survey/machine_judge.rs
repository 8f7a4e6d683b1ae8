//! The machine's policy.json, asked about each image of each route by the name of the image.
//!
//! It costs no request, so it is asked in any case, before the policies of the spec and before an edit
//! reads the image: what it refuses is not written, not signed, and takes no companion along, whether
//! or not the destination has it already.

use super::image::Image;
use super::route::Route;
use super::survey_context::SurveyContext;
use crate::diagnostic::Fault;
use crate::event::{Event, Events};
use crate::oci::{Descriptor, Reference};
use crate::plan::Verdict;
use crate::role::{MachinePolicy, Refusal};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// What stands for the step in verdicts. No step can be called so.
const STEP: &str = "policy.json";

/// Asks the machine's policy.json.
pub(super) struct MachineJudge {
    policy: Option<Arc<dyn MachinePolicy>>,
    events: Events,
    /// Images whose refusal was said; one may go to several sinks.
    said: Mutex<BTreeSet<Arc<Reference>>>,
}

/// An image that the machine's policy.json refuses.
pub(super) struct RefusedByMachine {
    /// What is said of it.
    pub verdict: Verdict,
    /// Why it could not be judged, where that is why.
    pub fault: Option<Fault>,
}

impl MachineJudge {
    /// The policy of a run, if there is one.
    pub(super) fn of(context: &SurveyContext) -> Self {
        let (policy, events) = (context.machine_policy.clone(), context.events.clone());
        Self { policy, events, said: Mutex::default() }
    }

    /// Whether an image is refused.
    pub(super) fn refuses(&self, image: &Image) -> bool {
        let policy = self.policy.as_ref();
        policy.is_some_and(|policy| policy.requirements(&image.reference).refusal().is_some())
    }

    /// Why an image is refused on a route; `None`: it is not. Companions are no images, and those of a
    /// refused one are not looked for.
    pub(super) fn refusal(
        &self,
        route: &Route,
        image: &Image,
        pinned: &Descriptor,
    ) -> Option<RefusedByMachine> {
        let policy = self.policy.as_ref().filter(|_| !route.is_of_companions)?;
        let asked = policy.requirements(&image.reference);
        let (refusal, why) = asked.refusal()?;
        let (step, digest) = (STEP.to_owned(), pinned.digest.clone());
        let reasons = vec![why];
        let refusal = Some(refusal);
        let verdict = Verdict { step, digest, refusal, claims: Vec::new(), reasons };
        self.say(image, &verdict);
        let is_unjudged = refusal == Some(Refusal::Error);
        let fault = is_unjudged.then(|| asked.fault(&image.reference)).flatten();
        Some(RefusedByMachine { verdict, fault })
    }

    fn say(&self, image: &Image, verdict: &Verdict) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.insert(Arc::clone(&image.reference)) {
            self.events.say(&Event::Judged {
                step: verdict.step.clone(),
                image: image.reference.to_string(),
                digest: verdict.digest.clone(),
                refusal: verdict.refusal,
                claims: Vec::new(),
                reasons: verdict.reasons.clone(),
            });
        }
    }
}

#[cfg(test)]
#[path = "machine_judge_tests.rs"]
mod tests;
