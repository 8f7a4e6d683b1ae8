//! Policies: asked for each manifest of an image that would be written, before it may be.
//!
//! A policy is asked only where something would be written, unless its step says `always`: what the
//! destination has already is not fetched again to be judged. What it says holds for this run; no
//! earlier run's word lets anything pass.

use super::codes;
use super::content_cache::ContentCache;
use super::exhibit::SourceExhibit;
use super::graph_steps::GraphSteps;
use super::image::Image;
use super::judged::Judged;
use super::left_out::LeftOut;
use super::machine_judge::MachineJudge;
use super::route::Route;
use super::subjects::subjects;
use crate::companion::{Referrers, evidence, fetch};
use crate::diagnostic::{Fault, Origin};
use crate::event::{Event, Events};
use crate::graph::{Judge, OnRefusal};
use crate::oci::{Descriptor, Digest, Reference};
use crate::plan::{Copying, Verdict};
use crate::role::{Decision, Evidence, Exhibit, Refusal, Roles, Session, Subject};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// A step, an image, and the manifests of it that are judged.
type Question = (usize, Arc<Reference>, Vec<Digest>);

/// Asks the policies of the graph.
pub(super) struct Judging {
    /// The machine's policy.json.
    pub machine: MachineJudge,
    /// The steps.
    pub steps: Arc<GraphSteps>,
    /// The components.
    pub roles: Arc<Roles>,
    /// Who is told.
    pub events: Events,
    /// What was read.
    pub contents: Arc<ContentCache>,
    /// How referrers are listed.
    pub referrers: Arc<Referrers>,
    /// Answers of this run, each made once: an image may go to several sinks.
    pub answers: Answers,
}

/// Answers of policies in this run.
#[derive(Default)]
pub(super) struct Answers(Mutex<BTreeMap<Question, Arc<OnceCell<Judged>>>>);

impl Judging {
    /// Whether an image is judged on a route in any case: a policy wants to, or the machine's
    /// policy.json refuses the image.
    pub(super) fn always(&self, route: &Route, image: &Image) -> bool {
        let mut judges = route.judges.iter().filter_map(|step| self.steps.judge(*step));
        judges.any(|(_, judge)| judge.always) || self.machine.refuses(image)
    }

    /// Asks the policies of a route, in its order, until one refuses. `copying` is what would be
    /// written; where nothing would be, only policies that want to judge in any case are asked.
    pub(super) async fn judge(
        &self,
        route: &Route,
        image: &Arc<Image>,
        pinned: &Descriptor,
        copying: Option<&Copying>,
    ) -> Judged {
        let asks = |judge: &Judge| copying.is_some() || judge.always;
        let mut asked = route.judges.clone();
        asked.retain(|step| self.steps.judge(*step).is_some_and(|(_, judge)| asks(judge)));
        if asked.is_empty() {
            return Judged::Passed(Vec::new());
        }
        let subjects = match subjects(&self.contents, image, pinned, copying).await {
            Ok(subjects) => subjects,
            Err(fault) => return Judged::Failed(fault),
        };
        let mut verdicts = Vec::new();
        for step in asked {
            let Some((id, judge)) = self.steps.judge(step) else { continue };
            let cell = self.answers.to(step, image, &subjects);
            let ask = || self.ask((id, judge), image, &subjects);
            match cell.get_or_init(ask).await.clone() {
                Judged::Passed(more) => verdicts.extend(more),
                Judged::Refused { verdicts: more, fault } => {
                    verdicts.extend(more);
                    return Judged::Refused { verdicts, fault };
                }
                other => return other,
            }
        }
        Judged::Passed(verdicts)
    }

