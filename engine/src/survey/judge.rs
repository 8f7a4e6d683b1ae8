//! Policies: asked for each manifest of an image that would be written, before it may be.
//!
//! A policy is asked only where something would be written, unless its step says `always`: what the
//! destination has already is not fetched again to be judged. What it says holds for this run; no
//! earlier run's word lets anything pass.

use super::edit::LeftOut;
use super::exhibit::Shown;
use super::walk::Surveyor;
use crate::diagnostic::{Fault, Origin};
use crate::event::Event;
use crate::graph::{Filter, Judge, OnRefusal, StepKind};
use crate::oci::{Descriptor, Digest, Manifest, Reference, Shape};
use crate::plan::evidence::{evidence, fetch};
use crate::plan::{Kept, Verdict};
use crate::role::{Decision, Evidence, Refusal, Session, Subject};
use crate::survey::codes;
use crate::survey::image::{Image, Path};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Manifests of one image that are judged. An index of a thousand children is unheard of.
const MAX_SUBJECTS: usize = 1_000;

type Asked = (usize, Arc<Reference>, Vec<Digest>);

/// Verdicts of this run, each made once: an image may go to several sinks.
#[derive(Default)]
pub(super) struct Verdicts(Mutex<BTreeMap<Asked, Arc<OnceCell<Judged>>>>);

/// What became of an image at the policies of its way.
#[derive(Debug, Clone)]
pub(super) enum Judged {
    /// It may pass.
    Passed(Vec<Verdict>),
    /// It is refused.
    Refused {
        /// The last is the one that refuses it.
        verdicts: Vec<Verdict>,
        /// Why it could not be judged, where that is why.
        fault: Option<Fault>,
    },
    /// It is left out, as the step says.
    LeftOut(LeftOut),
    /// It could not be judged, and the step says that it fails then.
    Failed(Fault),
}

/// An image as it would be written.
pub(super) struct Candidate<'a> {
    pub(super) image: &'a Arc<Image>,
    /// What its source pinned.
    pub(super) pinned: &'a Descriptor,
    /// The children that would be written, where the pinned one is an index: none: all of them.
    pub(super) written: Option<(&'a Descriptor, &'a Bytes, &'a Kept)>,
}

impl Surveyor {
    /// Whether a policy of a way wants to judge in any case.
    pub(super) fn judges_always(&self, path: &Path) -> bool {
        path.judges.iter().any(|step| self.judge_at(*step).is_some_and(|(_, judge)| judge.always))
    }

    fn judge_at(&self, step: usize) -> Option<(&str, &Judge)> {
        let step = self.steps.get(step)?;
        match &step.kind {
            StepKind::Filter(Filter::Judge(judge)) => Some((&step.id, judge)),
            _ => None,
        }
    }

    /// Asks the policies of a way, in its order, until one refuses.
    pub(super) async fn judge(
        self: &Arc<Self>,
        path: &Path,
        candidate: &Candidate<'_>,
        only_always: bool,
    ) -> Judged {
        let subjects = match self.subjects(candidate).await {
            Ok(subjects) => subjects,
            Err(fault) => return Judged::Failed(fault),
        };
        let mut verdicts = Vec::new();
        for step in &path.judges {
            let Some((_, judge)) = self.judge_at(*step) else { continue };
            if only_always && !judge.always {
                continue;
            }
            match self.one(*step, candidate.image, &subjects).await {
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

    async fn one(
        self: &Arc<Self>,
        step: usize,
        image: &Arc<Image>,
        subjects: &[Subject],
    ) -> Judged {
        let digests = subjects.iter().map(|subject| subject.descriptor.digest.clone()).collect();
        let asked = (step, Arc::clone(&image.reference), digests);
        let cell = {
            let mut all = self.verdicts.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(asked).or_default())
        };
        cell.get_or_init(|| self.ask(step, image, subjects)).await.clone()
    }

    async fn ask(
        self: &Arc<Self>,
        step: usize,
        image: &Arc<Image>,
        subjects: &[Subject],
    ) -> Judged {
        let Some((id, judge)) = self.judge_at(step) else { return Judged::Passed(Vec::new()) };
        let mut verdicts = Vec::new();
        for subject in subjects {
            let decided = self.decide(id, judge, image, subject).await;
            let (decision, fault) = match decided {
                Ok(decision) => (decision, None),
                Err(fault) => {
                    let (refusal, reasons) = (Some(Refusal::Error), vec![fault.to_string()]);
                    (Decision { refusal, claims: Vec::new(), reasons }, Some(fault))
                }
            };
            let Decision { refusal, claims, reasons } = decision;
            let digest = subject.descriptor.digest.clone();
            self.events.say(&Event::Judged {
                step: id.to_owned(),
                image: image.reference.to_string(),
                digest: digest.clone(),
                refusal,
                claims: claims.clone(),
                reasons: reasons.clone(),
            });
            let why = reasons.join("; ");
            verdicts.push(Verdict { step: id.to_owned(), digest, refusal, claims, reasons });
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
                    return Judged::LeftOut(LeftOut { step: id.to_owned(), why });
                }
                (OnRefusal::Warn, _) => {
                    let message =
                        format!("step `{id}` does not allow `{}`: {why}", image.reference);
                    let fault = Fault::new(codes::NOT_ALLOWED, Origin::Policy, message);
                    self.events.say(&Event::Warned { fault });
                }
            }
        }
        Judged::Passed(verdicts)
    }