    /// Asks one policy about each subject of an image.
    async fn ask(
        &self,
        (step, judge): (&str, &Judge),
        image: &Arc<Image>,
        subjects: &[Subject],
    ) -> Judged {
        let mut verdicts = Vec::new();
        for subject in subjects {
            let (decision, fault) = match self.decide(step, judge, image, subject).await {
                Ok(decision) => (decision, None),
                Err(fault) => {
                    let (refusal, reasons) = (Some(Refusal::Error), vec![fault.to_string()]);
                    (Decision { refusal, claims: Vec::new(), reasons }, Some(fault))
                }
            };
            self.say(step, image, subject, &decision);
            let Decision { refusal, claims, reasons } = decision;
            let digest = subject.descriptor.digest.clone();
            let why = reasons.join("; ");
            verdicts.push(Verdict { step: step.to_owned(), digest, refusal, claims, reasons });
            let Some(refusal) = refusal else { continue };
            let rule = match refusal {
                Refusal::Missing => judge.missing,
                Refusal::Violation => judge.violation,
                Refusal::Error => OnRefusal::Reject,
            };
            match (rule, fault) {
                (OnRefusal::Reject, Some(fault)) if judge.error_fails => {
                    return Judged::Failed(fault);
                }
                (OnRefusal::Reject, fault) => return Judged::Refused { verdicts, fault },
                (OnRefusal::Skip, _) => {
                    return Judged::LeftOut(LeftOut { step: step.to_owned(), why });
                }
                (OnRefusal::Warn, _) => {
                    let message =
                        format!("step `{step}` does not allow `{}`: {why}", image.reference);
                    let fault = Fault::new(codes::NOT_ALLOWED, Origin::Policy, message);
                    self.events.say(&Event::Warned { fault });
                }
            }
        }
        Judged::Passed(verdicts)
    }

    fn say(&self, step: &str, image: &Image, subject: &Subject, decision: &Decision) {
        self.events.say(&Event::Judged {
            step: step.to_owned(),
            image: image.reference.to_string(),
            digest: subject.descriptor.digest.clone(),
            refusal: decision.refusal,
            claims: decision.claims.clone(),
            reasons: decision.reasons.clone(),
        });
    }

    /// What a policy decides about one subject.
    ///
    /// # Errors
    ///
    /// What it fails with; what the evidence that it needs, or asks for, could not be read with.
    async fn decide(
        &self,
        step: &str,
        judge: &Judge,
        image: &Arc<Image>,
        subject: &Subject,
    ) -> Result<Decision, Fault> {
        let policy = self.roles.policy(step, &judge.cast.word)?;
        let forms = policy.needs(subject).await?;
        let evidence = if forms.is_empty() {
            Vec::new()
        } else {
            self.evidence(image, &subject.descriptor.digest, &forms).await?
        };
        let exhibit = SourceExhibit::of(image, &self.contents, &self.referrers);
        let shown = Arc::clone(&exhibit) as Arc<dyn Exhibit>;
        let decision = policy.decide(subject, &evidence, shown).await?;
        exhibit.unread().map_or(Ok(decision), Err)
    }

    async fn evidence(
        &self,
        image: &Image,
        digest: &Digest,
        forms: &[String],
    ) -> Result<Vec<Evidence>, Fault> {
        let name = image.reference.name.repository.as_str();
        let ask = |session: Arc<dyn Session>| async move {
            let at = image.place.repository(&session, name);
            match evidence(&self.referrers, &at, digest, forms).await {
                Ok(mut found) => {
                    fetch(&at, &mut found).await?;
                    Ok(Ok(found))
                }
                // The place answered: it is not out.
                Err(fault) => fault.answered().map(Err),
            }
        };
        image.place.ask(name, ask).await.and_then(|answer| answer)
    }
}

impl Answers {
    fn to(&self, step: usize, image: &Image, subjects: &[Subject]) -> Arc<OnceCell<Judged>> {
        let digests = subjects.iter().map(|subject| subject.descriptor.digest.clone()).collect();
        let question = (step, Arc::clone(&image.reference), digests);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(question).or_default())
    }
}