    async fn decide(
        self: &Arc<Self>,
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
            evidence_of(image, &subject.descriptor.digest, &forms).await?
        };
        let shown = Shown { surveyor: Arc::clone(self), image: Arc::clone(image) };
        policy.decide(subject, &evidence, Arc::new(shown)).await
    }

    /// The pinned manifest and, below it, each that would be written.
    async fn subjects(&self, candidate: &Candidate<'_>) -> Result<Vec<Subject>, Fault> {
        let Candidate { image, pinned, written } = candidate;
        let bytes = self.contents.manifest(image, &pinned.digest).await?;
        let mut subjects = vec![subject(image, pinned, bytes.clone(), None)];
        let (top, bytes, kept) = match written {
            Some((top, bytes, kept)) => ((*top).clone(), (*bytes).clone(), (*kept).clone()),
            None => ((*pinned).clone(), bytes, Kept::All),
        };
        let mut seen = BTreeSet::from([pinned.digest.clone()]);
        let mut level = vec![(top, bytes)];
        while let Some((parent, bytes)) = level.pop() {
            let manifest = super::content::parse(&image.reference, &parent, &bytes)?;
            let Manifest { shape: Shape::Index(children), .. } = manifest else { continue };
            let of_top = subjects.len() == 1;
            for child in children {
                let stays = !of_top
                    || matches!(&kept, Kept::All)
                    || matches!(&kept, Kept::Only(kept) if kept.contains(&child.digest));
                if !stays || !seen.insert(child.digest.clone()) {
                    continue;
                }
                let bytes = self.contents.manifest(image, &child.digest).await?;
                subjects.push(subject(image, &child, bytes.clone(), Some(&pinned.digest)));
                if child.is_index() {
                    level.push((child, bytes));
                }
                if subjects.len() > MAX_SUBJECTS {
                    let message = format!("it has more than {MAX_SUBJECTS} manifests");
                    return Err(Fault::new(codes::TOO_MANY, Origin::Source, message));
                }
            }
        }
        Ok(subjects)
    }
}

async fn evidence_of(
    image: &Image,
    digest: &Digest,
    forms: &[String],
) -> Result<Vec<Evidence>, Fault> {
    let repository = &image.reference.name.repository;
    let ask = |session: Arc<dyn Session>| async move {
        let mut found = evidence(&session, repository, digest, forms).await?;
        fetch(&session, repository, &mut found).await?;
        Ok(found)
    };
    image.place.ask(repository, ask).await
}

fn subject(
    image: &Image,
    descriptor: &Descriptor,
    bytes: Bytes,
    within: Option<&Digest>,
) -> Subject {
    let reference = &image.reference;
    let named = reference.is_registry().then(|| reference.to_string());
    Subject {
        descriptor: Descriptor { size: bytes.len() as u64, ..descriptor.clone() },
        bytes,
        reference: named,
        transport: reference.transport.clone(),
        scopes: reference.scopes(),
        within: within.cloned(),
    }
}
